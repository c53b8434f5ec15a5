"""A lab check in words: verdicts, findings with what to do about them, the ways between seats."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from igym.host.lab.lab_file import read_lab_check
from igym.host.lab.lab_tables import write_lab_tables
from igym_desktop.flow.words import Words
from igym_desktop.i18n import number, plural, tr

Row = Mapping[str, Any]
NOT_YET = "·"


def verdict_words(verdict: str) -> Words:
    """For a seat as a whole."""
    table = {
        "go": Words(tr("Ready"), "go", "go"),
        "warning": Words(tr("Warning"), "warning", "warn"),
        "stop": Words(tr("Not ready"), "error", "stop"),
    }
    return table.get(verdict) or Words(tr("Measuring…"), "loading", "wait")


def step_text(row: Row) -> str:
    """What a seat's page measures now, "" when nothing."""
    words = {
        "display": tr("Screen"),
        "runtime": tr("Loading Python"),
        "packages": tr("Loading packages"),
        "env": tr("Starting the game"),
    }
    step, fraction = str(row.get("step") or ""), row.get("fraction")
    text = words.get(step, step)
    return f"{text} {fraction:.0%}" if text and isinstance(fraction, (int, float)) else text


def finding_text(finding: Row) -> tuple[str, str]:
    """(what was found, what to do about it)."""
    values = {key: "" if value is None else value for key, value in dict(finding.get("values") or {}).items()}
    known = _FINDINGS.get(str(finding.get("code")))
    return (tr(known.found, **values), tr(known.advice)) if known else (str(finding.get("code")), "")


class _Finding(NamedTuple):
    found: str
    advice: str


_FINDINGS = {
    "no_wasm": _Finding(
        "This browser cannot run games: WebAssembly is missing or switched off.",
        "Use a current Chrome, Edge or Firefox on this computer.",
    ),
    "game_failed": _Finding(
        "The game did not start in this browser: {why}",
        "If other seats can start it, update this browser; otherwise look at the check of the environments.",
    ),
    "screened_out": _Finding(
        "The experiment's entry screening does not admit this computer ({why}).",
        "Use another browser or screen, or change the entry screening.",
    ),
    "step_too_slow": _Finding(
        "One step of the game takes {step_ms} ms here; a frame has only {frame_ms} ms.",
        "Close other programs on this computer, lower the frame rate, or leave this seat out.",
    ),
    "step_slow": _Finding(
        "One step of the game takes {step_ms} ms of a frame's {frame_ms} ms; corrections may be visible.",
        "Close other programs on this computer, or lower the frame rate.",
    ),
    "no_pair": _Finding(
        "No connection to {seats}, neither directly nor through this computer.",
        "Reload the page on these seats and measure again; if it stays so, leave one of them out.",
    ),
    "relayed": _Finding(
        "Connected only through this computer to {seats}.",
        "Games work, a little slower. For direct connections put the seats into the same network, by cable, and allow "
        "UDP between them.",
    ),
    "no_webrtc": _Finding(
        "This browser cannot connect to others directly (WebRTC is missing or switched off).",
        "Games run through this computer. Allow WebRTC in the browser or its policies.",
    ),
    "slow_host": _Finding(
        "The way to this computer and back takes {rtt_ms} ms.",
        "Use a network cable instead of Wi-Fi, and look for other traffic in the network.",
    ),
    "slow_pair": _Finding(
        "The way to {seats} and back takes longer than 80 ms.",
        "Use network cables instead of Wi-Fi, or a matchmaker that looks at latency.",
    ),
    "slow_display": _Finding(
        "The browser draws only {hz} times a second.",
        "Set the screen to 60 Hz, plug the computer in, and switch energy saving off.",
    ),
    "not_in_front": _Finding(
        "The page was not in front while it measured, so the screen is not known.",
        "Bring the page to the front on this seat and measure again.",
    ),
    "other_browser": _Finding(
        "Most other seats use {usual}.",
        "The same browser everywhere makes computers comparable.",
    ),
    "gone": _Finding(
        "The page was closed or this computer cannot reach us any more.",
        "Open the link on this seat again.",
    ),
}


def way_words(pair: Row | None) -> Words:
    """How two seats reach each other, with the round trip; None: not measured yet."""
    if pair is None:
        return Words(NOT_YET, "loading", "off")
    rtt = pair.get("rtt_ms")
    text = f"{rtt:.0f} ms" if isinstance(rtt, (int, float)) and rtt >= 10 else f"{number(f'{rtt or 0:.1f}')} ms"
    if pair.get("transport") is None:
        return Words(tr("none"), "error", "stop")
    if pair["transport"] == "p2p":
        return Words(text, "go", "go" if (rtt or 0) <= 80 else "warn")
    return Words(tr("{time} relayed", time=text), "warning", "warn")


def headline(table: Row) -> tuple[str, str]:
    """(tone, one sentence) over all seats."""
    seats = list(table.get("seats") or ())
    counts = Counter(str(row.get("verdict")) for row in seats)
    if not seats:
        return "off", tr("No seat has opened the page yet.")
    number = plural(len(seats), "{n} seat", "{n} seats")
    parts = [
        text
        for name, text in (
            ("stop", tr("{count} not ready", count=counts["stop"])),
            ("warning", tr("{count} with warnings", count=counts["warning"])),
            ("go", tr("{count} ready", count=counts["go"])),
            ("open", tr("{count} being measured", count=counts["open"])),
        )
        if counts[name]
    ]
    tones = {"stop": "stop", "open": "wait", "warning": "warn", "go": "go"}
    tone = next(tone for name, tone in tones.items() if counts[name])
    return tone, f"{number}: {', '.join(parts)}"


def last_check(folder: Path) -> dict[str, Any] | None:
    """What the last lab check of an experiment's data folder found; None without one."""
    found = read_lab_check(folder)
    return found if found and found.get("seats") else None


def lab_tables(folder: Path) -> Path | None:
    """The folder with the last check's tables (CSV), written anew; None without a check. Raises `OSError`."""
    found = last_check(folder)
    return write_lab_tables(folder, found)[0].parent if found else None


def last_check_text(found: Row | None) -> tuple[str, str]:
    """(tone, text) for the preflight page."""
    if found is None:
        return "off", tr("The seats have not been checked yet.")
    tone, text = headline(found)
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(float(found.get("at") or 0)))
    return ("off" if tone == "wait" else tone), tr("Last checked {time}. {result}.", time=at, result=text)
