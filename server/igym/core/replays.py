"""Recordings as stimuli: asking the host for them, what was shown, and what a browser tells of watching."""

from typing import Any

from igym.core import gate
from igym.core.limits import REPLAYS_LIMIT_S
from igym.core.participant import Participant
from igym.core.places import Visit
from igym.core.turn import Turn
from igym.experiment.scenes import ReplayScene
from igym.experiment.scenes.base import Scene
from igym.protocol.client import ReplayEvent
from igym.protocol.told import Told

NOTHING = Told("There is no recording that could be shown.")


def ask(turn: Turn, person: Participant, scene: ReplayScene) -> bool:
    """Have the host look for what this visit shows; the page opens with the answer."""
    assert person.visit is not None
    seed = turn.state.make_rng(f"replays {person.number} {person.visit.number}").getrandbits(32)
    moment = {"scene": person.visit.scene_id, "visit": person.visit.number, "shows": scene.id, "seed": seed}
    gate.ask(turn, person, "replays", f"scenes.{scene.id}", then="replays", limit_s=REPLAYS_LIMIT_S, facts=moment)
    return True


def take(turn: Turn, person: Participant, visit: Visit, value: Any) -> bool:
    """Write down what is shown; False when it is nothing, which the researcher is told."""
    found = value if isinstance(value, dict) else {}
    visit.replays = list(found.get("items") or ())
    problem = str(found.get("problem") or NOTHING)
    told = {} if visit.replays else {"problem": problem}
    turn.record("replays_shown", person, visit=visit.number, items=visit.replays, **told)
    if not visit.replays:
        text = Told("{text} The page was passed by.", text=problem)
        turn.problem("warning", Told("{scene} had nothing to show", scene=visit.scene_id), text, person=person)
    return bool(visit.replays)


def shown(visit: Visit) -> list[dict[str, Any]]:
    """What the page is told of its recordings: nothing of who played them."""
    names = ("frames", "fps", "player")
    return [{name: item[name] for name in names} for item in visit.replays or ()]


def unasked(scene: Scene, visit: Visit | None) -> frozenset[str]:
    """Questions at moments that no recording of this visit comes to."""
    if not isinstance(scene, ReplayScene) or visit is None or not visit.replays:
        return frozenset()
    return scene.unasked(max(item["frames"] / item["fps"] for item in visit.replays))


def heard(turn: Turn, person: Participant, message: ReplayEvent) -> None:
    """What a browser tells of watching; one that cannot show it is the researcher's business."""
    what: dict[str, Any] = message.model_dump(include={"visit", "event", "position_s", "at_ms", "text"})
    turn.record("replay_event", person, **what)
    if message.event == "failed":
        text = Told("{text} The page was passed by.", text=message.text or NOTHING)
        turn.problem("error", Told("A recording could not be shown"), text, person=person)
