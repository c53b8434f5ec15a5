"""The strait from above. Signs and numbers only: no words to translate."""

import strait

from igym.rendering import Surface

WIDTH, HEIGHT = 720, 520
BANK, BOAT_Y, PIXELS_PER_FRAME = 44, 430, 4.6
HALF = WIDTH / 2 / strait.WIDEST
"""So the cross is where the pointer is."""
SEA, FOAM, SAND, GRASS = "#2f7fa8", "#9fd0e4", "#e6d3a1", "#7fa35f"
OPEN, DONE, MISSED, LIGHT = "#f4a93c", "#57c785", "#e0604f", "#ffe45c"
STREAKS = 26


def screen_x(place):
    return WIDTH / 2 + place * HALF


class Picture:
    """A sheet of `WIDTH` × `HEIGHT` pixels; the boat stays at its height and the gates come down to it."""

    def __init__(self):
        self.surface = Surface(WIDTH, HEIGHT)

    def start(self):
        s = self.surface
        s.reset()
        s.rect(0, 0, WIDTH, HEIGHT, SEA, id="sea", persistent=True, depth=-10)
        for side, x in (("left", 0), ("right", WIDTH - BANK)):
            inner = BANK - 10 if side == "left" else WIDTH - BANK
            s.rect(x, 0, BANK, HEIGHT, GRASS, id=f"{side} bank", persistent=True, depth=10)
            s.rect(inner, 0, 10, HEIGHT, SAND, id=f"{side} beach", persistent=True, depth=11)

    def draw(self, env, advice):
        self.draw_waves(env.frame)
        self.draw_wind(env.wind, env.blown)
        for number in range(strait.GATES):
            self.draw_gate(env, number)
        self.draw_aims(env, advice)
        self.draw_boat(env)
        self.draw_count(env)
        return self.surface.commit()

    def draw_waves(self, frame):
        """The water runs down past the boat."""
        for number in range(STREAKS):
            x = BANK + 20 + (number * 197) % (WIDTH - 2 * BANK - 70)
            y = (number * 83 + frame * PIXELS_PER_FRAME) % (HEIGHT + 40) - 20
            points = [(x, y), (x + 9, y - 4), (x + 18, y), (x + 27, y - 4)]
            # What starts again at the top is another wave: nothing is seen to fly upwards.
            lap = int((number * 83 + frame * PIXELS_PER_FRAME) // (HEIGHT + 40))
            self.surface.line(points, FOAM, width=2, alpha=0.45, id=f"wave {number} {lap}", depth=-9)

    def draw_wind(self, wind, blown):
        """Gusts that blow across, longer and quicker the stronger the wind is, and an arrow that says the same."""
        s, length = self.surface, abs(wind) / strait.STRONGEST
        for number in range(7):
            run = blown * 5 + number * 131
            x = BANK + 20 + run % (WIDTH - 2 * BANK - 40)
            y = 60 + (number * 149) % (HEIGHT - 120)
            lap = int(run // (WIDTH - 2 * BANK - 40))
            if length > 0.06:
                end = x - (30 + 60 * length) * (1 if wind > 0 else -1)
                gust = {"width": 2.5, "alpha": 0.12 + 0.4 * length, "id": f"gust {number} {lap}", "depth": -8}
                s.line([(x, y), (end, y)], "#ffffff", **gust)
        x, y, reach = WIDTH / 2, 34, wind / strait.STRONGEST * 84
        s.rect(x - 100, y - 17, 200, 34, "#1d4f6b", radius=17, alpha=0.85, id="vane", depth=20)
        s.circle(x, y, 4, "#cfe6f0", id="vane middle", depth=21)
        if abs(reach) > 5:
            tip = 12 if reach > 0 else -12
            s.line([(x, y), (x + reach - tip * 0.6, y)], "#ffffff", width=6, id="vane line", depth=21)
            head = [(x + reach, y), (x + reach - tip, y - 9), (x + reach - tip, y + 9)]
            s.polygon(head, "#ffffff", id="vane tip", depth=22)

    def draw_gate(self, env, number):
        y = BOAT_Y - (strait.gate_frame(number) - env.frame) * PIXELS_PER_FRAME
        if not -30 < y < HEIGHT + 30:
            return
        s, x, half = self.surface, screen_x(env.gates[number]), strait.HALF_GATE * HALF + 9
        known = number < len(env.passed)
        color = OPEN if not known else DONE if env.passed[number] else MISSED
        s.line([(x - half, y), (x + half, y)], color, width=3, alpha=0.55, id=f"rope {number}", depth=0)
        for side in (-1, 1):
            name = f"buoy {number} {side}"
            s.ellipse(x + side * half, y + 7, 13, 5, "#1d4f6b", alpha=0.35, id=f"{name} shadow", depth=1)
            s.circle(x + side * half, y, 10, color, stroke="#ffffff", line_width=3, id=name, depth=2)

    def draw_aims(self, env, advice):
        """Where the boat is told to head for, and, as a light, where the pilot would."""
        s, y = self.surface, BOAT_Y - 78
        x = screen_x(env.aim)
        s.line([(x, y - 11), (x, y + 11)], "#ffffff", width=3, alpha=0.9, id="aim up", depth=6)
        s.line([(x - 11, y), (x + 11, y)], "#ffffff", width=3, alpha=0.9, id="aim across", depth=6)
        if advice is not None:
            light = screen_x(advice)
            s.circle(light, y, 24, LIGHT, alpha=0.28, id="light far", depth=4)
            s.circle(light, y, 15, LIGHT, alpha=0.55, id="light near", depth=5)
            s.circle(light, y, 8, "#fff6c2", id="light", depth=5)

    def draw_boat(self, env):
        s, x, lean = self.surface, screen_x(env.place), max(-1.0, min(1.0, env.speed)) * 9
        bow, stern = (x + lean, BOAT_Y - 38), BOAT_Y + 30
        wake = [(x - 15, stern + 4), (x + 15, stern + 4), (x + 22 - lean, HEIGHT), (x - 22 - lean, HEIGHT)]
        s.polygon(wake, FOAM, alpha=0.3, id="wake", depth=3)
        hull = [bow, (x + 17, BOAT_Y - 6), (x + 15, stern), (x - 15, stern), (x - 17, BOAT_Y - 6)]
        s.polygon(hull, "#a8482f", stroke="#ffffff", line_width=3, id="hull", depth=7)
        deck = [(x + lean * 0.6, BOAT_Y - 24), (x + 10, BOAT_Y - 2), (x + 9, stern - 6)]
        deck += [(x - 9, stern - 6), (x - 10, BOAT_Y - 2)]
        s.polygon(deck, "#e8c79a", id="deck", depth=8)
        s.rect(x - 8, BOAT_Y + 2, 16, 16, "#f7f3ea", stroke="#7d5a3a", line_width=2, radius=3, id="cabin", depth=9)
        # The pennant on the mast blows with the wind.
        blown = env.wind / strait.STRONGEST * 30
        pennant = [(x, BOAT_Y - 10), (x, BOAT_Y - 2), (x + blown, BOAT_Y - 6)]
        s.polygon(pennant, "#ffffff", id="pennant", depth=10)
        s.circle(x, BOAT_Y - 6, 3, "#5b3b22", id="mast", depth=11)

    def draw_count(self, env):
        s = self.surface
        s.rect(WIDTH - BANK - 116, 17, 96, 34, "#1d4f6b", radius=17, alpha=0.85, id="count back", depth=20)
        count = f"{sum(env.passed)} / {strait.GATES}"
        s.text(WIDTH - BANK - 68, 35, count, "#ffffff", size=20, align="center", id="count", depth=21)
        share = min(env.frame / strait.FRAMES, 1.0)
        s.rect(BANK, HEIGHT - 8, WIDTH - 2 * BANK, 8, "#1d4f6b", id="way back", depth=20)
        s.rect(BANK, HEIGHT - 8, max(1, (WIDTH - 2 * BANK) * share), 8, LIGHT, id="way", depth=21)
