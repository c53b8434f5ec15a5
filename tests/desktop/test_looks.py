"""Contrast, icons, texts: what a designer checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QSize, QStringListModel
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication, QListWidget, QMenu, QTreeWidget, QTreeWidgetItem

import igym
import igym_desktop
from igym.host.http.web_files import web_client_folder
from igym.host.languages import sentences
from igym.protocol.told import category
from igym_desktop import i18n, icons, theme
from igym_desktop.i18n import plural, tr, use_language
from igym_desktop.widgets.basics import Page, column, panel
from igym_desktop.widgets.buttons import action, set_item_icon, tint
from igym_desktop.widgets.pictured_list import PAD, PicturedList
from igym_desktop.widgets.qr import matrix
from igym_desktop.widgets.search_line import SearchLine
from igym_desktop.widgets.table import plain_table
from igym_desktop.windows.dialogs import ask
from tests.desktop.option_texts import example_texts, option_texts

ROOT = Path(igym_desktop.__file__).parent


def luminance(colour: str) -> float:
    parts = [value / 255 for value in QColor(colour).getRgb()[:3]]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_has_enough_contrast(tokens: theme.Tokens) -> None:
    grounds = [tokens.window, tokens.surface, tokens.sunken, tokens.sidebar]
    pairs = [(text, ground) for text in (tokens.text, tokens.muted) for ground in grounds]
    tones = (tokens.go, tokens.warn, tokens.stop, tokens.wait, tokens.off, tokens.accent_text)
    pairs += [(tone, ground) for tone in tones for ground in (tokens.window, tokens.surface)]
    pairs += [(tokens.go, tokens.go_soft), (tokens.warn, tokens.warn_soft), (tokens.stop, tokens.stop_soft)]
    pairs += [(tokens.accent_text, tokens.accent_soft), (tokens.text, tokens.accent_soft), (tokens.text, tokens.hover)]
    pairs += [(tokens.on_accent, ground) for ground in (tokens.accent, tokens.accent_hover, tokens.accent_pressed)]
    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 4.5} == {}


def test_every_icon_asked_for_exists_and_draws(qapp: object) -> None:
    available = set(icons.names())
    asked: set[str] = set()
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "IconLabel",
                "icon_button",
                "EmptyState",
            ):
                asked |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("button", "menu_button"):
                asked |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant) and arg.value}
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Words":
                asked |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
    assert len(asked) > 30
    assert asked - available == set()
    for name in available:
        ElementTree.fromstring((ROOT / "resources" / "icons" / f"{name}.svg").read_text())
        image = icons.pixmap(name, "#ff0000", 24).toImage()
        drawn = [image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)]
        assert max(drawn) > 100, name


def test_style_sheet_has_no_gaps() -> None:
    for tokens in (theme.LIGHT, theme.DARK):
        sheet = theme.style_sheet(tokens)
        assert "$" not in re.sub(r"/\*.*?\*/", "", sheet)
        for path in re.findall(r'url\("([^")]+)"\)', sheet):
            assert Path(path).is_file(), path


def test_translations_are_complete_and_keep_their_placeholders() -> None:
    import json

    asked = texts_in_code() | example_texts()
    assert len(asked) > 300
    for file in (ROOT / "resources").glob("texts_*.json"):
        own, engine = json.loads(file.read_text(encoding="utf-8")), sentences(file.stem.removeprefix("texts_"))
        catalogue = {**engine, **own}
        assert engine, file.name
        assert sorted(asked - set(catalogue)) == [], file.name
        assert sorted(set(catalogue) - asked - in_the_engine() - set(option_texts()) - {"_name"}) == [], file.name
        language = file.stem.removeprefix("texts_")
        for english, other in catalogue.items():
            if english != "_name":
                assert_same_placeholders(english, other, language)


def assert_same_placeholders(english: str, other: str | dict[str, str], language: str) -> None:
    """In every form; one for a single number may say it in a word."""
    named = set(re.findall(r"{\w*}", english))
    if isinstance(other, str):
        assert named == set(re.findall(r"{\w*}", other)), english
        return
    assert set(other) == {category(language, n) for n in range(200)}, english
    for form in other.values():
        assert set(re.findall(r"{\w*}", form)) in (named, named - {"{n}"}), english


def in_the_engine() -> set[str]:
    """Every string of the server's code and of the browsers' bridge: keys, and the words kept in the data."""
    folders = (Path(igym.__file__).parent, web_client_folder() / "game" / "igym_bridge")
    files = (file for folder in folders for file in folder.rglob("*.py"))
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in files)
    scripts = (file.read_text(encoding="utf-8") for file in (web_client_folder() / "game").glob("*.js"))
    in_scripts = {text for script in scripts for text in re.findall(r'sentence\(\s*"([^"]+)"', script)}
    return in_scripts | {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def texts_in_code() -> set[str]:
    asked: set[str] = set()
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "")
            taken = {
                "tr": node.args[:1],
                "plural": node.args[2:3],
                "Words": node.args[:1],
                "_plain": node.args[:1],
                "_valued": node.args[:1],
                "_Finding": node.args,
            }.get(name, [])
            for arg in taken:
                for part in (arg.body, arg.orelse) if isinstance(arg, ast.IfExp) else (arg,):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        asked.add(part.value)
    bounds = (ROOT / "flow" / "form.py").read_text(encoding="utf-8")
    return asked | set(re.findall(r'"( (?:of at|above|below)[^"]*)"', bounds))


def test_numbers_take_the_form_of_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> list[str]:
        return [plural(count, "{n} participant", "{n} participants") for count in (0, 1, 2)]

    use_language("en")
    assert told() == ["0 participants", "1 participant", "2 participants"]
    use_language("fr")
    assert told() == ["0 participant", "1 participant", "2 participants"]
    use_language("ar")
    forms = {"zero": "z", "one": "o", "two": "t", "few": "{n} f", "many": "{n} m", "other": "{n} x"}
    monkeypatch.setitem(i18n._catalogue, "{n} participants", forms)
    assert [*told(), plural(5, "{n} participant", "{n} participants")] == ["z", "o", "t", "5 f"]
    use_language("en")


def test_tr_falls_back_to_english() -> None:
    use_language("xx")
    assert tr("{count} things", count=3) == "3 things"


def test_qr_code_is_a_square_with_finders() -> None:
    rows = matrix("http://192.168.100.100:8000/")
    assert all(len(row) == len(rows) for row in rows)
    for y, x in ((0, 0), (0, len(rows) - 7), (len(rows) - 7, 0)):
        assert all(rows[y][x + i] and rows[y + 6][x + i] for i in range(7))


def darkest(icon: QIcon) -> int:
    """Lightness of the line of an icon, 0 to 255."""
    image = icon.pixmap(QSize(24, 24)).toImage()
    places = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return min(image.pixelColor(x, y).lightness() for x, y in places if image.pixelColor(x, y).alpha() > 200)


def test_icons_of_lines_and_menus_take_the_colours_of_another_theme(qapp: QApplication, qtbot: Any) -> None:
    lines, tree, menu, search = QListWidget(), QTreeWidget(), QMenu(), SearchLine("Find", 200)
    for widget in (lines, tree, menu, search):
        qtbot.addWidget(widget)
    lines.addItem("A scene")
    tree.addTopLevelItem(QTreeWidgetItem(["A scene"]))
    item, branch = lines.item(0), tree.topLevelItem(0)
    set_item_icon(item, "game")
    set_item_icon(branch, "game")
    entry = action(menu, "Add", "plus", lambda: None)
    changes: list[Any] = []
    lines.itemChanged.connect(changes.append)
    shown: dict[str, list[int]] = {}
    try:
        for name in ("light", "dark"):
            theme.apply_theme(qapp, dark=name == "dark")
            icons.forget_tints()
            for widget in (lines, tree, menu, search):
                tint(widget)
            glass = search.actions()[0]
            shown[name] = [darkest(icon) for icon in (item.icon(), branch.icon(0), entry.icon(), glass.icon())]
    finally:
        theme.apply_theme(qapp, dark=False)
        icons.forget_tints()
    assert all(dark > light + 60 for light, dark in zip(shown["light"][:3], shown["dark"][:3], strict=True)), shown
    assert shown["light"][3] != shown["dark"][3] and changes == []


@pytest.fixture
def dressed(qapp: QApplication) -> Any:
    before = qapp.styleSheet(), qapp.font()
    qapp.setFont(theme.base_font())
    yield lambda *, dark: theme.apply_theme(qapp, dark=dark)
    theme.apply_theme(qapp, dark=False)
    qapp.setFont(before[1])
    qapp.setStyleSheet(before[0])


@pytest.mark.parametrize("dark", [False, True])
def test_a_table_leaves_its_panel_its_round_corners(dressed: Any, qtbot: Any, dark: bool) -> None:
    dressed(dark=dark)
    table = plain_table("things", "Things")
    table.setModel(QStringListModel(["one"], table))
    window = Page("Things", "")
    window.body.addWidget(panel(column(table), margin=1), 1)
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    frame = table.parentWidget()
    assert frame is not None
    picture = window.grab().toImage()
    tokens, corners = theme.current(), frame.geometry().adjusted(2, 2, -2, -2)
    for corner in (corners.topLeft(), corners.topRight(), corners.bottomLeft(), corners.bottomRight()):
        assert picture.pixelColor(corner).name() == tokens.window.lower(), corner
    assert picture.pixelColor(frame.geometry().center()).name() == tokens.surface.lower()


def test_icons_in_place_of_pictures_are_in_the_colours_of_the_theme(dressed: Any, qtbot: Any) -> None:
    dressed(dark=False)
    listed = PicturedList()
    qtbot.addWidget(listed)
    listed.add("own", "From nothing", "You add the rest.", "plus")
    listed.resize(500, 120)

    def tile() -> str:
        dressed_now = listed.viewport().grab().toImage()
        row = listed.visualItemRect(listed.item(0))
        return dressed_now.pixelColor(row.left() + PAD + 12, row.center().y()).name()

    listed.show()
    assert tile() == theme.current().accent_soft.lower()
    dressed(dark=True)
    assert tile() == theme.current().accent_soft.lower()


def test_a_question_has_room_for_its_buttons_on_a_small_screen(dressed: Any, qtbot: Any) -> None:
    dressed(dark=False)
    choices = [("erase", "Herausnehmen und löschen", "danger"), ("keep", "Herausnehmen, Daten behalten", ""),
               ("cancel", "Abbrechen", "")]  # fmt: skip
    question = ask(None, "Anna herausnehmen", "Löschen entfernt alles.", choices, lambda key, typed: None)
    qtbot.addWidget(question)
    for shown in question.buttons.values():
        assert shown.width() >= shown.sizeHint().width(), shown.text()
