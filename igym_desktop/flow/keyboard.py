"""Where keys lie on a keyboard, by the names participants' browsers give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LETTERS = {
    "en": ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./"),
    "de": ("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
    "fr": ("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"),
    "es": ("º1234567890'¡", "qwertyuiop`+", "asdfghjklñ´ç", "<zxcvbnm,.-"),
}
"""The rows of signs as keyboards of a language have them; "en" where a language is not here."""
COLUMNS = 15.0
ROWS = 6
_SIGNS = {
    "ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓", "Backspace": "⌫", "Tab": "⇥",
    "CapsLock": "⇪", "Enter": "⏎", "Shift": "⇧", "Control": "Ctrl", "Escape": "Esc", "Meta": "⌘", "Space": "",
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """`x`, `width` in keys of normal width, `y` in rows."""

    name: str
    x: float
    y: int
    width: float = 1.0

    @property
    def text(self) -> str:
        """What stands on it."""
        return _SIGNS.get(self.name, self.name.upper() if len(self.name) == 1 and self.name != "ß" else self.name)


def keyboard(language: str) -> list[Key]:
    """Every key of the picture."""
    rows = LETTERS.get(language, LETTERS["en"])
    keys = [Key("Escape", 0, 0), *(Key(f"F{n + 1}", 1.6 + n + n // 4 * 0.45, 0) for n in range(12))]
    starts = (("", 0.0), ("Tab", 1.5), ("CapsLock", 1.75), ("Shift", 1.25 if "<" in rows[3][:1] else 2.25))
    for y, ((before, begins), signs) in enumerate(zip(starts, rows, strict=True), start=1):
        if before:
            keys.append(Key(before, 0, y, begins))
        keys += [Key(sign, begins + at, y) for at, sign in enumerate(signs)]
        end = begins + len(signs)
        after = {1: "Backspace", 3: "Enter"}.get(y)
        if after and end < COLUMNS:
            keys.append(Key(after, end, y, COLUMNS - end))
    keys += [Key("Control", 0, 5, 1.5), Key("Meta", 1.5, 5), Key("Alt", 2.5, 5, 1.25), Key("Space", 3.75, 5, 5.5)]
    keys += [Key("ArrowUp", 13, 4), Key("ArrowLeft", 12, 5), Key("ArrowDown", 13, 5), Key("ArrowRight", 14, 5)]
    return keys


def actions_of(bindings: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[str, bool]]]:
    """Key → (action as text, whether other keys are held with it), in the order of the bindings."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for binding in bindings:
        for name in binding["keys"]:
            found.setdefault(str(name), []).append((str(binding["action"]), len(binding["keys"]) > 1))
    return found
