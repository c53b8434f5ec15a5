"""A page as PDF, printed by a browser without a window."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.children.browsers import browser_at
from igym.host.export.files import replacing
from igym.protocol.told import Told

PRINTING_LIMIT_S = 90.0
NO_PRINTER = Told(
    "A PDF is printed by a browser, and there is no Chromium, Chrome or Edge on this computer. "
    "Install one of them, give its path with --browser, or ask for an HTML file and print that "
    "with any browser."
)


async def print_pdf(browser: Path | None, html: str, target: Path, limit_s: float = PRINTING_LIMIT_S) -> None:
    """Write `html` as the PDF `target`, on the paper that the page asks for.

    Raises `HostError`: `no_browser` without one, `not_printed` when it wrote nothing within `limit_s` seconds.
    """
    if browser is None:
        raise HostError("no_browser", NO_PRINTER)
    with tempfile.TemporaryDirectory(prefix="igym-print-") as name:
        folder = Path(name)
        page, printed = folder / "report.html", folder / "report.pdf"
        page.write_text(html, "utf-8")
        more = (f"--print-to-pdf={printed}", "--no-pdf-header-footer")
        async with browser_at(browser, page.as_uri(), more) as process:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), limit_s)
        if not printed.is_file() or not printed.stat().st_size:
            raise HostError(
                "not_printed",
                Told("{browser} wrote no PDF. Ask for an HTML file and print that instead.", browser=browser),
            )
        with replacing(target) as stream:
            stream.write(printed.read_bytes())
