"""What a participant does in a browser that Playwright does not drive, in words."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

LIMIT_S = 240.0
ENTER, UP, RIGHT = "\ue007", "\ue013", "\ue014"
"""Keys by their WebDriver codes."""


class OtherBrowser:
    """One browser with a profile of its own and one tab; how it is spoken to, its kinds know."""

    name = ""

    def open(self, url: str) -> None:
        raise NotImplementedError

    def reload(self) -> None:
        raise NotImplementedError

    def value(self, expression: str) -> Any:
        """What this JavaScript comes to in the page."""
        raise NotImplementedError

    def act(self, keyboard: dict[str, Any]) -> None:
        """Does what a WebDriver keyboard is told to."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def text(self) -> str:
        """What the page shows; nothing while it is loaded again."""
        return str(self.value("document.body?.innerText ?? ''") or "")

    def press(self, label: str) -> None:
        """Clicks the button of this name, once it can be pressed."""
        named = f"b.innerText.trim() === {json.dumps(label)} && !b.disabled"
        button = f"[...document.querySelectorAll('button')].find((b) => {named})"
        deadline = time.monotonic() + LIMIT_S
        while not self.value(f"(() => {{ const b = {button}; b?.click(); return Boolean(b); }})()"):
            assert time.monotonic() < deadline, f"There is no button {label}; {self.name} shows: {self.text()}"
            time.sleep(0.2)

    def choose(self, values: Sequence[int]) -> None:
        """Answers each scale of the page, in order."""
        for index, value in enumerate(values):
            scale = f"document.querySelectorAll('[role=radiogroup]')[{index}]"
            self.value(f"{scale}.querySelectorAll('input[type=radio]')[{value - 1}].click()")

    def hold(self, key: str, for_ms: int) -> None:
        """A real key."""
        steps = [
            {"type": "keyDown", "value": key},
            {"type": "pause", "duration": for_ms},
            {"type": "keyUp", "value": key},
        ]
        self.act({"type": "key", "id": "keyboard", "actions": steps})

    def sees(self, words: str) -> None:
        deadline = time.monotonic() + LIMIT_S
        while words not in (shown := self.text()):
            assert time.monotonic() < deadline, f"{self.name} shows, after {LIMIT_S:g} s: {shown}"
            time.sleep(0.2)
