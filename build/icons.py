"""Makes the app's icons in build/icons/ from the launcher's own drawing: PNG (Linux), ICO (Windows), ICNS (macOS).

    python build/icons.py [--check]

The window draws the same SVG itself, so there is one picture everywhere. `--check` only says whether the files exist.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "igym_desktop" / "resources" / "icons" / "app.svg"
FOLDER = ROOT / "build" / "icons"
PNG_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 256)
MARGIN = 0.06
"""Of the side: desktops clip icons that reach their edge."""


def made() -> list[Path]:
    """Every file this script writes."""
    return [
        FOLDER / "igym.png",
        FOLDER / "igym.ico",
        FOLDER / "igym.icns",
        *(FOLDER / f"{size}.png" for size in PNG_SIZES),
    ]


def rendered(size: int) -> bytes:
    """The drawing as a square PNG."""
    from PySide6.QtCore import QBuffer, QByteArray, QRectF, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    edge = size * MARGIN
    QSvgRenderer(str(SOURCE)).render(painter, QRectF(edge, edge, size - 2 * edge, size - 2 * edge))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs ask for bytes, the method for a str
    return bytes(data.data())


def make() -> None:
    """Writes all icons anew."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication([])
    FOLDER.mkdir(parents=True, exist_ok=True)
    pictures = {size: rendered(size) for size in PNG_SIZES}
    for size, data in pictures.items():
        (FOLDER / f"{size}.png").write_bytes(data)
    (FOLDER / "igym.png").write_bytes(pictures[256])
    largest = Image.open(io.BytesIO(pictures[512]))
    small = [Image.open(io.BytesIO(pictures[size])) for size in ICO_SIZES]
    small[-1].save(FOLDER / "igym.ico", sizes=[(size, size) for size in ICO_SIZES], append_images=small[:-1])
    largest.save(FOLDER / "igym.icns")
    del application


def main() -> int:
    if "--check" in sys.argv[1:]:
        missing = [path.name for path in made() if not path.is_file()]
        print(f"missing: {', '.join(missing)}" if missing else "all icons are there")
        return 1 if missing else 0
    make()
    return 0


if __name__ == "__main__":
    sys.exit(main())
