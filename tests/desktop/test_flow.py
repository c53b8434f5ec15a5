"""What the launcher decides, without Qt."""

from __future__ import annotations

from pathlib import Path

from igym_desktop.flow.launch import LaunchPlan
from igym_desktop.flow.settings import SettingsFile
from igym_desktop.flow.view import SessionMirror
from igym_desktop.flow.words import duration_text, parity_words, size_text, state_words


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


def test_damaged_settings_are_set_aside(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text("{broken")
    settings = SettingsFile(file)
    assert settings.value.port == 8000
    assert (tmp_path / "settings.damaged").exists()
    settings.change(port=9000, own_folders=("/a",))
    assert SettingsFile(file).value == settings.value


def test_plan_becomes_arguments() -> None:
    plan = LaunchPlan("/f", "x", "X", "/d", 8000, "10.0.0.5", "/f/profiles/p.toml", "stop", 30, "/w")
    text = " ".join(plan.arguments("s1"))
    assert text == (
        "--folder /f --port 8000 --data /d --address 10.0.0.5 --profile /f/profiles/p.toml --wheels /w --resume s1 "
        "--when-launcher-gone stop --grace 30"
    )
