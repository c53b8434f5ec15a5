"""Which session an engine runs: a new one, or a stored one that goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from igym.experiment.experiment import Experiment
from igym.host.base.version import app_version
from igym.host.children.researcher_process import LoadedExperiment
from igym.host.engine.keeping import files_changed, keep_copy, package_locks
from igym.host.export.kept_games import next_copy
from igym.host.http.web_files import Served, Vendored, web_client_folder
from igym.host.lab.lab_file import read_lab_check
from igym.host.packages.scene_packages import PackageList, ScenePackages, wheel_store
from igym.host.session.resume_report import tell_of_resume
from igym.host.session.session_start import RULES, Begun, begin, recover, refuse_other_rules, resumable
from igym.host.store.store_reader import SessionRow
from igym.host.store.store_schema import DATABASE
from igym.host.studies.sources import sources_digest
from igym.host.web.games import browser_bundles, held_data
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.host.engine.engine import Engine


async def begin_session(engine: Engine, loaded: LoadedExperiment) -> Begun:
    """The session that is run: a new one, or the one to go on with, and what its games need of this computer."""
    client = web_client_folder()
    engine.vendored = Vendored(client / "vendor")
    engine.client = Served(client, without=("vendor",))
    engine.wheels = wheel_store(engine.options.folder, engine.options.wheel_folders)
    if engine.options.resume is not None:
        begun = await _resume(engine)
    else:
        experiment = Experiment.from_json(loaded.experiment)
        packages = _bundle(engine, experiment)
        begun = await _new_session(engine, experiment, loaded.described, packages)
    # A computer whose date was set back must not put new events before those that are stored.
    engine.clock.not_before(begun.last_at)
    return begun


async def _resume(engine: Engine) -> Begun:
    database = engine.folder / DATABASE
    assert engine.options.resume is not None
    row = resumable(database, engine.options.resume)
    # Before the log is read: by other rules its events lead to another state.
    refuse_other_rules(row)
    begun = await asyncio.to_thread(recover, database, row)
    packages = _bundle(engine, begun.experiment)
    await engine.store.set_session_state(row.id, "running", None)
    tell_of_resume(begun, row, engine.problems)
    lock = await package_locks(begun.experiment, engine.options.folder, packages)
    if files_changed(row.options, engine.options.folder, lock):
        copy = next_copy(engine.folder, row.id)
        facts = {"run": {"session": row.id, "resumed_at": engine.clock()}}
        await keep_copy(engine, begun.experiment, copy, {**facts, "packages": lock}, lock)
        engine.problems.report(
            "sources",
            "warning",
            Told("The experiment's files have changed"),
            Told(
                "They are not the ones this session was started with. Its scenes and options stay as they "
                "were; games and functions use the files as they are now."
            ),
        )
    elif not (own := engine.folder / "experiment" / row.id).exists():
        # It began on another computer: what it runs belongs into this data folder as well.
        await keep_copy(engine, begun.experiment, own, _facts_of(row), lock)
    return begun


def _facts_of(row: SessionRow) -> dict[str, Any]:
    """What was written beside the copy when the session began."""
    described = {name: value for name, value in row.experiment.items() if name != "definition"}
    return {
        "options": described,
        "packages": row.options.get("packages", {}),
        "run": {**row.options, "session": row.id},
    }


async def _new_session(
    engine: Engine, experiment: Experiment, described: dict[str, Any], packages: ScenePackages | None
) -> Begun:
    lock = await package_locks(experiment, engine.options.folder, packages)
    facts = {
        "app_version": app_version(),
        "rules": RULES,
        "sources_sha256": sources_digest(engine.options.folder),
        "packages": lock,
        "profile": str(engine.options.profile) if engine.options.profile else None,
        "join_url": engine.join_url,
    }
    begun = await begin(engine.store, experiment, described, facts, engine.home / DATABASE)
    kept = {"options": described, "packages": facts["packages"], "run": {**facts, "session": begun.id}}
    checked = read_lab_check(engine.home)
    kept |= {"lab_check": checked} if checked else {}
    await keep_copy(engine, experiment, engine.folder / "experiment" / begun.id, kept, lock)
    return begun


def _bundle(engine: Engine, experiment: Experiment) -> ScenePackages | None:
    engine.bundles, packages = browser_bundles(
        experiment, engine.options.folder, engine.vendored.folder / "pyodide", engine.wheels
    )
    engine.held = held_data(engine.bundles, engine.options.folder)
    engine.preload = packages.together() if packages else PackageList([], [])
    return packages
