"""What the numbers in a member's messages about a match can be at most. Everything beyond is refused unread."""

from igym.core.match import Match
from igym.experiment.scenes.gym import GymScene
from igym.protocol.binary import Rows
from igym.protocol.client import EpisodeEnded, EpisodeStarted

LONGEST_EPISODE_FRAMES = 10_000_000
"""Most frames of an episode that names no limit itself."""

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
    if frames > most_frames(scene):
        return f"An episode of match {match.id} has at most {most_frames(scene)} frames."
    return None


def _frames(message: Limited) -> int:
    if isinstance(message, Rows):
        return message.first + message.count
    return message.frames if isinstance(message, EpisodeEnded) else 0
