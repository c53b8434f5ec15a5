"""When to start, restart, give up on and stop the engine process. Pure: events and a clock in, orders out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from igym_desktop.i18n import tr

State = Literal["stopped", "starting", "running", "restarting", "stopping", "failed"]
Order = Literal["spawn", "connect", "end", "stop", "kill", "forget"]

BACKOFF_S = (0.5, 2.0, 5.0, 10.0)
CRASHES_ALLOWED = len(BACKOFF_S)
CALM_S = 120.0
"""An engine that ran this long without a crash starts with a clean record."""
READY_LIMIT_S = 60.0
STOP_LIMIT_S = 15.0


@dataclass
class Supervisor:
    """The life of one engine. Every method returns the orders to carry out now; `deadline` asks for `tick`."""

    state: State = "stopped"
    session: str | None = None
    problem: str = ""
    deadline: float | None = None
    _crashes: list[float] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        """Whether an engine exists or is about to."""
        return self.state in ("starting", "running", "restarting", "stopping")

    def start(self, now: float) -> list[Order]:
        """The person pressed Start (or resumes a session)."""
        if self.alive:
            return []
        self.session, self.problem = None, ""
        self._crashes.clear()
        return self._spawn(now, "starting")

    def attach(self, session: str) -> list[Order]:
        """An engine of an earlier launcher is running: speak to it, do not start one."""
        if self.alive:
            return []
        self.state, self.session, self.problem, self.deadline = "running", session, "", None
        return ["connect"]

    def leave(self) -> list[Order]:
        """The person wants to see nothing more of a session on another computer, which goes on there."""
        return self._rest() if self.alive else []

    def ready(self, session: str) -> list[Order]:
        """The engine listens."""
        if self.state == "stopping":
            return ["stop"]
        self.state, self.session, self.deadline = "running", session, None
        return ["connect"]

    def refused(self, text: str) -> list[Order]:
        """The engine said why it cannot start; starting again would not help."""
        self.state, self.problem, self.deadline = "failed", text, None
        return ["forget"]

    def stop(self, now: float, *, end_session: bool) -> list[Order]:
        """The person ends the session, or only stops the server and may resume later."""
        if self.state == "restarting":
            return self._rest()
        if not self.alive:
            return []
        self.state, self.deadline = "stopping", now + STOP_LIMIT_S
        return ["end"] if end_session else ["stop"]

    def still_working(self, now: float) -> list[Order]:
        """The engine said something: while it stops, writing everything may take its time."""
        if self.state == "stopping":
            self.deadline = now + STOP_LIMIT_S
        return []

    def exited(self, now: float, *, with_session: bool = False) -> list[Order]:
        """The engine process is gone; `with_session`: after its session had ended, and not to come back."""
        if self.state == "stopping" or (with_session and self.state == "running"):
            return self._rest()
        if self.state not in ("running", "starting"):
            return []
        if self.state == "starting" and not self._crashes:
            return self.refused(tr("The server stopped while it was starting. The log tells more."))
        return self._crashed(now)

    def tick(self, now: float) -> list[Order]:
        """Call when `deadline` has passed."""
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline = None
        if self.state == "restarting":
            return self._spawn(now, "starting")
        if self.state == "stopping":
            return ["kill"]
        if self.state == "starting":
            return ["kill", *self.refused(tr("The server did not answer within one minute. The log tells more."))]
        return []

    def _crashed(self, now: float) -> list[Order]:
        self._crashes = [at for at in self._crashes if now - at < CALM_S] + [now]
        if len(self._crashes) > CRASHES_ALLOWED:
            return self.refused(
                tr(
                    "The server stopped {count} times in a row, so it is not started again. Everything stored so far "
                    "is safe. "
                    "Look at the log, then press Resume.",
                    count=len(self._crashes),
                )
            )
        self.state, self.deadline = "restarting", now + BACKOFF_S[len(self._crashes) - 1]
        return ["forget"]

    def _spawn(self, now: float, state: State) -> list[Order]:
        self.state, self.deadline = state, now + READY_LIMIT_S
        return ["spawn"]

    def _rest(self) -> list[Order]:
        self.state, self.deadline, self.session = "stopped", None, None
        return ["forget"]
