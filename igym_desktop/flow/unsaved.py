"""Changes that are not saved yet: named, and settled before anything is left or started without them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym_desktop.flow.profile_draft import Draft
from igym_desktop.flow.profiles import differences
from igym_desktop.i18n import plural, tr

SHOWN = 12
Then = Callable[[], None]


@dataclass(frozen=True)
class Unsaved:
    """What one editor holds. `save` calls what it is given once everything is on disk."""

    folder: Path
    title: str
    changes: tuple[str, ...]
    """What differs from the file, in words."""
    invalid: tuple[str, ...]
    """What is typed and not allowed: it can be neither saved nor run."""
    save: Callable[[Then], None]
    discard: Then

    def listing(self) -> str:
        """A line for each, the forbidden ones first."""
        lines = [tr("not allowed: {what}", what=name) for name in self.invalid]
        lines += [name for name in self.changes if name not in self.invalid]
        more = len(lines) - SHOWN
        return "\n".join([*lines[:SHOWN], *([plural(more, "and {n} more", "and {n} more")] if more > 0 else [])])


def profile_changes(draft: Draft, saved: Mapping[str, Any]) -> tuple[str, ...]:
    """What a draft of a profile changes against the file, in words."""
    return tuple(dict.fromkeys(draft.title_of(name) for name, _, _ in differences(saved, draft.overrides())))


def invalid_titles(draft: Draft) -> tuple[str, ...]:
    """Options whose typed value is not allowed."""
    return tuple(draft.title_of(".".join(path)) for path in draft.errors)
