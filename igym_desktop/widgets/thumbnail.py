"""The picture on an experiment's card: the author's own, or a quiet drawing that is always the same for the same id."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

from igym_desktop import icons, theme
from igym_desktop.widgets.pictured_list import TILE, blank_tile

NAMES = ("thumbnail.png", "thumbnail.jpg", "thumbnail.svg")


class Thumbnail(QWidget):
    """`show_entry(folder, key)`; a `broken` one is grey."""

    def __init__(self, height: int = 152) -> None:
        super().__init__()
        self.setFixedHeight(height)
        self._key, self._broken, self._whole = "", False, False
        self._picture, self._edge = QPixmap(), QColor(theme.current().sunken)

    def show_entry(self, folder: Path, key: str, *, broken: bool, picture: Path | None = None) -> None:
        """`key` is what the drawing depends on."""
        self._key, self._broken = key, broken
        found = [folder / name for name in NAMES if (folder / name).is_file()]
        found += [picture] if picture and picture.is_file() else []
        self._picture = QPixmap(str(found[0])) if found and not broken else QPixmap()
        corner = self._picture.toImage().pixelColor(0, 0) if not self._picture.isNull() else QColor()
        self._edge = corner if corner.alpha() == 255 else QColor(theme.current().sunken)
        self.update()

    def show_rounded(self, *, whole: bool) -> None:
        """At all corners, or at the upper ones only: the card goes on below."""
        self._whole = whole
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        clip = QPainterPath()
        clip.addRoundedRect(area.adjusted(0, 0, 0, 0 if self._whole else 12), 10, 10)
        painter.setClipPath(clip)
        if not self._picture.isNull():
            self._paint_picture(painter, area)
        elif self._broken:
            painter.fillRect(area, QColor(theme.current().sunken))
            painter.drawPixmap(area.center() - QPointF(18, 18), icons.small("broken", theme.current().off, 36))
        else:
            paint_scene(painter, area, self._key, dark=theme.is_dark())
        painter.end()

    def _paint_picture(self, painter: QPainter, area: QRectF) -> None:
        """Whole, between margins of the colour of its corner: most games have one colour around them."""
        painter.fillRect(area, self._edge)
        size = self._picture.size().scaled(area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(
            QPointF(area.center().x() - size.width() / 2, area.center().y() - size.height() / 2), size.toSizeF()
        )
        painter.drawPixmap(target, self._picture, QRectF(self._picture.rect()))


def picture_tile(folder: Path, key: str, picture: Path) -> QPixmap:
    """The same as a small picture in a list, rounded at all corners."""
    thumbnail = Thumbnail(TILE.height())
    thumbnail.setFixedWidth(TILE.width())
    thumbnail.show_entry(folder, key, broken=False, picture=picture)
    thumbnail.show_rounded(whole=True)
    tile = blank_tile()
    thumbnail.render(tile, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    return tile


def paint_scene(painter: QPainter, area: QRectF, key: str, *, dark: bool) -> None:
    """Two people and a landscape between them, in a hue and shape of the key's own."""
    digest = hashlib.sha256(key.encode()).digest()
    hue = digest[0] * 360 // 256
    light = (30, 42, 60, 74) if dark else (93, 84, 68, 52)
    tones = [
        QColor.fromHsl((hue + shift) % 360, 105, value * 255 // 100)
        for shift, value in zip((0, 8, 16, 26), light, strict=True)
    ]
    sky = QLinearGradient(area.topLeft(), area.bottomLeft())
    sky.setColorAt(0, tones[0])
    sky.setColorAt(1, tones[1])
    painter.fillRect(area, sky)
    painter.setPen(Qt.PenStyle.NoPen)
    for layer, (base, tone) in enumerate(((0.58, tones[1]), (0.74, tones[2]))):
        painter.setBrush(tone)
        painter.drawPath(_hills(area, base, digest[1 + layer * 4 : 5 + layer * 4]))
    _people(painter, area, digest, tones)


def _hills(area: QRectF, base: float, numbers: bytes) -> QPainterPath:
    path = QPainterPath(area.bottomLeft())
    step = area.width() / (len(numbers) - 1)
    points = [
        QPointF(area.left() + index * step, area.top() + area.height() * (base + (number / 255 - 0.5) * 0.32))
        for index, number in enumerate(numbers)
    ]
    path.lineTo(points[0])
    for before, after in pairwise(points):
        middle = (before.x() + after.x()) / 2
        path.cubicTo(QPointF(middle, before.y()), QPointF(middle, after.y()), after)
    path.lineTo(area.bottomRight())
    path.closeSubpath()
    return path


def _people(painter: QPainter, area: QRectF, digest: bytes, tones: list[QColor]) -> None:
    left = area.left() + area.width() * (0.22 + digest[20] / 255 * 0.14)
    right = area.left() + area.width() * (0.64 + digest[21] / 255 * 0.14)
    y, radius = area.top() + area.height() * 0.46, area.height() * 0.1
    painter.setPen(QPen(QColor(255, 255, 255, 190), 2.4, Qt.PenStyle.DotLine, Qt.PenCapStyle.RoundCap))
    arc = QPainterPath(QPointF(left + radius, y))
    arc.quadTo(
        QPointF((left + right) / 2, y - area.height() * (0.15 + digest[22] / 255 * 0.3)), QPointF(right - radius, y)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(arc)
    painter.setPen(Qt.PenStyle.NoPen)
    for x, fill in ((left, QColor("#FFFFFF")), (right, tones[3])):
        painter.setBrush(fill)
        painter.drawEllipse(QPointF(x, y), radius, radius)
