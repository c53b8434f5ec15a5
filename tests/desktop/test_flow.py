"""What the launcher decides, without Qt."""

from __future__ import annotations

import ast
import json
import socket
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import igym_desktop
from igym.host.network import NetworkCard
from igym_desktop.flow import preflight, profiles
from igym_desktop.flow.form import Draft, FormError, items, sections
from igym_desktop.flow.launch import LaunchPlan
from igym_desktop.flow.library import DescribeCache, Entry, Library, duplicate
from igym_desktop.flow.settings import SettingsFile
from igym_desktop.flow.supervision import BACKOFF_S, CALM_S, READY_LIMIT_S, STOP_LIMIT_S, Supervisor
from igym_desktop.flow.view import SessionMirror
from igym_desktop.flow.words import duration_text, parity_words, size_text, state_words

SCHEMA = json.loads(Path(__file__).with_name("form_schema.json").read_text())
FPS = ("scenes", "match", "rendering", "fps")
ROOT = Path(igym_desktop.__file__).parent


def imports_of(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("folder", ["pages", "widgets", "windows", "models"])
def test_no_page_imports_network_or_database(folder: str) -> None:
    files = list((ROOT / folder).glob("*.py"))
    assert files
    forbidden = {"asyncio", "aiohttp", "socketio", "sqlite3", "qasync", "subprocess", "threading"}
    assert {file.name: imports_of(file) & forbidden for file in files if imports_of(file) & forbidden} == {}


def test_flow_knows_no_qt() -> None:
    files = list((ROOT / "flow").glob("*.py"))
    assert len(files) > 8
    assert [file.name for file in files if imports_of(file) & {"PySide6", "qasync", "pyqtgraph"}] == []


def test_the_launcher_never_imports_an_experiment_itself() -> None:
    for file in ROOT.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert "load_experiment" not in text and "igym.experiment" not in text, file


def test_supervisor_starts_restarts_and_gives_up() -> None:
    supervisor = Supervisor()
    assert supervisor.start(0) == ["spawn"]
    assert supervisor.start(0) == []
    assert supervisor.ready("s1") == ["connect"]
    now = 10.0
    for pause in BACKOFF_S:
        assert supervisor.exited(now) == ["forget"]
        assert supervisor.state == "restarting"
        assert supervisor.tick(now + pause - 0.01) == []
        assert supervisor.tick(now + pause) == ["spawn"]
        assert supervisor.session == "s1"
        supervisor.ready("s1")
        now += pause + 1
    assert supervisor.exited(now) == ["forget"]
    assert supervisor.state == "failed"
    assert "Everything stored so far is safe" in supervisor.problem


def test_supervisor_forgives_after_a_calm_while() -> None:
    supervisor = Supervisor()
    supervisor.start(0)
    supervisor.ready("s1")
    for round_ in range(20):
        now = round_ * (CALM_S + 1)
        supervisor.exited(now)
        assert supervisor.deadline == now + BACKOFF_S[0]
        supervisor.tick(now + BACKOFF_S[0])
        supervisor.ready("s1")


def test_supervisor_waits_for_an_engine_that_still_writes_files() -> None:
    supervisor = Supervisor()
    supervisor.start(0)
    supervisor.ready("s1")
    supervisor.stop(100, end_session=True)
    for now in range(100, 400, 10):
        assert supervisor.still_working(now) == []
        assert supervisor.tick(now + STOP_LIMIT_S - 1) == []
    assert supervisor.tick(390 + STOP_LIMIT_S) == ["kill"], "silent for the whole limit"


def test_supervisor_kills_what_does_not_stop_or_start() -> None:
    supervisor = Supervisor()
    supervisor.start(0)
    assert supervisor.tick(READY_LIMIT_S) == ["kill", "forget"]
    assert supervisor.state == "failed"
    supervisor.start(100)
    supervisor.ready("s1")
    assert supervisor.stop(200, end_session=True) == ["end"]
    assert supervisor.tick(200 + STOP_LIMIT_S) == ["kill"]
    assert supervisor.exited(220) == ["forget"]
    assert supervisor.state == "stopped"


def _orders(supervisor: Supervisor, event: str, now: float) -> list[Any]:
    calls: dict[str, Any] = {
        "start": lambda: supervisor.start(now),
        "ready": lambda: supervisor.ready("s"),
        "exited": lambda: supervisor.exited(now),
        "stop": lambda: supervisor.stop(now, end_session=True),
        "tick": lambda: supervisor.tick(now + 1000),
        "refused": lambda: supervisor.refused("no"),
        "attach": lambda: supervisor.attach("s"),
    }
    return list(calls[event]())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["start", "ready", "exited", "stop", "tick", "refused", "attach"]), max_size=40))
def test_supervisor_never_spawns_two_engines(events: list[str]) -> None:
    supervisor, living, now = Supervisor(), 0, 0.0
    for event in events:
        now += 1.0
        if event == "exited" and living == 0:
            continue
        if event in ("ready", "refused") and (living == 0 or supervisor.state not in ("starting", "stopping")):
            continue
        if event == "attach" and living:
            continue
        before = supervisor.alive
        orders = _orders(supervisor, event, now)
        living += (event == "attach" and not before) + orders.count("spawn")
        if event == "exited" or "kill" in orders or event == "refused":
            living = 0
        assert living <= 1


def test_mirror_applies_snapshot_and_changes() -> None:
    mirror = SessionMirror()
    view = {
        "session": {"state": "running"},
        "counts": {"joined": 2},
        "participants": [{"id": "a", "state": "waiting"}, {"id": "b"}],
        "matches": [{"id": "m", "state": "playing"}],
        "waitrooms": [{"scene_id": "g"}],
        "problems": [{"id": "p"}],
    }
    assert mirror.snapshot(view).everything
    change = {
        "counts": {"joined": 2},
        "participants": [{"id": "a", "state": "playing"}, {"id": "c"}],
        "gone": ["b"],
        "waitrooms": [],
        "problems": [{"id": "p", "cleared": True}, {"id": "q"}],
    }
    difference = mirror.changes(change)
    assert (difference.participants, difference.added, difference.gone) == (["a"], ["c"], ["b"])
    assert mirror.participants == {"a": {"id": "a", "state": "playing"}, "c": {"id": "c"}}
    assert list(mirror.problems) == ["q"] and mirror.waitrooms == [] and mirror.session == {"state": "running"}


def test_words_for_everything_the_engine_may_say() -> None:
    states = (
        "arriving loading screening in_scene waiting countdown playing paused finished excluded withdrawn dropped "
        "timed_out"
    )
    texts = [state_words(state) for state in states.split()]
    assert len({words.text for words in texts}) == len(texts)
    assert state_words("something_new").text == "Something new"
    assert parity_words("differs at frame 3").tone == "stop"
    assert parity_words("identical").tone == "go"
    assert [duration_text(value) for value in (None, 0, 75, 3700)] == ["", "0:00", "1:15", "1:01:40"]
    assert [size_text(value) for value in (10, 1536, 2_500_000, 123_000_000_000)] == [
        "10 B",
        "1.5 kB",
        "2.5 MB",
        "123 GB",
    ]


def test_form_shows_every_option_of_every_scene() -> None:
    found = sections(SCHEMA)
    assert [section.key for section in found] == ["experiment", "welcome", "match", "order_1", "a", "b", "thanks"]
    titles = [group.title for group in found[2].groups]
    assert titles[:3] == ["Scene", "Environment", "Rendering"]
    assert "Multiplayer: Reconnection" in titles
    assert [(item.id, item.depth) for item in items(SCHEMA)] == [
        ("welcome", 0),
        ("match", 0),
        ("order_1", 0),
        ("a", 1),
        ("b", 1),
        ("thanks", 0),
    ]
    assert all(field.title for section in found for group in section.groups for field in group.fields)


def test_draft_keeps_only_what_differs() -> None:
    draft = Draft(SCHEMA)
    draft.type(FPS, "60")
    assert draft.is_changed(FPS) and draft.overrides() == {"scenes": {"match": {"rendering": {"fps": 60}}}}
    draft.type(FPS, "30")
    assert not draft.is_changed(FPS) and draft.overrides() == {}
    draft.enable("a", False)
    draft.move("match", -1)
    assert draft.overrides() == {"disabled_scenes": ["a"], "order": ["match", "welcome", "order_1", "thanks"]}
    assert not draft.move("match", -1)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("500", "from 1 to 120"),
        ("0", "from 1 to 120"),
        ("fast", "A whole number"),
        ("1.5", "A whole number"),
        ("", "A whole number"),
    ],
)
def test_draft_refuses_what_is_out_of_bounds(typed: str, words: str) -> None:
    draft = Draft(SCHEMA)
    with pytest.raises(FormError, match=words):
        draft.type(FPS, typed)
    assert draft.errors[FPS] and not draft.is_changed(FPS)
    draft.type(FPS, "20")
    assert not draft.errors


def test_draft_accepts_special_words_none_lists_and_json() -> None:
    draft = Draft(SCHEMA)
    draft.type(("scenes", "match", "multiplayer", "input_delay_frames"), "auto")
    draft.type(("experiment", "participants"), "12")
    draft.type(("experiment", "languages"), "en\n de \n\n")
    draft.type(("scenes", "match", "environment", "config"), '{"gravity": 0.0025}')
    assert draft.value(("experiment", "languages")) == ["en", "de"]
    assert draft.overrides()["scenes"]["match"]["multiplayer"]["input_delay_frames"] == "auto"
    with pytest.raises(FormError, match="not valid JSON"):
        draft.type(("scenes", "match", "environment", "config"), "{oops")
    with pytest.raises(FormError, match="A colour"):
        draft.type(("scenes", "match", "rendering", "background"), "#12")


def test_profile_survives_its_file(tmp_path: Path) -> None:
    draft = Draft(SCHEMA)
    draft.type(FPS, "60")
    draft.type(("experiment", "minutes"), "9")
    draft.type(("scenes", "match", "environment", "config"), '{"a": null, "b": [1, 2]}')
    draft.enable("b", False)
    file = profiles.save(tmp_path, "Pilot 2", draft.overrides())
    assert file == tmp_path / "profiles" / "Pilot 2.toml"
    tomllib.loads(file.read_text())
    again = Draft(SCHEMA, profiles.load(file))
    assert again.overrides() == draft.overrides()
    assert profiles.names(tmp_path) == ["Pilot 2"]
    profiles.remove(tmp_path, "Pilot 2")
    assert profiles.names(tmp_path) == []


def test_profile_errors_are_told(tmp_path: Path) -> None:
    for name in ("../evil", "", "a/b", ".hidden", "x" * 61):
        with pytest.raises(ValueError, match="name has letters"):
            profiles.save(tmp_path, name, {})
    bad = tmp_path / "bad.toml"
    bad.write_text("= nonsense")
    with pytest.raises(ValueError, match="not valid TOML"):
        profiles.load(bad)
    foreign = Draft(SCHEMA, {"scenes": {"gone": {"rendering": {"fps": 3}}}})
    assert foreign.foreign == ["scenes"] or foreign.foreign == ["scenes.gone"]
    assert foreign.overrides() == {}


def test_library_caches_until_a_file_changes(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "experiment.py").write_text("1")
    cache = DescribeCache(tmp_path / "cache", "1")
    library = Library([folder], [], cache)
    assert library.entries[folder].status == "reading"
    library.learned(folder, {"ok": True, "id": "x", "title": "X", "players": 2, "minutes": 4.6})
    entry = Library([folder], [], cache).entries[folder]
    assert (entry.status, entry.title, entry.players_text, entry.minutes_text) == (
        "ready",
        "X",
        "2 players",
        "about 5 min",
    )
    assert Library([folder], [], DescribeCache(tmp_path / "cache", "2")).entries[folder].status == "reading"
    (folder / "env.py").write_text("2")
    assert Library([folder], [], cache).entries[folder].status == "reading"


def test_library_refuses_what_is_no_study(tmp_path: Path) -> None:
    library = Library([], [], DescribeCache(tmp_path / "cache", "1"))
    with pytest.raises(ValueError, match="is not a folder"):
        library.add(tmp_path / "missing")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "experiment.py").write_text("1")
    with pytest.raises(ValueError, match=f"Did you mean {inner}"):
        library.add(tmp_path)


def test_duplicate_gives_its_own_id(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "data").mkdir(parents=True)
    (source / "data" / "x.csv").write_text("secret")
    (source / "env.py").write_text("env = 1")
    (source / "experiment.py").write_text(
        'scene = Scene(id="x", title="T")\nexperiment = Experiment(\n    id="old", title="Old",\n)\n'
    )
    target = duplicate(source, tmp_path / "studies", "Pilot Ärger 1")
    text = (target / "experiment.py").read_text()
    assert 'Scene(id="x", title="T")' in text and 'title="Pilot Ärger 1"' in text and 'id="pilot_rger_1"' in text
    assert (target / "env.py").exists() and not (target / "data").exists()
    with pytest.raises(ValueError, match="already a folder"):
        duplicate(source, tmp_path / "studies", "Pilot Ärger 1")
    with pytest.raises(ValueError, match="at least one letter"):
        duplicate(source, tmp_path / "studies", "!!!")


def test_damaged_settings_are_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text("{broken")
    settings = SettingsFile(file)
    assert settings.value.port == 8000
    assert (tmp_path / "settings.damaged").exists()
    settings.change(port=9000, own_folders=("/a",))
    assert SettingsFile(file).value == settings.value


def situation(tmp_path: Path, **changes: Any) -> preflight.Situation:
    entry = Entry(tmp_path, "own", "ready", {"ok": True, "id": "x", "scenes": [1, 2], "players": 2})
    return preflight.Situation(**{"entry": entry, "data_root": tmp_path / "data", "port": 0, "address": "", **changes})


def test_preflight_names_port_trouble_and_a_port_that_works(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finding = preflight.check_port(situation(tmp_path, port=port, address="127.0.0.1"))
    assert finding.result == "stop" and f"Port {port} is already used" in finding.text
    assert finding.fix is not None and finding.fix.kind == "port" and int(finding.fix.value) > port
    assert preflight.check_port(situation(tmp_path)).result == "go"


def test_preflight_network(tmp_path: Path) -> None:
    lan, second = NetworkCard("eth0", "10.0.0.5", True, False), NetworkCard("wlan0", "10.1.0.5", False, False)
    assert (
        preflight.check_network(situation(tmp_path), [lan]).text
        == "Participants reach this computer at 10.0.0.5 (eth0)."
    )
    none = preflight.check_network(situation(tmp_path), [])
    assert none.result == "warning" and "No network was found" in none.text
    several = preflight.check_network(situation(tmp_path), [lan, second])
    assert several.result == "warning" and "10.1.0.5 (wlan0)" in several.text
    gone = preflight.check_network(situation(tmp_path, address="203.0.113.77"), [lan])
    assert gone.result == "stop" and "203.0.113.77" in gone.text and gone.fix is not None


def test_preflight_data_folder_and_space(tmp_path: Path) -> None:
    assert preflight.check_data(situation(tmp_path)).result == "go"
    (tmp_path / "file").write_text("")
    blocked = preflight.check_data(situation(tmp_path, data_root=tmp_path / "file" / "data"))
    assert blocked.result == "stop" and "cannot be written" in blocked.text
    results = [
        preflight.check_space(situation(tmp_path), lambda _, free=free: free).result
        for free in (10_000_000, 200_000_000, 10**12)
    ]
    assert results == ["stop", "warning", "go"]
    assert preflight.check_clock(situation(tmp_path), now=0.0).result == "warning"


def test_preflight_reads_the_children() -> None:
    missing = preflight.from_prepare({"event": "prepared", "ok": False, "missing": ["cogrid is missing."]}, "")
    assert (
        missing.result == "stop"
        and missing.text == "cogrid is missing."
        and missing.fix is not None
        and missing.fix.kind == "download"
    )
    assert preflight.from_prepare({"event": "prepared", "ok": True, "packages": ["a"]}, "").result == "go"
    assert preflight.from_prepare({}, "boom").text.endswith("boom")
    assert preflight.summary({"a": missing})[0] == "stop"
    assert preflight.summary({"a": preflight.Finding("go", "")}) == ("go", "Ready to start.")


def test_plan_becomes_arguments() -> None:
    plan = LaunchPlan("/f", "x", "X", "/d", 8000, "10.0.0.5", "/f/profiles/p.toml", "stop", 30, "/w")
    text = " ".join(plan.arguments("s1"))
    assert text == (
        "--folder /f --port 8000 --data /d --address 10.0.0.5 --profile /f/profiles/p.toml --wheels /w --resume s1 "
        "--when-launcher-gone stop --grace 30"
    )


def test_the_check_of_envs_says_what_a_frame_costs_in_a_browser() -> None:
    cost = {"strategy": "copy", "frame_ms": 1.24, "step_ms": 0.3, "save_ms": 0.1, "load_ms": 0.05}
    scenes = [
        {"scene": "duel", "ok": True, "warnings": [], "browser": cost},
        {"scene": "solo", "ok": True, "warnings": [], "browser": None},
        {"scene": "hosted", "ok": True, "warnings": [], "where": "host", "browser": None},
    ]
    found = preflight.from_check({"ok": True, "scenes": scenes}, "")
    assert found.result == "go"
    assert "duel: in this computer's browser a frame takes 1.2 ms (step 0.30, save 0.10, load 0.05 ms)." in found.text
    assert "solo: not measured in a browser" in found.text
    assert "hosted" not in found.text
