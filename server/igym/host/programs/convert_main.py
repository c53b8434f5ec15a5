"""`igym convert FOLDER`: a `study.toml` becomes an `experiment.py`, or the other way round; nothing is lost."""

from __future__ import annotations

import argparse
from pathlib import Path

from igym.experiment.check_files import checked
from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.form import describe_experiment
from igym.experiment.loader import defined_in, load_experiment, study_source
from igym.experiment.study_layout import write_document
from igym.experiment.study_python import to_python
from igym.experiment.study_read import from_text
from igym.experiment.study_text import STUDY_FILE
from igym.experiment.study_write import to_document
from igym.host.base.command_line import answer, fail
from igym.host.base.errors import HostError
from igym.host.base.held_files import move
from igym.host.children.researcher_child import as_load_error
from igym.protocol.told import Told


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="igym convert",
        description="Turns a study.toml into the experiment.py that defines the same study, or an experiment.py "
        "without functions of its own into a study.toml. The file it was stays beside it, with .old behind its name.",
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="answer one JSON object")
    options = parser.parse_args(arguments)
    try:
        new, old = converted(options.folder.resolve())
    except ExperimentError as error:
        return fail(options.json, HostError("not_converted", str(error)))
    except OSError as error:
        return fail(
            options.json, HostError("not_converted", Told("The file could not be written: {error}", error=error))
        )
    except Exception as error:
        return fail(options.json, HostError("not_converted", str(as_load_error(error)["text"])))
    text = f"{new.name} is written and the study now; what it was is kept as {old.name}."
    return answer(options.json, {"event": "converted", "file": str(new), "old": str(old), "text": text}, text)


def converted(folder: Path) -> tuple[Path, Path]:
    """(the new file, where the old one is kept). Raises ExperimentError and leaves everything as it was."""
    experiment = load_experiment(folder, with_host_envs=False)
    source = study_source(folder)
    if source.name == STUDY_FILE:
        target, text = folder / "experiment.py", to_python(experiment)
    else:
        target, text = folder / STUDY_FILE, write_document(to_document(experiment))
    _compare(experiment, text, target)
    old = _free_name(source)
    temporary = target.with_name(f"{target.name}.new")
    temporary.write_text(text, encoding="utf-8")
    # First the old one away: a folder with both could not be loaded.
    move(source, old)
    move(temporary, target)
    return target, old


def _compare(experiment: Experiment, text: str, target: Path) -> None:
    """What was written must be the same study to the last option."""
    again = from_text(text) if target.name == STUDY_FILE else defined_in(target, text)
    if describe_experiment(checked(again, target.parent)) != describe_experiment(experiment):
        raise ExperimentError(
            Told("the study would not be the same as {name}, so nothing was changed.", name=target.name)
        )


def _free_name(source: Path) -> Path:
    names = (source.with_name(f"{source.name}.old{number or ''}") for number in range(1000))
    return next(name for name in names if not name.exists())
