"""HAProxy before the servers of one study, with the configuration that the manual shows."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.servers import LIMIT_S, free_port

MANUAL = Path(__file__).parents[2] / "docs" / "manual" / "several-servers.md"


def _config(port: int, servers: Sequence[int]) -> str:
    """The manual's, on this computer and without a certificate."""
    [shown] = re.findall(r"^```text\n(global.*?)^```", MANUAL.read_text(encoding="utf-8"), re.S | re.M)
    ports = iter(servers)
    here = re.sub(r"^( *server \w+) \S+", lambda found: f"{found[1]} 127.0.0.1:{next(ports)}", shown, flags=re.M)
    return re.sub(r"bind .*", f"bind 127.0.0.1:{port}", here)


@contextmanager
def haproxy(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """The address at which it serves whichever of these ports answers well."""
    port, config = free_port(), folder / "haproxy.cfg"
    config.write_text(_config(port, ports), encoding="utf-8")
    with (folder / "haproxy.log").open("wb") as log:
        process = subprocess.Popen(["haproxy", "-f", str(config)], stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(LIMIT_S)
