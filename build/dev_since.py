"""Which tests a change can have touched: by the import graph, and for what no import shows by the rules below.

python build/dev_since.py REF    prints the choice as JSON; `dev.py test --since REF` runs it

Python files lead to the tests that import them, however indirectly; a module named in a string ("igym.cli", for a child
process) counts as imported. When in doubt, more is chosen: what cannot be told apart runs everything.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

import grimp

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("igym", "igym_desktop", "igym_bridge", "tests")
EVERYTHING = ("pyproject.toml", "build/requirements.lock", "package.json", "package-lock.json", "tests/conftest.py")
NOTHING = (".gitignore", ".npmrc", "LICENSE", "CITATION.cff", ".pre-commit-config.yaml")
PRODUCT = ("server/", "igym_desktop/", "web_client/", "examples/")
BROWSER_PROGRAM = "playwright"
"""Who imports it drives a browser, and with it the web client."""


@dataclass
class Choice:
    """What to run. `tests` are files below the checkout, `checks` names of dev.py's levels of checks."""

    everything: bool = False
    tests: set[str] = field(default_factory=set)
    checks: set[str] = field(default_factory=set)

    def to_json(self) -> str:
        return json.dumps(
            {"everything": self.everything, "tests": sorted(self.tests), "checks": sorted(self.checks)}, indent=1
        )


def changed_files(ref: str, root: Path = ROOT) -> list[str]:
    """Paths that differ from `ref`, those not yet added to git included. Raises SystemExit with git's own words."""

    def git(*arguments: str) -> list[str]:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, encoding="utf-8", check=False
        )
        if done.returncode != 0:
            raise SystemExit(done.stderr.strip() or f"git {arguments[0]} ended with code {done.returncode}")
        return [path for path in done.stdout.split("\0") if path]

    return sorted(
        {*git("diff", "--name-only", "--no-renames", "-z", ref, "--"),
         *git("ls-files", "--others", "--exclude-standard", "-z")}
    )  # fmt: skip


class Checkout:
    """The tests of a checkout and what they depend on."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root

    @cached_property
    def texts(self) -> dict[str, str]:
        """Every Python file below tests, by its path."""
        found = sorted((self.root / "tests").rglob("*.py"))
        return {path.relative_to(self.root).as_posix(): path.read_text(encoding="utf-8") for path in found}

    @property
    def test_files(self) -> list[str]:
        return [path for path in self.texts if PurePosixPath(path).name.startswith("test_")]

    @cached_property
    def graph(self) -> grimp.ImportGraph:
        """Imports between the packages and the tests, with those that only a string or a conftest shows."""
        with importable(self.root, self.root / "server", self.root / "web_client" / "game"):
            graph = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
        # Whoever imports `igym` gets its names; the host's work behind one of them comes only when it is called.
        graph.remove_import(importer="igym.data", imported="igym.host.demonstrations.loading")
        known = graph.modules
        for path, module in self.modules.items():
            for named in names_in(self.root / path, known):
                graph.add_import(importer=module, imported=named)
        for path in self.test_files:
            for conftest in self.conftests_of(path):
                graph.add_import(importer=self.modules[path], imported=self.modules[conftest])
        return graph

    @cached_property
    def modules(self) -> dict[str, str]:
        """Module names by path, of every Python file of ours that the graph may hold."""
        folders = ("server/igym", "igym_desktop", "web_client/game/igym_bridge", "tests")
        paths = [path for folder in folders for path in (self.root / folder).rglob("*.py")]
        return {(name := path.relative_to(self.root).as_posix()): module_of(name) for path in paths}

    def conftests_of(self, path: str) -> Iterator[str]:
        """Those whose fixtures a test file may use; not the one of all tests, whose change runs everything."""
        for folder in PurePosixPath(path).parents:
            candidate = f"{folder}/conftest.py"
            if candidate in self.texts and candidate not in EVERYTHING:
                yield candidate

    def depending_on(self, modules: Iterable[str]) -> set[str]:
        """Test files that import one of these modules, directly or not, and those that are one."""
        known = [module for module in modules if module in self.graph.modules]
        reached = {*known, *(other for module in known for other in self.graph.find_downstream_modules(module))}
        return {path for path in self.test_files if self.modules[path] in reached}

    def mentioning(self, pattern: str) -> set[str]:
        """Test files whose text, or that of a helper they import, matches."""
        return self.depending_on(self.modules[path] for path, text in self.texts.items() if re.search(pattern, text))

    def below(self, folder: str) -> set[str]:
        return {path for path in self.test_files if path.startswith(f"{folder}/")}


@contextmanager
def importable(*folders: Path) -> Iterator[None]:
    """The packages in these folders can be found meanwhile."""
    before = list(sys.path)
    sys.path[:0] = map(str, folders)
    try:
        yield
    finally:
        sys.path[:] = before


def module_of(path: str) -> str:
    """`server/igym/host/engine/engine.py` → `igym.host.engine.engine`."""
    for start in ("server/", "web_client/game/"):
        path = path.removeprefix(start)
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def names_in(path: Path, known: set[str]) -> set[str]:
    """Modules that a file names in strings, as it does for child processes and for imports at the last moment."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in strings if text in known and ("." in text or text == "igym_desktop")}


def changed_modules(path: str, checkout: Checkout) -> list[str]:
    """The module of a file; the whole package for a package's own file, for one that is gone, for what is no Python."""
    module = module_of(path)
    modules = checkout.graph.modules
    if not path.endswith(".py"):
        module = module.partition(".")[0]
    elif module in modules and not path.endswith("/__init__.py"):
        return [module]
    while module not in modules and "." in module:
        module = module.rpartition(".")[0]
    return [name for name in modules if name == module or name.startswith(f"{module}.")]


def of_tests(path: str, checkout: Checkout) -> set[str]:
    """A test itself; for what tests share, those that import it, otherwise its folder and whoever names the file."""
    if path in checkout.test_files:
        return {path}
    folder = checkout.below("/".join(path.split("/")[:2]))
    if path.endswith(".py"):
        return checkout.depending_on([module_of(path)]) or folder
    return folder | checkout.mentioning(re.escape(PurePosixPath(path).name))


def of_web_client(path: str, checkout: Checkout) -> set[str]:
    """Whatever drives a browser or names the folder; for the Python of a game's worker, its importers too."""
    bridge = of_package(path, checkout) if "igym_bridge" in path else set()
    browsers = checkout.below("tests/browser") | checkout.depending_on([BROWSER_PROGRAM])
    return bridge | browsers | checkout.mentioning("web_client")


def of_build(path: str, checkout: Checkout) -> set[str]:
    own = checkout.below("tests/build") | checkout.below("tests/package")
    return own | of_web_client(path, checkout) | checkout.below("tests/env") if "vendor" in path else own


def of_text(_path: str, checkout: Checkout) -> set[str]:
    return checkout.mentioning(r"\bdocs\b|\.md\b|\.rst\b")


def of_package(path: str, checkout: Checkout) -> set[str]:
    return checkout.depending_on(changed_modules(path, checkout))


def of_examples(_path: str, checkout: Checkout) -> set[str]:
    return checkout.mentioning("example") | checkout.below("tests/browser")


RULES = {
    "tests/": of_tests,
    "web_client/": of_web_client,
    "server/": of_package,
    "igym_desktop/": of_package,
    "examples/": of_examples,
    "build/": of_build,
    "docs/": of_text,
}


def tests_of(path: str, checkout: Checkout) -> set[str] | None:
    """Test files that a change of this file can have touched; None where nobody can say."""
    for start, rule in RULES.items():
        if path.startswith(start):
            package = checkout.below("tests/package") if path.startswith(PRODUCT) else set()
            return rule(path, checkout) | package
    if path.endswith(".md"):
        return of_text(path, checkout)
    return checkout.mentioning(re.escape(PurePosixPath(path).name)) or None


def checks_of(path: str) -> set[str]:
    """Linters for all but prose, node's tests for the web client."""
    if path.endswith((".md", ".png", ".svg")):
        return set()
    return {"lint", "web"} if path.startswith(("web_client/", "tests/web/", "eslint", "tsconfig")) else {"lint"}


def choose(paths: Iterable[str], checkout: Checkout) -> Choice:
    choice = Choice()
    for path in paths:
        if path in NOTHING:
            continue
        choice.checks |= checks_of(path)
        if path.startswith("tests/web/"):
            continue
        found = None if path in EVERYTHING else tests_of(path, checkout)
        choice.everything |= found is None
        choice.tests |= found or set()
    return choice


def main(ref: str) -> None:
    print(choose(changed_files(ref), Checkout()).to_json())


if __name__ == "__main__":
    main(sys.argv[1])
