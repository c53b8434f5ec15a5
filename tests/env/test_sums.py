"""The sum of a state that was summed up before is that of a state which is read for the first time."""

from __future__ import annotations

import random
import struct
import tracemalloc
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from igym.rendering import Surface


class Thing:
    def __init__(self) -> None:
        self.number: Any = 0
        self.list = [1, [2, 3]]
        self.dict: dict[str, Any] = {"b": 1, "a": {"z": 1.5}}
        self.array = np.zeros(3)
        self.tuple: Any = (1, "x")
        self.queue = deque([1.0, 2.0])
        self.set = {1, 2}
        self.floats = [0.5, 1.5]


class Slotted:
    __slots__ = ("list", "maybe", "number")

    def __init__(self) -> None:
        self.number, self.list = 1.5, [1]


class Bare:
    pass


def counter() -> Callable[[], int]:
    counted = [0]

    def count() -> int:
        return counted[0]

    return count


class World(Thing):
    def __init__(self) -> None:
        super().__init__()
        self.kid, self.kids = Thing(), [Thing(), Thing()]
        self.friend: Any = self.kid
        self.slotted, self.bare, self.function = Slotted(), Bare(), counter()
        self.generator, self.random = np.random.default_rng(1), random.Random(2)
        self.seen = {"left": np.zeros(2), "right": np.ones(2)}
        self.bytes, self.objects = bytearray(b"ab"), np.array([1, "a", None], dtype=object)


def changes(world: World, draw: random.Random) -> list[Callable[[Any], Any]]:
    """What may happen to a thing of the world, or to the world whatever the thing."""
    number = draw.random()
    seen = np.full(2, number)
    return [
        lambda thing: setattr(thing, "number", number),
        lambda thing: setattr(thing, "number", -0.0 if thing.number == 0 else 0.0),
        lambda thing: thing.list.__setitem__(0, number),
        lambda thing: thing.list[1].__setitem__(0, draw.randrange(1000)),
        lambda thing: setattr(thing, "list", list(thing.list)),
        lambda thing: thing.list.__setitem__(1, thing.list[1].copy()),
        lambda thing: thing.dict["a"].__setitem__("z", number),
        lambda thing: thing.dict.__setitem__("c", draw.randrange(3)),
        lambda thing: thing.dict.pop("c", None),
        lambda thing: setattr(thing, "dict", dict(reversed(thing.dict.items()))),
        lambda thing: thing.array.__setitem__(0, number),
        lambda thing: setattr(thing, "array", np.full(draw.choice([3, 4]), number)),
        lambda thing: thing.queue.append(thing.queue.popleft()),
        lambda thing: thing.set.add(draw.randrange(9)),
        lambda thing: thing.floats.__setitem__(0, number),
        lambda thing: setattr(thing, "tuple", (1, draw.choice(["x", "y", [1]]))),
        lambda thing: setattr(world, "friend", thing),
        lambda thing: setattr(world, "kids", world.kids[::-1]),
        lambda _: setattr(world, "seen", {"left": seen, "right": seen.copy()}),
        lambda _: setattr(world, "seen", {"left": seen, "right": seen}),
        lambda _: setattr(world, "function", counter()),
        lambda _: setattr(world.slotted, "number", number),
        lambda _: setattr(world.slotted, "maybe", draw.choice([number, [number]])),
        lambda _: setattr(world.bare, "new", number) if number < 0.1 else None,
        lambda _: world.generator.random(),
        lambda _: world.random.random(),
        lambda _: world.bytes.__setitem__(0, draw.randrange(256)),
        lambda _: world.objects.__setitem__(0, draw.choice([1, number, None])),
    ]


@pytest.mark.parametrize("seed", range(2))
def test_a_sum_that_reads_only_what_changed_is_that_of_all(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from igym_bridge.canon import Canon
    from igym_bridge.summing import Summer

    whole: list[Summer] = []
    begin = Summer.begin
    monkeypatch.setattr(Summer, "begin", lambda self: whole.append(self) or begin(self))
    draw, world = random.Random(seed), World()
    canon, sums = Canon({"env": world}), set()
    for _ in range(600):
        for _ in range(draw.randrange(3)):
            draw.choice(changes(world, draw))(draw.choice([world, world.kid, *world.kids]))
        mine = canon.digest()
        assert mine == Canon({"env": world}).digest()
        sums.add(mine)
    assert len(sums) > 200
    # One whole reading for each fresh one, and some where objects were exchanged.
    assert len(whole) - 600 < 400


NANS = [struct.unpack("<d", struct.pack("<Q", bits))[0] for bits in (0x7FF8 << 48, 0xFFF8 << 48, (0x7FF8 << 48) + 5)]
UNLIKE = [0, 0.0, -0.0, False, None, "", "0", b"", np.float64(0), np.float32(0), np.int64(0), (), (0,), (0.0,), [], {}]


def holders(value: Any) -> list[Any]:
    """What may hold a value: attributes, dicts by texts and by others, lists, slots, closures, tuples."""
    thing, slotted = Bare(), Slotted()
    thing.other, thing.value = 1.5, value
    slotted.number = value
    lists = [value], [value, 1.5], [value, "x", None], (value, 2)
    return [thing, {"a": value, "b": 1.5}, {1: value}, {(1, 2): value, "b": 1}, *lists, slotted, lambda: value]


@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_every_nan_is_told_alike_whichever_bits_it_has(kind: type) -> None:
    from igym_bridge.canon import Canon

    first = [Canon({"env": one}).digest() for one in holders(kind(NANS[0]))]
    for nan in NANS[1:]:
        assert [Canon({"env": one}).digest() for one in holders(kind(nan))] == first
    thing = Bare()
    canon, sums = Canon({"env": thing}), []
    for value in (1.5, *NANS, 2.5, *NANS[::-1], float("inf"), 1.5):
        thing.value, thing.other = kind(value), float("-inf")
        sums.append(canon.digest())
        assert sums[-1] == Canon({"env": thing}).digest()
    assert len(set(sums)) == 4


def test_values_of_different_kinds_are_told_differently() -> None:
    from igym_bridge.canon import Canon

    each = [[Canon({"env": one}).digest() for one in holders(value)] for value in UNLIKE]
    for of_holder in zip(*each, strict=True):
        assert len(set(of_holder)) == len(UNLIKE)
    huge = [Canon({"env": [number]}).digest() for number in (2**31, 2**31 - 1, -(2**31), 2**64, 2**200, -(2**200))]
    assert len(set(huge)) == len(huge)


def test_names_and_places_are_part_of_the_sum() -> None:
    from igym_bridge.canon import Canon

    array, shown = np.zeros(2), Surface(1, 1)
    worlds: list[Any] = [
        {"a": 1, "b": 2}, {"a": 2, "b": 1}, {"b": 1, "c": 2}, {"ab": 1, "": 2}, [1, 2], [2, 1], [[1], 2], [[1, 2]],
        [1, [2]], [array, shown], [shown, array], {"a": array, "b": shown}, {"a": shown, "b": array}, ["a", "b"],
        ["ab", ""], ["a\x1fb"], ["a", "\x1fb"], ["\ud800"], ["?"],
    ]  # fmt: skip
    assert len({Canon({"env": one}).digest() for one in worlds}) == len(worlds)


def test_where_an_object_lies_is_no_part_of_the_sum() -> None:
    """Names of a dict, and what a set holds, are shown with their addresses unless they show themselves."""
    from igym_bridge.canon import Canon

    kept = [Bare() for _ in range(3)]
    for make in (
        lambda one: {one: 1, "b": 2},
        lambda one: {(one, 1): 1},
        lambda one: [{one}],
        lambda one: {counter: one},
    ):
        assert len({Canon({"env": make(one)}).digest() for one in kept}) == 1
    texts = [Canon({"env": {f"left at 0x{place}": 1}}).digest() for place in (1, 2)]
    assert texts[0] != texts[1]
    from igym_bridge.reading import Reader

    reader = Reader(set())
    reader.read("env", {kept[0]: 1, kept[1]: 2})
    assert list(reader.found.values()) == ["{2", "1", "2"]
    assert not any(" at 0x" in path for path in reader.found)


def test_what_a_text_says_of_addresses_is_part_of_the_sum_wherever_it_stands() -> None:
    from igym_bridge.canon import Canon

    one, two = Bare(), Bare()
    for make in (
        lambda text, thing: {text, thing},
        lambda text, thing: {(text, thing)},
        lambda text, thing: {frozenset([text, "b"]), thing},
        lambda text, thing: {(1, (text,)), thing},
        lambda text, thing: {(text, thing): 1},
        lambda text, thing: {(1, (text,)): thing},
        lambda text, thing: {text.encode(), thing},
    ):
        said = [Canon({"env": make(f"left at 0x{place}", one)}).digest() for place in (1, 2)]
        assert said[0] != said[1]
        assert said[0] == Canon({"env": make("left at 0x1", two)}).digest()


def test_a_name_that_is_a_text_is_told_from_what_is_written_like_it() -> None:
    from igym_bridge.canon import Canon
    from igym_bridge.reading import Reader

    for name in (1, -1, 0.5, True, None, (0, 1), b"a", float("inf"), float("nan"), "'1'", '"1"'):
        like_it = name[1:-1] if isinstance(name, str) else str(name)
        digests = [Canon({"env": {key: 2.5}}).digest() for key in (name, like_it)]
        assert digests[0] != digests[1], name
        readers = [Reader(set()), Reader(set())]
        for reader, key in zip(readers, (name, like_it), strict=True):
            reader.read("env", {key: 2.5})
        assert readers[0].found != readers[1].found


def test_what_a_masked_array_hides_is_part_of_the_sum() -> None:
    from igym_bridge.canon import Canon
    from igym_bridge.reading import Reader

    def found(array: Any) -> dict[str, str]:
        reader = Reader(set())
        reader.read("env", array)
        return reader.found

    for first in ([1.5, 2.5, 3.5], [1, 2, 3], [None, "a", 2.5], [0.5] * 100):
        plain = np.array(first)
        masks = [[True, *[False] * (len(first) - 1)], [False, True, *[False] * (len(first) - 2)]]
        arrays: list[Any] = [np.ma.masked_array(plain.copy(), mask=mask) for mask in masks]
        holder = Bare()
        holder.array = np.ma.masked_array(plain.copy())
        canon = Canon({"env": holder})
        digests = [canon.digest()]
        for mask in masks:
            holder.array.mask = mask
            digests.append(canon.digest())
            assert digests[-1] == Canon({"env": holder}).digest()
        hidden = holder.array.data
        hidden[1] = hidden[0]
        if hidden[1] != plain[1]:
            digests.append(canon.digest())
        assert len(set(digests)) == len(digests)
        assert found(arrays[0]) != found(arrays[1]) and found(arrays[0]) != found(np.ma.masked_array(plain))
        assert found(np.ma.masked_array(plain)) == found(plain), "nothing is hidden"
        assert Canon({"env": [np.ma.masked_array(plain)]}).digest() == Canon({"env": [plain]}).digest()


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_arrays_that_list_their_numbers_otherwise_are_summed_up() -> None:
    from igym_bridge.canon import Canon

    masked: list[Any] = [np.ma.masked_array([first, 2.0], mask=[False, True]) for first in (1.0, 3.0, NANS[0])]
    matrices: list[Any] = [np.asmatrix([[first, 2.0]]) for first in (1.0, 3.0, NANS[0])]
    for arrays in (masked, matrices):
        assert len({Canon({"env": [one]}).digest() for one in arrays}) == len(arrays)
        assert Canon({"env": [arrays[0]]}).digest() == Canon({"env": [arrays[0].copy()]}).digest()


def test_what_is_remembered_of_a_dict_that_grows_is_bounded() -> None:
    from igym_bridge.summing import Summer

    def sum_up(summer: Any, thing: Any) -> bytes:
        if not summer.again(False):
            summer.begin()
            summer.read("", thing)
            summer.close()
        return bytes(summer.digest())

    growing: dict[int, float] = {}
    summer, taken = Summer(set()), []
    tracemalloc.start()
    for number in range(1200):
        growing[1000 * number] = 0.5
        sum_up(summer, growing)
        growing[0] = number + 0.25
        sum_up(summer, growing)
        if number in (400, 1199):
            taken.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # One reading of what there is in the end takes less than 1 MB.
    assert taken[1] - taken[0] < 12_000_000
