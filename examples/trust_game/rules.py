"""The trust game of Berg, Dickhaut and McCabe (1995), round after round, with the parts exchanged in each.

The sender has `ENDOWMENT` points and gives some away; they are worth `FACTOR` times as much to the receiver, who gives
back as much of that as they like.
"""

from dataclasses import dataclass, field

ENDOWMENT, FACTOR = 10, 3
AGENTS = ("teal", "plum")


@dataclass
class Rounds:
    """What happened so far. `first` sends in round 0; `offer` is what whoever is on turn would give at the moment."""

    first: str
    rounds: int
    sent: int | None = None
    offer: int = 0
    history: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def over(self):
        return len(self.history) >= self.rounds

    @property
    def sender(self):
        start = AGENTS.index(self.first) + min(len(self.history), self.rounds - 1)
        return AGENTS[start % 2]

    @property
    def receiver(self):
        return AGENTS[1 - AGENTS.index(self.sender)]

    @property
    def on_turn(self):
        return self.sender if self.sent is None else self.receiver

    @property
    def most(self):
        return ENDOWMENT if self.sent is None else FACTOR * self.sent

    def change(self, by):
        self.offer = min(max(self.offer + by, 0), self.most)

    def give(self):
        """The points of both when that ended a round, or None."""
        if self.sent is None:
            self.sent, self.offer = self.offer, 0
            if self.sent:
                return None
        # Of nothing nothing can be given back: such a round is over at once.
        sender, sent, back = self.sender, self.sent, self.offer
        self.history.append((sender, sent, back))
        self.sent, self.offer = None, 0
        return self.gains(sender, sent, back)

    @staticmethod
    def gains(sender, sent, back):
        receiver = AGENTS[1 - AGENTS.index(sender)]
        return {sender: ENDOWMENT - sent + back, receiver: FACTOR * sent - back}

    def points(self):
        total = dict.fromkeys(AGENTS, 0)
        for entry in self.history:
            for agent, gain in self.gains(*entry).items():
                total[agent] += gain
        return total
