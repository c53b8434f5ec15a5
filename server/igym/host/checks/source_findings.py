"""What a game's code asks of the computer that a browser does not have: told before anybody plays."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from igym.protocol.told import Told

THREADS = frozenset({"Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor", "Process", "Pool", "Popen"})
MODULES = frozenset({"threading", "multiprocessing", "concurrent", "futures", "subprocess"})
OF_IGYM = frozenset({"Surface", "rendering"})
"""What browsers have of igym itself."""


def browser_warnings(files: dict[str, str]) -> list[str]:
    """A sentence for each kind of thing and file; `files` are the Python files of a game that browsers run."""
    return [text for path, source in sorted(files.items()) for text in _of_file(path, source)]


def _of_file(path: str, source: str) -> Iterator[str]:
    tree = ast.parse(source, path)
    variables = dict(_variables(tree))
    if variables:
        names = ", ".join(sorted(variables))
        yield (
            Told(
                "{file}, line {line}: browsers have none of this computer's environment variables "
                "({variables}), so there the env gets what stands for a missing one. Pass such values with "
                ".environment(config={{…}}).",
                file=path,
                line=min(variables.values()),
                variables=names,
            )
        )
    missing = dict(_not_in_browsers(tree))
    if missing:
        yield (
            f"{path}, line {min(missing.values())}: {', '.join(sorted(missing))}: browsers have igym.rendering "
            "alone of igym, so the game cannot be loaded there. What describes the study belongs into experiment.py."
        )
    threads = dict(_threads(tree))
    if threads:
        yield (
            Told(
                "{file}, line {line}: {what}: Python in browsers has no threads and no processes. Do this "
                'work in step(), or run the env on the host with .runtime(where="host").',
                file=path,
                line=min(threads.values()),
                what=", ".join(sorted(threads)),
            )
        )


def _not_in_browsers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(name, line) of what is imported from igym as the file is loaded, and is not there in browsers."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and not node.level and node.module == "igym":
            yield from ((f"igym.{alias.name}", node.lineno) for alias in node.names if alias.name not in OF_IGYM)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((name, node.lineno) for name in (node.module or "",) if _is_elsewhere(name))
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if _is_elsewhere(alias.name))


def _is_elsewhere(module: str) -> bool:
    return module.startswith("igym.") and module.split(".")[1] not in OF_IGYM


def _variables(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(name, line) of each environment variable that is read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _ends_in(node.value, "environ"):
            yield _text(node.slice), node.lineno
        elif isinstance(node, ast.Call) and node.args and _reads_variable(node.func):
            yield _text(node.args[0]), node.lineno


def _text(key: ast.expr) -> str:
    return str(key.value) if isinstance(key, ast.Constant) else "…"


def _reads_variable(function: ast.expr) -> bool:
    if _ends_in(function, "getenv"):
        return True
    return isinstance(function, ast.Attribute) and function.attr == "get" and _ends_in(function.value, "environ")


def _threads(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(name, line) of each thread or process that is made."""
    nodes = list(ast.walk(tree))
    froms = [
        node for node in nodes if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES
    ]
    own = {alias.asname or alias.name for node in froms for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.Call):
            *before, name = ast.unparse(node.func).split(".")
            module = before[-1] if before else ""
            if module == "subprocess" or (name in THREADS and (module in MODULES or name in own)):
                yield name, node.lineno


def _ends_in(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == name) or (isinstance(node, ast.Name) and node.id == name)
