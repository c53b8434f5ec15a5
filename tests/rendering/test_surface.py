from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igym.rendering import Surface


class Screen:
    """What a browser shows after the draw lists it was given."""

    def __init__(self) -> None:
        self.objects: dict[str, list[Any]] = {}

    def show(self, draw_list: dict[str, list[Any]]) -> None:
        ops = json.loads(json.dumps(draw_list))["ops"]
        drawn = {op[1] for op in ops if op[0] == "put"}
        self.objects = {id: op for id, op in self.objects.items() if op[4] or id in drawn}
        for op in ops:
            if op[0] == "clear":
                self.objects = {}
            elif op[0] == "put":
                self.objects[op[1]] = op
            elif op[0] == "del":
                del self.objects[op[1]]


def puts(draw_list: dict[str, list[Any]]) -> list[str]:
    return [op[1] for op in draw_list["ops"] if op[0] == "put"]


DRAWINGS: dict[str, Any] = {
    "rect": lambda s, v, **k: s.rect(v, 2, 3, 4, "red", radius=2, angle=10, **k),
    "circle": lambda s, v, **k: s.circle(v, 2, 3, "red", **k),
    "ellipse": lambda s, v, **k: s.ellipse(v, 2, 3, 4, "red", **k),
    "line": lambda s, v, **k: s.line([(v, 0), (5, 5)], "red", width=2, **k),
    "polygon": lambda s, v, **k: s.polygon([(v, 0), (5, 5), (0, 9)], "red", stroke="blue", **k),
    "arc": lambda s, v, **k: s.arc(v, 2, 3, 0, 90, "red", fill="#fff", **k),
    "text": lambda s, v, **k: s.text(v, 2, "hello", "red", align="center", **k),
    "image": lambda s, v, **k: s.image("car", v, 2, 30, 20, frame=1, flip=True, **k),
}
PROPS = {
    "rect": {"x", "y", "w", "h", "radius", "angle", "fill", "stroke", "line_width", "alpha"},
    "circle": {"x", "y", "r", "fill", "stroke", "line_width", "alpha"},
    "ellipse": {"x", "y", "rx", "ry", "angle", "fill", "stroke", "line_width", "alpha"},
    "line": {"points", "color", "width", "alpha"},
    "polygon": {"points", "fill", "stroke", "line_width", "alpha"},
    "arc": {"x", "y", "r", "start", "end", "fill", "stroke", "line_width", "alpha"},
    "text": {"x", "y", "text", "size", "color", "font", "align", "angle", "alpha"},
    "image": {"x", "y", "w", "h", "name", "frame", "angle", "alpha", "flip"},
}
kinds = pytest.mark.parametrize("kind", DRAWINGS)


@kinds
def test_every_primitive_has_the_documented_props(kind: str) -> None:
    surface = Surface(100, 50)
    DRAWINGS[kind](surface, 1, id="it", depth=3, tween_ms=40)
    clear, (op, id, drawn_kind, depth, persistent, tween_ms, props) = surface.commit()["ops"]
    assert (clear, op, id, drawn_kind) == (["clear"], "put", "it", kind)
    assert (depth, persistent, tween_ms) == (3, 0, 40)
    assert set(props) == PROPS[kind]


@kinds
def test_persistent_objects_cross_only_when_they_change(kind: str) -> None:
    surface = Surface(100, 50)
    DRAWINGS[kind](surface, 1, id="it", persistent=True)
    assert puts(surface.commit()) == ["it"]
    DRAWINGS[kind](surface, 1, id="it", persistent=True)
    assert surface.commit() == {"ops": []}
    DRAWINGS[kind](surface, 2, id="it", persistent=True)
    assert puts(surface.commit()) == ["it"]
    assert surface.commit() == {"ops": []}


@kinds
def test_transient_objects_live_for_one_commit(kind: str) -> None:
    surface, screen = Surface(100, 50), Screen()
    DRAWINGS[kind](surface, 1)
    screen.show(surface.commit())
    assert list(screen.objects) == [f"{kind}#1"]
    screen.show(surface.commit())
    assert screen.objects == {}


@kinds
def test_relative_coordinates_are_shares_of_the_surface(kind: str) -> None:
    whole, shares = Surface(200, 100), Surface(200, 100)
    calls: dict[str, tuple[Any, Any]] = {
        "rect": (lambda s, **k: s.rect(50, 25, 100, 50, radius=10, **k), (0.25, 0.25, 0.5, 0.5)),
        "circle": (lambda s, **k: s.circle(50, 25, 10, **k), (0.25, 0.25, 0.1)),
        "ellipse": (lambda s, **k: s.ellipse(50, 25, 100, 50, **k), (0.25, 0.25, 0.5, 0.5)),
        "line": (lambda s, **k: s.line([(0, 0), (100, 50)], **k), ([(0, 0), (0.5, 0.5)],)),
        "polygon": (lambda s, **k: s.polygon([(0, 0), (100, 50), (0, 50)], **k), ([(0, 0), (0.5, 0.5), (0, 0.5)],)),
        "arc": (lambda s, **k: s.arc(50, 25, 10, 0, 90, **k), (0.25, 0.25, 0.1, 0, 90)),
        "text": (lambda s, **k: s.text(50, 25, "x", **k), (0.25, 0.25, "x")),
        "image": (lambda s, **k: s.image("a", 50, 25, 100, 50, **k), ("a", 0.25, 0.25, 0.5, 0.5)),
    }
    draw, arguments = calls[kind]
    draw(whole, id="it")
    more = {"radius": 0.1} if kind == "rect" else {}
    getattr(shares, kind)(*arguments, id="it", relative=True, **more)
    assert shares.commit() == whole.commit()


def test_remove_deletes_once_and_forgives_what_is_not_there() -> None:
    surface = Surface(10, 10)
    surface.rect(0, 0, 1, 1, id="a", persistent=True)
    surface.commit()
    surface.remove("a")
    surface.remove("never")
    assert surface.commit() == {"ops": [["del", "a"]]}
    assert surface.commit() == {"ops": []}


def test_reset_empties_the_screen_before_anything_new() -> None:
    surface, screen = Surface(10, 10), Screen()
    surface.rect(0, 0, 1, 1, id="a", persistent=True)
    screen.show(surface.commit())
    surface.reset()
    surface.rect(0, 0, 1, 1, id="b", persistent=True)
    screen.show(surface.commit())
    assert list(screen.objects) == ["b"]


def test_an_id_is_one_object_whatever_it_was_before() -> None:
    surface, screen = Surface(10, 10), Screen()
    surface.rect(0, 0, 1, 1, id="a", persistent=True)
    screen.show(surface.commit())
    surface.circle(0, 0, 1, id="a")
    screen.show(surface.commit())
    assert screen.objects["a"][2] == "circle"
    screen.show(surface.commit())
    assert screen.objects == {}


def test_unnamed_objects_keep_their_identity_from_picture_to_picture() -> None:
    surface = Surface(10, 10)
    for _ in range(2):
        surface.circle(1, 1, 1)
        surface.circle(2, 2, 1)
        surface.rect(0, 0, 1, 1)
        assert puts(surface.commit()) == ["circle#1", "circle#2", "rect#1"]


def test_a_sound_is_played_once() -> None:
    surface = Surface(10, 10)
    surface.sound("hit")
    assert surface.commit()["ops"] == [["clear"], ["sound", "hit"]]
    assert surface.commit() == {"ops": []}
    surface.sound("hit")
    assert surface.take_sounds() == ["hit"]
    assert surface.commit() == {"ops": []}


def test_full_rebuilds_the_last_picture() -> None:
    surface, late, early = Surface(10, 10), Screen(), Screen()
    surface.rect(0, 0, 1, 1, id="floor", persistent=True)
    early.show(surface.commit())
    surface.circle(1, 1, 1)
    surface.sound("hit")
    early.show(surface.commit())
    late.show(surface.full())
    assert late.objects == early.objects
    assert ["sound", "hit"] not in surface.full()["ops"]


def test_a_copied_env_goes_on_drawing_on_the_same_sheet() -> None:
    surface = Surface(10, 10)
    surface.rect(0, 0, 1, 1, id="a", persistent=True)
    surface.commit()
    assert copy.deepcopy({"surface": surface})["surface"] is surface
    assert Surface.render_only is True


def test_persistent_objects_follow_a_restored_moment() -> None:
    surface, screen = Surface(10, 10), Screen()
    surface.rect(0, 0, 1, 1, id="a", persistent=True)
    screen.show(surface.commit())
    before = surface.kept_state()
    surface.remove("a")
    surface.circle(0, 0, 1, id="b", persistent=True)
    screen.show(surface.commit())
    surface.restore_kept(before)
    screen.show(surface.commit())
    assert list(screen.objects) == ["a"]


@pytest.mark.parametrize(
    "drawn", [("a", True), ("b", True), ("a", False), ("b", False), ("remove", False), ("reset", False)]
)
def test_a_moment_that_was_told_stays_what_it_was(drawn: tuple[str, bool]) -> None:
    surface, (name, persistent) = Surface(10, 10), drawn
    surface.rect(0, 0, 1, 1, id="a", persistent=True)
    told = surface.kept_state()
    before = dict(told)
    assert surface.kept_state() == before
    if name == "remove":
        surface.remove("a")
    elif name == "reset":
        surface.reset()
    else:
        surface.circle(1, 1, 1, id=name, persistent=persistent)
    assert told == before
    assert (surface.kept_state() == before) is (drawn == ("b", False))
    for _ in range(2):
        surface.restore_kept(told)
        assert surface.kept_state() == before
        surface.rect(2, 2, 2, 2, id="c", persistent=True)
        assert (told, surface.kept_state().keys()) == (before, {"a", "c"})


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda s: s.rect(float("nan"), 0, 1, 1), "rect: x is nan"),
        (lambda s: s.line([(0, 0), (float("inf"), 1)]), "cannot be drawn"),
        (lambda s: s.line([(0, 0)]), "at least 2 points"),
        (lambda s: s.polygon([(0, 0), (1, 1)]), "at least 3 points"),
        (lambda s: s.text(0, 0, "x", align="centre"), "align='centre'"),
        (lambda s: s.rect(0, 0, 1, 1, "blu"), "'blu' is not a colour"),
        (lambda s: s.rect(0, 0, 1, 1, persistent=True), "a persistent rect needs an id"),
    ],
)
def test_mistakes_are_named(draw: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(Surface(10, 10))


def test_a_surface_needs_a_size() -> None:
    with pytest.raises(ValueError, match="positive width and height"):
        Surface(0, 10)


def test_numpy_numbers_become_plain_ones() -> None:
    surface = Surface(10, 10)
    surface.circle(numpy.float32(1.5), numpy.int64(2), numpy.float64(3), id="a", persistent=True)
    surface.line(numpy.array([[0.0, 1.0], [2.0, 3.0]]), id="b", persistent=True)
    first = surface.commit()
    assert json.loads(json.dumps(first))["ops"][1][6]["x"] == 1.5
    surface.circle(1.5, 2, 3, id="a", persistent=True)
    assert surface.commit() == {"ops": []}


actions = st.lists(
    st.tuples(
        st.sampled_from(["keep", "show", "remove", "reset", "commit", "restore"]),
        st.sampled_from("abc"),
        st.integers(0, 3),
    ),
    max_size=40,
)


@given(actions)
def test_a_screen_fed_with_differences_always_equals_a_full_picture(steps: list[tuple[str, str, int]]) -> None:
    surface, screen, fresh = Surface(10, 10), Screen(), Screen()
    remembered = surface.kept_state()
    for action, id, x in [*steps, ("commit", "a", 0)]:
        if action == "keep":
            surface.rect(x, 0, 1, 1, id=id, persistent=True)
            remembered = surface.kept_state()
        elif action == "show":
            surface.circle(x, 0, 1, id=id)
        elif action == "remove":
            surface.remove(id)
        elif action == "reset":
            surface.reset()
        elif action == "restore":
            surface.restore_kept(remembered)
        else:
            screen.show(surface.commit())
            fresh = Screen()
            fresh.show(surface.full())
            assert screen.objects == fresh.objects


def test_it_runs_where_only_the_standard_library_is(tmp_path: Path, root: Path) -> None:
    code = (
        "import sys; sys.modules['pydantic'] = None; sys.modules['numpy'] = None\n"
        f"sys.path.insert(0, {str(root / 'server')!r})\n"
        "from igym.rendering import Surface\n"
        "import igym\n"
        "s = igym.Surface(10, 10); s.circle(1, 1, 1, 'red'); print(len(s.commit()['ops']))\n"
        "assert 'igym.experiment' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.stdout.strip(), done.stderr) == ("2", "")
