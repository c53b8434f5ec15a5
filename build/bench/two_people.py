"""Two people who open the link at once, on a network shaped from the beginning: how long until their first step."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from figures import Figure, figure, report
from playwright.sync_api import Playwright, sync_playwright
from rig import may_shape_networks
from rig.browsing import AUTOPILOT, chromium
from several_players import DUEL, NETWORKS, copy_of, first_steps

from igym.experiment.loader import load_experiment
from igym.experiment.scenes.gym import GymScene
from igym.host.store.store_reader import StoreReader
from tests.chaos.room import Room

SHOWN = ("quiet LAN", "50 ± 10 ms, 5 % loss")
OPENINGS = 2
LIMIT_S = 6.0
"""From the open pages to the first step, beside the countdown that the scene asks for."""
PHASES = ("connecting", "validating", "countdown", "playing")


def countdown_s(study: Path) -> float:
    """What the scene makes people wait before the first frame; the waitroom's countdown passes meanwhile."""
    scene = next(one for one in load_experiment(study).scenes if isinstance(one, GymScene))
    return scene.gameplay_options.countdown_s


def opened(room: Room) -> float:
    """Both pages are opened and press their buttons by themselves; epoch s of the moment both have been sent for."""
    for person in room.people:
        person.page.add_init_script(AUTOPILOT % json.dumps(["Start", *DUEL.labels]))
    for person in room.people:
        person.page.goto(room.engine.url, wait_until="commit")
    return time.time()


def phases(room: Room, since: float) -> dict[str, float]:
    """When the match came to each state, s after `since`."""
    with StoreReader(room.engine.folder / "session.sqlite3") as reader:
        records = list(reader.records(room.engine.session, kinds=("match_state",)))
    return {one.body["state"]: one.at - since for one in reversed(records)}


def once(playwright: Playwright, study: Path, network: str, folder: Path) -> tuple[float, dict[str, float]]:
    """s from both pages open to the first step of the later one, and when the match came to each state."""
    shaped = {f"pc{seat}": NETWORKS[network][0] for seat in (1, 2)}
    with Room(playwright, chromium(), study, folder, seats=2, small=True, shaped=shaped) as room:
        since = opened(room)
        steps = first_steps(room)
        return max(steps) - since, phases(room, since)


def main() -> None:
    if not may_shape_networks():
        raise SystemExit("This needs root: it makes network namespaces, as the tests in tests/lan do.")
    found: list[Figure] = []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="igym-bench-") as place:
        study = copy_of(DUEL, Path(place))
        asked_s = countdown_s(study)
        for number, network in enumerate(SHOWN):
            seen = [
                once(playwright, study, network, Path(tempfile.mkdtemp(dir=place, prefix=f"{number}-")))
                for _ in range(OPENINGS)
            ]
            target = f"≤ {LIMIT_S + asked_s:g} s"
            found.append(figure(f"{network}: both pages open to the first step", "s", [s for s, _ in seen], target))
            found += [
                figure(f"{network}: until the match was {phase}", "s", times)
                for phase in PHASES
                if (times := [at[phase] for _, at in seen if phase in at])
            ]
    notes = [
        f"Each opening is of new browser profiles. The scene's own countdown is {asked_s:g} s of it.",
        "Both browsers, the switch and the host share this machine: loading two Pythons is most of the time.",
    ]
    report("Two people: from the link to the first step", found, notes)


if __name__ == "__main__":
    main()
