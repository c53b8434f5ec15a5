"""What an engine is started with."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from igym.core.state import KINDS
from igym.host.base.spawn import METRICS_VARIABLE, TOKEN_VARIABLE, TURN_VARIABLE
from igym.host.store.postgres.place import checked_url

DEFAULT_PORT = 8000
DEFAULT_GRACE_S = 60
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
    kind: str = "study"
    """What the session is for; that of a resumed one is what it was."""
    when_launcher_gone: Literal["go-on", "stop"] = "go-on"
    grace_s: float = DEFAULT_GRACE_S
    token: str | None = None
    metrics_token: str = ""
    """Lets a monitoring system read `/metrics` and nothing else; "": only the control token does."""
    wheel_folders: tuple[Path, ...] = ()
    retention_days: int | None = None
    """Sessions last active longer ago are erased at the start; None: nothing is ever erased by itself."""
    markers: str | None = None
    """Name of the Lab Streaming Layer outlet for markers; None: no markers."""
    turn_url: str = ""
    """Addresses of a TURN server to use instead of the host's own, with commas between them."""
    turn_user: str = ""
    turn_password: str = field(default="", repr=False)
    turn_secret_file: Path | None = None
    """Holds what that server and this one share: each participant gets a password made of it."""
    tls_certificate: Path | None = None
    """A PEM file: participants then use https."""
    tls_key: Path | None = None
    """The certificate's key; None when it stands in the same file."""
    join_name: str = ""
    """The name of this computer in the join link, "" for its address."""
    public_url: str = ""
    """The whole address at which a proxy serves the session, "" without one."""
    trusted_proxy: str = ""
    """Addresses or networks of proxies whose word about visitors is believed, with commas between them."""
    database: str = ""
    """Address of the PostgreSQL database that holds the data, without its password; "": where they are already."""
    redis: str = ""
    """Address of the Redis server through which edges hold the participants' sockets; "": this process holds them."""
    standby: bool = False
    """Wait until the server that leads the session is gone, then go on with it."""
    begin: bool = False
    """With `standby`: begin the study's first session when there is none yet. So all servers are started alike."""
    remote: str | None = None
    """The file of passes with which launchers on other computers attach; "": one in the data folder; None: nobody."""
    remote_over_http: bool = False
    """Also without encryption, from beyond the local network."""
    may_sleep: bool = False
    """Leave it to the system whether this computer sleeps while the session runs."""


def _setting(default: Any, flag: str, text: str, /, *, launcher_only: bool = False, **parsing: Any) -> Any:
    facts = {"flag": flag, "launcher_only": launcher_only, "parsing": {"help": text, **parsing}}
    return field(default=default, metadata=facts)


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """What the launcher keeps for the engines it starts; empty text and 0 mean that the engine decides by itself.

    Each is named here alone: the option of `igym engine`, what the launcher passes and what it stores follow from it.
    """

    port: int = _setting(DEFAULT_PORT, "--port", f"TCP port, 0 for a free one (default: {DEFAULT_PORT})", type=int)
    address: str = _setting("", "--address", "network address of this computer to use (default: the best one)")
    wheels_folder: str = _setting(
        "", "--wheels", "a folder with more wheels", type=Path, action="append", default=[], metavar="FOLDER"
    )
    turn_url: str = _setting(
        "", "--turn", "a TURN server to use instead of the host's own, such as turn:turn.example.org:3478; several "
        "addresses of it with commas between them", metavar="URL[,…]",
    )  # fmt: skip
    turn_user: str = _setting(
        "", "--turn-user", f"its user, the same for everybody; the password in {TURN_VARIABLE}", metavar="NAME"
    )
    turn_secret_file: str = _setting(
        "", "--turn-secret-file", "instead: a file with the secret it shares with this server (static-auth-secret of "
        "coturn), of which each participant gets a password for some hours", type=Path, metavar="FILE",
    )  # fmt: skip
    tls_certificate: str = _setting(
        "", "--tls-certificate", "serve participants over https with it", type=Path, metavar="PEM"
    )
    tls_key: str = _setting("", "--tls-key", "its key, when it is in a file of its own", type=Path, metavar="PEM")
    join_name: str = _setting("", "--join-name", "this computer's name in the join link", metavar="NAME")
    public_url: str = _setting(
        "", "--public-url", "the address at which a proxy serves the session, with its path", metavar="URL"
    )
    trusted_proxy: str = _setting(
        "", "--trusted-proxy", "address or network of the proxy whose X-Forwarded-For, -Proto and -Host are believed",
        metavar="ADDRESS[,…]",
    )  # fmt: skip
    retention_days: int = _setting(
        0,
        "--retention-days",
        "at the start, erase rows, answers and files of sessions older than N days (default: keep everything)",
        type=int,
        metavar="N",
    )
    lsl: bool = _setting(
        False,
        "--lsl",
        f"send markers of scenes and episodes to the Lab Streaming Layer, as the stream NAME (default: {MARKERS})",
        nargs="?",
        const=MARKERS,
        metavar="NAME",
    )
    may_sleep: bool = _setting(False, "--allow-sleep", "do not keep this computer awake meanwhile", action="store_true")
    when_launcher_gone: Literal["go-on", "stop"] = _setting(
        "go-on", "--when-launcher-gone", "what the engine does then", launcher_only=True,
        choices=["go-on", "stop"], default="go-on",
    )  # fmt: skip
    grace_s: int = _setting(
        DEFAULT_GRACE_S, "--grace", "how long it waits before", launcher_only=True,
        type=float, default=DEFAULT_GRACE_S, metavar="SECONDS",
    )  # fmt: skip

    def engine_settings(self) -> dict[str, Any]:
        """Field → value, without what a class made from this one adds."""
        return {item.name: getattr(self, item.name) for item in fields(EngineSettings)}

    def engine_arguments(self) -> list[str]:
        """For `igym engine`; a TURN password is told by the environment."""
        arguments: list[str] = []
        for item in fields(EngineSettings):
            value = getattr(self, item.name)
            if value != item.default:
                arguments += [item.metadata["flag"], *([] if value is True else [str(value)])]
        return arguments


def add_engine_arguments(parser: argparse.ArgumentParser, *, of_launcher: bool = False) -> None:
    """The options that `igym engine`, `igym serve` and `igym lab` share; `of_launcher` adds those of a child."""
    parser.add_argument("--data", type=Path, help="data folder (default: data/ beside the experiment)")
    parser.add_argument("--profile", type=Path, help="a saved profile (profiles/<name>.toml)")
    parser.add_argument(
        "--resume", nargs="?", const=LATEST, metavar="SESSION", help="go on with a session (default: the latest)"
    )
    for item in fields(EngineSettings):
        if of_launcher or not item.metadata["launcher_only"]:
            default = item.default if item.name == "port" else None
            parsing = {"default": default, **item.metadata["parsing"]}
            parser.add_argument(item.metadata["flag"], dest=item.name, **parsing)


def add_kind_argument(parser: argparse.ArgumentParser) -> None:
    """What a session is for, told once at its start."""
    text = "what a new session is for; all but a study write their files into a folder of that name (default: study)"
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0], help=text)


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """For a study that more than one computer can run."""
    parser.add_argument(
        "--database", default="", metavar="URL",
        help="keep the data on this PostgreSQL server (postgresql://user@host/name) instead of in a file",
    )  # fmt: skip
    parser.add_argument(
        "--standby", action="store_true",
        help="with --database: wait until the server that runs the session is gone, then go on with it",
    )  # fmt: skip
    parser.add_argument(
        "--begin", action="store_true",
        help="with --standby: begin the study's first session if there was none yet, so that all servers start alike",
    )  # fmt: skip


def add_remote_arguments(parser: argparse.ArgumentParser) -> None:
    """For launchers on other computers."""
    parser.add_argument(
        "--remote", nargs="?", const="", metavar="FILE",
        help="let launchers on other computers attach, with the passes in FILE (default: one in the data folder, made "
        "at the first start; with --database all servers need the same FILE)",
    )  # fmt: skip
    parser.add_argument(
        "--remote-over-http", action="store_true",
        help="let them also come without encryption from beyond the local network, such as through a tunnel of yours",
    )  # fmt: skip


def engine_options(arguments: argparse.Namespace, folder: Path) -> EngineOptions:
    folder = folder.resolve()
    standby = bool(getattr(arguments, "standby", False))
    return EngineOptions(
        folder=folder,
        data=(arguments.data or default_data_root(folder)).resolve(),
        port=arguments.port,
        address=arguments.address,
        profile=arguments.profile.resolve() if arguments.profile else None,
        resume=LATEST if standby else arguments.resume,
        kind=getattr(arguments, "kind", KINDS[0]),
        when_launcher_gone=getattr(arguments, "when_launcher_gone", "go-on"),
        grace_s=getattr(arguments, "grace_s", DEFAULT_GRACE_S),
        token=os.environ.get(TOKEN_VARIABLE) or None,
        metrics_token=os.environ.get(METRICS_VARIABLE, ""),
        wheel_folders=tuple(arguments.wheels_folder),
        retention_days=arguments.retention_days,
        markers=arguments.lsl,
        turn_url=arguments.turn_url or "",
        turn_user=arguments.turn_user or "",
        turn_password=os.environ.get(TURN_VARIABLE, "") if arguments.turn_url else "",
        turn_secret_file=arguments.turn_secret_file.resolve() if arguments.turn_secret_file else None,
        tls_certificate=arguments.tls_certificate.resolve() if arguments.tls_certificate else None,
        tls_key=arguments.tls_key.resolve() if arguments.tls_key else None,
        join_name=arguments.join_name or "",
        public_url=arguments.public_url or "",
        trusted_proxy=arguments.trusted_proxy or "",
        database=checked_url(arguments.database) if getattr(arguments, "database", "") else "",
        redis=getattr(arguments, "redis", ""),
        standby=standby,
        begin=bool(getattr(arguments, "begin", False)),
        remote=_whole(getattr(arguments, "remote", None)),
        remote_over_http=bool(getattr(arguments, "remote_over_http", False)),
        may_sleep=bool(arguments.may_sleep),
    )


def _whole(file: str | None) -> str | None:
    """The path of a file from anywhere; what stands for a default stays."""
    return str(Path(file).resolve()) if file else file


def default_data_root(folder: Path) -> Path:
    """`data/` beside the experiment: never where the program happens to have been started."""
    return folder.parent / "data"
