from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from igym.rendering import Surface
from igym_desktop.flow.paths import example_folders
from igym_desktop.widgets.draw_list import paint_picture


def picture_of(surface: Surface, **facts: Any) -> dict[str, Any]:
    return {
        "width": 100,
        "height": 50,
        "background": "#ffffff",
        "images": {},
        "sheets": {},
        **surface.commit(),
        **facts,
    }


def colour(image: QImage, x: int, y: int) -> str:
    return QColor(image.pixel(x, y)).name()


def test_every_primitive_leaves_its_colour_where_it_belongs(qapp: Any, tmp_path: Path) -> None:
    red = QImage(4, 4, QImage.Format.Format_RGB32)
    red.fill(QColor("#ff0000"))
    red.save(str(tmp_path / "red.png"))
    s = Surface(100, 50)
    s.rect(0, 0, 10, 10, "#000001")
    s.circle(25, 5, 5, "#000002")
    s.ellipse(45, 5, 8, 4, "#000003")
    s.line([(60, 5), (80, 5)], "#000004", width=4)
    s.polygon([(0, 20), (10, 20), (10, 30), (0, 30)], "#000005")
    s.arc(25, 30, 8, 0, 180, "#000006", fill="#000006")
    s.image("red", 40, 20, 10, 10)
    s.rect(60, 20, 10, 10, "#000007", depth=2)
    s.rect(60, 20, 10, 10, "#000008", depth=1)
    image = paint_picture(picture_of(s, images={"red": "red.png"}), tmp_path, 100)
    assert (image.width(), image.height()) == (100, 50)
    spots = {(5, 5): 1, (25, 5): 2, (45, 5): 3, (70, 5): 4, (5, 25): 5, (25, 34): 6, (65, 25): 7}
    assert {spot: colour(image, *spot) for spot in spots} == {spot: f"#00000{number}" for spot, number in spots.items()}
    assert colour(image, 45, 25) == "#ff0000"
    assert colour(image, 25, 26) == "#ffffff" and colour(image, 95, 45) == "#ffffff"


def test_pixels_and_removed_objects(qapp: Any, tmp_path: Path) -> None:
    raw = base64.b64encode(bytes([0, 0, 255, 255]) * 8).decode()
    image = paint_picture({"pixels": [4, 2], "rgba": raw}, tmp_path, 8)
    assert (image.width(), image.height(), colour(image, 4, 2)) == (8, 4, "#0000ff")
    ops = [["put", "a", "rect", 0, 1, 0, {"x": 0, "y": 0, "w": 9, "h": 9, "fill": "#ff0000"}], ["del", "a"]]
    base = {"width": 10, "height": 10, "background": "#00ff00", "ops": ops}
    assert colour(paint_picture(base, tmp_path, 10), 5, 5) == "#00ff00"
    assert colour(paint_picture({**base, "ops": ops[:1]}, tmp_path, 10), 5, 5) == "#ff0000"


@pytest.mark.parametrize("folder", example_folders(), ids=lambda folder: folder.name)
def test_every_example_has_a_first_frame(qapp: Any, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "igym.cli", "picture", str(folder)], capture_output=True, timeout=120, check=False
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["ok"], answer
    if answer["picture"] is not None:
        image = paint_picture(answer["picture"], folder, 200)
        seen = {image.pixel(x, y) for x in range(0, 200, 5) for y in range(0, image.height(), 5)}
        assert len(seen) > 3
