"""Whether this computer's Python has the packages that scenes on the host ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from igym.experiment.scenes.gym import GymScene
from igym.host.base.errors import HostError
from igym.protocol.told import Told, together


def check_host_packages(scenes: Iterable[GymScene], folder: Path) -> None:
    """Raises `HostError` "packages_missing", naming each package and where it can be put."""
    wanted = sorted({package for scene in scenes for package in scene.runtime_options.packages})
    lacking = missing_packages(wanted, folder)
    if lacking:
        lines = together(*(Told("• {text}", text=line) for line in lacking), between="\n")
        raise HostError(
            "packages_missing",
            Told(
                "Packages that games on the host need are not on this computer:\n{packages}\nPut them into the "
                "folder “site-packages” beside experiment.py (pip install --target site-packages PACKAGE), "
                "or install them into the Python that runs Interactive Gym.",
                packages=lines,
            ),
            lines,
        )


def missing_packages(wanted: Iterable[str], folder: Path) -> list[str]:
    """One line for each requirement that neither the experiment's `site-packages` nor this Python meets."""
    wanted = list(wanted)
    if not wanted:
        # Most studies: the files of everything that is installed are not read at each start for nothing.
        return []
    found = {_plain(dist.metadata["Name"]): dist.version for dist in distributions() if dist.metadata["Name"]}
    own = distributions(path=[str(folder / "site-packages")])
    found |= {_plain(dist.metadata["Name"]): dist.version for dist in own if dist.metadata["Name"]}
    return [line for package in wanted if (line := _lack(package, found)) is not None]


def _lack(package: str, found: dict[str, str]) -> str | None:
    try:
        requirement = Requirement(package)
    except InvalidRequirement:
        return Told("{package}: this is not a package name with a version.", package=package)
    version = found.get(_plain(requirement.name))
    if version is None:
        return Told("{package} is not installed.", package=package)
    if not requirement.specifier.contains(version, prereleases=True):
        return Told("{package} is asked for, but version {version} is installed.", package=package, version=version)
    return None


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
