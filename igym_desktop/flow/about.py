"""Which app this is, and where a newer one is to be had. Nothing here asks the internet."""

from __future__ import annotations

import platform
from importlib import metadata

from igym_desktop.i18n import tr

PACKAGE = "interactive-gym-desktop"
RELEASES = "releases"
"""Name of the project address (`[project.urls]`) under which whoever publishes the app offers its versions."""


def version_text(version: str) -> str:
    """For a support mail: app, Python and system."""
    python, system = platform.python_version(), platform.platform(terse=True)
    return f"Interactive Gym Desktop {version} · Python {python} · {system} · {platform.machine()}"


def releases_page() -> str:
    """The address of new versions, as the publisher wrote it into the app; "" when there is none."""
    try:
        entries = metadata.metadata(PACKAGE).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    pairs = (str(entry).partition(",") for entry in entries)
    return next((address.strip() for name, _, address in pairs if name.strip().lower() == RELEASES), "")


def updates_text() -> str:
    """How to get and install a newer version."""
    where = (
        tr("New versions are at {address}.", address=releases_page())
        if releases_page()
        else tr("New versions are where you got this one: a download page, or your IT.")
    )
    return (
        where
        + " "
        + tr(
            "The app never asks the internet for them. Compare the SHA-256 sum beside the file, end running sessions, "
            "and install the new version over this one: settings, studies and recordings stay, and "
            "older recordings open."
        )
    )
