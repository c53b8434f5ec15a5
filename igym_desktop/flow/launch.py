"""One start of the engine: its arguments, the note left for the next launcher, and finding a running engine again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from igym.host.base.held_files import move, remove
from igym.host.session.settings import EngineSettings
from igym.host.store.engine_file import EngineFacts, read_engine_file
from igym_desktop.flow.processes import is_running


@dataclass(frozen=True)
class LaunchPlan(EngineSettings):
    """What to run, where its data goes and how it is reached."""

    folder: str
    experiment_id: str
    title: str
    data_root: str
    profile: str = ""
    session: str = ""
    join_url: str = ""
    control_port: int = 0
    keeps_data: bool = True
    """False: the session is gone when its engine is gone (save_data=False)."""

    def arguments(self, resume: str | None) -> list[str]:
        """For the engine command; `resume` names the session to go on with."""
        arguments = ["--folder", self.folder, "--data", self.data_root]
        for name, value in (("--profile", self.profile), ("--resume", resume or "")):
            arguments += [name, value] if value else []
        return [*arguments, *self.engine_arguments()]

    def after_ready(self, ready: dict[str, Any]) -> LaunchPlan:
        """With what the engine told: the port it really got, so that a restart keeps the join URL."""
        return replace(
            self,
            port=int(ready["port"]),
            control_port=int(ready.get("control_port") or ready["port"]),
            session=str(ready["session"]),
            join_url=str(ready.get("join_url", "")),
            keeps_data=bool(ready.get("keeps_data", True)),
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
        remove(self.path)

    def read(self) -> LaunchPlan | None:
        """None when the last session was stopped on purpose."""
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            known = {item.name for item in fields(LaunchPlan)}
            return LaunchPlan(**{name: value for name, value in stored.items() if name in known})
        except (OSError, ValueError, TypeError, AttributeError):
            return None


def found_again(plan: LaunchPlan | None) -> tuple[Literal["nothing", "attach", "resume", "gone"], EngineFacts | None]:
    """What the next start finds: an engine still running, a session cut off (kept or not), or nothing."""
    if plan is None or not plan.session:
        return "nothing", None
    engine = read_engine_file(plan.data_folder)
    if engine and engine.session == plan.session and is_running(engine.pid):
        return "attach", engine
    return ("resume" if plan.keeps_data else "gone"), engine
