"""`igym simulate URL`: simulated participants take part in a running session, with a report at the end."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

import aiohttp
from socketio import exceptions

from igym.host.base.json_lines import line_of
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import JoinRefusedError
from igym.host.simulate.measures import as_text, measures, of_host
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import Told

STAMP_LIMIT_S = 60.0
"""Longest wait for the host's last comparisons."""


TAKEN = "taken"
MOST_RUNS = 1000
"""So often simulated people may be sent to one session."""


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    report = asyncio.run(run(options))
    if options.json:
        _tell({"event": "simulated", **report})
    else:
        print(_text(report))
    return 0 if report["ok"] else 1


def parsed(arguments: list[str]) -> argparse.Namespace:
    """What the command line asks for; ends with a message when it makes no sense."""
    parser = argparse.ArgumentParser(prog="igym simulate", description="Sends simulated participants to a session.")
    parser.add_argument("url", help="the join address")
    parser.add_argument("--number", type=int, default=2, help="how many (2)")
    parser.add_argument("--frames", type=int, default=150, help="frames of each episode (150)")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="1 plays in real time, 0 without waiting (1); the host takes rows at "
        "most 3 seconds ahead of a match's clock, except in a rehearsal that the launcher runs",
    )  # fmt: skip
    parser.add_argument("--think", type=float, default=0.5, metavar="SECONDS", help="time on each page (0.5)")
    parser.add_argument("--every", type=float, default=0.2, metavar="SECONDS", help="time between arrivals (0.2)")
    parser.add_argument("--reloads", type=int, default=0, help="how many of them reload the page once in play")
    parser.add_argument("--drops", type=int, default=0, help="how many of them lose the network once in play")
    parser.add_argument("--limit", type=float, default=600.0, metavar="SECONDS", help="longest time for each (600)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="the session's data folder, data/<experiment>, on this computer: "
        "rows and comparisons of matches are then read where the host has written them",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="report as JSON lines")
    options = parser.parse_args(arguments)
    if options.data is not None and not (options.data / DATABASE).is_file():
        parser.error(f"There is no recorded session in {options.data}. Give the folder data/<experiment> of the study.")
    return options


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """`{ok, participants: [{participant, outcome, text, scenes, frames, connections}], measures}`"""
    people = [
        SimulatedParticipant(options.url, _behaviour(options, index), simulated=True) for index in range(options.number)
    ]
    results = await asyncio.gather(*(_one(options, index, people) for index in range(options.number)))
    found = measures(people)
    session = next((person.session for person in people if person.session), None)
    if options.data is not None and session is not None:
        found |= await of_host(options.data / DATABASE, session, people, STAMP_LIMIT_S)
    finished = all(result["outcome"] == "finished" for result in results)
    return {"ok": finished and not found["matches"]["differs"], "participants": list(results), "measures": found}


async def _one(options: argparse.Namespace, index: int, people: list[SimulatedParticipant]) -> dict[str, Any]:
    """Under a name that nobody of an earlier run in the same session has."""
    await asyncio.sleep(index * options.every)
    outcome, text = await _outcome(people[index], options.limit, f"sim-{index + 1:03d}")
    for again in range(2, MOST_RUNS + 1):
        if outcome != TAKEN:
            break
        people[index] = SimulatedParticipant(options.url, _behaviour(options, index), simulated=True)
        outcome, text = await _outcome(people[index], options.limit, f"sim-{index + 1:03d}-{again}")
    outcome, simulated = "refused" if outcome == TAKEN else outcome, people[index]
    result = {
        "participant": simulated.client.participant,
        "outcome": outcome,
        "text": text,
        "scenes": simulated.scenes,
        "frames": sum(simulated.stored.values()),
        "connections": simulated.client.connections,
    }
    if options.json:
        _tell({"event": "progress", **result})
    return result


async def _outcome(simulated: SimulatedParticipant, limit_s: float, label: str) -> tuple[str, str]:
    try:
        closed = await simulated.run(label=label, params={"id": label}, limit_s=limit_s)
    except TimeoutError:
        last = simulated.scenes[-1] if simulated.scenes else "–"
        return "stuck", Told(
            "did not reach the end within {seconds} seconds; last scene: {scene}", seconds=f"{limit_s:g}", scene=last
        )
    except JoinRefusedError as error:
        return (TAKEN if error.code == "label_taken" else "refused"), error.text
    except (exceptions.SocketIOError, aiohttp.ClientError, OSError) as error:
        return "unreachable", str(error)
    except AssertionError as error:
        return "failed", str(error)
    return closed.outcome, closed.header


def _behaviour(options: argparse.Namespace, index: int) -> Behaviour:
    return Behaviour(
        seed=options.seed + index,
        frames=options.frames,
        speed=options.speed or None,
        think_s=options.think,
        reload_after_batches=2 if index < options.reloads else None,
        drop_after_batches=2 if options.reloads <= index < options.reloads + options.drops else None,
        reports=True,
        echoes=True,
    )


def _text(report: dict[str, Any]) -> str:
    people = report["participants"]
    lines = [
        f"{one['participant'] or '?':<20}{one['outcome']:<12}{one['frames']:>6} frames  {one['text']}" for one in people
    ]
    everybody = all(one["outcome"] == "finished" for one in people)
    lines.append("Everybody reached the end." if everybody else "Not everybody reached the end.")
    lines.append(
        "Simulated participants are marked, and left out of the data of a study: `igym export DATA_FOLDER "
        "--include-simulated` takes them in. A session started with --kind rehearsal has files of its own."
    )
    return "\n".join([*lines, "", *as_text(report["measures"])])


def _tell(message: dict[str, Any]) -> None:
    print(line_of(message), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
