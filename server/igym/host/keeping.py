"""The copy of what a session runs, kept with its data when it starts and when it goes on with changed files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igym.experiment import Experiment
from igym.experiment.bundle import game_bundle
from igym.host.export.kept_games import game_facts, wheels_of
from igym.host.lab_tables import write_lab_tables
from igym.host.package_routes import ScenePackages
from igym.host.sources import keep_sources

if TYPE_CHECKING:
    from igym.host.engine import Engine


async def keep_copy(
    engine: Engine, experiment: Experiment, target: Path, facts: dict[str, Any], packages: ScenePackages | None
) -> None:
    """Write sources, `facts`, games and wheels to `target`; a failure is told, and the session runs all the same."""
    folder = engine.options.folder
    lock = packages.lock() if packages else {}
    games = {**engine.bundles, **_games_of_the_host(experiment, folder)}
    kept = {**facts, **game_facts(games, lock, engine.vendored.hash)}
    try:
        await asyncio.to_thread(keep_sources, folder, target, kept, wheels_of(lock, engine.wheels))
        if facts.get("lab_check"):
            await asyncio.to_thread(write_lab_tables, target, facts["lab_check"])
    except OSError as error:
        engine.problems.report(
            "sources",
            "warning",
            "The experiment's files were not copied",
            f"{error}. The session runs all the same; its matches cannot be replayed from the data folder.",
        )


def _games_of_the_host(experiment: Experiment, folder: Path) -> dict[str, dict[str, Any]]:
    """Browsers get no code of games that run here; a replay needs it."""
    games = experiment.games
    return {scene.id: game_bundle(scene, folder) for scene in games if scene.runtime_options.where == "host"}
