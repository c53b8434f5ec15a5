"""How settings stand on a page: a framed group of lines, each with a title, its controls and a sentence of help."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from igym_desktop.widgets.basics import column, label, line, panel, row

LABEL_WIDTH = 210


def setting_group(title: str, *lines: QWidget) -> QFrame:
    """A panel with a heading and lines between its rows."""
    parts: list[QWidget] = [label(title, "heading")]
    for index, shown in enumerate(lines):
        parts += [line(), shown] if index else [shown]
    return panel(column(*parts, gap=10))


def setting_line(title: str, *controls: QWidget, help_text: str = "", below: QWidget | None = None) -> QWidget:
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
    layout = row(name, body, gap=12)
    layout.setStretch(1, 1)
    if below is not None:
        name.setContentsMargins(0, 8, 0, 0)
        layout.setAlignment(name, Qt.AlignmentFlag.AlignTop)
    widget = QWidget()
    widget.setLayout(layout)
    return widget
