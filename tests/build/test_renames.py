"""No file takes another's place but through the helper that waits for virus scanners and cloud folders."""

from __future__ import annotations

import ast
from pathlib import Path


def test_nothing_is_put_in_its_place_but_by_what_waits_for_scanners(root: Path) -> None:
    """`Path.replace` and `rename`, `os.replace`, `shutil.move` are found outside of `held_files` nowhere."""
    bare = []
    for path in [*(root / "server" / "igym").rglob("*.py"), *(root / "igym_desktop").rglob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and _moves(call, call.func):
                bare.append(f"{path.relative_to(root)}: {ast.unparse(call)}")
    assert [call for call in bare if "column.replace(_SPECIAL)" not in call and "held_files.py" not in call] == []


def _moves(call: ast.Call, called: ast.Attribute) -> bool:
    named = f"{ast.unparse(called.value)}.{called.attr}"
    of_path = called.attr in ("replace", "rename") and len(call.args) == 1 and not call.keywords
    return of_path or named in ("os.replace", "os.rename", "os.renames", "shutil.move")
