"""Whether an episode that was played again went as it was recorded, and from which frame on it did not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from igym.host.export.replays import CHECK_DIGITS
from igym.host.replay.files import ReplayFile
from igym.protocol.told import Told, together

CHAIN_DIGITS = 32
Place = Literal["python", "browser"]
Result = Literal["identical", "differs", "unsure", "failed", "simulated"]


@dataclass(frozen=True)
class Played:
    """What playing again gave: `checks` has 8 hex digits a frame, `ended` is the frame of the env's end, or -1."""

    checks: str
    chain: str
    ended: int
    error: str = ""

    @property
    def frames(self) -> int:
        return len(self.checks) // CHECK_DIGITS


@dataclass(frozen=True)
class Finding:
    """The verdict on one episode. `frame` is the first that differs, `text` says it in a sentence."""

    result: Result
    frame: int | None
    by: Place | None
    text: str

    def to_json(self, replay: ReplayFile) -> dict[str, Any]:
        body = replay.body
        place = {name: body[name] for name in ("session", "scene", "match", "episode", "frames")}
        return {"id": replay.id, "file": replay.path.relative_to(replay.root).as_posix(), **place, **asdict(self)}


SIMULATED = Finding(
    "simulated", None, None, Told("It was not recorded by a browser (simulated participants play no game).")
)


def is_simulated(replay: ReplayFile) -> bool:
    """No env made its rows, so nothing can go again."""
    return len(replay.followed.get("chain") or "") != CHAIN_DIGITS


def judge(replay: ReplayFile, changed: tuple[str, ...], played: Played, by: Place) -> Finding:
    """Compare with what the followed member's browser recorded; `changed`: what of the game is not as it was played."""
    found = _judged(replay, played, by)
    if not changed:
        return found
    text = Told(
        "This is not the game that was played: {changed}. {found}",
        changed=together(*changed, between="; "),
        found=found.text,
    )
    return Finding("differs", found.frame, found.by, text)


def _judged(replay: ReplayFile, played: Played, by: Place) -> Finding:
    recorded = replay.followed
    if is_simulated(replay):
        return SIMULATED
    if played.error:
        return Finding(
            "failed", played.frames or None, by, Told("The game could not be played again: {error}", error=played.error)
        )
    frame = first_difference(recorded.get("checks", ""), played, int(recorded["frames"]))
    if frame is None and played.chain == recorded["chain"]:
        return Finding("identical", None, by, _same(replay, played))
    if by != decisive(replay):
        return Finding("unsure", frame, by, _unsure(frame, by))
    return Finding("differs", frame, by, _differs(replay, frame, played))


def on_another(elsewhere: list[str], found: Finding) -> Finding:
    """What was found with another Python than the match was played with: only that it is the same is certain."""
    if not elsewhere or found.result == "identical":
        return found
    text = Told(
        "This computer is not like the one that played it: {differences}. {found}",
        differences=together(*elsewhere, between="; "),
        found=found.text,
    )
    return Finding("unsure", found.frame, found.by, text)


def decisive(replay: ReplayFile) -> Place:
    """Where the game was run when it was recorded: only there do numbers have to come out the same to the end."""
    game = replay.body.get("game") or {}
    return "python" if game.get("where") == "host" else "browser"


def first_difference(checks: str, played: Played, frames: int) -> int | None:
    """The first frame whose check is another, or that only one of both has."""
    for frame in range(min(frames, played.frames) if checks else 0):
        part = slice(frame * CHECK_DIGITS, (frame + 1) * CHECK_DIGITS)
        if checks[part] != played.checks[part]:
            return frame
    return None if frames == played.frames else min(frames, played.frames)


def _same(replay: ReplayFile, played: Played) -> str:
    others = list(_others(replay))
    told = Told("All {frames} frames are as recorded.", frames=played.frames)
    return together(told, *others)


def _others(replay: ReplayFile) -> Iterator[str]:
    """Members who recorded something else: known since the match, and not the replay's fault."""
    own = replay.followed.get("checks", "")
    for member in replay.body["recorded"]:
        checks = member.get("checks", "")
        if member.get("followed") or member.get("same_as_followed") or not checks:
            continue
        frame = first_difference(own, Played(checks, "", -1), int(replay.followed["frames"]))
        yield Told(
            "In {participant}'s browser the match went another way from frame {frame} on.",
            participant=member["participant"],
            frame=frame,
        )


def _differs(replay: ReplayFile, frame: int | None, played: Played) -> str:
    if frame is None:
        return Told("The end of the recording differs; it has no checks of single frames.")
    if frame >= played.frames:
        return Told(
            "The game ended with frame {frame}, but {recorded} frames were recorded.",
            frame=played.frames - 1,
            recorded=replay.body["frames"],
        )
    return Told("The first frame that differs from the recording is frame {frame}.", frame=frame)


def _unsure(frame: int | None, by: Place) -> str:
    where = Told("at the end") if frame is None else Told("from frame {frame} on", frame=frame)
    if by == "browser":
        return Told(
            "The browser's Python comes to other values {where}. This game was run by the host's Python, "
            "so igym verify has to decide, on a computer like the host.",
            where=where,
        )
    return Told(
        "This computer's Python comes to other values {where}. That may be rounding, which differs "
        "between it and the Python of the browsers, or a change of the recording. Only a browser can "
        "tell: open the replay and press Verify, or run igym verify with --browser on a computer "
        "that has Chromium, Chrome or Edge.",
        where=where,
    )
