"""What rules of branches may look at, as it stands in a session now."""

from igym.core import payments
from igym.core.participant import Participant
from igym.core.state import State
from igym.experiment.rules import Facts


def of(state: State, person: Participant) -> Facts:
    """Everything known about a person; scores are those of their own agent, all episodes of a game together."""
    scores: dict[str, float] = {}
    for episode in payments.episodes_of(state, person):
        if episode["agent"] in episode["scores"]:
            scene = str(episode["scene"])
            scores[scene] = scores.get(scene, 0.0) + float(episode["scores"][episode["agent"]])
    return Facts(person.answers, person.globals, person.conditions, person.draws, scores)
