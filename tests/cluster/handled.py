"""What the session deals with, in its order."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.events import MessageReceived
from igym.host.engine.engine import Engine


def focus_handled(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """`at_ms` of each message `focus`, as the session comes to them."""
    handled: list[float] = []
    handle = engine.runtime.session.handle

    def noting(event: Any, now: float, **more: Any) -> Any:
        if isinstance(event, MessageReceived) and event.message.name == "focus":
            handled.append(event.message.at_ms)  # type: ignore[attr-defined]
        return handle(event, now, **more)

    monkeypatch.setattr(engine.runtime.session, "handle", noting)
    return handled
