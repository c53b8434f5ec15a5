"""Opening an address in the browser, and saying which one, so that somebody can open it where no browser came."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import Banner


def open_address(url: str) -> bool:
    """False when the system has no browser for it."""
    return bool(QDesktopServices.openUrl(QUrl(url)))


def tell_address(banner: Banner, what: str, url: str, *, opened: bool) -> None:
    """`what` is a sentence about what is in the browser now."""
    copy = (tr("Copy address"), lambda: QGuiApplication.clipboard().setText(url))
    if opened:
        banner.say("go", what, copy, details=url)
    else:
        banner.say("warn", tr("No browser opened. Open this address in one yourself:"), copy, details=url)
