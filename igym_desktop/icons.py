"""Our own line icons (24 × 24, one stroke), tinted to the colour they are asked for in."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from igym_desktop import theme

_FOLDER = Path(__file__).parent / "resources" / "icons"
_SIZES = (16, 20, 24, 32, 48)


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")


def names() -> list[str]:
    """Every icon there is."""
    return sorted(file.stem for file in _FOLDER.glob("*.svg"))


@lru_cache(maxsize=1024)
def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """A square pixmap of `size` logical pixels for a screen with device pixel ratio `ratio`."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    pixels = round(size * ratio)
    image = QPixmap(pixels, pixels)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


@lru_cache(maxsize=512)
def icon(name: str, colour: str | None = None, selected: str | None = None) -> QIcon:
    """An icon in `colour` (text colour by default); disabled is faint, `selected` is for the checked state."""
    tokens = theme.current()
    result = QIcon()
    for size in _SIZES:
        for ratio in (1.0, 2.0):
            result.addPixmap(pixmap(name, colour or tokens.text, size, ratio))
            result.addPixmap(pixmap(name, tokens.border_strong, size, ratio), QIcon.Mode.Disabled)
            if selected:
                result.addPixmap(pixmap(name, selected, size, ratio), QIcon.Mode.Normal, QIcon.State.On)
    return result


def forget_tints() -> None:
    """After a change of theme: the next icons are drawn in its colours."""
    icon.cache_clear()


def app_icon() -> QIcon:
    """The launcher's own mark, in full colour."""
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(pixmap("app", theme.LIGHT.accent, size))
    return result


def small(name: str, colour: QColor | str, size: int = 16) -> QPixmap:
    """For table cells: sharp on high-density screens too."""
    value = colour if isinstance(colour, str) else colour.name()
    return pixmap(name, value, size, 2.0)


ICON_SIZE = QSize(18, 18)
