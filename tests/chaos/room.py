"""A lab room: a host with a real engine and computers with real browsers, on a network the test shapes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from playwright.sync_api import Browser, Playwright, ViewportSize

from tests.browser.engine_process import EngineProcess
from tests.browser.participant_page import ARGUMENTS, SHORT_GAMES, WINDOW, ParticipantPage
from tests.lan import Impairment, Lan

SMALL_WINDOW: ViewportSize = {"width": 480, "height": 360}


class Room:
    """`with Room(playwright, chromium, study, tmp_path, seats=2) as room:` — `room.people` sit at `pc1`, `pc2`, …

    With `seats=(8, 1)` eight people share the browser of `pc1`, each with a profile of their own. `shaped` names the
    impairments the computers have from the beginning.
    """

    def __init__(
        self,
        playwright: Playwright,
        chromium: str,
        study: Path,
        folder: Path,
        *,
        seats: int | tuple[int, ...] = 2,
        route: bool = True,
        shaped: Mapping[str, Impairment] | None = None,
        small: bool = False,
    ) -> None:
        self._playwright = playwright
        self._chromium = chromium
        self._study = study
        self._folder = folder
        at_each = (1,) * seats if isinstance(seats, int) else seats
        self._seats = {f"pc{number}": people for number, people in enumerate(at_each, 1)}
        self._shaped = dict(shaped or {})
        self._small = small
        self.lan = Lan("host", *self._seats, route=route)
        self.people: list[ParticipantPage] = []
        self._browsers: list[Browser] = []
        self.engine: EngineProcess

    def tidy(self) -> None:
        """Every cable is in its socket, and nothing is late or lost."""
        for name in self._seats:
            self.lan.mend(name)

    def close(self) -> None:
        self._leave()

    def __enter__(self) -> Room:
        self.lan.__enter__()
        try:
            host = self.lan["host"]
            self.engine = EngineProcess(self._study, self._folder / "data", address=host.address)
            self.engine.prefix = host.command()
            self.engine.start()
            for name, impairment in self._shaped.items():
                self.lan.shape(name, impairment)
            for name, people in self._seats.items():
                self._sit_down(name, people)
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _sit_down(self, name: str, people: int) -> None:
        wrapper = self.lan[name].browser_wrapper(self._folder, self._chromium)
        arguments = ARGUMENTS if self._small else SHORT_GAMES
        browser = self._playwright.chromium.launch(executable_path=str(wrapper), args=arguments)
        self._browsers.append(browser)
        # Where many share one computer their windows are small: pictures cost the most of its time.
        size = WINDOW if people == 1 and not self._small else SMALL_WINDOW
        self.people += [ParticipantPage(browser, self.engine.url, viewport=size) for _ in range(people)]

    def _leave(self) -> None:
        for browser in self._browsers:
            browser.close()
        if hasattr(self, "engine"):
            self.engine.stop()
        self.lan.__exit__(None, None, None)

    @property
    def seats(self) -> tuple[str, ...]:
        """The names of the computers at which people sit."""
        return tuple(self._seats)

    def records(self, *kinds: str) -> list[dict[str, Any]]:
        """Bodies of these records so far, with the participant who is meant."""
        from igym.host.store.store_reader import StoreReader

        with StoreReader(self.engine.folder / "session.sqlite3") as reader:
            found = reader.records(self.engine.session, kinds=kinds)
            return [{"participant": record.participant, **record.body} for record in found]
