"""Browsers and systems as people name them: a browser says it in a line that names half a dozen others too."""

from __future__ import annotations

import re

from igym.protocol.told import Told

BROWSERS = (
    ("Edge", r"Edg(?:A|iOS)?/(\d+)"), ("Opera", r"OPR/(\d+)"), ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"), ("Chrome", r"(?:Headless)?(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)"),
)  # fmt: skip
"""Name, and where its version stands; whoever calls itself by the names of others too comes before them."""
SYSTEMS = (
    ("Windows", "Windows NT"), ("Android", "Android"), ("iOS", "iPhone"), ("iPadOS", "iPad"), ("ChromeOS", "CrOS"),
    ("macOS", "Mac OS X"), ("Linux", "Linux"),
)  # fmt: skip
UNKNOWN = "?"


def browser_version(user_agent: str) -> str:
    """Name and main version, such as ``Chrome 140``; ``?`` of a browser nobody knows."""
    named = (f"{name} {found[1][:8]}" for name, mark in BROWSERS if (found := re.search(mark, user_agent)))
    return next(named, UNKNOWN)


def browser_on_system(user_agent: str) -> str:
    """Such as ``Chrome 140 on Windows``."""
    system = next((name for name, mark in SYSTEMS if mark in user_agent), "")
    browser = browser_version(user_agent)
    return Told("{browser} on {system}", browser=browser, system=system) if system else browser
