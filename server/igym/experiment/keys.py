"""The names of keys and buttons an action mapping may use."""

from __future__ import annotations

import unicodedata

from igym.experiment.errors import ExperimentError, shown, suggestion
from igym.protocol.told import Told

NAMED_KEYS = frozenset(
    [
        "ArrowLeft",
        "ArrowRight",
        "ArrowUp",
        "ArrowDown",
        "Enter",
        "Escape",
        "Tab",
        "Backspace",
        "Delete",
        "Insert",
        "Home",
        "End",
        "PageUp",
        "PageDown",
        "Shift",
        "Control",
        "Alt",
        "Meta",
        "CapsLock",
        "Space",
        "ShiftLeft",
        "ShiftRight",
        "ControlLeft",
        "ControlRight",
        "AltLeft",
        "AltRight",
        "NumpadEnter",
        "NumpadAdd",
        "NumpadSubtract",
        "NumpadMultiply",
        "NumpadDivide",
        "NumpadDecimal",
        "Minus",
        "Equal",
        "BracketLeft",
        "BracketRight",
        "Semicolon",
        "Quote",
        "Comma",
        "Period",
        "Slash",
        "Backslash",
        "Backquote",
    ]
    + [f"F{n}" for n in range(1, 13)]
    + [f"Digit{n}" for n in range(10)]
    + [f"Numpad{n}" for n in range(10)]
    + [f"Key{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
)
MOUSE_BUTTONS = frozenset({"MouseLeft", "MouseMiddle", "MouseRight"})
GAMEPAD_BUTTONS = frozenset(
    [
        "GamepadA",
        "GamepadB",
        "GamepadX",
        "GamepadY",
        "GamepadLeft",
        "GamepadRight",
        "GamepadUp",
        "GamepadDown",
        "GamepadLeftBumper",
        "GamepadRightBumper",
        "GamepadLeftTrigger",
        "GamepadRightTrigger",
        "GamepadStart",
        "GamepadBack",
    ]
)
KEY_NAMES = NAMED_KEYS | MOUSE_BUTTONS | GAMEPAD_BUTTONS


DEAD_ON_MANY_KEYBOARDS = frozenset("^`´¨~")
"""Characters whose key types nothing by itself on keyboards of several languages."""


_DIRECTIONS = ("Left", "Right", "Up", "Down")
_OTHER_NAMES = {
    **{name.lower(): f"Arrow{way}" for way in _DIRECTIONS for name in (way, f"{way}Arrow", f"Key{way}")},
    "return": "Enter",
    "esc": "Escape",
    "spacebar": "Space",
    "ctrl": "Control",
    "del": "Delete",
    "click": "MouseLeft",
}
"""What keys are called elsewhere, in small letters without spaces → their names here."""


def key_name(key: str) -> str:
    """The name as it is stored, or an error when a browser never reports such a key.

    One character (in its composed form, NFC), or a name from `KEY_NAMES`.
    """
    composed = unicodedata.normalize("NFC", key)
    if len(composed) == 1 or composed in KEY_NAMES:
        return composed
    meant = _OTHER_NAMES.get(key.lower().replace(" ", "").replace("_", ""))
    hint = Told(' Did you mean "{name}"?', name=meant) if meant else suggestion(key, KEY_NAMES)
    raise ExperimentError(
        Told(
            "{key} is not the name of a key.{hint} Use a character such as a or 1, or a name such as "
            "ArrowLeft, Space, MouseLeft or GamepadA.",
            key=shown(key),
            hint=hint,
        ),
        value=key,
    )


def same_key(key: str) -> str:
    """Equal for names that mean the same key: a small and a capital letter, a space and Space."""
    if key == " ":
        return "Space"
    return key.lower() if len(key) == 1 and len(key.lower()) == 1 else key
