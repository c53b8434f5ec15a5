"""Matches whose env is stepped on the host: what its process tells, instead of the browsers."""

from igym.core import hooks, losses, matches, recording
from igym.core.effects import StartHostEnv
from igym.core.events import (
    HostEnvFailed,
    HostEnvReady,
    HostEpisodeEnded,
    HostEpisodeStarted,
    HostGameOver,
    HostGlobalsSet,
)
from igym.core.ledger import Report
from igym.core.match import BEFORE_PLAY
from igym.core.turn import Turn
from igym.protocol.told import Told

STARTING_AGAIN = "env"
"""Cause of the pause in which the env is brought back to where an interruption found it."""
FAILED_TEXT = (
    "The game had to end because of an error in its program. It is not your fault: everything until then was saved, "
    "and the experimenter has been told."
)


def on_ready(turn: Turn, event: HostEnvReady) -> None:
    match = turn.state.matches[event.match]
    if match.is_over:
        return
    match.env_ready = True
    if match.phase in BEFORE_PLAY:
        matches.check_links(turn, match)
    else:
        losses.unpause(turn, match, STARTING_AGAIN)


def on_failed(turn: Turn, event: HostEnvFailed) -> None:
    match = turn.state.matches[event.match]
    text = Told("{event} (match {match}, scene {scene})", event=event.text, match=match.id, scene=match.scene_id)
    title = Told("The env on the host failed")
    turn.problem("error", title, text, traceback=event.traceback, match=match.id, game_fails=True)
    turn.record("host_env_failed", match=match.id, scene=match.scene_id, text=event.text, traceback=event.traceback)
    if not match.is_over:
        matches.end(turn, match, Told("error in the game"), [], FAILED_TEXT, "early")


def on_episode_started(turn: Turn, event: HostEpisodeStarted) -> None:
    match = turn.state.matches[event.match]
    if not match.is_over:
        for seat in match.remaining:
            recording.episode_started(turn, match, seat, event.episode)


def on_episode_ended(turn: Turn, event: HostEpisodeEnded) -> None:
    """Also after the match: the rest of an interrupted episode is on disk then."""
    match = turn.state.matches[event.match]
    for participant in event.participants:
        report = Report(event.frames, event.chain, event.reason, dict(event.scores))
        recording.episode_ended(turn, match, turn.state.participants[participant], event.episode, report)


def on_game_over(turn: Turn, event: HostGameOver) -> None:
    match = turn.state.matches[event.match]
    if not match.is_over:
        matches.finish(turn, match, "complete")


def on_globals(turn: Turn, event: HostGlobalsSet) -> None:
    person = turn.state.participants[event.participant]
    if problem := hooks.globals_complaint(person, event.values):
        turn.problem("error", Told("The game set unusable global values"), problem, person=person)
    else:
        hooks.set_globals(turn, person, dict(event.values), f"env of {event.match}")


def start_again(turn: Turn) -> None:
    """The engine was down, and every env on the host with it: running matches wait until theirs stands again."""
    for match in turn.state.matches.values():
        if match.is_over or not match.on_host:
            continue
        match.env_ready = False
        losses.pause(turn, match, STARTING_AGAIN, None)
        turn.do(StartHostEnv(match.id))
