"""What the engine says to the researcher is there in the launcher's languages, and is recognised when it is said."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import igym
import igym_desktop
from igym.host.copies import ERASED
from igym.host.replay.files import ReplayFile
from igym.host.replay.judge import Played, judge
from igym.host.withdrawal import WHAT_IS_ERASED, WHAT_IS_KEPT
from igym_desktop.control_link import _reply
from igym_desktop.flow.diagnostics import readme
from igym_desktop.flow.server_words import heard
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.flow.stored_jobs import ended, verify_job
from igym_desktop.flow.timeline import line
from igym_desktop.i18n import available_languages, use_language
from igym_desktop.windows.receipt import receipt_text

SERVER = Path(igym.__file__).parent
RESOURCES = Path(igym_desktop.__file__).parent / "resources"
CATALOGUES: dict[str, dict[str, str]] = {
    file.stem.removeprefix("server_"): json.loads(file.read_text(encoding="utf-8"))
    for file in sorted(RESOURCES.glob("server_*.json"))
}
GERMAN = CATALOGUES["de"]
REFUSALS = {"HostError": 1, "CommandError": 1, "CommandFailedError": 1, "_no": 1, "ExportFailedError": 0}
"""Who carries a sentence to the launcher, and as which of its arguments."""
REPORTED = {"problem": 1, "report": 2}
"""Methods by which the engine reports a problem: which argument is its title; its text follows."""
COPIES = {
    "could not be changed ({0}): remove it yourself", "erased in it", "not removed ({0}): remove it yourself",
    "removed", "removed; it could not be written anew: {0}", "written anew without it", "{0} lines removed",
    "kept: a file of the study itself names them; take them out there and in your own folder",
}  # fmt: skip
"""What a receipt says was done with a copy."""
REASONS = {
    "after the end", "after the end: {0}", "away from the page", "away when the session ended", "by the experimenter",
    "by the experimenter: {0}", "by the participant", "callback: {0}", "complete", "completion code shown",
    "connection lost", "dropped", "finished", "ended by the experimenter", "engine restarted", "error in the game",
    "frame rate too low", "game not loaded in time", "link lost", "links not established", "matched",
    "moved by the experimenter", "never connected", "no answer", "no input", "page hidden or left", "partner lost",
    "ping above {0} ms", "replaced by the experimenter", "requeued by the experimenter", "resumed",
    "scene restarted by the experimenter", "screening: {0}", "session ended", "timeout", "transferred",
    "waitroom timeout",
}  # fmt: skip
"""Why a person or a match ended, as the tables show it."""
SAID_IN = {
    "host/replay/judge.py": None,
    "host/export/steps.py": {"partly_written"},
    "host/storage_errors.py": {"_ADVICE", "explain_write_failure"},
    "host/backup.py": {"_explained"},
    "host/front_door.py": {"_reason"},
    "host/withdrawal.py": {"WHAT_IS_ERASED", "WHAT_IS_KEPT", "DATABASE_LATER"},
    "host/researcher.py": {"FORGOTTEN", "ONE_AT_A_TIME", "Researcher"},
    "host/researcher_process.py": {"ResearcherProcess", "late_error"},
    "host/env_bridge.py": {"left_out_text"},
    "host/walkthrough/findings.py": None,
}
"""Places whose sentences are built of parts: in each function or table named, every string that reads as a sentence."""


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    use_language("en")


def template(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts, gaps = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts += str(part.value)
        else:
            parts += f"{{{gaps}}}"
            gaps += 1
    return parts


def refusals() -> Iterator[str]:
    folders = [SERVER / "host", *(SERVER / "host" / name for name in ("replay", "hostenv", "export", "stimuli"))]
    files = [*(file for folder in folders for file in sorted(folder.glob("*.py"))), SERVER / "core" / "commands.py"]
    for file in files:
        if file.name in ("join.py", "sockets.py", "lab_sockets.py"):
            continue  # these speak to browsers
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = {
            node.targets[0].id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in REFUSALS:
                continue
            place = REFUSALS[getattr(node.func, "id", "")]
            for argument in node.args[place : place + 1]:
                known = named.get(argument.id, argument) if isinstance(argument, ast.Name) else argument
                text = template(known)
                if text:
                    yield text


def sentences_in(name: str, places: set[str] | None) -> Iterator[str]:
    tree = ast.parse((SERVER / name).read_text(encoding="utf-8"))
    for top in tree.body:
        names = {getattr(top, "name", "")} | {getattr(t, "id", "") for t in getattr(top, "targets", ())}
        if isinstance(top, ast.Expr) or (places is not None and not names & places):
            continue
        for node in _outermost(top):
            text = template(node)
            if text and re.search(r"\w \w.*[.\w})]$", text):
                yield text


def _outermost(node: ast.AST) -> Iterator[ast.expr]:
    """Strings that are no docstring and no part of another string."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, (ast.JoinedStr, ast.Constant)):
            yield child
        else:
            yield from _outermost(child)


def problems() -> Iterator[str]:
    """Titles and texts of what the engine reports, also where a variable carries them."""
    for file in [*sorted((SERVER / "core").glob("*.py")), *sorted((SERVER / "host").rglob("*.py"))]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for scope in ast.walk(tree):
            if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for node in ast.walk(scope):
                    place = REPORTED.get(node.func.attr) if _is_method_call(node) else None
                    if place is not None and len(node.args) > place + 1:
                        for argument in node.args[place : place + 2]:
                            yield from _texts(argument, scope)


def _is_method_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def _texts(argument: ast.expr, scope: ast.AST) -> Iterator[str]:
    given = [argument]
    if isinstance(argument, ast.Name):
        given = [
            node.value
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign) and argument.id in {getattr(target, "id", "") for target in node.targets}
        ]
    for value in given:
        for node in [value] if isinstance(value, (ast.Constant, ast.JoinedStr)) else _outermost(value):
            text = template(node)
            if text and re.search(r"\w", re.sub(r"\{\d+\}", "", text)):
                yield text


def everything() -> set[str]:
    return {
        *refusals(),
        *problems(),
        *REASONS,
        *COPIES,
        *(text for name, places in SAID_IN.items() for text in sentences_in(name, places)),
    }


def test_every_sentence_of_the_engine_is_there_in_every_language() -> None:
    said = everything()
    assert len(said) > 80 and "Match {0} is already over." in said
    assert CATALOGUES.keys() == available_languages().keys() - {"en"}
    for language, catalogue in CATALOGUES.items():
        assert sorted(said - set(catalogue)) == [], language
        assert sorted(set(catalogue) ^ set(GERMAN)) == [], language


def test_no_german_is_kept_for_what_nobody_says() -> None:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SERVER.rglob("*.py")))
    said = {
        template(node) for tree in trees for node in ast.walk(tree) if isinstance(node, (ast.JoinedStr, ast.Constant))
    }
    assert sorted(set(GERMAN) - said) == []  # type: ignore[operator]


@pytest.mark.parametrize("english", sorted(GERMAN))
def test_a_sentence_is_recognised_with_what_was_filled_in(english: str) -> None:
    gaps = re.findall(r"\{(\d+)\}", english)
    values = [f"/home/a.b/{number} (P 7)" for number in gaps]
    for language, catalogue in CATALOGUES.items():
        use_language(language)
        assert sorted(set(gaps)) == sorted(set(re.findall(r"\{(\d+)\}", catalogue[english])))
        assert heard(english.format(*values)) == catalogue[english].format(*values)
    use_language("en")
    assert heard(english.format(*values)) == english.format(*values)


def test_problems_and_reasons_are_german_in_a_german_window() -> None:
    use_language("de")
    assert heard("matchmaker.find_match failed") == "matchmaker.find_match ist fehlgeschlagen"
    low = "Only 3 MB are left on the disk with the data folder /d. Please free some space."
    stopped = f"{low} Nobody new is let in until then; those who are here go on."
    assert heard(low).startswith("Auf dem Datenträger mit dem Datenordner /d sind nur noch 3 MB frei.")
    assert heard(stopped) == f"{heard(low)} Bis dahin wird niemand Neues hereingelassen; wer da ist, macht weiter."
    shown = line({"kind": "excluded", "at": 1.0, "body": {"reason": "ping above 80 ms"}})
    assert shown.endswith("Ping über 80 ms")


def test_sentences_within_and_after_others() -> None:
    use_language("de")
    assert heard("P007 has already ended (finished).") == "P007 ist schon am Ende (Fertig)."
    told = heard(
        "This is not the game that was played: env.py. All 30 frames are as recorded. In P2's browser the match went "
        "another way from frame 7 on."
    )
    assert told == (
        "Das ist nicht das Spiel, das gespielt wurde: env.py. Alle 30 Bilder sind wie aufgezeichnet. Im Browser von P2 "
        "ging die Partie ab Bild 7 anders weiter."
    )
    assert heard("The copy could not be written to /x. The disk is full. Nothing else was changed.") == (
        "Die Kopie konnte nicht nach /x geschrieben werden. Die Platte ist voll. Sonst wurde nichts verändert."
    )
    assert heard("ZeroDivisionError: division by zero") == "ZeroDivisionError: division by zero"


def test_where_a_researcher_reads_them() -> None:
    use_language("de")
    assert (
        _reply({"ok": False, "code": "x", "text": "Match m1 is already over."}).text
        == "Die Partie m1 ist schon vorbei."
    )
    session = StoredSession(Path("/data/x"), "s1", "x", "X", 0.0, None, "ended")
    failed = ended(verify_job(session), {"event": "failed", "text": "There is no folder /data/x."}, "", cancelled=False)
    assert failed.text.endswith("Einen Ordner /data/x gibt es nicht.")
    receipt = receipt_text(
        {
            "participant": "P1",
            "session": "s1",
            "erased": WHAT_IS_ERASED,
            "kept": WHAT_IS_KEPT,
            "copies": [{"file": "backups/a.sqlite3", "done": ERASED}],
        }
    )
    assert "Zeilen, Antworten" in receipt and "dass diese Kennung teilgenommen hat" in receipt
    assert "backups/a.sqlite3: darin gelöscht" in receipt
    assert "Diagnose von Interactive Gym" in readme()


def test_verdicts_as_they_are_made() -> None:
    use_language("de")
    followed = {"participant": "P1", "followed": True, "frames": 3, "checks": "a" * 24, "chain": "c" * 32}
    body = {"id": "x", "frames": 3, "recorded": [followed], "game": {"where": "host"}}
    replay = ReplayFile(Path("x"), Path(), body)
    for played in (
        Played("a" * 24, "c" * 32, 2), Played("a" * 16, "d" * 32, 1), Played("b" * 24, "d" * 32, 2),
        Played("", "", -1, "boom"),
    ):  # fmt: skip
        found = judge(replay, (), played, "python")
        assert heard(found.text) != found.text, found
    found = judge(replay, (), Played("b" * 24, "d" * 32, 2), "browser")
    assert "ab Bild 0" in heard(found.text)
