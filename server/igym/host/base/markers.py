"""Markers of scenes and episodes for whatever is recorded beside the experiment, over the Lab Streaming Layer."""

from __future__ import annotations

from typing import Any, Protocol

from igym.core.effects import Record
from igym.host.base.errors import HostError
from igym.protocol.told import Told

MARKED = frozenset({"scene_entered", "scene_left", "episode_started", "episode_ended"})
STREAM_TYPE = "Markers"


class Outlet(Protocol):
    """Where markers go."""

    def push(self, text: str, age_s: float) -> None:
        """A marker of something that happened `age_s` seconds ago."""


class Markers:
    """Turns what the core wrote down into markers."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def take(self, record: Record, age_s: float) -> None:
        """`age_s`: how long ago the engine handled the cause; waiting for the disk must not shift the marker."""
        if record.kind in MARKED:
            self._outlet.push(marker_text(record), max(0.0, age_s))


def marker_text(record: Record) -> str:
    """`episode_started/<scene>/<participant>/<match>/<episode>`, `scene_entered/<scene>/<participant>`."""
    parts: list[Any] = [record.kind, record.scene, record.participant]
    if record.kind.startswith("episode_"):
        parts += [record.match, record.body.get("episode")]
    return "/".join(str(part).replace("/", "%2F") for part in parts)


class LslOutlet:
    """One stream of texts at irregular times. Raises `HostError` with code `lsl_unavailable`."""

    def __init__(self, name: str, session: str) -> None:
        self._lsl = _library()
        info = self._lsl.StreamInfo(name, STREAM_TYPE, 1, 0.0, "string", f"igym-{session}")
        info.desc().append_child_value("session", session)
        self._outlet: Any = self._lsl.StreamOutlet(info)

    def push(self, text: str, age_s: float) -> None:
        self._outlet.push_sample([text], timestamp=self._lsl.local_clock() - age_s)


def _library() -> Any:
    try:
        import pylsl
    except ImportError as error:
        raise HostError(
            "lsl_unavailable",
            Told(
                "Markers for the Lab Streaming Layer are switched on, but the package pylsl is not "
                "installed. Install it with `pip install 'interactive-gym-desktop[lsl]'`, or switch the "
                "markers off. Nothing was started."
            ),
            str(error),
        ) from error
    except (RuntimeError, OSError) as error:
        raise HostError(
            "lsl_unavailable",
            Told(
                "Markers for the Lab Streaming Layer are switched on, but its library (liblsl) was not found "
                "on this computer. Install liblsl, or name its file in the environment variable PYLSL_LIB, "
                "or switch the markers off. Nothing was started."
            ),
            str(error),
        ) from error
    return pylsl
