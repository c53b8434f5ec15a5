"""What a participant does at a page, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Browser, Page, Request, ViewportSize, expect

# Chromium heeds the last of these lists alone, so it repeats what Playwright turns off for steady tests. The pop-ups of
# the address bar are pages of their own in every window: they take half a second of a core for each participant.
_FEATURES_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch", "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
)  # fmt: skip
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_FEATURES_OFF)}",
]
SHORT_GAMES = [*ARGUMENTS, "--js-flags=--liftoff-only"]
"""A short game is over before WebAssembly's second compiler has earned the processor time it takes."""
WINDOW: ViewportSize = {"width": 640, "height": 480}
"""Of a size that has the pages' usual layout, and no more to draw than that."""
SILENT_WORKER = "window.Worker = class extends EventTarget { postMessage() {} terminate() {} };"
LOADING_LIMIT_MS = 120_000
expect.set_options(timeout=LOADING_LIMIT_MS)  # its own limit is the five seconds of a fast computer


class ParticipantPage:
    """One person, one browser profile. `strays` are requests that left the engine's address, `errors` uncaught ones.

    With `tabs` the pages are tabs of the browser's one window, so that one hides the other.
    """

    def __init__(self, browser: Browser, url: str, *, tabs: bool = False, **context: Any) -> None:
        self.url = url
        self.strays: list[str] = []
        self.errors: list[str] = []
        self.said: list[str] = []
        self._open: set[str] = set()
        own = {"viewport": WINDOW, **context}
        self.context = browser.contexts[0] if tabs else browser.new_context(**own)
        self.context.set_default_timeout(LOADING_LIMIT_MS)
        self.context.on("request", self._watch)
        self.context.on("request", lambda request: self._open.add(request.url))
        self.context.on("requestfinished", lambda request: self._open.discard(request.url))
        self.context.on("requestfailed", self._failed)
        self.page: Page = self.open_page()

    def only_reads(self) -> None:
        """In this tab no game ever loads: who plays none in a test need not pay for the browser's Python."""
        self.page.add_init_script(SILENT_WORKER)

    def _watch(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:")) or request.url.startswith(self.url):
            return
        self.strays.append(request.url)

    def _failed(self, request: Request) -> None:
        self._open.discard(request.url)
        self.said.append(f"{request.url} failed: {request.failure}")

    def open_page(self) -> Page:
        """Another tab of the same person."""
        page = self.context.new_page()
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def join(self, link: str = "") -> None:
        """Open the link (`link` is what follows the address) and press the button."""
        self.page.goto(self.url + link)
        self.press("Start")

    def stands_at(self, button: str) -> None:
        """Wait until the button with exactly this name can be pressed: what it leads to has loaded."""
        try:
            expect(self.page.get_by_role("button", name=button, exact=True)).to_be_enabled(timeout=LOADING_LIMIT_MS)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.state()}") from None

    def state(self) -> str:
        """What the person sees, what the console says and what never arrived: for whoever reads a failure."""
        waiting = sorted(self._open)
        said = "\n".join(self.said[-20:])
        return (
            f"the page shows:\n{self.page.inner_text('body')}\nits console said:\n{said}\nstill waiting for: {waiting}"
        )

    def press(self, name: str) -> None:
        """Press the button with exactly this name as soon as it may be pressed."""
        self.stands_at(name)
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, text: str, limit_ms: float = LOADING_LIMIT_MS) -> None:
        """Wait until the text is on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=limit_ms)

    def sees_game(self) -> None:
        """Wait until the game is drawn."""
        expect(self.page.locator("canvas").first).to_be_visible(timeout=LOADING_LIMIT_MS)

    def comes_back(self) -> None:
        """Open the study in a new tab of the same browser; the one before may be gone."""
        self.page = self.open_page()
        self.page.goto(self.url)

    def leaves(self) -> None:
        """Press "Leave the study", and mean it."""
        self.page.get_by_role("button", name="Leave the study").first.click()
        self.page.get_by_role("dialog").get_by_role("button", name="Leave the study").click()

    def choose(self, values: Sequence[int]) -> None:
        """Answer each scale of the page, in order."""
        groups = self.page.get_by_role("radiogroup")
        for index, value in enumerate(values):
            groups.nth(index).get_by_role("radio").nth(value - 1).check(force=True)

    def hold(self, key: str, duration_ms: float) -> None:
        """Hold a key down that long."""
        self.page.keyboard.down(key)
        self.page.wait_for_timeout(duration_ms)
        self.page.keyboard.up(key)

    def assert_clean(self) -> None:
        """Nothing left the LAN, nothing broke."""
        assert self.strays == []
        assert self.errors == []
