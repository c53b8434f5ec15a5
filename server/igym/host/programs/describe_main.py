"""`igym describe FOLDER`: what an experiment is, as one JSON object, without running it for anybody."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.form import describe_experiment, form_schema
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.children.researcher_child import as_load_error
from igym.host.studies.authoring import loaded_experiment


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="igym describe", description="Prints an experiment as one JSON object.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", type=Path, help="a saved profile to put on top")
    options = parser.parse_args(arguments)
    replies = take_over_stdout()
    try:
        result = {"ok": True, **description(loaded_experiment(options.folder, options.profile))}
    except ExperimentError as error:
        result = {"ok": False, "error": error.to_json()}
    except Exception as error:
        result = {"ok": False, "error": as_load_error(error)}
    say(replies, result)
    sys.stdout.flush()
    return 0 if result["ok"] else 1


def description(experiment: Experiment) -> dict[str, Any]:
    """`{id, title, description, version, players, minutes, participants, form, scenes, packages, configuration}`."""
    return {
        "id": experiment.id,
        "title": experiment.title,
        "description": experiment.description,
        "version": experiment.version,
        "players": experiment.players,
        "minutes": experiment.minutes,
        "participants": experiment.participants,
        "form": form_schema(experiment),
        "scenes": [{"id": scene.id, "kind": str(scene.model_dump()["kind"])} for scene in experiment.scenes],
        "packages": sorted({package for scene in experiment.games for package in scene.runtime_options.packages}),
        "configuration": describe_experiment(experiment),
    }
