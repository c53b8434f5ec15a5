"""What a person can set for the whole launcher; kept as one JSON file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from igym.host.base.held_files import move, write_private
from igym.host.session.settings import EngineSettings


@dataclass(frozen=True)
class Settings(EngineSettings):
    """All settings with their defaults, those of engines among them. Empty text means "decide by itself"."""

    data_root: str = ""
    theme: Literal["system", "light", "dark"] = "system"
    language: str = "en"
    notify: bool = True
    monitor: bool = False
    """Whether each session's web monitor is switched on by itself."""
    turn_password: str = ""
    own_folders: tuple[str, ...] = ()
    first_steps: bool = True
    """Whether the three cards of a first start are still shown."""
    recent_folders: tuple[str, ...] = ()
    study_roots: tuple[str, ...] = ()
    """Folders in which every study is listed, also one that comes later."""
    hidden_folders: tuple[str, ...] = ()
    """Studies in those that were taken off the list."""
    library_listed: bool = False
    """Experiments as lines of a list instead of cards."""
    library_sort: Literal["recent", "name"] = "recent"
    shown_columns: dict[str, bool] = field(default_factory=dict)
    """Columns of the table of participants that were switched on or off."""
    profiles: dict[str, str] = field(default_factory=dict)
    """Experiment folder → name of the profile chosen last."""
    seat_map: dict[str, Any] = field(default_factory=dict)
    """Rows, columns and places of the lab's seats; see `SeatMap`."""


def what_is_checked(settings: Settings) -> dict[str, Any]:
    """What Preflight's checks depend on: where data go, and what is handed to the engine."""
    names = [*(item.name for item in fields(EngineSettings)), "data_root"]
    return {name: getattr(settings, name) for name in names}


class SettingsFile:
    """Loads and saves `Settings`; a damaged file is set aside, never fatal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.value = self._load()

    def change(self, **changes: Any) -> Settings:
        """Replaces some settings and writes the file at once, atomically."""
        self.value = replace(self.value, **changes)
        # A password may be among them: for this user only.
        write_private(self.path, json.dumps(asdict(self.value), indent=2))
        return self.value

    def _load(self) -> Settings:
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            known = {item.name for item in fields(Settings)}
            values = {name: value for name, value in stored.items() if name in known}
            # Earlier versions stored the opposite under another name.
            if "prevent_sleep" in stored and "may_sleep" not in stored:
                values["may_sleep"] = not stored["prevent_sleep"]
            for name in ("own_folders", "recent_folders", "study_roots", "hidden_folders"):
                values[name] = tuple(values.get(name, ()))
            return Settings(**values)
        except FileNotFoundError:
            return Settings()
        except (ValueError, TypeError, AttributeError):
            move(self.path, self.path.with_suffix(".damaged"))
            return Settings()
