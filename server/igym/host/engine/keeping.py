"""The copy of what a session runs, kept with its data when it starts and when it goes on with changed files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igym.experiment.bundle import game_bundle
from igym.experiment.experiment import Experiment
from igym.host.export.kept_games import game_facts, wheels_of
from igym.host.hostenv.kept_packages import Lock, host_lock, keep
from igym.host.lab.lab_tables import write_lab_tables
from igym.host.packages.scene_packages import ScenePackages
from igym.host.studies.sources import keep_sources, sources_digest
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.host.engine.engine import Engine


async def package_locks(experiment: Experiment, folder: Path, packages: ScenePackages | None) -> dict[str, Lock]:
    """Scene → name, version and hash of every package its game may import, in browsers or on this computer."""
    in_browsers = packages.lock() if packages else {}
    on_host = await asyncio.to_thread(host_locks, experiment, folder)
    return {**in_browsers, **on_host}


def host_locks(experiment: Experiment, folder: Path) -> dict[str, Lock]:
    """Scene → packages of the games that run on this computer."""
    bundles = _games_of_the_host(experiment, folder)
    return {scene: host_lock(bundle["packages"], bundle["imports"], folder) for scene, bundle in bundles.items()}


def files_changed(options: dict[str, Any], folder: Path, lock: dict[str, Lock]) -> bool:
    """Whether a session that goes on would run other files than those it began with; `options` are the stored ones."""
    before = options.get("packages", {})
    other = any(before[scene] != found for scene, found in lock.items() if scene in before and _of_the_host(found))
    return other or options.get("sources_sha256") != sources_digest(folder)


def _of_the_host(lock: Lock) -> bool:
    return any(entry["source"] == "python" for entry in lock)


async def keep_copy(
    engine: Engine, experiment: Experiment, target: Path, facts: dict[str, Any], lock: dict[str, Lock]
) -> None:
    """Write sources, `facts`, games and packages to `target`; a failure is told, and the session runs all the same."""
    folder = engine.options.folder
    on_host = _games_of_the_host(experiment, folder)
    games = {**engine.bundles, **on_host}
    kept = {**facts, **game_facts(games, lock, engine.vendored.hash)}
    try:
        await asyncio.to_thread(keep_sources, folder, target, kept, wheels_of(lock, engine.wheels))
        if on_host:
            await asyncio.to_thread(keep, folder, engine.folder)
        if facts.get("lab_check"):
            await asyncio.to_thread(write_lab_tables, target, facts["lab_check"])
    except OSError as error:
        engine.problems.report(
            "sources",
            "warning",
            Told("The experiment's files were not copied"),
            Told(
                "{error}. The session runs all the same; its matches cannot be replayed from the data folder.",
                error=error,
            ),
        )


def _games_of_the_host(experiment: Experiment, folder: Path) -> dict[str, dict[str, Any]]:
    """Browsers get no code of games that run here; a replay needs it."""
    games = experiment.games
    return {scene.id: game_bundle(scene, folder) for scene in games if scene.runtime_options.where == "host"}
