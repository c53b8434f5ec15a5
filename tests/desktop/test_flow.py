"""What the launcher decides, without Qt."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from igym.host.session.settings import EngineSettings, add_engine_arguments, engine_options
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
        "unfinished screened_out "
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


@pytest.mark.parametrize(
    ("stored", "may_sleep"),
    [
        ({"prevent_sleep": True}, False),
        ({"prevent_sleep": False}, True),
        ({"prevent_sleep": True, "may_sleep": True}, True),
        ({}, False),
    ],
)
def test_whether_the_computer_may_sleep_is_taken_over_from_an_earlier_versions_settings(
    tmp_path: Path, stored: dict[str, bool], may_sleep: bool
) -> None:
    """It was stored as its opposite; what somebody chose there stays, and is written under its name from then on."""
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"port": 9000, **stored}), "utf-8")
    store = SettingsFile(path)
    assert store.value.may_sleep is may_sleep
    assert store.value.port == 9000
    store.change(language="de")
    assert json.loads(path.read_text("utf-8"))["may_sleep"] is may_sleep
    assert SettingsFile(path).value.may_sleep is may_sleep


def test_plan_becomes_arguments() -> None:
    plan = LaunchPlan("/f", "x", "X", "/d", "/f/p.toml", address="10.0.0.5", when_launcher_gone="stop", grace_s=30)
    text = " ".join(plan.arguments("s1"))
    assert text == (
        "--folder /f --data /d --profile /f/p.toml --resume s1 --address 10.0.0.5 --when-launcher-gone stop --grace 30"
    )


def test_every_setting_of_engines_reaches_the_engine() -> None:
    given = EngineSettings(
        port=9, address="10.0.0.5", wheels_folder="w", turn_url="turn:t", turn_user="u", turn_secret_file="s",
        tls_certificate="c", tls_key="k", join_name="lab", retention_days=30, lsl=True, when_launcher_gone="stop",
        grace_s=0, may_sleep=True, public_url="https://study.example.org/", trusted_proxy="10.0.0.1",
    )  # fmt: skip
    unset = EngineSettings().engine_settings()
    assert not set(unset.items()) & set(given.engine_settings().items()), "a setting is not in this test"
    for settings in (given, EngineSettings()):
        plan = LaunchPlan("f", "x", "X", "d", **settings.engine_settings())
        parser = argparse.ArgumentParser()
        parser.add_argument("--folder", type=Path)
        add_engine_arguments(parser, of_launcher=True)
        options = engine_options(parser.parse_args(plan.arguments(None)), Path("f"))
        assert (options.port, options.address) == (plan.port, plan.address or None)
        assert options.wheel_folders == ((Path("w"),) if plan.wheels_folder else ())
        assert (options.turn_url, options.turn_user) == (plan.turn_url, plan.turn_user)
        assert options.turn_secret_file == (Path("s").resolve() if plan.turn_secret_file else None)
        assert options.tls_certificate == (Path("c").resolve() if plan.tls_certificate else None)
        assert options.tls_key == (Path("k").resolve() if plan.tls_key else None)
        assert (options.join_name, options.retention_days) == (plan.join_name, plan.retention_days or None)
        assert (options.public_url, options.trusted_proxy) == (plan.public_url, plan.trusted_proxy)
        assert bool(options.markers) is plan.lsl
        assert options.may_sleep is plan.may_sleep
        assert (options.when_launcher_gone, options.grace_s) == (plan.when_launcher_gone, plan.grace_s)
