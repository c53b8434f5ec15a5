"""How the kitchen looks. There are no words in the picture, so it is the same in every language."""

from things import FLOOR, HATCH, NAMES, ONION, ONIONS, PLATE, PLATES, POT, SOUP

from igym.rendering import Surface

CELL, TOP, EDGE, MOST_ROWS, MOST_COLUMNS = 88, 64, 22, 5, 5
WIDTH, HEIGHT = MOST_COLUMNS * CELL + 2 * EDGE, TOP + MOST_ROWS * CELL + EDGE
COATS = ("#2a8c82", "#e0793c")
DARK = ("#1b5f58", "#9c4d1f")
FACING = ((1, 0), (0, 1), (-1, 0), (0, -1))
FULL = 3
INK = "#2c2630"


class Picture:
    """A sheet of `WIDTH` × `HEIGHT` pixels with the kitchen in its middle."""

    def __init__(self, cells):
        self.surface = Surface(WIDTH, HEIGHT)
        self.size(cells)

    def size(self, cells):
        rows, columns = cells.shape
        self.left = (WIDTH - columns * CELL) / 2
        self.top = TOP + (MOST_ROWS - rows) * CELL / 2

    def middle(self, row, column):
        return self.left + (column + 0.5) * CELL, self.top + (row + 0.5) * CELL

    def start(self, cells):
        """The furniture, which stays where it is."""
        self.size(cells)
        s = self.surface
        s.reset()
        s.rect(0, 0, WIDTH, HEIGHT, "#3a3340", id="room", persistent=True, depth=-10)
        rows, columns = cells.shape
        s.rect(
            self.left - 10, self.top - 10, columns * CELL + 20, rows * CELL + 20, "#2c2630", radius=18, id="rim",
            persistent=True, depth=-9,
        )  # fmt: skip
        for row in range(rows):
            for column in range(columns):
                self.draw_cell(row, column, int(cells[row, column]))
        self.draw_soup_icon()

    def draw_cell(self, row, column, thing):
        s, name = self.surface, f"cell {row} {column}"
        x, y = self.left + column * CELL, self.top + row * CELL
        if thing == FLOOR:
            shade = "#efe6d6" if (row + column) % 2 else "#e6dac6"
            s.rect(x, y, CELL, CELL, shade, id=name, persistent=True, depth=-8)
            return
        s.rect(x, y, CELL, CELL, "#7b5236", id=name, persistent=True, depth=-8)
        s.rect(x + 2, y + 2, CELL - 4, CELL - 12, "#b88658", radius=8, id=f"{name} top", persistent=True, depth=-7)
        s.rect(x + 6, y + 6, CELL - 12, 4, "#cfa278", radius=2, id=f"{name} shine", persistent=True, depth=-7)
        cx, cy = x + CELL / 2, y + CELL / 2 - 4
        if thing == ONIONS:
            self.draw_crate(cx, cy, name)
        elif thing == PLATES:
            for number in range(4):
                self.draw_plate(cx, cy + 9 - 6 * number, f"{name} plate {number}", -6 + number, persistent=True)
        elif thing == POT:
            s.rect(
                x + 8, y + 8, CELL - 16, CELL - 24, "#4b4f58", radius=10, id=f"{name} stove", persistent=True, depth=-6
            )
        elif thing == HATCH:
            self.draw_hatch(x, y, name)

    def draw_crate(self, x, y, name):
        s = self.surface
        s.rect(x - 32, y - 26, 64, 56, "#8f6239", radius=6, id=f"{name} crate", persistent=True, depth=-6)
        s.rect(x - 27, y - 21, 54, 46, "#5d3d22", radius=4, id=f"{name} inside", persistent=True, depth=-6)
        for number, (dx, dy) in enumerate(((-14, -8), (12, -10), (0, 2), (-13, 12), (14, 12))):
            self.draw_onion(x + dx, y + dy, 12, f"{name} onion {number}", -5, persistent=True)

    def draw_hatch(self, x, y, name):
        s, cx, cy = self.surface, x + CELL / 2, y + CELL / 2 - 4
        s.rect(x + 6, y + 8, CELL - 12, CELL - 24, "#5fa777", radius=10, id=f"{name} mat", persistent=True, depth=-6)
        s.ellipse(cx, cy + 14, 26, 6, "#f7f3ea", id=f"{name} tray", persistent=True, depth=-5)
        s.arc(cx, cy + 11, 21, 180, 360, "#f7f3ea", fill="#f7f3ea", id=f"{name} bell", persistent=True, depth=-4)
        s.arc(cx, cy + 11, 15, 200, 250, "#cfe6d6", line_width=4, id=f"{name} gleam", persistent=True, depth=-3)
        s.circle(cx, cy - 12, 5, "#f7f3ea", id=f"{name} knob", persistent=True, depth=-4)

    def draw_onion(self, x, y, r, name, depth, persistent=False):
        s, kept = self.surface, {"persistent": persistent, "depth": depth}
        s.line(
            [(x, y - r + 2), (x + r * 0.15, y - r * 1.45)],
            "#8a7a3a",
            width=max(2, r * 0.25),
            id=f"{name} stalk",
            **kept,
        )
        s.ellipse(x, y, r, r * 0.92, "#f3dfae", stroke="#b8934a", line_width=2, id=name, **kept)
        s.arc(x + r * 0.45, y, r * 0.8, 130, 230, "#d9b871", line_width=max(1, r * 0.14), id=f"{name} skin", **kept)

    def draw_plate(self, x, y, name, depth, persistent=False):
        s, kept = self.surface, {"persistent": persistent, "depth": depth}
        s.ellipse(x, y, 25, 16, "#fdfcf9", stroke="#aaa69f", line_width=2, id=name, **kept)
        s.ellipse(x, y, 15, 9, "#ebe8e2", id=f"{name} inside", **kept)

    def draw_soup(self, x, y, name, depth):
        self.draw_plate(x, y, name, depth)
        s = self.surface
        s.ellipse(x, y - 1, 17, 10, "#d99a3d", stroke="#b1742a", line_width=2, id=f"{name} soup", depth=depth + 1)
        s.ellipse(x - 5, y - 3, 5, 2.5, "#f0c47a", id=f"{name} light", depth=depth + 2)

    def draw_thing(self, thing, x, y, name, depth):
        if thing == ONION:
            self.draw_onion(x, y, 15, name, depth)
        elif thing == PLATE:
            self.draw_plate(x, y, name, depth)
        elif thing == SOUP:
            self.draw_soup(x, y, name, depth)

    def draw(self, cells, cooks, pots, agent, share_left, served, cook_steps):
        """One frame; `agent` is whose screen it is, or None."""
        for row, line in enumerate(cells.tolist()):
            for column, thing in enumerate(line):
                if NAMES[thing] in ("onion", "plate", "soup"):
                    x, y = self.middle(row, column)
                    self.draw_thing(thing, x, y - 6, f"lies {row} {column}", 1)
        for row, column, onions, left in pots.tolist():
            self.draw_pot(row, column, onions, left, cook_steps)
        for number, (row, column, facing, hand) in enumerate(cooks.tolist()):
            self.draw_cook(number, row, column, facing, hand, number == agent)
        self.draw_top(share_left, served)
        return self.surface.commit()

    def draw_pot(self, row, column, onions, left, cook_steps):
        s, (x, y), name = self.surface, self.middle(row, column), f"pot {row} {column}"
        y -= 6
        for side in (-1, 1):
            s.rect(x + side * 30 - 7, y - 5, 14, 9, "#23262c", radius=4, id=f"{name} handle {side}", depth=1)
        s.circle(x, y, 28, "#2b2f37", stroke="#9aa0ab", line_width=4, id=name, depth=2)
        done = onions == FULL and left == 0
        if onions == FULL:
            s.circle(x, y, 22, "#d99a3d" if done else "#b98a4a", id=f"{name} broth", depth=3)
        for number in range(onions if onions < FULL or left > cook_steps * 0.4 else 0):
            dx, dy = ((0, -10), (-10, 7), (10, 7))[number]
            self.draw_onion(x + dx, y + dy, 9, f"{name} onion {number}", 4)
        if onions == FULL and left:
            share = 1 - left / cook_steps
            s.arc(x, y, 30, -90, -90 + 360 * max(share, 0.01), "#f4c44e", line_width=6, id=f"{name} clock", depth=5)
        if done:
            s.circle(x, y, 30, None, stroke="#6fce7f", line_width=6, id=f"{name} done", depth=5)
            for number, dx in enumerate((-9, 3, 13)):
                points = [(x + dx, y - 8), (x + dx + 4, y - 16), (x + dx, y - 24), (x + dx + 4, y - 32)]
                s.line(points, "#ffffff", width=3, alpha=0.75, id=f"{name} steam {number}", depth=6)

    def draw_cook(self, number, row, column, facing, hand, own):
        s, (x, y), name = self.surface, self.middle(row, column), f"cook {number}"
        right, down = FACING[facing]
        if own:
            s.ellipse(x, y + 30, 35, 13, "#ffffff", stroke=DARK[number], line_width=3, id=f"{name} own", depth=7)
        s.ellipse(x, y + 30, 27, 9, "#000000", alpha=0.22, id=f"{name} shadow", depth=8)
        s.ellipse(x, y + 10, 26, 24, COATS[number], stroke=DARK[number], line_width=3, id=name, depth=10)
        s.circle(x, y - 10, 18, "#f4d3b4", stroke=DARK[number], line_width=2, id=f"{name} face", depth=11)
        if down >= 0:
            for side in (-1, 1):
                ex = x + right * 8 + side * (6 if not right else 4)
                s.circle(ex, y - 8 + down * 3, 2.6, INK, id=f"{name} eye {side}", depth=12)
        s.rect(x - 15, y - 34, 30, 11, "#ffffff", stroke="#c9c4bc", radius=5, id=f"{name} brim", depth=13)
        for part, dx in enumerate((-9, 0, 9)):
            s.circle(x + dx, y - 38, 8, "#ffffff", stroke="#dcd7cf", line_width=1, id=f"{name} hat {part}", depth=12)
        if hand:
            depth = 14 if down >= 0 else 9
            self.draw_thing(hand, x + right * 28, y + 12 + down * 20 - (10 if down < 0 else 0), f"{name} hand", depth)

    def draw_soup_icon(self):
        s, y = self.surface, TOP / 2 - 2
        s.ellipse(
            EDGE + 24, y + 2, 22, 14, "#fdfcf9", stroke="#aaa69f", line_width=2, id="icon", persistent=True, depth=20
        )
        s.ellipse(EDGE + 24, y + 1, 15, 9, "#d99a3d", id="icon soup", persistent=True, depth=21)

    def draw_top(self, share_left, served):
        s, y = self.surface, TOP / 2 - 2
        s.text(EDGE + 58, y, f"× {served}", "#fdf8ee", size=28, id="served", depth=20)
        left, wide = 190, WIDTH - 190 - EDGE
        s.rect(left, y - 7, wide, 14, "#554c5e", radius=7, id="time back", depth=20)
        color = "#f4c44e" if share_left > 0.2 else "#ea5f4a"
        s.rect(left, y - 7, max(14, wide * share_left), 14, color, radius=7, id="time", depth=21)
