"""HAProxy before the servers of one study, with the configuration of `deploy/`."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.servers import LIMIT_S
from tests.ports import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"


def _config(port: int, certificate: Path | None, below: str) -> str:
    """The one of `deploy/`, reached at a port of this computer; without TLS where there is no certificate."""
    door = f"bind 127.0.0.1:{port}" + (f" ssl crt {certificate}" if certificate else "")
    door += f"\n    http-request deny unless {{ path_beg {below}/ }}" if below else ""
    return re.sub(r"bind .*", door, CONFIGURATION.read_text(encoding="utf-8"))


@contextmanager
def haproxy(folder: Path, ports: Sequence[int], certificate: Path | None = None, below: str = "") -> Iterator[str]:
    """The address at which it serves whichever of these two ports answers well; `below`: only what is at this path."""
    port, config = free_port(), folder / "haproxy.cfg"
    config.write_text(_config(port, certificate, below), encoding="utf-8")
    servers = {name: f"127.0.0.1:{own}" for name, own in zip(("SERVER_ONE", "SERVER_TWO"), ports, strict=True)}
    with (folder / "haproxy.log").open("wb") as log:
        environment = {**os.environ, **servers}
        process = subprocess.Popen(["haproxy", "-f", str(config)], stdout=log, stderr=log, env=environment)
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(LIMIT_S)
