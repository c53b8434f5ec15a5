"""Batches put together: each frame once, however often browsers sent it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from igym.host.store.store_reader import StoredBatch, StoreReader


def fresh(batches: Iterable[StoredBatch], first: int = 0) -> Iterator[tuple[StoredBatch, int]]:
    """The batches of one person's episode in frame order, each with how many of its frames came before.

    Those that bring nothing new are left out; frames before `first` count as known. There may be gaps between them.
    """
    next_frame = first
    for batch in batches:
        skip = max(0, next_frame - batch.first)
        if skip < batch.count:
            yield batch, skip
            next_frame = batch.first + batch.count


@dataclass
class InputRun:
    """Confirmed inputs of consecutive frames: player → one a frame. `chain` is the row hash after the last, `globals`
    what the episode began with, where its env reads them.

    `marks`: what the member's browser had for each frame to show that the others made these inputs, "" without any.
    """

    inputs: dict[str, list[int]] = field(default_factory=dict)
    frames: int = 0
    chain: str = ""
    globals: dict[str, Any] | None = None
    marks: list[str] = field(default_factory=list)


def input_run(
    reader: StoreReader,
    session: str,
    match: str,
    episode: int,
    member: str,
    *,
    first: int = 0,
    enough_frames: float = float("inf"),
) -> InputRun:
    """What one member stored from frame `first` on, up to the first gap; not read further once there are enough."""
    run = InputRun()
    batches = reader.batches(session, match=match, participant=member, episode=episode, from_frame=first)
    for batch, skip in fresh(batches, first):
        if batch.first + skip > first + run.frames or run.frames >= enough_frames:
            break
        for player, numbers in batch.rows["inputs"].items():
            run.inputs.setdefault(player, []).extend(numbers[skip:])
        run.frames += batch.count - skip
        run.marks += _marks_of(batch.rows.get("marks", ""), batch.count)[skip:]
        run.chain = batch.rows["chain"]
        run.globals = batch.rows.get("globals")
    return run


def _marks_of(digits: str, count: int) -> list[str]:
    each = len(digits) // count
    return [digits[at * each : (at + 1) * each] for at in range(count)]


def told_by_most(runs: Iterable[InputRun]) -> InputRun:
    """The inputs that members tell alike: at each frame what more of those who have it say than say anything else.

    It ends where they contradict each other and no side is larger: nobody's word counts for more because they sent
    more of it. Frames that one member alone has are that member's word.
    """
    wanted = [run for run in runs if run.frames]
    players = sorted({player for run in wanted for player in run.inputs}, key=int)
    frames = [list(zip(*(run.inputs.get(player, []) for player in players), strict=False)) for run in wanted]
    found: list[tuple[int, ...]] = []
    while told := [one[len(found)] for one in frames if len(one) > len(found)]:
        (most, count), *others = Counter(told).most_common(2)
        if others and others[0][1] == count:
            break
        found.append(most)
        # Whoever contradicts the larger side tells of another match from here on.
        frames = [one for one in frames if len(one) < len(found) or one[len(found) - 1] == most]
    return InputRun({player: [frame[at] for frame in found] for at, player in enumerate(players)}, len(found))
