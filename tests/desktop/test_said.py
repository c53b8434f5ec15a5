"""What the engine and its commands say is there in the launcher's languages, with its values, wherever it is read."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import igym
import igym_desktop
from igym.core.languages import TABLES
from igym.host.base.errors import HostError
from igym.host.base.json_lines import line_of, read_line
from igym.host.export.payments import Payment
from igym.host.files.copies import ERASED
from igym.host.files.withdrawal import WHAT_IS_ERASED, WHAT_IS_KEPT
from igym.host.http.web_files import web_client_folder
from igym.host.languages import ENGLISH, LANGUAGES, sentences
from igym.host.programs.check_main import run_checks
from igym.host.replay.files import ReplayFile
from igym.host.replay.judge import Played, judge
from igym.host.studies.env_bridge import BRIDGE as BRIDGE_NAME
from igym.protocol.told import Told, claimed, from_table, together, with_table
from igym_desktop.control_link import _reply
from igym_desktop.flow.diagnostics import readme
from igym_desktop.flow.rehearsal import report
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.flow.stored_jobs import ended, verify_job
from igym_desktop.flow.timeline import line
from igym_desktop.flow.words import size_text
from igym_desktop.i18n import available_languages, said, use_language
from igym_desktop.pages.data_tables import totals
from igym_desktop.widgets.basics import Banner
from igym_desktop.widgets.plots import in_words
from igym_desktop.windows.receipt import receipt_text
from tests.desktop.option_texts import option_texts
from tests.host.conftest import SOLO, write_experiment

SERVER = Path(igym.__file__).parent
BRIDGE = web_client_folder() / "game" / BRIDGE_NAME
REFUSALS = ("EnvError", "AgentsDifferError")
RESOURCES = Path(igym_desktop.__file__).parent / "resources"
CATALOGUES: dict[str, dict[str, Any]] = {
    language: {**sentences(language), **json.loads((RESOURCES / f"texts_{language}.json").read_text(encoding="utf-8"))}
    for language in LANGUAGES
    if language != ENGLISH
}


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    use_language("en")


def calls() -> Iterator[tuple[Path, ast.Call, ast.expr]]:
    """Every place where a sentence is made, with its key."""
    for file in sorted([*SERVER.rglob("*.py"), *BRIDGE.rglob("*.py")]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in ("Told", "counted", *REFUSALS):
                assert isinstance(node, ast.Call)
                yield file, node, node.args[2 if name == "counted" else 0]


def keys_of_pages() -> Iterator[str]:
    """What a page says to a researcher by `sentence("…", {…})`."""
    for file in sorted((web_client_folder() / "game").glob("*.js")):
        for text in re.findall(r'\bsentence\(\s*("(?:[^"\\]|\\.)*")', file.read_text(encoding="utf-8")):
            yield json.loads(text)


@cache
def keys() -> set[str]:
    """All sentences; every worker imports this module, and one of them reads the sources."""
    return {key.value for _, _, key in calls() if isinstance(key, ast.Constant)} | {*keys_of_pages()}


def test_every_sentence_has_a_key_that_is_known_before_it_is_said() -> None:
    """`told.key`: the same sentence, made again with other values."""
    loose = [
        f"{file.name}:{call.lineno}"
        for file, call, key in calls()
        if file.name not in ("told.py", "faults.py")
        and not isinstance(key, ast.Constant)
        and getattr(key, "attr", "") != "key"
    ]
    assert loose == []


def test_every_sentence_is_given_all_that_it_names() -> None:
    for file, call, key in calls():
        if isinstance(key, ast.Constant):
            given = {keyword.arg for keyword in call.keywords} | ({"n"} if call.func.id == "counted" else set())  # type: ignore[attr-defined]
            named = {name for _, name, _, _ in Formatter().parse(key.value) if name} if given else set()
            assert None in given or given == named, f"{file.name}:{call.lineno}"


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_sentence_of_the_engine_is_there(language: str) -> None:
    """Those for participants are in the pages' own tables."""
    spoken = {key for key in keys() if re.search(r"[^\W\d_]", re.sub(r"\{\w+\}", "", key))}
    assert len(spoken) > 300
    assert sorted(spoken - CATALOGUES[language].keys() - TABLES[language].keys()) == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_what_a_report_says_is_known_without_the_launcher(language: str) -> None:
    """Its own sentences, and those of the core, which say why somebody's part or match ended."""
    places = (SERVER / "host" / "report", SERVER / "core")
    wanted = {
        key.value
        for file, _, key in calls()
        if isinstance(key, ast.Constant) and any(file.is_relative_to(place) for place in places)
    }
    spoken = {key for key in wanted if re.search(r"[^\W\d_]", re.sub(r"\{\w+\}", "", key))}
    assert len(spoken) > 150
    assert sorted(spoken - sentences(language).keys() - TABLES[language].keys()) == []
    assert set(available_languages()) == set(LANGUAGES)


def test_problems_and_reasons_are_german_in_a_german_window() -> None:
    use_language("de")
    assert (
        said(Told("{function} failed", function="matchmaker.find_match")) == "matchmaker.find_match ist fehlgeschlagen"
    )
    shown = line(
        {"kind": "excluded", "at": 1.0, "body": {"reason": Told("ping above {milliseconds} ms", milliseconds=80)}}
    )
    assert shown.endswith("Ping über 80 ms")
    stored = line({"kind": "excluded", "at": 1.0, "body": {"reason": "ping above 80 ms"}})
    assert stored.endswith("ping above 80 ms"), "a session recorded before: as it was written then"
    assert said("connection lost") == said(Told("connection lost")) == "Verbindung verloren"
    assert said("ZeroDivisionError: division by zero") == "ZeroDivisionError: division by zero"


def test_a_sentence_with_another_in_it() -> None:
    use_language("de")
    told = Told("{person} has already ended ({state}).", person="P007", state=Told("finished"))
    assert said(told) == "P007 ist schon am Ende (fertig)."
    copy = Told(
        "The copy could not be written to {target}. {reasons} Nothing else was changed.",
        target="/x",
        reasons=Told("The disk is full."),
    )
    assert said(read_line(line_of({"text": copy}))["text"]) == (
        "Die Kopie konnte nicht nach /x geschrieben werden. Die Platte ist voll. Sonst wurde nichts verändert."
    )


def test_where_a_researcher_reads_them() -> None:
    use_language("de")
    over = HostError("x", Told("Match {match} is already over.", match="m1"))
    answer = json.loads(json.dumps(with_table({"ok": False, "code": over.code, "text": over.text})))
    assert _reply(answer).text == "Die Partie m1 ist schon vorbei."
    session = StoredSession(Path("/data/x"), "s1", "x", "X", 0.0, None, "ended")
    failed = read_line(
        line_of({"event": "failed", "text": Told("There is no folder {folder}.", folder=Path("/data/x"))})
    )
    assert ended(verify_job(session), failed, "", cancelled=False).text.endswith(
        f"Einen Ordner {Path('/data/x')} gibt es nicht."
    )
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


DRIFTING = """
count = iter(range(10**9))


class Env:
    possible_agents = agents = ["left", "right"]

    def reset(self, seed=None, options=None):
        self.drift = 0
        return {agent: 0 for agent in self.agents}, {agent: {} for agent in self.agents}

    def step(self, actions):
        self.drift = next(count)
        flags = dict.fromkeys(self.agents, False)
        return dict.fromkeys(self.agents, 0), dict.fromkeys(self.agents, 0.0), flags, flags, {}


env = Env()
"""
TWO = SOLO.replace('"agent_0": Human', '"left": Human, "right": Human')


def checked(folder: Path) -> list[str]:
    """The problems of the check, as they arrive in the launcher and are said there."""
    result = read_line(line_of(run_checks(folder, None, 20, 1, None)))
    return [said(problem["text"]) for scene in result["scenes"] for problem in scene["problems"]]


def test_what_the_bridge_says_of_an_env_is_german_in_a_german_window(tmp_path: Path) -> None:
    use_language("de")
    other = write_experiment(tmp_path / "other", SOLO.replace('"agent_0"', '"somebody"'), {"env.py": DRIFTING})
    [text] = checked(other)
    assert text.startswith(
        "Die policies nennen den Agenten 'somebody', aber die Agenten der Umgebung sind 'left', 'right'."
    )
    assert "(experiment.py, Zeile " in text, "by the line that names it"
    drifting = write_experiment(tmp_path / "drifting", TWO, {"env.py": DRIFTING})
    [text] = checked(drifting)
    assert text.startswith("Die Umgebung kann nicht genau wiederhergestellt werden")
    assert text.endswith("copy: nach dem Zurückgehen führten dieselben Aktionen anderswohin: env.drift")


def test_what_a_browser_says_of_an_env_is_german_in_a_german_window() -> None:
    use_language("de")
    key = "There is no file {file} in the experiment folder."
    problem = Told("{text} ({file}, line {line})", text=claimed(key.format(file="x.txt"), key, {"file": "x.txt"}),
                   file="env.py", line=3)  # fmt: skip
    stored = from_table(json.loads(json.dumps(with_table({"text": problem}))))
    assert said(stored["text"]) == "Im Ordner des Experiments gibt es keine Datei x.txt. (env.py, Zeile 3)"


def test_a_rehearsal_s_problems_are_german_in_a_german_window() -> None:
    use_language("de")
    differs = together(Told("differs"), Told(" at frame {frame}", frame=7), between="")
    matches = [{"id": "m1", "parity": differs}, {"id": "m2", "parity": "identical"}, {"id": "m3", "parity": "pending"}]
    problem = {
        "level": "error",
        "title": Told("{function} failed", function="on_payment"),
        "text": Told("There is no folder {folder}.", folder="/x"),
    }
    done = {"participants": [{"participant": "P1", "outcome": "dropped", "text": "x"},
                             {"participant": "P2", "outcome": "stuck", "text": "y"}]}  # fmt: skip
    lines = [text for _, text in report(done, "", matches, [problem], "", (True, "")).lines]
    assert "on_payment ist fehlgeschlagen: Einen Ordner /x gibt es nicht." in lines
    assert any("m1 (" in text and "bei Bild 7)" in text and "m2" not in text and "m3" not in text for text in lines)
    assert {"P1 endete mit „Abgebrochen“: x", "P2 endete mit „Stecken geblieben“: y"} <= set(lines)


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
        assert said(found.text) != found.text, found
    found = judge(replay, (), Played("b" * 24, "d" * 32, 2), "browser")
    assert "ab Bild 0" in said(found.text)


CARRIERS = {
    "HostError": (1,), "CommandError": (1,), "CommandFailedError": (1,), "ExportFailedError": (0,),
    "ExperimentError": (0,), "UnavailableError": (0,), "NotOfferedError": (0,), "DownloadError": (0,),
    "WheelError": (0,), "UnfitError": (0,),
    "ReplyError": (0,), "ChildEndedError": (0,), "TrailFinding": (2,), "Missing": (3, 4), "Trouble": (3, 4),
    "problem": (1, 2), "report": (2, 3), "_fail": (1, 2), "_at": (2,), "_misfit": (1,), "_error": (0,),
}  # fmt: skip
"""Who carries a text to a researcher, and as which of its arguments."""
BY_HAND = {"end_main.py", "links_main.py", "convert_main.py", "export_formats.py"}
"""Commands that only a terminal runs, which speaks English."""


def plain_texts(node: ast.expr, scope: ast.AST) -> Iterator[ast.expr]:
    """Literals with words in them that are no `Told`, also where a variable of the function carries them."""
    if isinstance(node, ast.Name):
        for found in (each for each in ast.walk(scope) if isinstance(each, ast.Assign)):
            named = node.id in {getattr(target, "id", "") for target in found.targets}
            if named and not isinstance(found.value, ast.Name):
                yield from plain_texts(found.value, scope)
    elif isinstance(node, ast.IfExp):
        yield from plain_texts(node.body, scope)
        yield from plain_texts(node.orelse, scope)
    elif isinstance(node, ast.JoinedStr):
        if any(isinstance(part, ast.Constant) and re.search(r"[^\W\d_]{2}", str(part.value)) for part in node.values):
            yield node
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        yield node


def test_no_text_for_a_researcher_is_without_a_key() -> None:
    loose = []
    for file in sorted(SERVER.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for scope in ast.walk(tree):
            if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef) or file.name in BY_HAND:
                continue
            for call in ast.walk(scope):
                if isinstance(call, ast.Call):
                    places = CARRIERS.get(getattr(call.func, "id", getattr(call.func, "attr", "")), ())
                    given = [argument for place in places for argument in call.args[place : place + 1]]
                    texts = (text for argument in given for text in plain_texts(argument, scope))
                    loose += [
                        f"{file.relative_to(SERVER).as_posix()}:{text.lineno} {ast.unparse(text)[:80]}"
                        for text in texts
                    ]
    assert sorted(set(loose)) == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_option_is_named_and_explained(language: str) -> None:
    """In the form, and in what is told of a value that is not allowed."""
    told = set(option_texts())
    assert len(told) > 600
    assert sorted(told - CATALOGUES[language].keys()) == []


def test_a_page_says_what_the_engine_refused_in_the_language_of_the_window(qtbot: Any) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    use_language("fr")
    banner.say("stop", Told("{what} {path} does not exist in the experiment folder.{hint}", what=Told("the page"),
                            path="“pages/task.html”", hint=""))  # fmt: skip
    assert banner.text.text() == "la page “pages/task.html” n’existe pas dans le dossier de l’expérience."
    banner.say("info", "Words of a researcher, as they are.")
    assert banner.text.text() == "Words of a researcher, as they are."


def test_numbers_are_written_as_the_language_of_the_window_does(tmp_path: Path) -> None:
    paid = [Payment("p1", "p1", 7.5, "EUR", ())]
    use_language("de")
    assert (size_text(1536), in_words([0.25, 0.5], "s")) == ("1,5 kB", "Median 0,375 s, von 0,25 bis 0,5.")
    assert totals(paid) == "1 Person, zusammen 7,50 EUR"
    use_language("en")
    assert (size_text(1536), totals(paid)) == ("1.5 kB", "1 participant, 7.50 EUR together")


def test_no_line_of_french_begins_with_its_punctuation() -> None:
    """The space before it does not break; `?seat=` is a part of an address."""
    texts = json.dumps(list(CATALOGUES["fr"].values()), ensure_ascii=False)
    pages = (web_client_folder() / "ui" / "text" / "fr.js").read_text("utf-8")
    assert [re.findall(r".{0,30} [:;?!»](?!\w).*?[\",]|« .{0,30}", found) for found in (texts, pages)] == [[], []]
