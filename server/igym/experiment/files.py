"""The files of an experiment folder: found, read, and checked without running them."""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath

from igym.experiment.errors import ExperimentError, shown, suggestion
from igym.experiment.scenes.base import ASSET_LINK
from igym.protocol.told import Told

SKIPPED_FOLDERS = frozenset(
    {"data", "site-packages", "__pycache__", "node_modules", "profiles", "venv", "env", "build", "analysis"}
)
"""Folders whose Python files are not part of the experiment's sources (hidden ones neither)."""


SESSION_FILES = (
    ("session.sqlite3",),
    ("engine.json",),
    ("database.json", "engine.lock"),
    ("manifest.json", "codebook.csv"),
)
"""A folder that holds all of one of these holds recordings: those of a session, or an export of them."""


def holds_session(folder: Path) -> bool:
    """Whether data of participants, or the keys to a running session, lie directly in this folder."""
    return any(all((folder / name).exists() for name in names) for names in SESSION_FILES)


def is_part_of(folder: Path, file: Path) -> bool:
    """Whether a file belongs to the experiment: it lies in the folder itself, not only behind a link out of it, and
    neither in nor below a folder that holds a session."""
    root, real = folder.resolve(), file.resolve()
    if not real.is_relative_to(root):
        return False
    below = {path for seen in (real, root / file.absolute().relative_to(folder.absolute())) for path in seen.parents}
    return not any(path != root and path.is_relative_to(root) and holds_session(path) for path in below)


def existing(folder: Path, path: str, what: str) -> Path:
    """The file of the experiment folder, or an ExperimentError with what is there instead."""
    if "\\" in path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or ":" in path:
        raise ExperimentError(
            Told(
                "{what} {path} is not a path inside the experiment folder. Write it from there, with /.",
                what=what,
                path=shown(path),
            ),
            value=path,
        )
    file = folder / path
    if file.is_file():
        return file
    raise ExperimentError(
        Told(
            "{what} {path} does not exist in the experiment folder.{hint}",
            what=what,
            path=shown(path),
            hint=_near(folder, path),
        ),
        value=path,
    )


def _near(folder: Path, path: str) -> str:
    parent = (folder / path).parent
    siblings = [file.relative_to(folder).as_posix() for file in sorted(parent.iterdir())] if parent.is_dir() else []
    elsewhere = [
        file.relative_to(folder).as_posix()
        for file in sorted(folder.rglob(PurePosixPath(path).name))
        if not set(file.relative_to(folder).parts) & SKIPPED_FOLDERS
    ]
    return Told(' Did you mean "{name}"?', name=elsewhere[0]) if elsewhere else suggestion(path, siblings)


def read_text(file: Path, folder: Path) -> str:
    """UTF-8 text, or an ExperimentError that names the line that is not."""
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExperimentError(
            Told("the file is not UTF-8 text; save it with that encoding."),
            file=file.relative_to(folder).as_posix(),
            line=data.count(b"\n", 0, error.start) + 1,
        ) from None


_LINK = re.compile(r"""\b(src|href|poster)\s*=\s*(["'])(?P<target>[^"'<>]+)\2""", re.IGNORECASE)
_NOT_A_FILE = re.compile(r"([a-z][a-z0-9+.-]*:|/|#|\?|\{)", re.IGNORECASE)


def read_page(folder: Path, path: str) -> str:
    """A page's HTML with links to files of the folder turned into asset links."""
    file = existing(folder, path, Told("the page"))
    return with_asset_links(read_text(file, folder), folder, file)


def with_asset_links(html: str, folder: Path, page: Path | None = None) -> str:
    """Turn relative `src`, `href` and `poster` into asset links; `page` is the file the HTML came from."""

    def replaced(found: re.Match[str]) -> str:
        target = found["target"]
        if _NOT_A_FILE.match(target):
            return found[0]
        name = _linked_file(target, folder, page)
        if name is None:
            raise ExperimentError(
                Told(
                    "the page links to {target}, which does not exist in the experiment folder.", target=shown(target)
                ),
                value=target,
                file=page.relative_to(folder).as_posix() if page else None,
                line=html.count("\n", 0, found.start()) + 1 if page else None,
            )
        return f"{found[1]}={found[2]}{ASSET_LINK}{name}{found[2]}"

    return _LINK.sub(replaced, html)


def _linked_file(target: str, folder: Path, page: Path | None) -> str | None:
    path, _, query = target.partition("?")
    for start in (page.parent if page else folder, folder):
        file = (start / path).resolve()
        if file.is_relative_to(folder.resolve()) and file.is_file():
            name = file.relative_to(folder.resolve()).as_posix()
            return f"{name}?{query}" if query else name
    return None


def python_files(folder: Path) -> dict[str, str]:
    """Path → source of every Python file but experiment.py, which may hold what participants must not read."""
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder)
        hidden = any(part.startswith(".") or part in SKIPPED_FOLDERS for part in path.parts[:-1])
        if not hidden and path.as_posix() != "experiment.py" and is_part_of(folder, file):
            found[path.as_posix()] = read_text(file, folder)
    return found


def parsed(source: str, name: str) -> ast.Module:
    """The syntax tree, or an ExperimentError with file and line."""
    try:
        return ast.parse(source, name)
    except SyntaxError as error:
        code = Told(" The line reads: {line}", line=error.text.strip()) if error.text else ""
        raise ExperimentError(
            Told("this is not valid Python: {error}.{line}", error=error.msg, line=code), file=name, line=error.lineno
        ) from None
    except ValueError as error:
        raise ExperimentError(Told("this is not valid Python: {error}.", error=error), file=name) from None


def defined_names(tree: ast.Module) -> dict[str, ast.stmt]:
    """Names a module defines at its top level, also inside if and try."""
    names: dict[str, ast.stmt] = {}
    for statement in _flat(tree.body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names[statement.name] = statement
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0]: statement for alias in statement.names}
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names |= {n.id: statement for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return names


def _flat(statements: list[ast.stmt]) -> list[ast.stmt]:
    flat: list[ast.stmt] = []
    for statement in statements:
        flat.append(statement)
        for part in ("body", "orelse", "finalbody"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                flat += _flat(getattr(statement, part, []))
        if isinstance(statement, ast.Try):
            flat += [inner for handler in statement.handlers for inner in _flat(handler.body)]
    return flat


def imported_modules(tree: ast.Module) -> set[str]:
    """Top-level names of everything a module imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names
