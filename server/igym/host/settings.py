"""What an engine is started with."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DEFAULT_PORT = 8000
DEFAULT_GRACE_S = 60.0
TOKEN_VARIABLE = "IGYM_CONTROL_TOKEN"
TURN_VARIABLE = "IGYM_TURN_CREDENTIAL"
LATEST = "latest"
MARKERS = "InteractiveGym"


@dataclass(frozen=True)
class EngineOptions:
    """`address` None means the best network card; `resume` is a session id or "latest"; `data` is the data root."""

    folder: Path
    data: Path
    port: int = DEFAULT_PORT
    address: str | None = None
    profile: Path | None = None
    resume: str | None = None
    when_launcher_gone: Literal["go-on", "stop"] = "go-on"
    grace_s: float = DEFAULT_GRACE_S
    token: str | None = None
    wheel_folders: tuple[Path, ...] = ()
    retention_days: int | None = None
    """Sessions last active longer ago are erased at the start; None: nothing is ever erased by itself."""
    markers: str | None = None
    """Name of the Lab Streaming Layer outlet for markers; None: no markers."""
    external_turn: dict[str, str] | None = None
    """`{urls, username, credential}` of a TURN server to use instead of the host's own."""
    tls_certificate: Path | None = None
    """A PEM file: participants then use https."""
    tls_key: Path | None = None
    """The certificate's key; None when it stands in the same file."""
    join_name: str = ""
    """The name of this computer in the join link, "" for its address."""
    may_sleep: bool = False
    """Leave it to the system whether this computer sleeps while the session runs."""


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that `igym engine` and `igym serve` share."""
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="TCP port, 0 for a free one (default: 8000)")
    parser.add_argument("--address", help="network address of this computer to use (default: the best one)")
    parser.add_argument("--data", type=Path, help="data folder (default: data/ beside the experiment)")
    parser.add_argument("--profile", type=Path, help="a saved profile (profiles/<name>.toml)")
    parser.add_argument(
        "--resume", nargs="?", const=LATEST, metavar="SESSION", help="go on with a session (default: the latest)"
    )
    parser.add_argument(
        "--turn", metavar="URL", help=f"a TURN server to use instead of the host's own; password in {TURN_VARIABLE}"
    )
    parser.add_argument("--turn-user", default="", metavar="NAME")
    parser.add_argument("--tls-certificate", type=Path, metavar="PEM", help="serve participants over https with it")
    parser.add_argument("--tls-key", type=Path, metavar="PEM", help="its key, when it is in a file of its own")
    parser.add_argument("--join-name", default="", metavar="NAME", help="this computer's name in the join link")
    parser.add_argument("--allow-sleep", action="store_true", help="do not keep this computer awake meanwhile")
    parser.add_argument(
        "--wheels", type=Path, action="append", default=[], metavar="FOLDER", help="a folder with more wheels"
    )
    parser.add_argument(
        "--retention-days",
        type=int,
        metavar="N",
        help="at the start, erase rows, answers and files of sessions older than N days (default: keep everything)",
    )
    parser.add_argument(
        "--lsl",
        nargs="?",
        const=MARKERS,
        metavar="NAME",
        help=f"send markers of scenes and episodes to the Lab Streaming Layer, as the stream NAME (default: {MARKERS})",
    )


def engine_options(arguments: argparse.Namespace, folder: Path) -> EngineOptions:
    folder = folder.resolve()
    return EngineOptions(
        folder=folder,
        data=(arguments.data or default_data_root(folder)).resolve(),
        port=arguments.port,
        address=arguments.address,
        profile=arguments.profile.resolve() if arguments.profile else None,
        resume=arguments.resume,
        when_launcher_gone=getattr(arguments, "when_launcher_gone", "go-on"),
        grace_s=getattr(arguments, "grace", DEFAULT_GRACE_S),
        token=os.environ.get(TOKEN_VARIABLE) or None,
        wheel_folders=tuple(arguments.wheels),
        retention_days=arguments.retention_days,
        markers=arguments.lsl,
        external_turn=_external_turn(arguments),
        tls_certificate=arguments.tls_certificate.resolve() if arguments.tls_certificate else None,
        tls_key=arguments.tls_key.resolve() if arguments.tls_key else None,
        join_name=arguments.join_name,
        may_sleep=arguments.allow_sleep,
    )


def _external_turn(arguments: argparse.Namespace) -> dict[str, str] | None:
    if not arguments.turn:
        return None
    password = os.environ.get(TURN_VARIABLE, "")
    return {"urls": arguments.turn, "username": arguments.turn_user, "credential": password}


def default_data_root(folder: Path) -> Path:
    """`data/` beside the experiment: never where the program happens to have been started."""
    return folder.parent / "data"
