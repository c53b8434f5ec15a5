"""Data folders that a cloud or a network carries away are noticed, as paths of every system look."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from igym_desktop.flow.data_place import Drive, judge_place, local_folder

VARIABLES = {"OneDriveCommercial": r"C:\Users\kim\Universität X", "ONEDRIVE": r"C:\Users\kim\OneDrive"}
WINDOWS = [
    Drive("C:\\", "NTFS", "rw,fixed"),
    Drive("Z:\\", "", "rw,remote"),
    Drive("D:\\", "NTFS", "rw,fixed"),
]
MACOS = [Drive("/", "apfs", "rw"), Drive("/Volumes/lab", "smbfs", "rw,nosuid"), Drive("/Volumes/stick", "exfat", "rw")]
LINUX = [Drive("/", "ext4", "rw"), Drive("/home", "nfs4", "rw"), Drive("/home/local", "ext4", "rw")]


def win(path: str) -> PurePath:
    return PureWindowsPath(path)


def posix(path: str) -> PurePath:
    return PurePosixPath(path)


@pytest.mark.parametrize(
    ("root", "drives", "system", "words"),
    [
        (win(r"C:\Users\kim\Universität X\Documents\Interactive Gym\data"), WINDOWS, "win32", "OneDrive"),
        (win(r"C:\Users\kim\OneDrive - University of X\data"), WINDOWS, "win32", "OneDrive"),
        (win(r"c:\users\kim\onedrive\data"), WINDOWS, "win32", "OneDrive"),
        (win(r"C:\Users\kim\Dropbox (Lab)\data"), WINDOWS, "win32", "Dropbox"),
        (win(r"Z:\studies\data"), WINDOWS, "win32", "network drive"),
        (win(r"\\server\share\data"), WINDOWS, "win32", "network drive"),
        (win("D:\\" + "very long name " * 8 + "data"), WINDOWS, "win32", "260 characters"),
        (posix("/Users/kim/Library/Mobile Documents/com~apple~CloudDocs/data"), MACOS, "darwin", "iCloud"),
        (posix("/Users/kim/Library/CloudStorage/GoogleDrive-kim@x.org/data"), MACOS, "darwin", "a cloud folder"),
        (posix("/Volumes/lab/data"), MACOS, "darwin", "network drive"),
        (posix("/home/kim/data"), LINUX, "linux", "network drive"),
    ],
)
def test_it_is_noticed_and_a_folder_on_this_computer_offered(
    root: PurePath, drives: list[Drive], system: str, words: str
) -> None:
    found = judge_place(root, "my_study", drives, VARIABLES, system)
    assert found.result == "warning" and words in found.text
    assert found.fix is not None and (found.fix.kind, found.fix.value) == ("use_folder", str(local_folder()))


@pytest.mark.parametrize(
    ("root", "drives", "system"),
    [
        (win(r"C:\Users\kim\Documents\Interactive Gym\data"), WINDOWS, "win32"),
        (win(r"C:\Users\kim\OneDriveless\data"), WINDOWS, "win32"),
        (win(r"D:\data"), WINDOWS, "win32"),
        (posix("/Users/kim/Documents/Interactive Gym/data"), MACOS, "darwin"),
        (posix("/Volumes/stick/data"), MACOS, "darwin"),
        (posix("/home/local/data"), LINUX, "linux"),
        (posix("/srv/" + "very long name " * 12), LINUX, "linux"),
    ],
)
def test_this_computers_own_disk_is_fine(root: PurePath, drives: list[Drive], system: str) -> None:
    assert judge_place(root, "my_study", drives, VARIABLES, system).result == "go"
