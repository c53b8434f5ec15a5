"""Several lines over time, told apart by the kind of stroke as well as by colour, with a legend in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from igym_desktop import theme
from igym_desktop.i18n import number, tr
from igym_desktop.widgets.basics import label
from igym_desktop.widgets.plain import as_caption

STROKES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
HEIGHT = 120


class SeriesChart(QWidget):
    """`show_series({name: [(unix seconds, value)]})`; the time axis is seconds since the first point."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._lines: dict[str, Sequence[tuple[float, float]]] = {}
        self._plot: Any = None
        self.caption = label(title, "small", wrap=True)
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(0, 0, 0, 0)
        self._place.addWidget(self.caption)

    def show_series(self, lines: Mapping[str, Sequence[tuple[float, float]]]) -> None:
        """Replaces everything."""
        self._lines = {name: points for name, points in lines.items() if points}
        last = ", ".join(f"{name} {number(f'{points[-1][1]:.3g}')}" for name, points in self._lines.items())
        self.caption.setText(tr("{title}; newest: {values}", title=self._title, values=last) if last else self._title)
        self.setVisible(bool(self._lines))
        if self._plot is not None or self.isVisible():
            self._paint()

    def tint(self) -> None:
        """The theme changed."""
        if self._plot is not None:
            self._paint()

    def showEvent(self, event: QShowEvent) -> None:
        if self._plot is None:
            self._paint()
        super().showEvent(event)

    def _paint(self) -> None:
        import pyqtgraph

        if self._plot is not None:
            self._plot.deleteLater()
        tokens = theme.current()
        self._plot = pyqtgraph.PlotWidget(background=tokens.surface)
        self._plot.setFixedHeight(HEIGHT)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setLimits(yMin=0)
        for side in ("left", "bottom"):
            self._plot.getAxis(side).setPen(tokens.border)
            self._plot.getAxis(side).setTextPen(tokens.muted)
        if len(self._lines) > 1:
            self._plot.addLegend(offset=(-4, 2), labelTextColor=tokens.text)
        start = min((points[0][0] for points in self._lines.values()), default=0.0)
        colours = (tokens.accent, tokens.warn, tokens.go, tokens.wait)
        for index, (name, points) in enumerate(self._lines.items()):
            pen = pyqtgraph.mkPen(colours[index % 4], width=1.6, style=STROKES[index % 4])
            xs, ys = [at - start for at, _ in points], [value for _, value in points]
            self._plot.plot(xs, ys, pen=pen, name=as_caption(name))
        self._place.addWidget(self._plot)
