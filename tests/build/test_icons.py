"""The app's icons: made from the launcher's own drawing, in every size a desktop asks for."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def script() -> Any:
    spec = importlib.util.spec_from_file_location("igym_icons", ROOT / "build" / "icons.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_icon_is_there_and_has_its_size() -> None:
    icons = script()
    assert [path for path in icons.made() if not path.is_file()] == []
    for size in icons.PNG_SIZES:
        with Image.open(icons.FOLDER / f"{size}.png") as image:
            assert image.size == (size, size)
    with Image.open(icons.FOLDER / "igym.ico") as windows:
        assert windows.info["sizes"] == {(size, size) for size in icons.ICO_SIZES}


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGBA").tobytes()


def test_the_files_are_those_that_the_drawing_gives(qapp: Any) -> None:
    icons = script()
    kept, fresh = pixels((icons.FOLDER / "64.png").read_bytes()), pixels(icons.rendered(64))
    assert len(kept) == len(fresh)
    differing = sum(abs(one - other) > 24 for one, other in zip(kept, fresh, strict=True))
    assert differing < 256, "run: python build/icons.py"
