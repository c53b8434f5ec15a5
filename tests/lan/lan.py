"""The whole network: a host and any number of lab computers on one switch."""

from __future__ import annotations

import itertools
import os
from types import TracebackType

from tests.lan.computer import Computer
from tests.lan.switch import Impairment, Switch

_numbers = itertools.count()


class Lan:
    """Computers `10.77.1.1`, `10.77.1.2`, … on one switch; use as a context manager, as root.

    Several may be there at once: nothing leads from one to another, so they have the same addresses.

    `with Lan("host", "pc1", "pc2", route=False) as lan: lan["pc1"].popen(...)`.
    """

    def __init__(self, *names: str, route: bool = True, seed: int = 1) -> None:
        self.switch = Switch(seed)
        self._name = f"ig{os.getpid()}n{next(_numbers)}"
        self._names = names
        self._route = route
        self._computers: dict[str, Computer] = {}

    def __enter__(self) -> Lan:
        try:
            for number, name in enumerate(self._names, start=1):
                self._add(number, name)
        except BaseException:
            self._remove()
            raise
        self.switch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.switch.stop()
        self._remove()

    def __getitem__(self, name: str) -> Computer:
        return self._computers[name]

    def shape(self, name: str, impairment: Impairment) -> None:
        """Impair what reaches this computer; half of a round trip each when both ends are shaped."""
        self.switch.shape(name, impairment)

    def cut(self, name: str) -> None:
        """Pull this computer's cable."""
        self.shape(name, Impairment(up=False))

    def mend(self, name: str) -> None:
        """Plug it in again, unimpaired."""
        self.shape(name, Impairment())

    def _add(self, number: int, name: str) -> None:
        computer = Computer(f"{self._name}{name}", f"10.77.1.{number}", route=self._route)
        self._computers[name] = computer
        self.switch.add_port(name, computer.fd)

    def _remove(self) -> None:
        for computer in self._computers.values():
            computer.remove()
        self._computers.clear()
