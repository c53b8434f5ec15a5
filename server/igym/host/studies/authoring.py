"""Loading a researcher's folder, with a saved profile on top. Runs their code: only in processes made for it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from igym.experiment.check_files import with_profile
from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.loader import load_experiment
from igym.host.studies.env_bridge import bridge_part
from igym.protocol.told import Told


def loaded_experiment(folder: Path, profile: Path | None, *, with_host_envs: bool = True) -> Experiment:
    """`with_host_envs`: whether envs that run on the host are imported, which may end the process.

    Raises `ExperimentError`; anything else a researcher's file raises comes through as it is."""
    if with_host_envs:
        # Some import it as they are made, and it is lent to them in play as well.
        bridge_part("loader").lend_pygame()
    experiment = load_experiment(folder, with_host_envs=with_host_envs)
    return experiment if profile is None else with_profile(experiment, read_profile(profile))


def read_profile(path: Path) -> dict[str, Any]:
    """The overrides of a `profiles/<name>.toml`."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ExperimentError(Told("The profile {profile} does not exist.", profile=path), file=str(path)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ExperimentError(Told("The profile could not be read: {error}", error=error), file=str(path)) from None
