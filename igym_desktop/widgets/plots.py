"""Small charts of one session: bars by name, a histogram, points with their mean. Each says the same in words below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from igym_desktop import theme
from igym_desktop.i18n import number, tr
from igym_desktop.widgets.basics import label
from igym_desktop.widgets.plain import as_caption

HEIGHT = 150
MOST_BINS = 20
MOST_IN_ONE_LINE, LETTERS = 5, 55
"""Names under bars; letters that have room under a chart."""


class SmallPlot(QFrame):
    """A title, a chart and a caption. pyqtgraph is loaded when the first one is shown."""

    def __init__(self, title: str, x_label: str, y_label: str) -> None:
        super().__init__()
        self._labels = (x_label, y_label)
        self.caption = label("", "small", wrap=True)
        self._plot: Any = None
        self._draw: Any = None
        self._place = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label(title, "strong"))
        layout.addLayout(self._place)
        layout.addWidget(self.caption)
        self.setAccessibleName(title)

    def show_bars(self, names: Sequence[str], tall: Sequence[float], filled: Sequence[float], caption: str) -> None:
        """For each name a pale bar up to `tall` and a strong one in it up to `filled`."""

        def draw(plot: Any, tokens: Any) -> None:
            spots = list(range(len(names)))
            _bars(plot, spots, tall, 0.7, tokens.accent_soft, tokens.accent)
            _bars(plot, spots, filled, 0.7, tokens.accent, tokens.accent)
            plot.getAxis("bottom").setTicks([list(enumerate(under_bars(names)))])

        self._show(draw if names else None, caption)

    def show_histogram(self, values: Sequence[float], caption: str) -> None:
        """How many values fall into each of at most 20 equal ranges."""

        def draw(plot: Any, tokens: Any) -> None:
            low, width, counts = histogram(values)
            middles = [low + (index + 0.5) * width for index in range(len(counts))]
            _bars(plot, middles, counts, width * 0.9, tokens.accent, tokens.accent)

        self._show(draw if values else None, caption)

    def show_points(self, points: Sequence[tuple[float, float]], caption: str) -> None:
        """Every point, and a line through the mean at each x."""

        def draw(plot: Any, tokens: Any) -> None:
            import pyqtgraph

            xs, ys = [x for x, _ in points], [y for _, y in points]
            dot = QColor(tokens.accent)
            dot.setAlpha(110)
            plot.plot(xs, ys, pen=None, symbol="o", symbolSize=6, symbolPen=None, symbolBrush=dot)
            line = means(points)
            pen = pyqtgraph.mkPen(tokens.accent, width=1.8)
            plot.plot([x for x, _ in line], [y for _, y in line], pen=pen)
            plot.getAxis("bottom").setTicks([[(x, str(int(x))) for x, _ in line[:: max(1, len(line) // 8)]]])

        self._show(draw if points else None, caption)

    def tint(self) -> None:
        """The theme changed."""
        if self._plot is not None:
            self._plot.deleteLater()
            self._plot = None
            self._paint()

    def showEvent(self, event: QShowEvent) -> None:
        self._paint()
        super().showEvent(event)

    def _show(self, draw: Any, caption: str) -> None:
        self._draw = draw
        self.caption.setText(caption if draw else tr("Nothing recorded."))
        if self._plot is not None:
            self._plot.deleteLater()
            self._plot = None
        if self.isVisible():
            self._paint()

    def _paint(self) -> None:
        if self._plot is not None:
            return
        tokens = theme.current()
        self._plot = _empty_plot(tokens, *self._labels) if self._draw else _blank()
        if self._draw:
            self._draw(self._plot, tokens)
        self._place.addWidget(self._plot)


def histogram(values: Sequence[float]) -> tuple[float, float, list[int]]:
    """(lowest edge, width of a range, counts)."""
    low, high = min(values), max(values)
    bins = max(1, min(MOST_BINS, round(len(values) ** 0.5) + 3)) if high > low else 1
    width = (high - low) / bins or 1.0
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / width))] += 1
    return low, width, counts


def means(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The mean of y at each x, in order."""
    by_x: dict[float, list[float]] = defaultdict(list)
    for x, y in points:
        by_x[x].append(y)
    return [(x, fmean(by_x[x])) for x in sorted(by_x)]


def in_words(values: Sequence[float], unit: str) -> str:
    """Median, lowest and highest."""
    if not values:
        return ""
    least = max(map(abs, values)) / 1000  # beside the largest, less than that is nothing
    told = (median(values), min(values), max(values))
    middle, low, high = (number(f"{value:.3g}") if abs(value) >= least else "0" for value in told)
    return tr("Median {middle} {unit}, from {low} to {high}.", middle=middle, low=low, high=high, unit=unit)


def whole_ticks(top: float) -> list[int]:
    """At most about five whole numbers from 0 to `top`: one cannot have half a participant."""
    step = max(1, -(-int(top) // 4))
    return list(range(0, int(top) + 1, step))


def _bars(plot: Any, xs: Sequence[float], heights: Sequence[float], width: float, fill: str, edge: str) -> None:
    import pyqtgraph

    shown = [(x, height) for x, height in zip(xs, heights, strict=True) if height]
    lefts, tops = [x for x, _ in shown], [height for _, height in shown]
    plot.addItem(pyqtgraph.BarGraphItem(x=lefts, height=tops, width=width, brush=fill, pen=edge))
    top = max(tops, default=1)
    plot.setYRange(0, top * 1.06, padding=0)
    plot.getAxis("left").setTicks([[(tick, str(tick)) for tick in whole_ticks(top)]])


def _empty_plot(tokens: Any, x_label: str, y_label: str) -> Any:
    import pyqtgraph

    plot = pyqtgraph.PlotWidget(background=tokens.surface)
    plot.setFixedHeight(HEIGHT)
    plot.setMouseEnabled(x=False, y=False)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.showGrid(x=False, y=True, alpha=0.12)
    for side, words in (("left", y_label), ("bottom", x_label)):
        axis = plot.getAxis(side)
        axis.setPen(tokens.border)
        axis.setTextPen(tokens.muted)
        axis.enableAutoSIPrefix(False)
        axis.setZValue(-1)
        axis.setLabel(as_caption(words), color=tokens.muted)
    return plot


def _blank() -> QWidget:
    widget = QWidget()
    widget.setFixedHeight(HEIGHT)
    return widget


def under_bars(names: Sequence[str]) -> list[str]:
    """What stands under each bar: cut to the room there is, and of many every other one in a second line."""
    two_lines = len(names) > MOST_IN_ONE_LINE
    room = max(6, LETTERS * (2 if two_lines else 1) // max(1, len(names)))
    cut = [name if len(name) <= room else name[: room - 1] + "…" for name in names]
    return [f"\n{name}" if two_lines and at % 2 else name for at, name in enumerate(cut)]
