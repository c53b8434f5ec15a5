"""The checks before a session: each says go, warning or stop, what it found and what to do."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from igym.host.base.cards import NetworkCard, network_cards
from igym.host.base.errors import HostError
from igym.host.base.network import advertised_address, bind_addresses, listening_sockets
from igym_desktop.flow.data_place import check_place
from igym_desktop.flow.findings import Finding as Finding
from igym_desktop.flow.findings import Result as Result
from igym_desktop.flow.findings import Situation as Situation
from igym_desktop.flow.firewall_reader import check_firewall
from igym_desktop.flow.start_problems import Fix, next_port
from igym_desktop.flow.words import size_text, state_words
from igym_desktop.i18n import number, plural, said, tr

LITTLE_SPACE_BYTES = 500_000_000
NO_SPACE_BYTES = 50_000_000


def titles() -> dict[str, str]:
    """Every check in the order it is shown."""
    return {
        "experiment": tr("Experiment"),
        "network": tr("Network"),
        "port": tr("Port"),
        "firewall": tr("Firewall"),
        "direct": tr("Direct connections between players"),
        "data": tr("Data folder"),
        "place": tr("Place of the data"),
        "space": tr("Disk space"),
        "clock": tr("Clock"),
        "packages": tr("Python packages without internet"),
        "env": tr("Environments"),
        "study": tr("The whole study"),
    }


def check_experiment(situation: Situation) -> Finding:
    """Loads, and says how long its plan is."""
    entry = situation.entry
    if entry.status == "broken":
        file, line = entry.error_place
        fix = Fix(tr("Open in editor"), "edit", f"{file}|{line or 1}") if file else None
        return Finding("stop", said(str(entry.error.get("text", ""))), fix)
    if entry.status == "reading":
        return Finding("warning", tr("The experiment is still being read. Check again in a moment."))
    scenes = plural(len(entry.info.get("scenes") or ()), "{n} scene", "{n} scenes")
    return Finding(
        "go", tr("Loads without errors: {scenes}, for {players}.", scenes=scenes, players=entry.players_text or "?")
    )


def check_network(situation: Situation, cards: list[NetworkCard] | None = None) -> Finding:
    """Whether other computers can reach this one, and which card they would use."""
    cards = network_cards() if cards is None else cards
    settings = Fix(tr("Choose network card"), "settings")
    if situation.address:
        try:
            advertised_address(situation.address)
        except HostError as error:
            return Finding("stop", said(error.text), Fix(tr("Use any network card"), "address"))
    if situation.address.startswith("127.") or not cards:
        why = (
            tr("Only this computer itself can join")
            if situation.address
            else tr("No network was found: only this computer itself can join")
        )
        return Finding("warning", why + tr(". Connect the cable or Wi-Fi if others are to take part."), settings)
    used = advertised_address(situation.address) if situation.address else cards[0].address
    if any(card.address == used and card.is_link_local for card in cards):
        return Finding(
            "warning",
            tr(
                "Nothing in this network hands out addresses, so this computer gave itself {used}. Participants reach "
                "it if their computers are at the same switch and gave themselves such addresses too. The lab check "
                "shows whether they do; a small router at the switch is the usual cure.",
                used=used,
            ),
            settings,
        )
    real = [card for card in cards if not card.is_virtual and not card.is_link_local]
    if not situation.address and len(real) > 1:
        found = ", ".join(f"{card.address} ({card.name}, {card_words(card)})" for card in real)
        return Finding(
            "warning",
            tr("There are several network cards: {found}. Participants get {used}.", found=found, used=used),
            settings,
        )
    name = next((card.name for card in cards if card.address == used), "")
    return Finding("go", tr("Participants reach this computer at {address} ({name}).", address=used, name=name))


def card_words(card: NetworkCard) -> str:
    """What kind of card it is, which is why it comes before or after others."""
    if card.is_link_local:
        return tr("address it gave itself")
    return {"cable": tr("cable"), "wifi": tr("Wi-Fi"), "virtual": tr("virtual")}[card.kind]


def check_port(situation: Situation) -> Finding:
    """Whether the port can be had."""
    if situation.own_port and situation.port in (0, situation.own_port):
        return Finding("go", tr("The session that is running uses port {port}.", port=situation.own_port))
    if situation.port == 0:
        return Finding("go", tr("A free port is taken at each start."))
    try:
        for opened in listening_sockets(bind_addresses(situation.address), situation.port):
            opened.close()
    except HostError as error:
        if error.code != "port_in_use":
            return Finding("stop", said(error.text), Fix(tr("Settings"), "settings"))
        other = str(free_port_after(situation))
        return Finding("stop", said(error.text), Fix(tr("Use port {port}", port=other), "port", other))
    return Finding("go", tr("Port {port} is free.", port=situation.port))


def free_port_after(situation: Situation) -> int:
    """The next port that can really be had."""
    port = situation.port
    for _ in range(50):
        port = next_port(port)
        try:
            for opened in listening_sockets(bind_addresses(situation.address), port):
                opened.close()
            return port
        except HostError:
            continue
    return 0


def check_direct(situation: Situation) -> Finding:
    """The STUN responder that lets browsers find each other on a network without internet."""
    players = situation.entry.info.get("players")
    if isinstance(players, (int, float)) and players < 2:
        return Finding("go", tr("Not needed: everybody plays alone."))
    if situation.own_port and situation.port in (0, situation.own_port):
        return Finding("go", tr("The session that is running uses port {port}.", port=situation.own_port))
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((bind_addresses(situation.address)[0], situation.port))
    except OSError:
        return Finding(
            "warning",
            tr(
                "UDP port {port} is taken, so another one is used. A firewall may block it; games then run "
                "through this computer, a little slower.",
                port=situation.port,
            ),
        )
    if situation.port == 0:
        return Finding("go", tr("The responder that connects players' browsers directly can run."))
    return Finding(
        "go", tr("The responder that connects players' browsers directly can run (UDP {port}).", port=situation.port)
    )


def check_data(situation: Situation) -> Finding:
    """Whether the data folder can really be written."""
    root = situation.data_root
    other = Fix(tr("Choose another folder…"), "data_folder")
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as file:
            file.write(b"igym")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Finding(
            "stop",
            tr(
                "{folder} cannot be written ({why}). Nothing could be stored.", folder=root, why=error.strerror or error
            ),
            other,
        )
    if not situation.keeps_data:
        return Finding(
            "warning",
            tr(
                "Nothing of the session will be kept: “Save data” is off (save_data=False). Answers and recordings are "
                "removed when it ends."
            ),
            Fix(tr("Configure"), "configure"),
        )
    return Finding("go", tr("Data are written to {folder}.", folder=root / (situation.entry.experiment_id or "")))


def check_space(situation: Situation, free: Callable[[Path], int] | None = None) -> Finding:
    """Whether the disk has room."""
    place = next(
        (folder for folder in (situation.data_root, *situation.data_root.parents) if folder.exists()), Path("/")
    )
    left = free(place) if free else shutil.disk_usage(place).free
    if left < NO_SPACE_BYTES:
        return Finding(
            "stop",
            tr("Only {size} are left on this disk. Free some space first.", size=size_text(left)),
            Fix(tr("Choose another folder…"), "data_folder"),
        )
    if left < LITTLE_SPACE_BYTES:
        return Finding(
            "warning",
            tr(
                "Only {size} are left on this disk. A long session with many players may need more.",
                size=size_text(left),
            ),
        )
    return Finding("go", tr("{size} free.", size=size_text(left)))


def check_clock(situation: Situation, now: float | None = None) -> Finding:
    """A dead mainboard battery dates all data wrongly."""
    import igym

    now = time.time() if now is None else now
    installed = Path(igym.__file__).stat().st_mtime
    if now < installed - 86_400:
        shown = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
        return Finding(
            "warning",
            tr(
                "This computer's clock says {time}, which is before this app was installed. Data would be dated "
                "wrongly.",
                time=shown,
            ),
        )
    return Finding("go", time.strftime("%Y-%m-%d %H:%M", time.localtime(now)))


QUICK: Mapping[str, Callable[[Situation], Finding]] = {
    "experiment": check_experiment,
    "network": check_network,
    "port": check_port,
    "firewall": check_firewall,
    "direct": check_direct,
    "data": check_data,
    "place": check_place,
    "space": check_space,
    "clock": check_clock,
}
"""Checks that need no other process."""


def from_prepare(ended: Mapping[str, Any], problem: str) -> Finding:
    """The answer of `igym prepare`."""
    if ended.get("event") == "failed":
        return Finding("stop", said(str(ended.get("text", ""))), Fix(tr("Settings"), "settings"))
    if ended.get("event") != "prepared":
        return Finding("warning", tr("The packages could not be checked. {why}", why=problem.strip()[-300:]))
    unreadable = " ".join(said(str(item)) for item in ended.get("unreadable") or ())
    if not ended.get("ok"):
        missing = " ".join(said(str(item)) for item in ended.get("missing") or ())
        return Finding("stop", f"{missing} {unreadable}".strip(), Fix(tr("Download now"), "download"))
    count = len(ended.get("packages") or ())
    text = (
        plural(count, "{n} package is on this computer.", "{n} packages are on this computer.")
        if count
        else tr("Nothing beyond the built-in packages is needed.")
    )
    return Finding("warning" if unreadable else "go", f"{text} {unreadable}".strip())


def from_check(ended: Mapping[str, Any], problem: str) -> Finding:
    """The answer of `igym check`: determinism and exact snapshots of every env."""
    scenes = [scene for scene in ended.get("scenes") or () if isinstance(scene, Mapping)]
    bad = [scene for scene in scenes if not scene.get("ok")]
    if bad or ended.get("ok") is False:
        texts = [f"{scene.get('scene') or scene.get('id')}: {_scene_text(scene)}" for scene in bad]
        return Finding("stop", "\n".join(texts) or said(str(ended.get("text") or _error_text(ended))))
    if not ended.get("ok"):
        return Finding("warning", tr("The environments could not be tested. {why}", why=problem.strip()[-300:]))
    warnings = [said(str(item)) for scene in scenes for item in scene.get("warnings") or ()]
    costs = [_costs_text(scene) for scene in scenes if scene.get("where") != "host"]
    if warnings:
        return Finding("warning", "\n".join([*warnings, *costs]))
    text = plural(
        len(scenes),
        "{n} environment runs and repeats itself exactly.",
        "{n} environments run and repeat themselves exactly.",
    )
    return Finding("go", "\n".join([text, *costs]) if scenes else tr("This experiment has no environment."))


def from_study(ended: Mapping[str, Any], problem: str) -> Finding:
    """The answer of `igym check --only study`: made-up people walked through it with the researcher's functions."""
    study = ended.get("study")
    if not isinstance(study, Mapping):
        why = said(_error_text(ended)) if ended.get("error") else problem.strip()[-300:]
        return Finding("warning", tr("The study could not be walked through. {why}", why=why))
    found = [item for item in study.get("findings") or () if isinstance(item, Mapping)]
    counts = study.get("ended") or {}
    people = plural(int(study.get("people") or 0), "{n} made-up person took part", "{n} made-up people took part")
    outcomes = ", ".join(f"{state_words(str(state)).text}: {count}" for state, count in counts.items())
    lines = [f"{people} ({outcomes}).", *map(_finding_text, found)]
    if not study.get("ok"):
        first = next((item for item in found if item.get("path")), None)
        fix = Fix(tr("Open in editor"), "edit", f"{first['path']}|{first['line'] or 1}") if first else None
        return Finding("stop", "\n".join(lines), fix)
    return Finding("warning" if found else "go", "\n".join(lines))


def _finding_text(finding: Mapping[str, Any]) -> str:
    text = said(str(finding.get("text", "")))
    if not finding.get("file"):
        return text
    return f"{text} ({tr('{file}, line {line}', file=finding['file'], line=finding['line'])})"


def _costs_text(scene: Mapping[str, Any]) -> str:
    """What a frame costs where it will be stepped: in a browser of this computer, or on the host."""
    found = scene.get("browser")
    name = scene.get("scene") or scene.get("id")
    if scene.get("where") == "host" and "step_ms" in scene:
        return tr(
            "{scene}: runs on this computer, where a step with its pictures takes {step} ms and a reset {reset} ms.",
            scene=name,
            step=number(f"{scene['step_ms']:.2f}"),
            reset=number(f"{scene['reset_ms']:.2f}"),
        )
    if not isinstance(found, Mapping) or "frame_ms" not in found:
        return tr("{scene}: not measured in a browser, because none was found on this computer.", scene=name)
    return tr(
        "{scene}: in this computer's browser a frame takes {frame} ms (step {step}, save {save}, load {load} ms).",
        scene=name,
        frame=number(f"{found['frame_ms']:.1f}"),
        step=number(f"{found['step_ms']:.2f}"),
        save=number(f"{found['save_ms']:.2f}"),
        load=number(f"{found['load_ms']:.2f}"),
    )


def _scene_text(scene: Mapping[str, Any]) -> str:
    problems = scene.get("problems") or scene.get("errors") or [scene.get("text") or scene.get("error") or ""]
    return " ".join(said(str(item.get("text", item) if isinstance(item, Mapping) else item)) for item in problems)


def _error_text(ended: Mapping[str, Any]) -> str:
    error = ended.get("error")
    return str(error.get("text", "")) if isinstance(error, Mapping) else str(error or "")


def summary(findings: Mapping[str, Finding]) -> tuple[Result, str]:
    """One sentence over all checks."""
    stops = sum(finding.result == "stop" for finding in findings.values())
    warnings = sum(finding.result == "warning" for finding in findings.values())
    if stops:
        return "stop", plural(
            stops,
            "{n} check has to be put right before you start.",
            "{n} checks have to be put right before you start.",
        )
    if warnings:
        return "warning", plural(warnings, "Ready, with {n} warning.", "Ready, with {n} warnings.")
    return "go", tr("Ready to start.")
