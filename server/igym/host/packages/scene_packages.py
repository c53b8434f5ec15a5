"""Which packages each gym scene loads, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.experiment.bundle import game_bundle
from igym.experiment.experiment import Experiment
from igym.host.base.errors import HostError
from igym.host.packages.packages import Browser, Missing, read_browser, resolve
from igym.host.packages.wheels import WheelStore, default_store_folder
from igym.protocol.told import Told, together


@dataclass(frozen=True)
class PackageList:
    """`vendored`: names for the browser's own runtime; `urls`: wheels on this host, all there are to install."""

    vendored: list[str]
    urls: list[str]
    index: str = "/simple/"

    def below(self, prefix: str) -> PackageList:
        """For browsers that reach everything of this host below a path."""
        return PackageList(self.vendored, [prefix + url for url in self.urls], prefix + self.index)

    def told(self) -> dict[str, Any]:
        """As a `Preload` names them."""
        return {"vendor_packages": self.vendored, "packages": self.urls, "wheels_index": self.index}


class ScenePackages:
    """Resolved once at the start: scene id → packages. `bundles` are the game bundles of the browser-run scenes."""

    def __init__(self, bundles: Mapping[str, Mapping[str, Any]], browser: Browser, store: WheelStore) -> None:
        wheels = store.wheels()
        self._resolved = {
            scene: resolve((*browser.packages_of(bundle["imports"]), *bundle["packages"]), browser, wheels)
            for scene, bundle in bundles.items()
        }

    def missing(self) -> list[Missing]:
        found = {missing.text: missing for resolution in self._resolved.values() for missing in resolution.missing}
        return list(found.values())

    def of(self, scene_id: str) -> PackageList:
        resolution = self._resolved[scene_id]
        return PackageList(list(resolution.vendor_packages), list(resolution.urls))

    def together(self) -> PackageList:
        """Everything any scene loads, for preloading while the first pages are read."""
        vendored = {name: None for scene in self._resolved for name in self.of(scene).vendored}
        urls = {url: None for scene in self._resolved for url in self.of(scene).urls}
        return PackageList(list(vendored), list(urls))

    def lock(self) -> dict[str, list[dict[str, str]]]:
        """Scene → name, version, file, hash of every package, for the export."""
        return {scene: resolution.lock() for scene, resolution in self._resolved.items()}


def wheel_store(experiment_folder: Path, chosen: Sequence[Path] = ()) -> WheelStore:
    """The app's wheel folder, folders the researcher chose, and `wheels/` beside the experiment."""
    return WheelStore([default_store_folder(), *chosen, experiment_folder / "wheels"])


def runtime_of_browsers(pyodide: Path) -> Browser:
    """What the vendored runtime offers; raises `HostError` "packages_missing"."""
    try:
        return read_browser(pyodide)
    except FileNotFoundError as error:
        raise HostError(
            "packages_missing",
            Told(
                "The Python for browsers is missing from this installation, so games cannot run. Please "
                "install Interactive Gym again (in a checkout: run `python build/vendor.py`)."
            ),
            str(error),
        ) from error


def check_nothing_missing(packages: ScenePackages) -> None:
    """Raises `HostError` "packages_missing", naming each missing package and what to do about it."""
    missing = packages.missing()
    if missing:
        lines = together(*(Told("• {text}", text=item.text) for item in missing), between="\n")
        raise HostError(
            "packages_missing",
            Told("Packages that the games need are not on this computer:\n{packages}", packages=lines),
            lines,
        )


def wanted(experiment: Experiment, folder: Path, browser: Browser) -> list[tuple[str, ...]]:
    """The requirements of each gym scene that runs in browsers: what it asks for, and what its files import."""
    found = []
    for scene in experiment.games:
        if scene.runtime_options.where == "browser":
            bundle = game_bundle(scene, folder)
            found.append((*browser.packages_of(bundle["imports"]), *bundle["packages"]))
    return list(dict.fromkeys(found))
