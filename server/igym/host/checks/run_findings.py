"""What two runs of an env with the same seed and actions say: whether it repeats and shows itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from igym.protocol.told import Told, together
from igym.rendering import Surface

NAMED_AT_MOST = 4
CLOCK = Told(
    "RecordEpisodeStatistics measures with the computer's clock how long an episode took (infos: "
    "episode.t). That differs on every computer, so it is left out of the data and of all "
    "comparisons."
)


@dataclass
class Run:
    """One episode: the chained hash after every confirmed frame, and the frames' rows."""

    chains: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def note(self, bridge: Any) -> None:
        self.chains.append(bridge.chain())
        self.rows.append(bridge.play.recorder.last)


def first_difference(one: Run, other: Run) -> int | None:
    """The first frame in which the runs differ, or that only one of them has."""
    for frame, (a, b) in enumerate(zip(one.chains, other.chains, strict=False)):
        if a != b:
            return frame
    return None if len(one.chains) == len(other.chains) else min(len(one.chains), len(other.chains))


def where_different(one: Run, other: Run, frame: int) -> str:
    """The columns that differ in this frame with both values, as a part of a sentence."""
    if frame >= min(len(one.rows), len(other.rows)):
        return Told("one of them ended there")
    a, b = one.rows[frame], other.rows[frame]
    names = [name for name in {**a, **b} if repr(a.get(name)) != repr(b.get(name))]
    told = [
        Told("{name} ({one} and {other})", name=name, one=a.get(name), other=b.get(name))
        for name in names[:NAMED_AT_MOST]
    ]
    more = Told(" and {number} more", number=len(names) - NAMED_AT_MOST) if len(names) > NAMED_AT_MOST else ""
    return Told("in {columns}{more}", columns=together(*told, between=", "), more=more)


def unseen(bridge: Any) -> tuple[str | None, str | None]:
    """(problem, warning) where players would see an empty field; `bridge` stands in an episode."""
    play = bridge.play
    if not callable(getattr(play.env, "render", None)):
        return None, Told("The env has no render(), so players see an empty field.")
    if play.draw() or play.hud() is not None:
        return None, None
    return (
        Told(
            "render() returned None, so players would see an empty field. Make the env with a render "
            'mode that draws (gymnasium.make(…, render_mode="rgb_array")), or return an RGB array or a '
            "surface's commit()."
        ),
        None,
    )


def cut_off(bridge: Any, width: int, height: int) -> list[str]:
    """A surface that is larger than the scene's picture of `width` × `height` px; `bridge` stands in an episode."""
    sizes: set[tuple[int, int]] = set()
    commit = Surface.commit

    def noting(surface: Surface) -> Any:
        sizes.add((surface.width, surface.height))
        return commit(surface)

    if not callable(getattr(bridge.play.env, "render", None)):
        return []
    Surface.commit = noting  # type: ignore[method-assign, assignment]
    try:
        bridge.play.draw()
    finally:
        Surface.commit = commit  # type: ignore[method-assign]
    return [
        Told(
            "render() draws on a surface of {wide} × {high}, and the scene's picture has {width} × "
            "{height}: what lies beyond is not seen. Write .rendering(width={new_width}, "
            "height={new_height}), or make the surface smaller.",
            wide=wide,
            high=high,
            width=width,
            height=height,
            new_width=max(wide, width),
            new_height=max(high, height),
        )
        for wide, high in sorted(sizes)
        if wide > width or high > height
    ]


def clock_text(bridge: Any) -> list[str]:
    """What is told of a clock among the env's wrappers."""
    return [CLOCK] if bridge.play.rows.without_clock else []
