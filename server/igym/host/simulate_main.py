"""`igym simulate URL`: simulated participants take part in a running session, with a report at the end."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

import aiohttp
from socketio import exceptions

from igym.host.simulate import Behaviour, JoinRefusedError, SimulatedParticipant


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="igym simulate", description="Sends simulated participants to a session.")
    parser.add_argument("url", help="the join address")
    parser.add_argument("--number", type=int, default=2, help="how many (2)")
    parser.add_argument("--frames", type=int, default=150, help="frames of each episode (150)")
    parser.add_argument("--speed", type=float, default=1.0, help="1 plays in real time, 0 without waiting (1)")
    parser.add_argument("--think", type=float, default=0.5, metavar="SECONDS", help="time on each page (0.5)")
    parser.add_argument("--every", type=float, default=0.2, metavar="SECONDS", help="time between arrivals (0.2)")
    parser.add_argument("--reloads", type=int, default=0, help="how many of them reload the page once in play")
    parser.add_argument("--drops", type=int, default=0, help="how many of them lose the network once in play")
    parser.add_argument("--limit", type=float, default=600.0, metavar="SECONDS", help="longest time for each (600)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="report as JSON lines")
    options = parser.parse_args(arguments)
    report = asyncio.run(run(options))
    if options.json:
        _tell({"event": "simulated", **report})
    else:
        print(_text(report))
    return 0 if report["ok"] else 1


async def run(options: argparse.Namespace) -> dict[str, Any]:
    """`{ok, participants: [{participant, outcome, text, scenes, frames, connections}]}`"""
    results = await asyncio.gather(*(_one(options, index) for index in range(options.number)))
    return {"ok": all(result["outcome"] == "finished" for result in results), "participants": list(results)}


async def _one(options: argparse.Namespace, index: int) -> dict[str, Any]:
    await asyncio.sleep(index * options.every)
    simulated = SimulatedParticipant(options.url, _behaviour(options, index))
    outcome, text = await _outcome(simulated, options.limit, f"sim-{index + 1:03d}")
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
        return "stuck", f"did not reach the end within {limit_s:g} seconds; last scene: {simulated.scenes[-1:]}"
    except JoinRefusedError as error:
        return "refused", error.text
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
    )


def _text(report: dict[str, Any]) -> str:
    lines = [
        f"{one['participant'] or '?':<20}{one['outcome']:<12}{one['frames']:>6} frames  {one['text']}"
        for one in report["participants"]
    ]
    return "\n".join([*lines, "Everybody reached the end." if report["ok"] else "Not everybody reached the end."])


def _tell(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
