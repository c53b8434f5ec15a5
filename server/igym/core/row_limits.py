"""What the numbers in a member's messages about a match can be at most. Everything beyond is refused unread."""

from igym.core.ledger import Ledger
from igym.core.match import Match
from igym.experiment.scenes.gym import GymScene
from igym.protocol.binary import Rows
from igym.protocol.client import EpisodeEnded, EpisodeStarted

LONGEST_EPISODE_FRAMES = 10_000_000
"""Most frames of an episode that names no limit itself."""

SLACK_S = 3.0
"""Browsers' clocks, the lead of a countdown, and a match that begins at once count so much at most."""

Limited = Rows | EpisodeStarted | EpisodeEnded
LIMITED = (Rows, EpisodeStarted, EpisodeEnded)


def most_frames(scene: GymScene) -> int:
    """Most frames an episode of this scene can have."""
    return scene.gameplay_options.max_steps or LONGEST_EPISODE_FRAMES


def beyond(scene: GymScene, match: Match, message: Limited) -> str | None:
    """Why the study of this match cannot have such an episode or frame; None when it can."""
    if message.episode >= scene.gameplay_options.num_episodes:
        return f"Match {match.id} has no episode {message.episode}."
    frames = _frames(message)
    if isinstance(message, Rows) and (foreign := foreign_players(match, message)):
        return f"Match {match.id} has no player {foreign[0]}."
    if frames > most_frames(scene):
        return f"An episode of match {match.id} has at most {most_frames(scene)} frames."
    return None


def _frames(message: Limited) -> int:
    if isinstance(message, Rows):
        return message.first + message.count
    return message.frames if isinstance(message, EpisodeEnded) else 0


def frames_due(scene: GymScene, match: Match, now: float) -> float:
    """How many frames the match's clock allows until ``now`` (unix seconds), pauses counted as play, with slack."""
    started = match.starts_at if match.started_at is None else match.started_at
    if started is None:
        return 0.0
    ended = now if match.ended_at is None else min(now, match.ended_at)
    return (max(0.0, ended - started) + SLACK_S) * scene.rendering_options.fps


def is_ahead(scene: GymScene, match: Match, rows: Rows, now: float) -> bool:
    """Whether the batch reaches beyond what the match's clock allows until ``now``."""
    return rows.last_frame >= frames_due(scene, match, now)


def foreign_players(match: Match, rows: Rows) -> list[str]:
    """Players in the rows' inputs whom the match does not have."""
    return sorted(rows.inputs.keys() - {str(seat.player) for seat in match.seats})


def has_come_to(ledger: Ledger, match: Match, episode: int) -> bool:
    """Whether the match can be in this episode: everybody who is still in it has ended the one before.

    One member alone cannot move the others on.
    """
    return episode <= match.episode or all(
        ledger.report(seat.participant, match.id, episode - 1) is not None for seat in match.remaining
    )
