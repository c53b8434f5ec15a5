"""What a person can set for the whole launcher; kept as one JSON file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from igym.host.held_files import move


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults. Empty text means "decide by itself"."""

    data_root: str = ""
    port: int = 8000
    address: str = ""
    theme: Literal["system", "light", "dark"] = "system"
    language: str = "en"
    when_launcher_gone: Literal["go-on", "stop"] = "go-on"
    grace_s: int = 60
    prevent_sleep: bool = True
    notify: bool = True
    check_before_start: bool = True
    wheels_folder: str = ""
    monitor: bool = False
    """Whether each session's web monitor is switched on by itself."""
    tls_certificate: str = ""
    tls_key: str = ""
    join_name: str = ""
    turn_url: str = ""
    turn_user: str = ""
    turn_password: str = ""
    retention_days: int = 0
    """0 keeps everything."""
    lsl: bool = False
    own_folders: tuple[str, ...] = ()
    recent_folders: tuple[str, ...] = ()
    shown_columns: dict[str, bool] = field(default_factory=dict)
    """Columns of the table of participants that were switched on or off."""
    profiles: dict[str, str] = field(default_factory=dict)
    """Experiment folder → name of the profile chosen last."""
    seat_map: dict[str, Any] = field(default_factory=dict)
    """Rows, columns and places of the lab's seats; see `SeatMap`."""


class SettingsFile:
    """Loads and saves `Settings`; a damaged file is set aside, never fatal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.value = self._load()

    def change(self, **changes: Any) -> Settings:
        """Replaces some settings and writes the file at once, atomically."""
        self.value = replace(self.value, **changes)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        # A password may be among them: for this user only.
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self.value), file, indent=2)
        move(temporary, self.path)
        return self.value

    def _load(self) -> Settings:
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            known = {item.name for item in fields(Settings)}
            values = {name: value for name, value in stored.items() if name in known}
            for name in ("own_folders", "recent_folders"):
                values[name] = tuple(values.get(name, ()))
            return Settings(**values)
        except FileNotFoundError:
            return Settings()
        except (ValueError, TypeError, AttributeError):
            move(self.path, self.path.with_suffix(".damaged"))
            return Settings()
