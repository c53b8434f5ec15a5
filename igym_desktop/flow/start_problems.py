"""What to offer when the engine says that it cannot start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from igym_desktop.flow.launch import LaunchPlan
from igym_desktop.i18n import tr

Kind = Literal[
    "port", "data_folder", "edit", "address", "attach", "log", "preflight", "data", "settings", "download",
    "configure", "copy", "use_folder",
]  # fmt: skip


OF_SETTINGS = (
    "bad_port", "bad_certificate", "bad_name", "bad_public_url", "bad_proxy", "bad_turn", "lsl_unavailable",
)  # fmt: skip
"""Refusals of what was typed or chosen there."""


class Fix(NamedTuple):
    """A button: its words, what it does, and with what."""

    words: str
    kind: Kind
    value: str = ""


def fixes_for(code: str, plan: LaunchPlan, details: Mapping[str, Any]) -> list[Fix]:
    """At most two ways out of a failed start; the log is the last resort."""
    log = Fix(tr("Show log"), "log")
    if code == "port_in_use":
        other = next_port(plan.port)
        return [Fix(tr("Use port {port}", port=other), "port", str(other)), Fix(tr("Check again"), "preflight")]
    if code == "no_write_permission":
        return [Fix(tr("Choose another folder…"), "data_folder"), log]
    if code == "bad_experiment" and details.get("file"):
        return [Fix(tr("Open in editor"), "edit", f"{details['file']}|{details.get('line') or 1}"), log]
    if code in OF_SETTINGS:
        return [Fix(tr("Settings"), "settings"), log]
    table = {
        "no_address": [Fix(tr("Use any network card"), "address"), Fix(tr("Settings"), "settings")],
        "packages_missing": [Fix(tr("Prepare packages"), "preflight"), log],
        "database_damaged": [Fix(tr("Go to data"), "data"), Fix(tr("Choose another folder…"), "data_folder")],
        "already_running": [Fix(tr("Show that session"), "attach"), log],
    }
    return table.get(code, [log])


def next_port(port: int) -> int:
    """The port to offer instead."""
    return 8000 if port < 1024 or port >= 65_535 else port + 1
