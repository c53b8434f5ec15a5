"""Pure session logic: events in, effects out. No clock, socket, thread, file or random source of its own."""

from igym.core.session import Session
from igym.core.view import SessionView

__all__ = ["Session", "SessionView"]
