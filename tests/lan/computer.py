"""One computer of the LAN in a box: a network namespace with one network card."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import struct
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TUNSETIFF = 0x400454CA
TUNSETPERSIST = 0x400454CB
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000


def run(*command: str) -> str:
    """Run a command to its end; raises `RuntimeError` with what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Computer:
    """A namespace `name` with the address `address`/24; `route` says whether it has a default route (to nowhere)."""

    def __init__(self, name: str, address: str, *, route: bool) -> None:
        self.name = name
        self.address = address
        device = f"t{zlib.crc32(name.encode()):08x}"  # a device's name has room for 15 characters
        self.fd = _open_tap(device)
        run("ip", "netns", "add", name)
        run("ip", "link", "set", device, "netns", name)
        self.ip("link", "set", "lo", "up")
        self.ip("link", "set", device, "name", "eth0")
        self.ip("addr", "add", f"{address}/24", "dev", "eth0")
        self.ip("link", "set", "eth0", "up")
        if route:
            self.ip("route", "add", "default", "via", address.rsplit(".", 1)[0] + ".254")

    def ip(self, *arguments: str) -> str:
        """Run `ip` inside this computer."""
        return run("ip", "-n", self.name, *arguments)

    def command(self, *command: str) -> list[str]:
        """The argv that runs `command` on this computer."""
        return ["ip", "netns", "exec", self.name, *command]

    def popen(self, *command: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a program on this computer, in a process group of its own."""
        return subprocess.Popen(self.command(*command), start_new_session=True, **options)

    def browser_wrapper(self, folder: Path, browser: str = "/usr/bin/chromium") -> Path:
        """Write an executable that starts `browser` on this computer: give it to Playwright as `executable_path`."""
        path = folder / f"chromium-{self.name}"
        path.write_text(f'#!/bin/sh\nexec {shutil.which("ip")} netns exec {self.name} {browser} "$@"\n')
        path.chmod(0o755)
        return path

    def processes(self) -> list[int]:
        """The processes that run on this computer."""
        return [int(pid) for pid in run("ip", "netns", "pids", self.name).split()]

    def signal_processes(self, number: signal.Signals, pids: Sequence[int] | None = None) -> None:
        """Send a signal to everything on this computer: SIGSTOP is a closed laptop lid."""
        for pid in pids if pids is not None else self.processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def remove(self) -> None:
        """End what still runs here and take the computer away."""
        self.signal_processes(signal.SIGKILL)
        run("ip", "netns", "delete", self.name)
        os.close(self.fd)


def _open_tap(device: str) -> int:
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    os.set_blocking(fd, False)
    return fd
