"""Whether a name in the researcher's modules and classes can come to mean something else while the game runs.

Most games bind theirs when they are loaded and never again: constants, functions, classes. Where the code shows that
much, nobody has to look at each name with every save. Only what the code does not say in so many words, such as
`setattr` or `globals()`, leaves it open; then the names are looked at.
"""

from __future__ import annotations

import ast
import types
from functools import cached_property, lru_cache
from pathlib import Path

_WAYS_ROUND = {
    "globals", "vars", "locals", "setattr", "delattr", "exec", "eval", "compile", "__import__", "builtins",
    "__builtins__", "__dict__", "__setattr__", "__delattr__", "__globals__", "f_globals", "modules", "importlib",
    "import_module", "reload", "ctypes", "gc", "inspect", "mock", "operator", "methodcaller", "pickle",
}  # fmt: skip
"""What may bind a name that it does not name."""
_QUIET_BASES = ("builtins", "gymnasium", "pettingzoo", "typing", "enum", "abc", "collections", "dataclasses")


class Bindings:
    """`settled`: every name goes on meaning what it means. Another browser's state may end that."""

    def __init__(self, modules: list[types.ModuleType], classes: list[type], code: str | None = None) -> None:
        """`code`: what the researcher has run after each step."""
        self._modules, self._classes, self._code = modules, classes, code or ""

    @cached_property
    def settled(self) -> bool:
        own = {module.__name__ for module in self._modules}
        names = {name for space in (*self._modules, *self._classes) for name in vars(space)}
        written = [_text_of(module) for module in self._modules]
        if None in written or not all(_is_quiet(base, own) for kind in self._classes for base in kind.__mro__):
            return False
        return not any(_rebinds(text or "", names) for text in (*written, self._code))


def _is_quiet(kind: type, own: set[str]) -> bool:
    """A class of somebody else's may keep count of something in the class it is called on."""
    return kind.__module__ in own or kind.__module__.partition(".")[0] in _QUIET_BASES


def _text_of(module: types.ModuleType) -> str | None:
    path = Path(getattr(module, "__file__", None) or "")
    return path.read_text("utf-8", "replace") if path.suffix == ".py" and path.is_file() else None


def _rebinds(text: str, names: set[str]) -> bool:
    bound, used = _words(text)
    private = {name for name in bound if name.startswith("__")}
    return (
        not names.isdisjoint(bound)
        or not _WAYS_ROUND.isdisjoint(used)
        or any(name.endswith(end) for end in private for name in names)
    )


@lru_cache(64)
def _words(text: str) -> tuple[set[str], set[str]]:
    """Names that the code binds in whatever it has at hand or declares global, and all words it uses."""
    reader = _Reader()
    try:
        reader.visit(ast.parse(text))
    except (SyntaxError, ValueError):
        return set(), _WAYS_ROUND
    return reader.bound, reader.used


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.used: set[str] = set()
        self._inside: ast.AST | None = None
        self._in_method = False
        """`self` is an object of the class, and neither a module nor a class."""

    def generic_visit(self, node: ast.AST) -> None:
        before = self._inside, self._in_method
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            if not isinstance(node, ast.ClassDef) and _takes_self(node):
                self._in_method = isinstance(self._inside, ast.ClassDef) and _is_method(node, self._inside)
            self._inside = node
        super().generic_visit(node)
        self._inside, self._in_method = before

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.used.add(node.attr)
        own = self._in_method and isinstance(node.value, ast.Name) and node.value.id == "self"
        if not isinstance(node.ctx, ast.Load) and not own:
            self.bound.add(node.attr)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.used.add(node.id)
        if node.id == "self" and not isinstance(node.ctx, ast.Load):
            self.used |= _WAYS_ROUND

    def visit_Global(self, node: ast.Global) -> None:
        self.bound.update(node.names)

    def visit_Import(self, node: ast.Import) -> None:
        self.used.update(part for alias in node.names for part in alias.name.split("."))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.used.update((node.module or "").split("."), (alias.name for alias in node.names))


def _takes_self(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    given = node.args
    return any(one.arg == "self" for one in (*given.posonlyargs, *given.args, *given.kwonlyargs))


def _is_method(node: ast.AST, kind: ast.ClassDef) -> bool:
    """A plain one: of a class of classes `self` is a class, and a decorator may hand over anything."""
    marks = getattr(node, "decorator_list", [])
    of_classes = kind.keywords or any(isinstance(base, ast.Name) and base.id == "type" for base in kind.bases)
    return not of_classes and all(isinstance(mark, ast.Name) and mark.id == "property" for mark in marks)
