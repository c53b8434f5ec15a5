"""How settings stand on a page: a framed group of lines, each with a title, its controls and a sentence of help."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QLayout, QWidget

from igym_desktop.widgets.basics import column, label, line, panel, row

LABEL_WIDTH, QWIDGETSIZE_MAX = 210, 16_777_215


def setting_group(title: str, *lines: QWidget) -> QFrame:
    """A panel with a heading and lines between its rows."""
    parts: list[QWidget] = [label(title, "heading")]
    for index, shown in enumerate(lines):
        parts += [line(), shown] if index else [shown]
    return panel(column(*parts, gap=10))


def setting_line(title: str, *controls: QWidget, help_text: str = "", below: QWidget | None = None) -> SettingLine:
    """One setting; the first control is named after it for screen readers. `below` stands under the controls."""
    name = label(title, "strong", wrap=True)
    name.setFixedWidth(LABEL_WIDTH)
    name.setBuddy(controls[0])
    controls[0].setAccessibleName(title)
    line_of_controls = row(*controls, None, gap=10)
    if isinstance(controls[0], QLabel) and controls[0].wordWrap():
        line_of_controls.setStretch(0, 20)
    body = column(line_of_controls, gap=4)
    if below is not None:
        body.addWidget(below)
    if help_text:
        body.addWidget(label(help_text, "small", wrap=True))
    if below is not None:
        name.setContentsMargins(0, 8, 0, 0)
    return SettingLine(name, body, to_top=below is not None)


class SettingLine(QWidget):
    """The title beside its controls, or above them where there is no room for both."""

    def __init__(self, name: QLabel, body: QLayout, *, to_top: bool) -> None:
        super().__init__()
        self._name = name
        self._layout = row(name, body, gap=12)
        self._layout.setStretch(1, 1)
        if to_top:
            self._layout.setAlignment(name, Qt.AlignmentFlag.AlignTop)
        self.setLayout(self._layout)

    def make_narrow(self, narrow: bool) -> None:
        """The page says it before it shares out its room, as the lines' heights depend on it."""
        self._layout.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._layout.setSpacing(4 if narrow else 12)
        self._name.setMinimumWidth(0 if narrow else LABEL_WIDTH)
        self._name.setMaximumWidth(QWIDGETSIZE_MAX if narrow else LABEL_WIDTH)
