"""A line over time, drawn with pyqtgraph, which is loaded when the first chart is shown."""

from __future__ import annotations

from collections import deque
from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from igym_desktop import theme
from igym_desktop.widgets.basics import label

KEPT = 1800


class LineChart(QWidget):
    """One series; times in unix seconds, shown as seconds before the newest point."""

    def __init__(self, title: str, height: int = 150) -> None:
        super().__init__()
        self._points: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self._plot: Any = None
        self._curve: Any = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(label(title, "small"))
        self._height = height

    def add(self, at: float, value: float) -> None:
        """One more point; out of order is allowed."""
        self._points.append((at, value))
        self._draw()

    def clear(self) -> None:
        """For another participant."""
        self._points.clear()
        self._draw()

    def tint(self) -> None:
        """The theme changed."""
        if self._plot is not None:
            self._plot.deleteLater()
            self._plot = self._curve = None
            if self.isVisible():
                self._make_plot()
                self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        if self._plot is None:
            self._make_plot()
        self._draw()
        super().showEvent(event)

    def _make_plot(self) -> None:
        import pyqtgraph

        tokens = theme.current()
        plot = pyqtgraph.PlotWidget(background=tokens.surface)
        plot.setFixedHeight(self._height)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.showGrid(x=False, y=True, alpha=0.15)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(tokens.border)
            axis.setTextPen(tokens.muted)
        plot.setLimits(yMin=0)
        self._curve = plot.plot(pen=pyqtgraph.mkPen(tokens.accent, width=1.6))
        self._plot = plot
        self._layout.addWidget(plot)

    def _draw(self) -> None:
        if self._curve is None or not self.isVisible():
            return
        points = sorted(self._points)
        newest = points[-1][0] if points else 0.0
        self._curve.setData([at - newest for at, _ in points], [value for _, value in points])
