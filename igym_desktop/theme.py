"""Colours, type sizes and the style sheet, light and dark, from one table of tokens."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

_RESOURCES = Path(__file__).parent / "resources"


@dataclass(frozen=True)
class Tokens:
    """Every colour the launcher uses, by what it is for."""

    window: str
    sidebar: str
    surface: str
    sunken: str
    hover: str
    border: str
    border_strong: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    accent_soft: str
    accent_text: str
    go: str
    go_soft: str
    warn: str
    warn_soft: str
    stop: str
    stop_soft: str
    wait: str
    off: str


LIGHT = Tokens(
    window="#F6F7F9",
    sidebar="#ECEFF3",
    surface="#FFFFFF",
    sunken="#F1F3F6",
    hover="#E9EDF3",
    border="#DCE1E8",
    border_strong="#8A94A3",
    text="#18202C",
    muted="#566072",
    accent="#2F57C4",
    accent_hover="#284BAB",
    accent_pressed="#213F92",
    on_accent="#FFFFFF",
    accent_soft="#E5ECFB",
    accent_text="#2850B8",
    go="#18703D",
    go_soft="#E2F3E8",
    warn="#8A5300",
    warn_soft="#FCF0DA",
    stop="#B3261E",
    stop_soft="#FCE8E6",
    wait="#6A3FB0",
    off="#5C6675",
)
DARK = Tokens(
    window="#15181D",
    sidebar="#101317",
    surface="#1D2127",
    sunken="#181B20",
    hover="#272C34",
    border="#2F353E",
    border_strong="#6C7684",
    text="#E8ECF2",
    muted="#A3ADBB",
    accent="#86A9FF",
    accent_hover="#9DB9FF",
    accent_pressed="#B3C9FF",
    on_accent="#0C1530",
    accent_soft="#232E4A",
    accent_text="#A9C2FF",
    go="#6BD196",
    go_soft="#1B3426",
    warn="#EDBB5E",
    warn_soft="#3A2E17",
    stop="#FF938A",
    stop_soft="#43211F",
    wait="#C4A6FF",
    off="#9AA4B2",
)


def is_dark() -> bool:
    """Whether the palette in use is the dark one."""
    return current() is DARK


def current() -> Tokens:
    """The tokens in use; icons and painted widgets read their colours here."""
    return _state["tokens"]


_state: dict[str, Tokens] = {"tokens": LIGHT}


def wants_dark(choice: str) -> bool:
    """`choice` is "light", "dark" or "system"."""
    if choice in ("light", "dark"):
        return choice == "dark"
    window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    hints = QGuiApplication.styleHints()
    return hints.colorScheme().name == "Dark" or (hints.colorScheme().name == "Unknown" and window.lightness() < 128)


def apply_theme(app: QApplication, *, dark: bool) -> None:
    """Puts palette, font and style sheet on the whole application."""
    tokens = DARK if dark else LIGHT
    _state["tokens"] = tokens
    app.setStyle("Fusion")
    app.setPalette(_palette(tokens))
    app.setStyleSheet(style_sheet(tokens))


def base_font() -> QFont:
    """The desktop's own font, at a size that can be read across a desk."""
    font = QFont(QGuiApplication.font())
    families = [
        "Segoe UI",
        "SF Pro Text",
        ".AppleSystemUIFont",
        "Inter",
        "Cantarell",
        "Noto Sans",
        "Ubuntu",
        "Liberation Sans",
    ]
    font.setFamilies([font.family(), *families] if font.family() not in ("Sans Serif", "Sans", "") else families)
    font.setPixelSize(14)
    return font


@cache
def _template() -> Template:
    return Template((_RESOURCES / "style.qss").read_text(encoding="utf-8"))


def style_sheet(tokens: Tokens) -> str:
    """The application's style sheet with the tokens' colours filled in."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    scheme = "dark" if tokens is DARK else "light"
    return _template().substitute(values, icons=_quoted(_RESOURCES / "icons"), scheme=scheme)


def _quoted(folder: Path) -> str:
    """For within quotes: without them the app would have no looks in a folder with an ampersand or a comma."""
    return folder.as_posix().replace("\\", "\\\\").replace('"', '\\"')


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, colour in (
        (role.Window, tokens.window),
        (role.WindowText, tokens.text),
        (role.Base, tokens.surface),
        (role.AlternateBase, tokens.sunken),
        (role.Text, tokens.text),
        (role.Button, tokens.surface),
        (role.ButtonText, tokens.text),
        (role.ToolTipBase, tokens.text),
        (role.ToolTipText, tokens.window),
        (role.PlaceholderText, tokens.muted),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Link, tokens.accent_text),
        (role.Mid, tokens.border),
        (role.Light, tokens.surface),
        (role.Dark, tokens.border_strong),
    ):
        palette.setColor(name, QColor(colour))
    for name in (role.Text, role.ButtonText, role.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(tokens.border_strong))
    return palette
