"""Games that end when enough is reached: after each episode it is decided whether there is another.

The env waits between two episodes until it is told how many there may be. So all who play hear the same, and what a
researcher's function needs to know is known.
"""

from typing import Any

from igym.core import matches, plans
from igym.core.contexts import match_context
from igym.core.events import HostEpisodeEnded, MessageReceived, RowsStored
from igym.core.limits import ENDING_LIMIT_S, HOOK_LIMIT_S
from igym.core.match import Match
from igym.core.state import Question
from igym.core.turn import Turn
from igym.experiment.scenes import GymScene
from igym.protocol.client import EpisodeEnded
from igym.protocol.told import Told


def on_message(turn: Turn, event: MessageReceived) -> None:
    if isinstance(event.message, EpisodeEnded):
        look(turn, turn.state.matches.get(event.message.match))


def on_rows(turn: Turn, event: RowsStored) -> None:
    look(turn, turn.state.matches.get(event.match))


def on_host_episode(turn: Turn, event: HostEpisodeEnded) -> None:
    look(turn, turn.state.matches.get(event.match))


def look(turn: Turn, match: Match | None) -> None:
    """Everybody who is left has ended the episode: it was enough, another one comes, or the function is asked."""
    if match is None or match.is_over or match.allowed is None or match.asked_enough:
        return
    scene = matches.scene_of(turn.state, match)
    if match.enough:
        _finish(turn, match)
    elif match.allowed < scene.gameplay_options.num_episodes and _all_ended(turn, match, match.allowed - 1):
        _decide(turn, match, scene)


def _all_ended(turn: Turn, match: Match, episode: int) -> bool:
    reports = [turn.state.ledger.report(seat.participant, match.id, episode) for seat in match.remaining]
    return bool(reports) and all(report is not None and report.reason != "partial" for report in reports)


def _decide(turn: Turn, match: Match, scene: GymScene) -> None:
    assert match.allowed is not None
    before = turn.state.ledger.scores_before(match.id, match.allowed - 1)
    total = turn.state.ledger.scores_before(match.id, match.allowed)
    last = {agent: score - before.get(agent, 0.0) for agent, score in total.items()}
    options = scene.gameplay_options
    if options.until is not None:
        _follow(turn, match, options.until.holds(last, total, [seat.agent for seat in match.remaining]))
        return
    match.asked_enough = True
    context = {**match_context(match), "episodes": match.allowed, "scores": total, "episode_scores": last}
    function = plans.function_path(scene, "until")
    turn.ask("until", function, context, then="enough", subject=match.id, limit_s=HOOK_LIMIT_S)


def on_answer(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``enough``: without a verdict the game goes on, up to the episodes there are at most."""
    match = turn.state.matches[question.subject]
    match.asked_enough = False
    if match.is_over:
        return
    if value is not None and not isinstance(value, bool):
        text = Told(
            "It returned {returned}; True means that it is enough. The game went on.", returned=repr(str(value)[:80])
        )
        turn.problem("error", Told("{function} returned neither True nor False", function=question.function), text)
    _follow(turn, match, value is True)


def _follow(turn: Turn, match: Match, is_enough: bool) -> None:
    assert match.allowed is not None
    turn.record("enough", match=match.id, scene=match.scene_id, episode=match.allowed - 1, reached=is_enough)
    if is_enough:
        match.enough = True
        turn.state.deadlines.set("ending", match.id, turn.now + ENDING_LIMIT_S)
        _finish(turn, match)
    else:
        match.allowed += 1
        matches.announce(turn, match)


def _finish(turn: Turn, match: Match) -> None:
    """As soon as everything of it is on disk; rows that never come have the limit of every ending."""
    if matches.is_whole(turn, match):
        matches.finish(turn, match, "complete")
