"""Writes the tables of docs/internals from the types: `python build/docs_tables.py` (`--check` only compares).

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; NAME is a name of `TABLES`. The guides in docs/how
follow one example each: `<!-- files: NAME -->` lists the sources that know it, with what each says of itself; NAME is
one of `EXAMPLES`.
"""

from __future__ import annotations

import dataclasses
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_type_hints

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "server"))

from igym.core import effects, events, happenings, view  # noqa: E402
from igym.host.store.store_schema import TABLES as STORE_TABLES  # noqa: E402
from igym.protocol import codec  # noqa: E402
from igym.protocol.base import BinaryMessage, Message, Part  # noqa: E402
from igym.protocol.generate import js_type  # noqa: E402

DOCS = ROOT / "docs"
WORKER_MESSAGES = ROOT / "web_client" / "game" / "messages.js"
_MARK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.S)
_FILES_MARK = re.compile(r"(<!-- files: (\w+) -->\n).*?(<!-- end -->)", re.S)
# What each guide follows: a pattern that finds it in every file that knows it.
EXAMPLES = {
    "question_page": r"\bMultipleChoice\b|\"multiple_choice\"",
    "scene_kind": r"\bWebScene\b|\"web\"|\{ web \}",
    "question_kind": r"\bDateField\b|\"date\": _date|\bdate(Control|Problem)\b|\n  date: ",
    "message": r"\bHostHud\b|\bhost_hud\b|\bhostHud\b",
    "option": r"\breset_freeze_s\b",
    "deadline": r"\binactivity_exclude_s\b|\"inactive_exclude\"",
    "export_format": r"\bwrite_jsonl\b|\"jsonl\"",
    "policy_kind": r"\bOnnx\b|\"onnx\"",
}
SEARCHED = ("server", "igym_desktop", "web_client")
_READ = (".py", ".js")


def page_with_tables(text: str) -> str:
    """The page with every marked table written anew."""
    text = _MARK.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", text)
    return _FILES_MARK.sub(lambda found: f"{found[1]}{files(EXAMPLES[found[2]])}{found[3]}", text)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def own_text(kind: type) -> str:
    """The class's own docstring in one line, in Markdown; a dataclass's made-up one does not count."""
    text = kind.__dict__.get("__doc__") or ""
    return "" if text.startswith(f"{kind.__name__}(") else " ".join(text.replace("``", "`").split())


def messages(kinds: dict[str, type[Message]]) -> str:
    """One row for each message, then one for each group of fields inside them."""
    rows = [
        (f"`{name}`{' ★' if kind.acked else ''}", _fields(kind), _size(kind.max_bytes), own_text(kind))
        for name, kind in kinds.items()
    ]
    parts = [(part.__name__, _fields(part), own_text(part)) for part in _parts(kinds.values())]
    text = table(("message", "fields", "at most", "meaning"), rows)
    return text + ("\n" + table(("group", "fields", "meaning"), parts) if parts else "")


def _fields(kind: type[Part]) -> str:
    if issubclass(kind, BinaryMessage):
        return "bytes"
    shown = [
        f"`{field.alias or name}{'' if field.is_required() else '?'}: {js_type(field.annotation)}`"
        for name, field in kind.model_fields.items()
    ]
    return ", ".join(shown) or "none"


def _parts(kinds: Iterable[type[Part]]) -> list[type[Part]]:
    found: dict[type[Part], None] = {}
    for kind in kinds:
        if not issubclass(kind, BinaryMessage):
            inside = [part for field in kind.model_fields.values() for part in _models_in(field.annotation)]
            found |= dict.fromkeys([*_parts(inside), *inside])
    return list(found)


def records() -> str:
    """Every kind of record, and the rules of the core that write it."""
    writers: dict[str, list[str]] = {}
    for path in sorted((ROOT / "server" / "igym" / "core").glob("*.py")):
        for kind in re.findall(r'(?:\.record|\bRecord)\(\s*"(\w+)"', path.read_text(encoding="utf-8")):
            writers.setdefault(kind, []).append(path.stem)
    rows = [
        (f"`{kind}`", ", ".join(f"`{name}`" for name in sorted(set(found)))) for kind, found in sorted(writers.items())
    ]
    return table(("record", "written by"), rows)


def files(pattern: str) -> str:
    """A link to each source in which the pattern is found, and the first sentence it says of itself."""
    found = [path for folder in SEARCHED for path in sorted((ROOT / folder).rglob("*")) if _knows(path, pattern)]
    names = [path.relative_to(ROOT).as_posix() for path in found]
    rows = [(f"[`{name}`](../../{name})", _first_words(path)) for name, path in zip(names, found, strict=True)]
    return table(("file", "what it is"), rows)


def _knows(path: Path, pattern: str) -> bool:
    apart = {"vendor", "bundled", "__pycache__"} & set(path.parts)  # made, and not everywhere there
    return not apart and path.suffix in _READ and re.search(pattern, path.read_text(encoding="utf-8")) is not None


def _first_words(path: Path) -> str:
    """The first sentence of the file's own comment; a generated or data file has none."""
    text = path.read_text(encoding="utf-8")
    if text.startswith("// Generated"):
        return "generated"
    found = re.match(r'\s*(?:"""|/\*\*\s*\*?\s*)(.+?)(?:"""|\*/|\n\s*\n|@module|\n \* @)', text, re.S)
    said = " ".join(re.sub(r"^ ?\* ?", "", found[1], flags=re.M).split()) if found else ""
    return re.split(r"(?<=\.)\s", said.replace("``", "`"))[0]


def _models_in(annotation: Any) -> list[type[Part]]:
    here = [annotation] if isinstance(annotation, type) and issubclass(annotation, Part) else []
    return [*here, *(part for inner in getattr(annotation, "__args__", ()) for part in _models_in(inner))]


def _size(count: int) -> str:
    return f"{count // 1024} kB" if count < 1024 * 1024 else f"{count // (1024 * 1024)} MB"


def wired(base: type) -> str:
    """The core's events or effects."""
    rows = [(f"`{kind.__name__}`", _members(kind), own_text(kind)) for kind in _kinds_of(base)]
    return table((base.__name__.lower(), "fields", "meaning"), rows)


def _kinds_of(base: type) -> list[type]:
    """In the order in which their module declares them."""
    declared = vars(sys.modules[base.__module__]).values()
    return [kind for kind in declared if isinstance(kind, type) and issubclass(kind, base) and kind is not base]


def _members(kind: Any) -> str:
    return ", ".join(f"`{field.name}`" for field in dataclasses.fields(kind)) or "none"


def views() -> str:
    """`SessionView` and what is in it."""
    named = {kind: name for name, kind in vars(view).items() if getattr(kind, "__module__", "") == view.__name__}
    kinds: list[Any] = list(filter(dataclasses.is_dataclass, named))
    rows = []
    for kind in sorted(kinds, key=lambda kind: kind is not view.SessionView):
        hints = get_type_hints(kind)
        shown = ", ".join(f"`{field.name}: {_short(hints[field.name])}`" for field in dataclasses.fields(kind))
        rows.append((f"`{named[kind]}`", shown))
    return table(("part", "fields"), rows)


def _short(hint: Any) -> str:
    text = hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
    text = re.sub(r"\b[a-z_]+(\.[a-z_]+)*\.", "", text).replace(", ...", "")
    return text.replace("NoneType", "None")


def store() -> str:
    """The tables of a session's database, as SQLite itself tells them."""
    database = sqlite3.connect(":memory:")
    database.executescript(STORE_TABLES)
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
    rows = []
    for name in names:
        columns = database.execute(f"PRAGMA table_info({name})").fetchall()
        shown = ", ".join(
            f"`{column[1]}` {column[2].lower()}{'' if column[3] or column[5] else '?'}" for column in columns
        )
        key = ", ".join(column[1] for column in sorted((c for c in columns if c[5]), key=lambda c: c[5]))
        rows.append((f"`{name}`", shown, key or "none"))
    database.close()
    return table(("table", "columns", "primary key"), rows)


def worker(typedef: str) -> Callable[[], str]:
    """The messages of `ToWorker` or `FromWorker`, from the JSDoc that the type checker reads."""

    def made() -> str:
        text = WORKER_MESSAGES.read_text(encoding="utf-8").replace("Progress", _progress())
        before = text[: text.index(f"}} {typedef} ") if f"}} {typedef} " in text else text.index(f"}} {typedef}\n")]
        block = before[before.rindex("@typedef") :]
        found = re.findall(r'type: "(\w+)"(?:, )?(.*)\}', block)
        joined = re.search(r'\{type: "progress"\} & (\{.*?\})', block)
        rows = [(f"`{name}`", _listed(fields)) for name, fields in found if name != "progress"]
        if joined:
            rows.insert(0, ("`progress`", _listed(joined[1][1:-1])))
        return table(("message", "fields"), rows)

    return made


def _progress() -> str:
    found = re.search(r"@typedef \{(\{.*?\})\} Progress", WORKER_MESSAGES.read_text(encoding="utf-8"))
    assert found
    return found[1]


def _listed(fields: str) -> str:
    """`a: number, b: {c: string, d: number}` as `a: number`, `b: {c: string, d: number}`."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(fields):
        depth += (sign in "{[<(") - (sign in "}]>)")
        if sign == "," and depth == 0:
            parts.append(fields[start:at])
            start = at + 1
    parts.append(fields[start:])
    return ", ".join(f"`{part.strip()}`" for part in parts if part.strip()) or "none"


TABLES: dict[str, Callable[[], str]] = {
    "client_messages": lambda: messages(codec.CLIENT_MESSAGES),
    "server_messages": lambda: messages(codec.SERVER_MESSAGES),
    "lab_client_messages": lambda: messages(codec.LAB_CLIENT_MESSAGES),
    "lab_server_messages": lambda: messages(codec.LAB_SERVER_MESSAGES),
    "events": lambda: wired(events.Event),
    "effects": lambda: wired(effects.Effect),
    "records": records,
    "happenings": lambda: wired(happenings.Happening),
    "view": views,
    "store": store,
    "to_worker": worker("ToWorker"),
    "from_worker": worker("FromWorker"),
}


def main(arguments: list[str]) -> int:
    stale = []
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text("utf-8")
        current = page_with_tables(text)
        if current != text:
            stale.append(page.relative_to(DOCS).as_posix())
            if "--check" not in arguments:
                page.write_text(current, "utf-8", newline="\n")
    if stale:
        verb = "are stale; run python build/docs_tables.py" if "--check" in arguments else "written"
        print(f"Tables in {', '.join(stale)} {verb}.")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
