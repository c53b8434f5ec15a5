"""The invitation for a projector: what to type and what to scan, readable from the last row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from igym_desktop import theme
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.qr import QrCode


class InvitationWindow(QWidget):
    """Full screen; Escape closes it, F11 leaves full screen."""

    def __init__(self, title: str, url: str) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.setWindowTitle(tr("Invitation"))
        self.setObjectName("invitation_window")
        self.resize(1100, 720)
        self.title = label(title, "title", wrap=True)
        self.lead = label(tr("Open this address in your browser, or scan the code."), wrap=True)
        self.url = label(url, selectable=True)
        for shown in (self.title, self.lead, self.url):
            shown.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.qr = QrCode(200)
        self.qr.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.qr.show_text(url)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        close = button(tr("Close (Esc)"), "close", kind="quiet", on=self.close)
        self.setLayout(
            column(
                row(None, close),
                None,
                self.title,
                6,
                self.lead,
                10,
                self.url,
                16,
                self.qr,
                None,
                gap=10,
                margins=(36, 16, 36, 36),
            )
        )
        self.setFocus()
        self.layout().setStretch(8, 8)  # type: ignore[union-attr]

    def show_url(self, url: str) -> None:
        """The address changed, for example after a restart."""
        if url:
            self.url.setText(url)
            self.qr.show_text(url)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().surface))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        unit = max(12, min(self.width() // 34, self.height() // 22))
        for shown, scale, weight in ((self.title, 1.3, 600), (self.lead, 0.9, 400), (self.url, 2.2, 700)):
            shown.setStyleSheet(
                f"font-size: {self._fitting(round(unit * scale), shown is self.url)}px; font-weight: {weight};"
            )
        super().resizeEvent(event)

    def _fitting(self, size: int, is_url: bool) -> int:
        """The link must never be cut off."""
        if not is_url or not self.url.text():
            return size
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setWeight(QFont.Weight.Bold)
        from PySide6.QtGui import QFontMetrics

        width = QFontMetrics(font).horizontalAdvance(self.url.text())
        room = self.width() - 90
        return size if width <= room else max(14, size * room // width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() == Qt.Key.Key_F11:
            (self.showNormal if self.isFullScreen() else self.showFullScreen)()
        else:
            super().keyPressEvent(event)
