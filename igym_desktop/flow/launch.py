"""One start of the engine: its arguments, the note left for the next launcher, and finding a running engine again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from igym.host.engine_file import EngineFacts, read_engine_file
from igym.host.held_files import move
from igym_desktop.flow.processes import is_running


@dataclass(frozen=True)
class LaunchPlan:
    """What to run, where its data goes and how it is reached."""

    folder: str
    experiment_id: str
    title: str
    data_root: str
    port: int
    address: str
    profile: str = ""
    when_launcher_gone: Literal["go-on", "stop"] = "go-on"
    grace_s: int = 60
    wheels: str = ""
    session: str = ""
    join_url: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    join_name: str = ""
    turn_url: str = ""
    turn_user: str = ""
    retention_days: int = 0
    lsl: bool = False
    may_sleep: bool = False
    control_port: int = 0

    def arguments(self, resume: str | None) -> list[str]:
        """For the engine command; `resume` names the session to go on with."""
        arguments = ["--folder", self.folder, "--port", str(self.port), "--data", self.data_root]
        for name, value in (
            ("--address", self.address),
            ("--profile", self.profile),
            ("--wheels", self.wheels),
            ("--tls-certificate", self.tls_certificate),
            ("--tls-key", self.tls_key if self.tls_certificate else ""),
            ("--join-name", self.join_name),
            ("--turn", self.turn_url),
            ("--turn-user", self.turn_user if self.turn_url else ""),
            ("--retention-days", str(self.retention_days or "")),
            ("--resume", resume or ""),
        ):
            arguments += [name, value] if value else []
        if self.lsl:
            arguments.append("--lsl")
        if self.may_sleep:
            arguments.append("--allow-sleep")
        return [*arguments, "--when-launcher-gone", self.when_launcher_gone, "--grace", str(self.grace_s)]

    def after_ready(self, ready: dict[str, Any]) -> LaunchPlan:
        """With what the engine told: the port it really got, so that a restart keeps the join URL."""
        return replace(
            self,
            port=int(ready["port"]),
            control_port=int(ready.get("control_port") or ready["port"]),
            session=str(ready["session"]),
            join_url=str(ready.get("join_url", "")),
        )

    def control_url(self) -> str:
        """Where this computer reaches the engine: whatever card and protocol participants use, it listens locally."""
        return f"http://127.0.0.1:{self.control_port or self.port}"

    @property
    def data_folder(self) -> Path:
        """Where this experiment's data lies."""
        return Path(self.data_root) / self.experiment_id


class LaunchRecord:
    """The session this launcher is in charge of, on disk: a crash or a power cut leaves it behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, plan: LaunchPlan) -> None:
        """Kept until the session is stopped on purpose."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(plan), indent=2), encoding="utf-8")
        move(temporary, self.path)

    def forget(self) -> None:
        """The session was stopped on purpose."""
        self.path.unlink(missing_ok=True)

    def read(self) -> LaunchPlan | None:
        """None when the last session was stopped on purpose."""
        try:
            return LaunchPlan(**json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def found_again(plan: LaunchPlan | None) -> tuple[Literal["nothing", "attach", "resume"], EngineFacts | None]:
    """What the next start finds: an engine still running, a session cut off, or nothing."""
    if plan is None or not plan.session:
        return "nothing", None
    engine = read_engine_file(plan.data_folder)
    if engine and engine.session == plan.session and is_running(engine.pid):
        return "attach", engine
    return "resume", engine
