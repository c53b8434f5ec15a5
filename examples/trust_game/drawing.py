"""The table of the trust game, seen from one of its two sides. Numbers and signs only: no words to translate."""

import math

from rules import AGENTS

from igym.rendering import Surface

WIDTH, HEIGHT = 760, 460
COLORS = {"teal": "#1f8a80", "plum": "#8a4f9e"}
DARK = {"teal": "#14584f", "plum": "#572e66"}
GOLD, RIM, INK = "#f2c14e", "#a87a1d", "#2b2730"
TABLE_X, TABLE_Y, TABLE_W, TABLE_H = 24, 24, 520, 412
LEFT, FAR, NEAR, MIDDLE = 262, 84, 376, 230
STRIP_X, STRIP_W = 568, 168


class Picture:
    """A sheet of `WIDTH` × `HEIGHT` pixels: the table on the left, the rounds so far on the right."""

    def __init__(self, rounds):
        self.surface, self.rounds = Surface(WIDTH, HEIGHT), rounds

    def start(self):
        s = self.surface
        s.reset()
        s.rect(0, 0, WIDTH, HEIGHT, "#f4efe6", id="room", persistent=True, depth=-10)
        s.rect(
            TABLE_X, TABLE_Y, TABLE_W, TABLE_H, "#dfcfae", stroke="#b99f6f", line_width=4, radius=44, id="table",
            persistent=True, depth=-9,
        )  # fmt: skip
        s.rect(
            TABLE_X + 14, TABLE_Y + 14, TABLE_W - 28, TABLE_H - 28, None, stroke="#cdb98f", line_width=2, radius=34,
            id="table edge", persistent=True, depth=-8,
        )  # fmt: skip
        s.rect(STRIP_X, TABLE_Y, STRIP_W, TABLE_H, "#e9e1d2", radius=20, id="strip", persistent=True, depth=-9)

    def draw(self, game, me, factor):
        other = AGENTS[1 - AGENTS.index(me)]
        for agent, y in ((other, FAR), (me, NEAR)):
            self.draw_person(agent, y, agent == me, agent == game.on_turn and not game.over)
            self.draw_purse(agent, y, game.points()[agent])
        if not game.over:
            self.draw_money(game, me, factor)
        self.draw_history(game, me)
        return self.surface.commit()

    def draw_person(self, agent, y, own, on_turn):
        s, x = self.surface, TABLE_X + 74
        if on_turn:
            s.circle(x, y, 43, None, stroke=GOLD, line_width=6, id=f"{agent} turn", depth=1)
        s.circle(x, y, 36, COLORS[agent], stroke=DARK[agent], line_width=3, id=agent, depth=2)
        s.circle(x, y - 8, 12, "#fbe6cf", id=f"{agent} head", depth=3)
        s.arc(x, y + 24, 21, 180, 360, "#fbe6cf", fill="#fbe6cf", id=f"{agent} shoulders", depth=3)
        if own:
            s.polygon(
                [(x - 9, y + 52), (x + 9, y + 52), (x, y + 42)], DARK[agent], id=f"{agent} own", depth=3
            )  # fmt: skip

    def draw_purse(self, agent, y, points):
        """Everything earned so far."""
        s, x = self.surface, TABLE_X + TABLE_W - 92
        s.rect(
            x - 52,
            y - 24,
            104,
            48,
            "#fbf7ee",
            stroke=COLORS[agent],
            line_width=3,
            radius=24,
            id=f"{agent} purse",
            depth=1,
        )
        self.draw_coin(x - 28, y, 13, f"{agent} purse coin", 2)
        s.text(x + 18, y, str(points), INK, size=26, align="center", id=f"{agent} points", depth=2)

    def draw_coin(self, x, y, r, name, depth):
        s = self.surface
        s.circle(x, y, r, GOLD, stroke=RIM, line_width=2, id=name, depth=depth)
        s.circle(x, y, r * 0.58, None, stroke="#d39c2e", line_width=1.5, id=f"{name} ring", depth=depth)

    def draw_money(self, game, me, factor):
        """What can be given lies before whoever is on turn; what they would give, they alone see."""
        mine = game.on_turn == me
        y, kept = (NEAR, game.most - game.offer) if mine else (FAR, game.most)
        self.draw_heap(kept, LEFT, y, "kept")
        self.surface.text(LEFT + 112, y, str(kept), "#6b5f4b", size=24, align="center", id="kept number", depth=4)
        self.draw_way(1 if mine else -1)
        if mine:
            self.draw_offer(game, factor)
        else:
            self.surface.text(LEFT, MIDDLE, "…", "#8b8171", size=44, align="center", id="thinking", depth=4)

    def draw_way(self, up):
        s, y = self.surface, MIDDLE
        tip, tail = y - up * 62, y + up * 62
        for side in (-1, 1):
            s.line(
                [(LEFT + side * 92, tail), (LEFT + side * 92, tip + up * 12)],
                "#b39a6b",
                width=5,
                id=f"way {side}",
                depth=0,
            )
            x = LEFT + side * 92
            s.polygon(
                [(x - 11, tip + up * 14), (x + 11, tip + up * 14), (x, tip)], "#b39a6b", id=f"tip {side}", depth=0
            )

    def draw_offer(self, game, factor):
        s, y = self.surface, MIDDLE
        self.draw_heap(game.offer, LEFT, y + 14, "offer")
        s.text(LEFT, y - 40, str(game.offer), INK, size=40, align="center", id="offer number", depth=4)
        if game.sent is None:
            x = LEFT + 152
            s.rect(x - 36, y - 30, 72, 60, "#fbf7ee", stroke="#b39a6b", line_width=3, radius=16, id="factor", depth=1)
            s.text(x, y - 9, f"× {factor}", INK, size=24, align="center", id="factor text", depth=2)
            s.text(
                x, y + 15, f"= {factor * game.offer}", "#7c5b12", size=18, align="center", id="factor value", depth=2
            )

    def draw_heap(self, amount, x, y, name):
        """Coins in rows of ten, smaller the more there are."""
        if not amount:
            return
        rows = math.ceil(amount / 10)
        r = 9 if rows == 1 else 8
        for number in range(amount):
            row, place = divmod(number, 10)
            width = min(10, amount - row * 10)
            cx = x + (place - (width - 1) / 2) * (2 * r - 1)
            self.draw_coin(cx, y + (row - (rows - 1) / 2) * (2 * r + 1), r, f"{name} coin {number}", 3)

    def draw_history(self, game, me):
        """One line for each round: who sent how much, and how much came back."""
        s, step = self.surface, min(46, (TABLE_H - 36) / self.rounds)
        for number in range(self.rounds):
            y = TABLE_Y + 26 + number * step + step / 2 - 8
            now = number == len(game.history)
            shade, name = INK if now else "#8b8171", f"round {number}"
            s.text(STRIP_X + 20, y, str(number + 1), shade, size=18, align="center", id=name, depth=1)
            if number >= len(game.history):
                s.circle(STRIP_X + 50, y, 4, "#c9bda6", id=f"to come {number}", depth=1)
                continue
            sender, sent, back = game.history[number]
            receiver = AGENTS[1 - AGENTS.index(sender)]
            s.circle(STRIP_X + 50, y, 9, COLORS[sender], id=f"sender {number}", depth=1)
            s.text(STRIP_X + 78, y, str(sent), INK, size=18, align="center", id=f"sent {number}", depth=1)
            s.line([(STRIP_X + 94, y), (STRIP_X + 108, y)], "#8b8171", width=3, id=f"to {number}", depth=1)
            s.circle(STRIP_X + 122, y, 9, COLORS[receiver], id=f"receiver {number}", depth=1)
            s.text(STRIP_X + 148, y, str(back), INK, size=18, align="center", id=f"back {number}", depth=1)
