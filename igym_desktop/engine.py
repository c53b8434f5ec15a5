"""The one engine of this launcher: carries out the supervisor's orders and publishes what the engine tells."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from igym.host.base.clock import steady_s
from igym.host.store.engine_file import EngineFacts
from igym_desktop.alive import unless_gone
from igym_desktop.child_job import CommandLine
from igym_desktop.control_link import Reply
from igym_desktop.engine_child import EngineChild
from igym_desktop.flow.launch import LaunchPlan, LaunchRecord, found_again
from igym_desktop.flow.processes import end_process, is_running
from igym_desktop.flow.servers import Server, Trouble, copy_folder, trouble_text
from igym_desktop.flow.supervision import Order, State, Supervisor
from igym_desktop.flow.view import SessionMirror
from igym_desktop.i18n import said, tr
from igym_desktop.remote_link import RemoteLink

LINES_KNOWN = 2000
"""More than a server keeps for whoever attaches."""


class EngineKeeper(QObject):
    """Start, stop, re-attach, restart after a crash; `mirror` holds the newest session view."""

    state_changed = Signal(str)
    view_changed = Signal(object)
    """A `Difference` of `mirror`."""
    log_line = Signal(object)
    failed = Signal(str, str, dict)
    """Code, text for a person, details."""
    link_changed = Signal(bool)

    def __init__(
        self,
        command_line: CommandLine,
        record: LaunchRecord,
        parent: QObject | None = None,
        secrets_of: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        super().__init__(parent)
        self._secrets_of = secrets_of
        self.mirror = SessionMirror()
        self.plan: LaunchPlan | None = None
        self.server: Server | None = None
        """Where the session runs when it is on another computer."""
        self.scenes: tuple[str, ...] = ()
        """Of a session elsewhere, whose study this computer may not have."""
        self.trouble = ""
        """Why the connection to a server elsewhere is lost, for a person; empty while it stands."""
        self._lines: dict[tuple[Any, Any], None] = {}
        self._command_line = command_line
        self._record = record
        self._supervisor = Supervisor()
        self._token = ""
        self._resume: str | None = None
        self._child: EngineChild | None = None
        self._attached_pid = 0
        self._said: list[str] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(lambda: self._carry_out(self._supervisor.tick(steady_s())))
        self._watch = QTimer(self, interval=500)
        self._watch.timeout.connect(self._watch_attached)
        self.link = RemoteLink(self)
        self.link.snapshot.connect(lambda view: self._show(self.mirror.snapshot(view)))
        self.link.changes.connect(lambda view: self._show(self.mirror.changes(view)))
        self.link.log.connect(self._heard)
        self.link.log.connect(self._still_working)
        self.link.connected.connect(self._link_connected)
        self.link.disconnected.connect(lambda: self.link_changed.emit(False))
        self.link.refused.connect(self._link_refused)
        self.link.trouble.connect(self._link_trouble)

    @property
    def state(self) -> State:
        """stopped, starting, running, restarting, stopping or failed."""
        return self._supervisor.state

    @property
    def alive(self) -> bool:
        """Whether an engine exists or is about to."""
        return self._supervisor.alive

    @property
    def is_lost(self) -> bool:
        """What is shown is the last that was seen of a session elsewhere."""
        return self.server is not None and bool(self.mirror.session) and not self.link.is_connected

    @property
    def problem(self) -> str:
        """Why the last start failed, for a person."""
        return self._supervisor.problem

    @property
    def join_url(self) -> str:
        """What participants open; empty while nothing runs."""
        if not self.plan or not self.alive:
            return ""
        return str(self.mirror.session.get("join_url") or self.plan.join_url)

    @property
    def local_url(self) -> str:
        """The same for this computer alone, always plain HTTP; empty while nothing runs."""
        is_here = self.plan and self.alive and self.server is None
        return f"{self.plan.control_url()}/" if self.plan and is_here else ""

    @property
    def pid(self) -> int:
        """Process id of the engine, 0 without one."""
        return self._child.pid if self._child else self._attached_pid

    def start(self, plan: LaunchPlan, resume: str | None = None) -> None:
        """Runs an experiment, or goes on with session `resume` of it."""
        if self.alive:
            return
        self.plan, self._resume, self.server = replace(plan, keeps_data=True), resume, None
        self.mirror.clear()
        self._carry_out(self._supervisor.start(steady_s()))

    def attach_to(self, server: Server, data_root: str) -> None:
        """Shows and steers a session that runs on another computer; `data_root` takes what is fetched of it."""
        if self.alive:
            return
        self.server, self.trouble, self.scenes, self._lines = server, "", (), {}
        self.plan = LaunchPlan("", "", "", data_root)
        self.mirror.clear()
        self._carry_out(self._supervisor.attach(""))

    def leave(self) -> None:
        """Lets go of a session elsewhere, which goes on."""
        if self.server is not None:
            self._carry_out(self._supervisor.leave())
            self.mirror.clear()

    def reattach(self) -> str:
        """At the launcher's start: "attach" (done), "resume" (ask the person) or "nothing"."""
        plan = self._record.read()
        found, running = found_again(plan)
        if found == "gone":
            self._record.forget()
            return "nothing"
        if found == "attach" and plan and running:
            self._attach(plan, running)
        return found

    def unfinished(self) -> LaunchPlan | None:
        """The session a crash or a power cut left behind; one that kept nothing left nothing behind."""
        plan = self._record.read()
        return plan if plan and plan.keeps_data else None

    def forget_unfinished(self) -> None:
        """The person does not want to resume it."""
        self._record.forget()

    def stop(self, *, end_session: bool) -> None:
        """Ends the session for everyone, or only stops the server so that it can be resumed."""
        if self.server is not None:
            self.leave()
            return
        self._carry_out(self._supervisor.stop(steady_s(), end_session=end_session))

    def let_go(self) -> None:
        """The launcher closes and the session goes on without it."""
        # First: a launcher that leaves must neither restart nor kill what it leaves behind.
        self._timer.stop()
        self._watch.stop()
        self.link.close()
        child, self._child = self._child, None
        if child:
            child.release()

    def command(self, name: str, args: Mapping[str, Any], reason: str, done: Callable[[Reply], None]) -> None:
        """Sends one command of the control link; `done` gets the answer, unless its page is gone."""
        self.link.command(name, args, reason, unless_gone(done))

    def _attach(self, plan: LaunchPlan, running: EngineFacts) -> None:
        self.plan, self.server = replace(plan, control_port=running.control_port or running.port), None
        # Before the supervisor's order to connect, which uses the token.
        self._token, self._attached_pid = running.control_token, running.pid
        self._carry_out(self._supervisor.attach(running.session))
        self._watch.start()

    def _carry_out(self, orders: Sequence[Order]) -> None:
        actions = {
            "spawn": self._spawn,
            "connect": self._connect,
            "end": self._end,
            "stop": self._stop,
            "kill": self._kill,
            "forget": self._forget,
        }
        for order in orders:
            actions[order]()
        if self._supervisor.deadline is None:
            self._timer.stop()
        else:
            # A millisecond later: a timer that fires early would find nothing due and be started for no time at all.
            self._timer.start(max(0, round((self._supervisor.deadline - steady_s()) * 1000) + 1))
        self.state_changed.emit(self._supervisor.state)

    def _spawn(self) -> None:
        assert self.plan is not None
        self._token, self._attached_pid, self._said = secrets.token_urlsafe(32), 0, []
        resume = self._supervisor.session or self._resume
        # What kept nothing cannot be gone on with: after a crash a new session takes its place.
        command = self._command_line("engine", self.plan.arguments(resume if self.plan.keeps_data else None))
        try:
            child = EngineChild(command, self._token, self, self._secrets_of())
        except OSError as error:
            self._refuse({"code": "cannot_start", "text": tr("The server could not be started: {why}", why=str(error))})
            return
        self._child = child
        child.told.connect(self._engine_event)
        child.said.connect(self._engine_said)
        # With the child it is about: the late end of an earlier engine is no end of the one that runs now.
        child.exited.connect(lambda code: self._engine_exited(child, code))
        child.listen()

    def _connect(self) -> None:
        assert self.plan is not None
        if self.server is not None:
            self.link.attach(self.server)
        else:
            self.link.open(self.plan.control_url(), self._token)

    def _end(self) -> None:
        if self.link.is_connected:
            self.command("end_session", {}, tr("ended from the launcher"), self._ended)
        else:
            self._stop()

    def _ended(self, reply: Reply) -> None:
        # Before the engine stops: a launcher that dies now must not offer to go on with a session that has ended.
        if reply.ok:
            self._record.forget()
        else:
            self._note("error", tr("The session could not be ended properly: {why}", why=reply.text))
        self._stop()

    def _stop(self) -> None:
        # Through the link where there is one: under Windows `terminate` leaves a process no moment to write anything.
        if self.link.is_connected:
            self.command("stop_engine", {}, "", lambda reply: None)
        elif self._child:
            self._child.terminate()
        elif self._attached_pid:
            end_process(self._attached_pid)

    def _kill(self) -> None:
        if self._child:
            self._child.kill()
        elif self._attached_pid:
            end_process(self._attached_pid)

    def _forget(self) -> None:
        """The engine is gone: nothing of it may be taken for true any more."""
        self.link.close()
        self._watch.stop()
        self._attached_pid = 0
        if self._supervisor.state == "stopped":
            self._child = None

    def _engine_event(self, event: dict[str, Any]) -> None:
        kind = event.get("event")
        if kind == "ready" and self.plan:
            self.plan = self.plan.after_ready(event)
            # On disk before anything is shown: whatever becomes of this launcher now, the next one finds the engine.
            self._record.write(self.plan)
            self._carry_out(self._supervisor.ready(self.plan.session))
        elif kind == "failed":
            self._refuse(event)
        elif kind == "log":
            self.log_line.emit(event)
            self._still_working()

    def _heard(self, line: dict[str, Any]) -> None:
        """A server elsewhere tells its last lines again whenever the connection comes back."""
        if self.server is not None:
            key = (line.get("at"), line.get("text"))
            if key in self._lines:
                return
            self._lines[key] = None
            while len(self._lines) > LINES_KNOWN:
                del self._lines[next(iter(self._lines))]
        self.log_line.emit(line)

    def _gone(self) -> None:
        # Whoever ended the session: `igym end` and other launchers do without this one.
        has_ended = self.mirror.session.get("state") == "ended"
        if has_ended:
            self._record.forget()
        self._carry_out(self._supervisor.exited(steady_s(), with_session=has_ended))

    def _still_working(self, _line: object = None) -> None:
        if self.state == "stopping":
            self._carry_out(self._supervisor.still_working(steady_s()))

    def _engine_said(self, line: str) -> None:
        self._said = [*self._said[-199:], line]
        self.log_line.emit({"at": time.time(), "level": "info", "source": "engine", "text": line, "data": {}})

    def _engine_exited(self, child: EngineChild, code: int) -> None:
        if child is not self._child:
            return
        self._child = None
        before, problem = self.state, tr("The server process ended unexpectedly (exit code {code}).", code=code)
        if code and before != "failed":
            self._note("error", problem)
        self._gone()
        if self.state == "failed" != before:
            problem = self._supervisor.problem
        elif self.state != "stopped" or not code:
            return
        # Also after it was asked to stop or said that its session has ended: something of it may not be on disk.
        self.failed.emit("crashed", problem, {"output": "\n".join(self._said[-40:])})

    def _watch_attached(self) -> None:
        # It is another launcher's child: nobody is told of its end, so it is asked for.
        if self._attached_pid and not is_running(self._attached_pid):
            self._attached_pid = 0
            self._watch.stop()
            self._gone()

    def _link_connected(self) -> None:
        self.trouble = ""
        if self.server is not None:
            self.command("about", {}, "", self._told_about)
        self.link_changed.emit(True)

    def _told_about(self, reply: Reply) -> None:
        if reply.ok and self.plan and isinstance(reply.result, Mapping):
            told = reply.result
            self.scenes = tuple(str(scene) for scene in told.get("scenes") or ())
            self.plan = replace(
                self.plan, keeps_data=told.get("keeps_data") is not False, profile=str(told.get("profile") or "")
            )
            self.state_changed.emit(self._supervisor.state)

    def _link_trouble(self, trouble: Trouble, is_final: bool) -> None:
        assert self.server is not None
        self.trouble = trouble_text(trouble, self.server.shown)
        if not is_final:
            self.link_changed.emit(False)
            return
        self._carry_out(self._supervisor.refused(self.trouble))
        self.failed.emit(trouble.code, self.trouble, {})

    def _link_refused(self, why: str) -> None:
        if self.state == "running":
            self._note("warning", tr("No connection to the server yet ({why}). Trying again.", why=why))
            QTimer.singleShot(1000, self, self._retry_link)

    def _retry_link(self) -> None:
        if self.state == "running" and not self.link.is_connected:
            self._connect()

    def _refuse(self, event: Mapping[str, Any]) -> None:
        text = said(str(event.get("text") or "")) or tr("The server could not start.")
        details = event.get("details")
        if isinstance(details, str):
            details = {"output": details}
        self._carry_out(self._supervisor.refused(text))
        self.failed.emit(str(event.get("code", "")), text, dict(details) if isinstance(details, Mapping) else {})

    def _note(self, level: str, text: str) -> None:
        self.log_line.emit({"at": time.time(), "level": level, "source": "launcher", "text": text, "data": {}})

    def _show(self, difference: object) -> None:
        session = self.mirror.session
        if self.server is not None and self.plan and session.get("id") != self.plan.session:
            folder = copy_folder(str(session.get("experiment_id") or "session"), self.server)
            self.plan = replace(
                self.plan, experiment_id=folder, session=str(session.get("id")), title=str(session.get("title") or "")
            )
        self.view_changed.emit(difference)
