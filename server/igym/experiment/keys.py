"""The names of keys and buttons an action mapping may use."""

from __future__ import annotations

from igym.experiment.errors import ExperimentError, shown, suggestion

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


def check_key(key: str) -> None:
    """Raise when a browser never reports such a key: one character, or a name from `KEY_NAMES`."""
    if len(key) == 1 or key in KEY_NAMES:
        return
    raise ExperimentError(
        f"{shown(key)} is not the name of a key.{suggestion(key, KEY_NAMES)} "
        "Use a character such as a or 1, or a name such as ArrowLeft, Space, MouseLeft or GamepadA.",
        value=key,
    )
