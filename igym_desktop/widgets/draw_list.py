"""Paints an env's draw list with Qt: what a participant's browser would show of one frame."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

Props = Mapping[str, Any]
_FAMILIES = {"monospace": "DejaVu Sans Mono", "serif": "DejaVu Serif", "sans-serif": "DejaVu Sans"}


def paint_picture(picture: Mapping[str, Any], folder: Path, width: int) -> QImage:
    """The answer of `igym picture`, `width` px wide; images are looked up in the experiment's folder."""
    if "rgba" in picture:
        return _from_pixels(picture, width)
    scale = width / float(picture["width"])
    image = QImage(width, round(float(picture["height"]) * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(
        QColor(str(picture["background"])) if QColor.isValidColorName(str(picture["background"])) else QColor("white")
    )
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.scale(scale, scale)
    if (folder / str(picture["background"])).is_file():
        back = QPixmap(str(folder / str(picture["background"])))
        painter.drawPixmap(QRectF(0, 0, picture["width"], picture["height"]), back, QRectF(back.rect()))
    for kind, props in _objects(picture.get("ops", ())):
        painter.save()
        painter.setOpacity(float(props.get("alpha", 1)))
        _PAINTERS.get(kind, _nothing)(painter, {**props, "_pixmap": _pixmap(picture, folder, props)})
        painter.restore()
    painter.end()
    return image


def _from_pixels(picture: Mapping[str, Any], width: int) -> QImage:
    w, h = picture["pixels"]
    raw = base64.b64decode(picture["rgba"])
    image = QImage(raw, w, h, 4 * w, QImage.Format.Format_RGBA8888).copy()
    return image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)


def _objects(ops: Sequence[Sequence[Any]]) -> list[tuple[str, Props]]:
    """What lies on the sheet after all operations, lowest first."""
    kept: dict[str, tuple[float, int, str, Props]] = {}
    for order, op in enumerate(ops):
        if op[0] == "clear":
            kept.clear()
        elif op[0] == "del":
            kept.pop(op[1], None)
        elif op[0] == "put":
            kept[op[1]] = (float(op[3]), order, str(op[2]), op[6])
    return [(kind, props) for _, _, kind, props in sorted(kept.values(), key=lambda item: item[:2])]


def _ink(painter: QPainter, props: Props) -> None:
    fill, stroke = props.get("fill"), props.get("stroke")
    painter.setBrush(QBrush(QColor(fill)) if fill else QBrush(Qt.BrushStyle.NoBrush))
    painter.setPen(QPen(QColor(stroke), float(props.get("line_width", 1))) if stroke else QPen(Qt.PenStyle.NoPen))


def _turn(painter: QPainter, props: Props, centre: QPointF) -> None:
    if props.get("angle"):
        painter.translate(centre)
        painter.rotate(float(props["angle"]))
        painter.translate(-centre)


def _rect(painter: QPainter, props: Props) -> None:
    area = QRectF(props["x"], props["y"], props["w"], props["h"])
    _ink(painter, props)
    _turn(painter, props, area.center())
    painter.drawRoundedRect(area, props.get("radius", 0), props.get("radius", 0))


def _circle(painter: QPainter, props: Props) -> None:
    _ink(painter, props)
    painter.drawEllipse(QPointF(props["x"], props["y"]), props["r"], props["r"])


def _ellipse(painter: QPainter, props: Props) -> None:
    centre = QPointF(props["x"], props["y"])
    _ink(painter, props)
    _turn(painter, props, centre)
    painter.drawEllipse(centre, props["rx"], props["ry"])


def _points(props: Props) -> QPolygonF:
    flat = props["points"]
    return QPolygonF([QPointF(flat[i], flat[i + 1]) for i in range(0, len(flat) - 1, 2)])


def _line(painter: QPainter, props: Props) -> None:
    pen = QPen(QColor(props["color"]), float(props.get("width", 1)))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline(_points(props))


def _polygon(painter: QPainter, props: Props) -> None:
    _ink(painter, props)
    painter.drawPolygon(_points(props))


def _arc(painter: QPainter, props: Props) -> None:
    r = float(props["r"])
    area = QRectF(props["x"] - r, props["y"] - r, 2 * r, 2 * r)
    path = QPainterPath()
    if props.get("fill"):
        path.moveTo(area.center())
    else:
        path.arcMoveTo(area, -float(props["start"]))
    path.arcTo(area, -float(props["start"]), float(props["start"]) - float(props["end"]))
    _ink(painter, props)
    painter.drawPath(path)


def _text(painter: QPainter, props: Props) -> None:
    font = QFont(_FAMILIES.get(str(props.get("font")), str(props.get("font"))))
    font.setPixelSize(max(1, round(float(props["size"]))))
    painter.setFont(font)
    painter.setPen(QColor(props.get("color") or props.get("fill") or "black"))
    _turn(painter, props, QPointF(props["x"], props["y"]))
    metrics = QFontMetricsF(font)
    shares = {"left": 0.0, "center": 0.5, "right": 1.0}
    for row, line in enumerate(str(props["text"]).split("\n")):
        x = float(props["x"]) - metrics.horizontalAdvance(line) * shares.get(str(props.get("align")), 0.0)
        middle = float(props["y"]) + row * metrics.lineSpacing()
        painter.drawText(QPointF(x, middle + (metrics.ascent() - metrics.descent()) / 2), line)


def _image(painter: QPainter, props: Props) -> None:
    pixmap: QPixmap = props["_pixmap"]
    if pixmap.isNull():
        return
    area = QRectF(props["x"], props["y"], props.get("w") or pixmap.width(), props.get("h") or pixmap.height())
    _turn(painter, props, area.center())
    if props.get("flip"):
        painter.translate(2 * area.center().x(), 0)
        painter.scale(-1, 1)
    painter.drawPixmap(area, pixmap, QRectF(pixmap.rect()))


def _pixmap(picture: Mapping[str, Any], folder: Path, props: Props) -> QPixmap:
    """The part of an image or sprite sheet that an object shows; empty for anything else."""
    name = props.get("name")
    if name is None:
        return QPixmap()
    sheet = picture.get("sheets", {}).get(name)
    if sheet is None:
        return QPixmap(str(folder / str(picture.get("images", {}).get(name, "-"))))
    whole = QPixmap(str(folder / sheet["path"]))
    w, h = int(sheet["frame_width"]), int(sheet["frame_height"])
    across = max(1, whole.width() // w)
    frame = int(props.get("frame") or 0)
    return whole.copy(frame % across * w, frame // across * h, w, h)


def _nothing(painter: QPainter, props: Props) -> None:
    """A kind this launcher does not know."""


_PAINTERS: dict[str, Callable[[QPainter, Props], None]] = {
    "rect": _rect,
    "circle": _circle,
    "ellipse": _ellipse,
    "line": _line,
    "polygon": _polygon,
    "arc": _arc,
    "text": _text,
    "image": _image,
}
