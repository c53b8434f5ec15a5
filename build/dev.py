"""The developer's commands. Standard library only; sets up what is missing and then does its job.

python build/dev.py run               open the launcher
python build/dev.py test              every check and every test
python build/dev.py test --fast       without hostile participants, browsers, network chaos, crowds and packaging
python build/dev.py test --only host  one level or several
python build/dev.py test --since main what the changes since a commit can have touched
python build/dev.py slowest           the table of the slowest tests in docs/tests.md
python build/dev.py lint              linters and type checks
python build/dev.py vendor            the browser runtime in web_client/vendor
python build/dev.py bench             measurements, as a table and as JSON
python build/dev.py docs              the manual as a site, in build/out/docs
python build/dev.py package           wheel, stand-alone app and its installer in dist/
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import dev_bench
import dev_runs
import dev_slowest
import installers
from dev_runs import Run
from dev_setup import (
    ROOT,
    TEST_LIBRARIES,
    WINDOW_LIBRARIES,
    SetupError,
    VendorError,
    find_browser,
    npm_tool,
    set_up,
    venv_python,
    venv_tool,
)

# Each level names its folders under tests/.
LEVELS: dict[str, tuple[str, ...]] = {
    "core": ("build", "protocol", "rendering", "experiment", "core"),
    "contract": ("contract",),
    "env": ("env",),
    "host": ("host", "load"),
    "fuzz": ("fuzz",),
    "desktop": ("desktop",),
    "browser": ("browser",),
    "chaos": ("lan", "chaos"),
    "cluster": ("cluster",),
    "crowd": ("crowd",),
    "package": ("package",),
    "multitude": ("multitude",),
    "envs": ("envs",),
}
CHECKS = ("lint", "web")
SYSTEMS = ("win32", "darwin", "linux")
SLOW = ("fuzz", "browser", "chaos", "cluster", "crowd", "package")
ON_REQUEST = ("envs", "multitude")
"""Levels that fetch packages from an index, or take very long: run when they are named, and in no other run."""
# The pytest runs, in their order. Within one, files run side by side in the order of the levels, which begins with
# those whose single tests last longest; what asks more of a computer than one of its cores has the machine alone.
RUNS: dict[str, tuple[str, ...]] = {
    "pure": ("core", "contract", "env"),
    "programs": ("package", "chaos", "cluster", "browser", "desktop", "host"),
    "crowds": ("fuzz", "crowd"),
    "multitudes": ("multitude",),
    "index": ("envs",),
}
ALONE = ("crowds", "multitudes")
WAITING = ("programs",)
"""Runs whose tests wait for the pace of a game or the end of a program: one more of them than there are cores."""
CORE_COVERAGE = ("--cov=igym.core", "--cov-branch", "--cov-fail-under=95", "--cov-report=term")
MOST_WORKERS = 4  # each may hold an engine, a window or several browsers


@dataclass(frozen=True)
class Check:
    """One command that must succeed; its output is shown only when it does not."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    seconds: float


def lint_checks() -> list[Check]:
    npm = npm_tool()
    return [
        Check("ruff check", (venv_tool("ruff"), "check", ".")),
        Check("ruff format", (venv_tool("ruff"), "format", "--check", ".")),
        Check("mypy", (venv_tool("mypy"),)),
        *(mypy_check(system) for system in SYSTEMS if system != sys.platform),
        Check("import contracts", (venv_tool("lint-imports"),)),
        Check("eslint, circular imports", (npm, "run", "--silent", "lint")),
        Check("tsc", (npm, "run", "--silent", "typecheck")),
    ]


def mypy_check(system: str) -> Check:
    """The types as another system has them: modules and functions that are not there are found without being there."""
    options = ("--platform", system, "--cache-dir", f".mypy_cache/{system}")
    return Check(f"mypy for {system}", (venv_tool("mypy"), *options))


def web_checks() -> list[Check]:
    return [Check("node tests, coverage of web_client/core", (npm_tool(), "run", "--silent", "coverage"))]


def run_check(check: Check) -> tuple[Outcome, str]:
    started = time.monotonic()
    done = subprocess.run(
        check.command, cwd=ROOT, text=True, encoding="utf-8", errors="replace", check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return Outcome(check.name, done.returncode == 0, time.monotonic() - started), done.stdout


def run_checks(checks: list[Check]) -> list[Outcome]:
    """Runs them beside each other, one for each core; tells of them in their order."""
    outcomes = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for outcome, said in pool.map(run_check, checks):
            print(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.name} ({outcome.seconds:.1f} s)", flush=True)
            if not outcome.passed:
                print(said, flush=True)
            outcomes.append(outcome)
    return outcomes


def test_folders(levels: list[str]) -> list[str]:
    """The folders of these levels that hold tests. Raises SetupError when a folder of tests belongs to no level."""
    known = {folder for folders in LEVELS.values() for folder in folders} | {"web"}
    present = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    if strays := present - known:
        raise SetupError(
            f"tests/{', tests/'.join(sorted(strays))} belongs to no level: add it to LEVELS in build/dev.py."
        )
    return [f"tests/{folder}" for level in levels for folder in LEVELS[level] if folder in present]


def side_by_side_workers(run: str, extra: list[str]) -> int:
    """How many tests of a run at once; one where somebody wants to see or stop them."""
    if run in ALONE or {"-s", "--capture=no", "--pdb", "--trace"} & set(extra):
        return 1
    return min(MOST_WORKERS, (os.cpu_count() or 1) + (run in WAITING))


def planned_runs(levels: list[str], only: list[str] | None, extra: list[str]) -> list[Run]:
    """The pytest runs for these levels; with `only`, of these files alone."""
    whole_core = "core" in levels and only is None and not extra
    runs = []
    for name, members in RUNS.items():
        paths = test_folders([level for level in members if level in levels])
        if only is not None:
            paths = [file for folder in paths for file in only if file.startswith(f"{folder}/")]
        if paths:
            workers = side_by_side_workers(name, extra)
            options = dev_runs.side_by_side(workers) if workers > 1 and (only is None or len(paths) > 1) else ()
            coverage = CORE_COVERAGE if name == "pure" and whole_core else ()
            runs.append(Run(name, tuple(paths), (*options, *coverage)))
    return runs


def chosen_levels(only: list[str], fast: bool) -> list[str]:
    levels = only or [level for level in (*CHECKS, *LEVELS) if level not in ON_REQUEST]
    return [level for level in levels if not (fast and level in SLOW)]


def touched_since(ref: str) -> tuple[set[str], list[str] | None]:
    """Checks and test files that the changes since a commit can have touched; None for all files."""
    command = [str(venv_python()), str(ROOT / "build" / "dev_since.py"), ref]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise SetupError(done.stderr.strip())
    choice = json.loads(done.stdout)
    if choice["everything"]:
        print(f"The changes since {ref} can have touched everything.")
        return set(CHECKS), None
    print(f"The changes since {ref} can have touched {len(choice['tests'])} files of tests.")
    return set(choice["checks"]), choice["tests"]


def test(arguments: argparse.Namespace) -> int:
    """Checks first, pytest last, so that the output ends with pytest's own closing line or one about all its runs."""
    levels = chosen_levels(arguments.only, arguments.fast)
    needs_browser = any(level in levels for level in ("browser", "chaos", "cluster", "crowd"))
    set_up(TEST_LIBRARIES, browser=needs_browser)
    files = None
    if arguments.since:
        wanted, files = touched_since(arguments.since)
        levels = [level for level in levels if level not in CHECKS or level in wanted]
    # The node tests last longest: begun last, they would keep one core long after the others have ended.
    checks = [*(web_checks() if "web" in levels else []), *(lint_checks() if "lint" in levels else [])]
    outcomes = run_checks(checks)
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    if outcomes:
        print(f"\n{len(outcomes) - len(failed)} of {len(outcomes)} checks passed", flush=True)
    runs = planned_runs(levels, files, arguments.pytest)
    passed = not runs or dev_runs.run_all(runs, arguments.pytest)
    if failed:
        print(f"\nFAILED besides the tests above: {', '.join(failed)}", flush=True)
    return 0 if passed and not failed else 1


def slowest(_arguments: argparse.Namespace) -> int:
    return dev_slowest.write()


def lint(_arguments: argparse.Namespace) -> int:
    set_up()
    return 0 if all(outcome.passed for outcome in run_checks(lint_checks())) else 1


def vendor(_arguments: argparse.Namespace) -> int:
    set_up(libraries=())
    return subprocess.run([str(venv_python()), str(ROOT / "build" / "vendor.py")], cwd=ROOT, check=False).returncode


def run(arguments: argparse.Namespace) -> int:
    """Opens the launcher."""
    set_up(WINDOW_LIBRARIES)
    no_screen = sys.platform == "linux" and not any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))
    if no_screen and "QT_QPA_PLATFORM" not in os.environ:
        raise SetupError(
            "Everything is set up, but there is no screen to open the launcher on (neither DISPLAY nor WAYLAND_DISPLAY "
            "is set).\nRun a study without a window: .venv/bin/igym serve examples/mountain_car"
        )
    command = [str(venv_python()), "-m", "igym_desktop", *arguments.arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def bench(arguments: argparse.Namespace) -> int:
    set_up(TEST_LIBRARIES, browser=True)
    return dev_bench.run(arguments.names, venv_python(), find_browser())


def docs(_arguments: argparse.Namespace) -> int:
    set_up(libraries=())
    return subprocess.run([str(venv_python()), str(ROOT / "build" / "docs_site.py")], cwd=ROOT, check=False).returncode


def package(arguments: argparse.Namespace) -> int:
    """The wheel, the stand-alone app (one folder, by PyInstaller), and this system's installer of it."""
    set_up(WINDOW_LIBRARIES)
    python = str(venv_python())
    commands = [
        [python, "build/docs_site.py"],
        [python, "-m", "build", "--wheel", "--outdir", "dist", "."],
    ]
    if not arguments.wheel_only:
        commands.append([python, "-m", "PyInstaller", "--noconfirm", "--workpath", "build/out", "--distpath", "dist",
                         "build/igym_desktop.spec"])  # fmt: skip
    for command in commands:
        if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
            return code
    if not (arguments.wheel_only or arguments.no_installer):
        print(f"• {installers.make(ROOT / 'dist')}", flush=True)
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    runs = commands.add_parser("run", help="open the launcher")
    runs.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the launcher")
    runs.set_defaults(call=run)
    tests = commands.add_parser(
        "test", help="every check and every test", epilog=f"Levels: lint, web, {chr(44).join(LEVELS)}."
    )
    tests.add_argument("--only", nargs="+", default=[], choices=[*CHECKS, *LEVELS], metavar="LEVEL")
    tests.add_argument("--fast", action="store_true", help=f"leave out {', '.join(SLOW)}")
    tests.add_argument("--since", metavar="COMMIT", help="only what the changes since this commit can have touched")
    tests.add_argument("--pytest", nargs=argparse.REMAINDER, default=[], help="last: passed on to pytest")
    tests.set_defaults(call=test)
    benches = commands.add_parser("bench", help="measurements")
    benches.add_argument("names", nargs="*", help="scripts in build/bench; all of them by default")
    benches.set_defaults(call=bench)
    packages = commands.add_parser("package", help="wheel, stand-alone app and its installer in dist/")
    packages.add_argument("--wheel-only", action="store_true")
    packages.add_argument("--no-installer", action="store_true", help="stop at the app's folder")
    packages.set_defaults(call=package)
    commands.add_parser("slowest", help="the table of the slowest tests").set_defaults(call=slowest)
    commands.add_parser("lint", help="linters and type checks").set_defaults(call=lint)
    commands.add_parser("docs", help="the manual as a site").set_defaults(call=docs)
    commands.add_parser("vendor", help="the browser runtime").set_defaults(call=vendor)
    return top


def main() -> int:
    # Under a Windows code page a test's name or a bullet must not end the command.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = parser().parse_args()
    try:
        return int(arguments.call(arguments))
    except (SetupError, VendorError, installers.InstallerError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
