"""How the kitchen looks to one of its cooks."""

from kitchen import COLUMNS, COOK_FRAMES, FULL, LAYOUT, ROWS

from igym.rendering import Surface

CELL, TOP = 68, 64
WIDTH, HEIGHT = COLUMNS * CELL, TOP + ROWS * CELL
COATS = {"blue": "#3d7ea6", "pink": "#d4679a"}
DARK = {"blue": "#28566f", "pink": "#93406a"}
FOODS = {"onion": "#f0e2b6", "tomato": "#e2503c"}
EDGES = {"onion": "#b59a4f", "tomato": "#9c2f20"}
NIGHT = "#20242e"


def middle(cell):
    return (cell[0] + 0.5) * CELL, TOP + (cell[1] + 0.5) * CELL


class Picture:
    def __init__(self):
        self.surface = Surface(WIDTH, HEIGHT)

    def start(self):
        self.surface.reset()
        s = self.surface
        s.rect(0, 0, WIDTH, TOP, "#2f3542", id="board", persistent=True, depth=20)
        for y, row in enumerate(LAYOUT):
            for x, kind in enumerate(row):
                self.draw_cell(x, y, kind)

    def draw_cell(self, x, y, kind):
        s, left, top = self.surface, x * CELL, TOP + y * CELL
        name = f"cell {x} {y}"
        if kind == ".":
            color = "#e8e0d2" if (x + y) % 2 else "#ded4c3"
            s.rect(left, top, CELL, CELL, color, id=name, persistent=True, depth=-9)
            return
        s.rect(left, top, CELL, CELL, "#8a6240", id=name, persistent=True, depth=-9)
        s.rect(left + 3, top + 3, CELL - 6, CELL - 12, "#b98a5e", radius=8, id=f"{name} top", persistent=True, depth=-8)
        if kind in "OT":
            self.draw_crate(x, y, "onion" if kind == "O" else "tomato")
        elif kind == "P":
            for number in range(3):
                cx, cy = middle((x, y))
                self.draw_plate(cx, cy + 3 - 5 * number, f"{name} plate {number}", -7 + number)
        elif kind == "S":
            s.rect(
                left + 6,
                top + 4,
                CELL - 12,
                CELL - 12,
                "#4a4e57",
                radius=8,
                id=f"{name} stove",
                persistent=True,
                depth=-7,
            )
        elif kind == "H":
            s.rect(
                left + 6,
                top + 6,
                CELL - 12,
                CELL - 14,
                "#6fae75",
                radius=8,
                id=f"{name} hatch",
                persistent=True,
                depth=-7,
            )
            cx, cy = middle((x, y))
            arrow = [(cx - 14, cy - 9), (cx + 2, cy - 9), (cx + 2, cy - 18), (cx + 18, cy - 3)]
            arrow += [(cx + 2, cy + 12), (cx + 2, cy + 3), (cx - 14, cy + 3)]
            s.polygon(arrow, "white", id=f"{name} arrow", persistent=True, depth=-6)

    def draw_crate(self, x, y, food):
        s, (cx, cy) = self.surface, middle((x, y))
        s.rect(cx - 26, cy - 26, 52, 46, "#6d4a2d", radius=6, id=f"crate {food}", persistent=True, depth=-7)
        for number, (dx, dy) in enumerate(((-12, -12), (12, -12), (0, -3), (-12, 6), (12, 6))):
            self.draw_food(food, cx + dx, cy + dy, 11, f"crate {food} {number}", -6, persistent=True)

    def draw_food(self, food, x, y, r, name, depth, persistent=False):
        s = self.surface
        s.circle(x, y, r, FOODS[food], stroke=EDGES[food], line_width=2, id=name, persistent=persistent, depth=depth)
        top = "#5c8a3a" if food == "tomato" else "#8e7a35"
        s.line(
            [(x, y - r + 3), (x + r * 0.2, y - r - 3)],
            top,
            width=3,
            id=f"{name} stalk",
            persistent=persistent,
            depth=depth,
        )

    def draw_plate(self, x, y, name, depth, persistent=True):
        s = self.surface
        s.ellipse(x, y, 22, 15, "#fbfaf7", stroke="#a9a69d", line_width=2, id=name, persistent=persistent, depth=depth)
        s.ellipse(x, y, 13, 8, "#eceae4", id=f"{name} inside", persistent=persistent, depth=depth)

    def draw(self, kitchen, agent, share_left):
        """The whole kitchen for None; for a cook, the dark covers what is too far away."""
        for cell, pot in kitchen.pots.items():
            self.draw_pot(cell, pot)
        for cell, (thing, soup) in kitchen.counters.items():
            self.draw_thing(thing, soup, *middle(cell), f"counter {cell}", 1)
        for name, cook in kitchen.cooks.items():
            self.draw_cook(name, cook, name == agent)
        if agent is not None:
            self.draw_dark(kitchen, agent)
        self.draw_order(kitchen, share_left)
        return self.surface.commit()

    def draw_pot(self, cell, pot):
        s, (x, y) = self.surface, middle(cell)
        name = f"pot {cell}"
        s.circle(x, y - 3, 24, "#2b2e35", stroke="#8b919c", line_width=4, id=name, depth=1)
        for number, food in enumerate(pot.content):
            angle = ((0, -10), (-9, 6), (9, 6))[number]
            self.draw_food(food, x + angle[0], y - 3 + angle[1], 8, f"{name} {number}", 2)
        if pot.left:
            s.arc(
                x,
                y - 3,
                24,
                -90,
                -90 + 360 * (1 - pot.left / COOK_FRAMES),
                "#f2c14e",
                line_width=5,
                id=f"{name} arc",
                depth=3,
            )
        elif pot.ready:
            s.circle(x, y - 3, 24, None, stroke="#7bc96f", line_width=5, id=f"{name} done", depth=3)

    def draw_thing(self, thing, soup, x, y, name, depth):
        if thing in FOODS:
            self.draw_food(thing, x, y, 12, name, depth)
        else:
            self.draw_plate(x, y, name, depth, persistent=False)
        for number, food in enumerate(soup):
            self.draw_food(food, x - 9 + 9 * number, y - 2, 6, f"{name} {number}", depth + 1)

    def draw_cook(self, name, cook, own):
        s, (x, y) = self.surface, middle((cook.x, cook.y))
        dx, dy = cook.facing
        s.ellipse(x, y + 24, 22, 7, "#000000", alpha=0.18, id=f"{name} shadow", depth=4)
        s.circle(x, y + 4, 23, COATS[name], stroke="white" if own else DARK[name], line_width=3, id=name, depth=5)
        s.circle(x, y - 8, 15, "#f3d2b3", stroke=DARK[name], line_width=2, id=f"{name} face", depth=6)
        for side in (-1, 1):
            ex, ey = x + dx * 7 + side * 5 * (dx == 0), y - 8 + dy * 5 + side * 4 * (dx != 0)
            if dy >= 0:
                s.circle(ex, ey, 2.4, "#2b2e35", id=f"{name} eye {side}", depth=7)
        s.rect(x - 13, y - 30, 26, 12, "white", stroke="#c9c9c9", radius=6, id=f"{name} hat", depth=8)
        if cook.hand:
            self.draw_thing(cook.hand, cook.soup, x + dx * 22, y + 8 + dy * 16, f"{name} hand", 9 if dy >= 0 else 4)

    def draw_dark(self, kitchen, agent):
        """Cells out of sight: their furniture can be guessed, what happens there cannot."""
        for y in range(ROWS):
            for x in range(COLUMNS):
                if not kitchen.sees(agent, (x, y)):
                    still = LAYOUT[y][x] in ".#"
                    alpha = 1.0 if still or LAYOUT[y][x] == "S" else 0.82
                    s = self.surface
                    s.rect(
                        x * CELL, TOP + y * CELL, CELL + 1, CELL + 1, NIGHT, alpha=alpha, id=f"dark {x} {y}", depth=15
                    )
                    if LAYOUT[y][x] == "S":
                        cx, cy = middle((x, y))
                        s.circle(cx, cy - 3, 22, None, stroke="#4a4e57", line_width=3, id=f"dark pot {x} {y}", depth=16)

    def draw_order(self, kitchen, share_left):
        s, y = self.surface, 28
        s.text(20, y, "Order", "#f4f1ea", size=20, id="order word", depth=21)
        for number, food in enumerate(kitchen.recipe[:FULL]):
            self.draw_food(food, 104 + 36 * number, y + 1, 14, f"order {number}", 21)
        s.text(WIDTH - 20, y, f"Served {kitchen.served}", "#f4f1ea", size=20, align="right", id="served", depth=21)
        s.rect(0, TOP - 8, WIDTH, 8, "#454c5c", id="time back", depth=21)
        color = "#f2c14e" if share_left > 0.2 else "#e2503c"
        s.rect(0, TOP - 8, max(1, WIDTH * share_left), 8, color, id="time", depth=22)
