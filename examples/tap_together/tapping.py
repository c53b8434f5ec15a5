"""The rules of tapping together: a few ticks set the beat, then two keep it by themselves. Plain Python.

Times are frames of 1/60 s, counted from the first tick.
"""

PLAYERS = ("person", "partner")
BEAT, TICKS = 36, 8
"""A beat is 0.6 s. The ticks fall silent after so many."""
TOGETHER = 3
"""Two taps are together when they are at most so far apart: 50 ms."""


class Tapping:
    def __init__(self, beats):
        self.beats = beats
        self.start()

    def start(self):
        self.frame = 0
        self.down = dict.fromkeys(PLAYERS, False)
        self.last = dict.fromkeys(PLAYERS, -1)
        """Frame of each one's last tap; -1 before the first."""
        self.taps = dict.fromkeys(PLAYERS, 0)
        self.single = None
        """(who, frame) of a tap that the other has not answered yet."""
        self.asynchrony = None
        """Of the two taps of which the later was in this frame: frames by which the person was behind the partner."""
        self.pairs = self.together = 0

    def step(self, actions):
        """Returns who tapped: a key that stays down taps once."""
        tapped = [name for name in PLAYERS if actions[name] == 1 and not self.down[name]]
        self.down = {name: actions[name] == 1 for name in PLAYERS}
        self.asynchrony = None
        for name in tapped:
            self.take(name)
        self.frame += 1
        return tapped

    def take(self, name):
        self.last[name] = self.frame
        self.taps[name] += 1
        if self.single is None or self.single[0] == name or self.frame - self.single[1] > BEAT // 2:
            self.single = (name, self.frame)
            return
        apart = self.frame - self.single[1]
        self.single = None
        self.asynchrony = apart if name == "person" else -apart
        self.pairs += 1
        self.together += apart <= TOGETHER

    @property
    def ticks(self):
        return self.frame % BEAT == 0 and self.frame < TICKS * BEAT

    @property
    def over(self):
        return self.frame >= (TICKS + self.beats) * BEAT

    def seen_by(self, name):
        """The frame, of the own last tap and of the other's."""
        other = PLAYERS[1 - PLAYERS.index(name)]
        return [self.frame, self.last[name], self.last[other]]
