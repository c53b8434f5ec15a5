from __future__ import annotations

import pytest

from igym.rendering.colors import CSS_COLORS, ColorError, parse_color


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("tomato", "#ff6347"),
        (" RebeccaPurple ", "#663399"),
        ("#abc", "#aabbcc"),
        ("#A1B2C3", "#a1b2c3"),
        ((255, 128, 0), "#ff8000"),
        ([0, 0.4, 254.6], "#0000ff"),
    ],
)
def test_every_way_to_write_a_colour_becomes_rrggbb(color: object, expected: str) -> None:
    assert parse_color(color) == expected  # type: ignore[arg-type]


def test_an_array_row_is_a_colour() -> None:
    import numpy

    assert parse_color(numpy.array([1, 2, 3], dtype=numpy.uint8)) == "#010203"


@pytest.mark.parametrize(
    "color", ["tomatoe", "#12", "#1234567", "#ggg", (1, 2), (1, 2, 256), (-1, 0, 0), 7, ("a", "b", "c"), None]
)
def test_anything_else_is_refused_with_the_value(color: object) -> None:
    with pytest.raises(ColorError, match="is not a colour"):
        parse_color(color)  # type: ignore[arg-type]


def test_all_css_names_are_there() -> None:
    assert len(CSS_COLORS) == 148
    assert all(len(code) == 7 for code in CSS_COLORS.values())
