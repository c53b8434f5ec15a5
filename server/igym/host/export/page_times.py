"""When a page was shown and sent, and for how long it was there, from what its browser told."""

from __future__ import annotations

from typing import Any


def time_on_page_ms(timing: dict[str, Any]) -> float | None:
    """From a page being first shown to its being sent, however often it was loaded anew in between."""
    shown, submitted = timing.get("shown_ms"), timing.get("submitted_ms")
    return None if shown is None or submitted is None else submitted - shown


def page_times(timing: dict[str, Any], at: float) -> tuple[float | None, float]:
    """When a page was first shown and when it was sent, in s since 1970 on the host's clock.

    Where the browser did not say it by that clock, it was sent when it came: `at`.
    """
    told, on_page = timing.get("submitted_at_ms"), time_on_page_ms(timing)
    submitted = at if told is None else told / 1000
    return None if on_page is None else round(submitted - on_page / 1000, 3), round(submitted, 3)
