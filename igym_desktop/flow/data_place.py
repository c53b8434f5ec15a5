"""Whether the data folder lies where a database can be written: not in a cloud folder, nor on a network drive."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import platformdirs
import psutil

from igym_desktop.flow.findings import Finding, Situation
from igym_desktop.flow.paths import APP_NAME
from igym_desktop.flow.start_problems import Fix
from igym_desktop.i18n import tr

A_CLOUD = "a cloud"
ONEDRIVE_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
# Parts of a path by which a synchronised folder is known, wherever it lies.
CLOUD_PARTS = (
    ("Mobile Documents", "iCloud Drive"), ("CloudStorage", A_CLOUD), ("iCloudDrive", "iCloud Drive"),
    ("OneDrive", "OneDrive"), ("Dropbox", "Dropbox"), ("Google Drive", "Google Drive"), ("GoogleDrive", "Google Drive"),
    ("My Drive", "Google Drive"), ("Nextcloud", "Nextcloud"), ("ownCloud", "ownCloud"), ("Sciebo", "Sciebo"),
    ("sciebo", "Sciebo"), ("Seafile", "Seafile"), ("Box", "Box"), ("pCloud Drive", "pCloud"),
)  # fmt: skip
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "fuse.sshfs", "9p"}
LONGEST_PATH = 259
LONGEST_BELOW = 130
"""Longest path of a file below an experiment's data folder."""


@dataclass(frozen=True)
class Drive:
    """As psutil tells them: where it is mounted, its file system, its options."""

    mountpoint: str
    fstype: str
    opts: str


def local_folder() -> Path:
    """A place of this user that no cloud carries away and that is on this computer's own disk."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)) / "data"


def check_place(situation: Situation) -> Finding:
    """Looks at this computer; see `judge_place`."""
    drives = [Drive(each.mountpoint, each.fstype, each.opts) for each in psutil.disk_partitions(all=True)]
    return judge_place(situation.data_root, situation.entry.experiment_id or "", drives, os.environ, sys.platform)


def judge_place(
    root: PurePath, experiment: str, drives: Iterable[Drive], variables: Mapping[str, str], system: str
) -> Finding:
    """Whether recordings are safe in `root`; a folder on this computer is offered otherwise."""
    use_local = Fix(tr("Use a folder on this computer"), "use_folder", str(local_folder()))
    cloud = _cloud(root, variables)
    if cloud:
        return Finding(
            "warning",
            tr(
                "{folder} belongs to {cloud}, which copies and locks files while they are being written: recordings "
                "can be held up or damaged. Keep running sessions on this computer's own disk and export into the "
                "cloud.",
                folder=root,
                cloud=tr("a cloud folder") if cloud == A_CLOUD else cloud,
            ),
            use_local,
        )
    if _is_remote(root, drives):
        return Finding(
            "warning",
            tr(
                "{folder} is on a network drive. The recordings file needs locks that network drives do not keep, and "
                "a lost connection stops the session. Keep running sessions on this computer's own disk and export to "
                "the network.",
                folder=root,
            ),
            use_local,
        )
    if system == "win32" and len(str(root)) + 1 + len(experiment) + 1 + LONGEST_BELOW > LONGEST_PATH:
        return Finding(
            "warning",
            tr(
                "The path {folder} is so long that files below it pass 260 characters, which Excel and other programs "
                "of Windows cannot open. Choose a shorter one.",
                folder=root,
            ),
            use_local,
        )
    return Finding("go", tr("The data folder is on this computer's own disk."))


def _cloud(root: PurePath, variables: Mapping[str, str]) -> str:
    for name in ONEDRIVE_VARIABLES:
        own = variables.get(name) or variables.get(name.upper())
        if own and root.is_relative_to(own):
            return "OneDrive"
    for part in root.parts:
        for known, name in CLOUD_PARTS:
            # “OneDrive - University of X”, “Dropbox (Lab)”
            if part == known or part.startswith((f"{known} ", f"{known}-")):
                return name
    return ""


def _is_remote(root: PurePath, drives: Iterable[Drive]) -> bool:
    if str(root).startswith(("\\\\", "//")):
        return True
    path: Any = type(root)
    holding = [drive for drive in drives if drive.mountpoint and root.is_relative_to(path(drive.mountpoint))]
    nearest = max(holding, key=lambda drive: len(drive.mountpoint), default=None)
    if nearest is None:
        return False
    return nearest.fstype.lower() in NETWORK_FILE_SYSTEMS or "remote" in nearest.opts.split(",")
