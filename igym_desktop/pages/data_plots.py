"""Four charts of the chosen session: how far people came, waits, round trips, rewards."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from igym_desktop.flow.session_facts import SessionFacts
from igym_desktop.i18n import number, plural, tr
from igym_desktop.widgets.basics import column, scroll
from igym_desktop.widgets.plots import SmallPlot, in_words, means

NARROW = 640


class PlotsPanel(QWidget):
    """`show_facts` fills all four."""

    def __init__(self) -> None:
        super().__init__()
        self.completion = SmallPlot(tr("How far people came"), "", tr("Participants"))
        self.waits = SmallPlot(tr("Time in waiting rooms"), tr("Seconds"), tr("Waits"))
        self.rtts = SmallPlot(tr("Round trip, median of each participant"), tr("Milliseconds"), tr("Participants"))
        self.rewards = SmallPlot(tr("Reward per episode, all players together"), tr("Episode"), tr("Reward"))
        body = QWidget()
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(2, 10, 8, 8)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(18)
        self._columns = 0
        self.setLayout(column(scroll(body)))
        self._arrange(2)

    def show_facts(self, facts: SessionFacts) -> None:
        """Replaces what is shown."""
        scenes = list(facts.reached)
        entered = [facts.reached[scene][0] for scene in scenes]
        done = [facts.reached[scene][1] for scene in scenes]
        self.completion.show_bars(scenes, entered, done, _completion_words(entered, done))
        waits = plural(len(facts.waits_s), "{n} wait.", "{n} waits.")
        self.waits.show_histogram(facts.waits_s, f"{waits} {in_words(facts.waits_s, tr('s'))}")
        rtts = list(facts.rtt_ms.values())
        self.rtts.show_histogram(rtts, in_words(rtts, "ms"))
        self.rewards.show_points(facts.rewards, _reward_words(facts))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for index, plot in enumerate((self.completion, self.waits, self.rtts, self.rewards)):
            self._grid.addWidget(plot, index // columns, index % columns)
        for index in range(2):
            self._grid.setColumnStretch(index, 1 if index < columns else 0)

    def resizeEvent(self, event: object) -> None:
        self._arrange(1 if self.width() < NARROW else 2)
        super().resizeEvent(event)  # type: ignore[arg-type]


def _completion_words(entered: list[int], done: list[int]) -> str:
    if not entered:
        return ""
    return tr(
        "{first} came to the first scene, {last} to the last. Pale: came to the scene; strong: completed it.",
        first=entered[0],
        last=entered[-1],
    )


def _reward_words(facts: SessionFacts) -> str:
    line = means([(float(episode), total) for episode, total in facts.rewards])
    if not line:
        return ""
    first, last = number(f"{line[0][1]:.4g}"), number(f"{line[-1][1]:.4g}")
    return tr("Mean in the first episode {first}, in the last {last}. Dots are matches.", first=first, last=last)
