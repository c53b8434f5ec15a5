"""Which version of the app this is."""

from __future__ import annotations

from importlib import metadata


def app_version() -> str:
    try:
        return metadata.version("interactive-gym-desktop")
    except metadata.PackageNotFoundError:
        return "0+unknown"
