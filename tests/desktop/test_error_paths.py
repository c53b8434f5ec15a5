"""Every way the launcher can fail a person, and the test that reads what it then says.

`COVERED` names them all; those without a test elsewhere have theirs here.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from igym_desktop.flow.launch import LaunchPlan
from igym_desktop.flow.start_problems import fixes_for
from tests.waiting import until

from .test_main_window import open_app, ready, started, stopped, study

__all__ = ["open_app", "study"]
HERE = Path(__file__).parent
COVERED = {
    "an experiment that cannot be loaded":
        "test_main_window.test_a_broken_experiment_shows_error_file_and_line_and_reloads_when_mended",
    "a folder that is no experiment": "test_main_window.test_a_folder_without_experiment_is_refused_kindly",
    "a folder or name the library refuses": "test_library.test_library_refuses_what_is_no_study",
    "a study package that is damaged": "test_study_package.test_changed_missing_and_added_files_are_refused",
    "a file that is no study package": "test_study_package.test_what_is_no_package_is_told",
    "an option out of its bounds": "test_form.test_draft_refuses_what_is_out_of_bounds",
    "a profile that cannot be read or written": "test_form.test_profile_errors_are_told",
    "a profile that cannot be compared": "test_preview.test_profiles_are_compared",
    "a preview that cannot start": "test_preview.test_a_preview_shows_the_unsaved_options_and_leaves_nothing",
    "a preflight check that fails: port": "test_preflight.test_preflight_names_port_trouble_and_a_port_that_works",
    "a preflight check that fails: network": "test_preflight.test_preflight_network",
    "a preflight check that fails: data folder": "test_preflight.test_preflight_data_folder_and_space",
    "a preflight check that fails: packages, envs": "test_preflight.test_preflight_reads_the_children",
    "a port that is taken": "test_main_window.test_port_in_use_is_told_and_another_port_helps",
    "a start the engine refuses": "test_main_window.test_every_failed_start_offers_a_way_out",
    "a way out for every refusal": "test_error_paths.test_every_refusal_of_the_engine_has_a_way_out",
    "an engine that dies while starting": "test_engine.test_an_engine_that_dies_while_starting_shows_its_output",
    "an engine that crashes in a session": "test_main_window.test_an_engine_crash_shows_and_heals",
    "an engine that crashes again and again": "test_supervision.test_supervisor_starts_restarts_and_gives_up",
    "a session that was cut off": "test_main_window.test_a_session_cut_off_can_be_resumed_from_the_window",
    "a command the server refuses": "test_main_window.test_actions_reach_the_engine_with_their_reason",
    "a command without a connection": "test_error_paths.test_without_a_connection_an_action_says_so",
    "a problem that cannot be cleared": "test_error_paths.test_a_refusal_to_clear_a_problem_is_shown",
    "a web monitor that cannot be switched": "test_error_paths.test_a_refused_web_monitor_is_told",
    "a table that cannot be saved": "test_error_paths.test_a_table_that_cannot_be_saved_says_why",
    "a log that cannot be saved": "test_pages.test_log_is_live_filtered_and_saved",
    "closing during a session": "test_main_window.test_closing_during_a_session_asks_and_can_leave_it_running",
    "a data folder that cannot be read": "test_error_paths.test_a_damaged_database_hides_nothing_else",
    "no data": "test_pages.test_data_page_lists_nothing_kindly",
    "an export, check, copy or withdrawal that fails": "test_data_page.test_every_job_that_fails_says_what_and_why",
    "a job that is cancelled": "test_data_page.test_a_long_job_is_cancelled",
    "files or recordings that differ": "test_data_page.test_a_check_is_readable_and_a_tampered_file_is_named",
    "nothing to replay": "test_data_page.test_replay_opens_the_page_and_offers_the_export_it_needs",
    "a withdrawal that is refused": "test_data_page.test_withdrawing_shows_the_receipt",
    "a certificate, name or TURN server that cannot be": "test_settings.test_what_is_set_reaches_the_engine",
    "retention on a folder in use": "test_settings.test_old_sessions_are_shown_before_they_are_erased",
    "diagnostics that cannot be saved":
        "test_settings.test_diagnostics_are_saved_and_a_folder_that_cannot_be_written_is_told",
    "settings that are damaged": "test_flow.test_damaged_settings_are_set_aside",
}  # fmt: skip


@pytest.mark.parametrize("path", COVERED)
def test_every_error_path_is_read_by_a_test(path: str) -> None:
    file, name = COVERED[path].split(".")
    tree = ast.parse((HERE / f"{file}.py").read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert found, COVERED[path]
    inside = ast.unparse(found[0])
    assert "assert " in inside or "match=" in inside, "it reads something"


@pytest.mark.parametrize(
    ("code", "way_out"),
    [
        ("port_in_use", "Use port 8001"),
        ("no_write_permission", "Choose another folder…"),
        ("bad_experiment", "Open in editor"),
        ("no_address", "Use any network card"),
        ("packages_missing", "Prepare packages"),
        ("database_damaged", "Go to data"),
        ("already_running", "Show that session"),
        ("bad_certificate", "Settings"),
        ("bad_name", "Settings"),
        ("bad_port", "Settings"),
        ("bad_public_url", "Settings"),
        ("bad_proxy", "Settings"),
        ("bad_turn", "Settings"),
        ("lsl_unavailable", "Settings"),
        ("session_ended", "Show log"),
        ("unknown_session", "Show log"),
        ("internal", "Show log"),
        ("something new", "Show log"),
    ],
)
def test_every_refusal_of_the_engine_has_a_way_out(code: str, way_out: str) -> None:
    plan = LaunchPlan("/f", "x", "X", "/d")
    fixes = fixes_for(code, plan, {"file": "experiment.py", "line": 3})
    assert fixes[0].words == way_out and 1 <= len(fixes) <= 2


def test_without_a_connection_an_action_says_so(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=1)
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        app.launcher.engine.link.close()
        page.actions_of_session.run("close_admission", {})
        assert page.banner.text.text() == "There is no connection to the server at the moment."
        app.launcher.engine.stop(end_session=False)
        await until(lambda: not app.launcher.engine.alive, "stopped")
        await app.shut_down()

    play(scenario())


def test_a_refusal_to_clear_a_problem_is_shown(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        problem = {"id": "1", "at": 1.0, "level": "error", "title": "Hook", "text": "It broke.", "count": 1}
        behave(problems=[problem], refuse=["clear_problem"])
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        page.problems._clear("1")
        await until(lambda: page.banner.text.text() == "The server refused clear_problem.", "refusal")
        assert "1" in app.launcher.engine.mirror.problems
        await stopped(app)

    play(scenario())


def test_a_refused_web_monitor_is_told(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(refuse=["monitor"])
        folder = study("mountain_car")
        app = open_app(folder)
        await started(app, folder)
        app.window.show_page("settings")
        page = app.window.pages["settings"]
        page.network.monitor.click()
        await until(lambda: page.banner.text.text() == "The server refused monitor.", "refusal")
        assert page.network.monitor_link.text() == ""
        await stopped(app)

    play(scenario())


def test_a_table_that_cannot_be_saved_says_why(
    play: Any, behave: Any, study: Any, open_app: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        behave(participants=1)
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        page.people._save(tmp_path / "nowhere" / "table.csv")
        assert page.banner.text.text() == "The table could not be saved: No such file or directory"
        await stopped(app)

    play(scenario())


def test_a_damaged_database_hides_nothing_else(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        await ready(app)
        broken = app.launcher.data_root / "broken"
        broken.mkdir(parents=True)
        (broken / "session.sqlite3").write_bytes(b"this is no database" * 100)
        app.window.show_page("data")
        page = app.window.pages["data"]
        await until(page.banner.isVisible, "banner")
        assert page.banner.text.text() == "These folders could not be read: broken"
        assert page.banner.details.text()
        await app.shut_down()

    play(scenario())
