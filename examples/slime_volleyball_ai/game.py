"""The rules of slime volleyball: two half-round players, one ball, one net. Plain Python: a step costs little.

Lengths are px of the court, y grows upwards from the floor, speeds are px per frame of 1/30 s.
"""

import random

WIDTH, CEILING = 800, 640
NET_X, NET_HEIGHT, NET_HALF = WIDTH / 2, 92, 6
SLIME, BALL = 46, 17
RUN, JUMP, FALL = 8.5, 12.5, 0.85
GRAVITY, FASTEST, SLOWEST_HIT = 0.52, 16.5, 11.0
SIDES = ("left", "right")
HOME = {"left": WIDTH * 0.25, "right": WIDTH * 0.75}
STEER = {0: (0, False), 1: (-1, False), 2: (1, False), 3: (0, True), 4: (-1, True), 5: (1, True)}
"""Action → (direction, jump)."""


class Slime:
    def __init__(self, side):
        self.low = SLIME if side == "left" else NET_X + NET_HALF + SLIME
        self.high = NET_X - NET_HALF - SLIME if side == "left" else WIDTH - SLIME
        self.home = HOME[side]
        self.restart()

    def restart(self):
        self.x, self.y, self.vx, self.vy = self.home, 0.0, 0.0, 0.0

    def move(self, action):
        direction, jump = STEER[action]
        self.vx = RUN * direction
        if jump and self.y == 0:
            self.vy = JUMP
        self.x = min(max(self.x + self.vx, self.low), self.high)
        self.y += self.vy
        self.vy -= FALL
        if self.y <= 0:
            self.y, self.vy = 0.0, 0.0


class Ball:
    def __init__(self):
        self.x, self.y, self.vx, self.vy = NET_X, 300.0, 0.0, 0.0

    def fly(self, part=1.0):
        """Move for `part` of a frame and bounce off walls, ceiling and net."""
        self.vy -= GRAVITY * part
        self.x += self.vx * part
        self.y += self.vy * part
        if self.x < BALL or self.x > WIDTH - BALL:
            self.x = min(max(self.x, BALL), WIDTH - BALL)
            self.vx = -self.vx
        if self.y > CEILING:
            self.y, self.vy = CEILING, -abs(self.vy)
        self.bounce_off_net()

    def bounce_off_net(self):
        gap = self.x - NET_X
        if self.y < NET_HEIGHT and abs(gap) < NET_HALF + BALL:
            side = 1 if gap > 0 else -1
            self.x = NET_X + side * (NET_HALF + BALL)
            self.vx = side * abs(self.vx)
        elif self.y >= NET_HEIGHT:
            self.bounce_off(NET_X, NET_HEIGHT, NET_HALF, 0.0, 0.0, 0.0)

    def bounce_off(self, x, y, radius, vx, vy, least):
        """Bounce off a disc that moves with (vx, vy); afterwards at least `least` fast. True if it touched."""
        dx, dy = self.x - x, self.y - y
        reach = radius + BALL
        square = dx * dx + dy * dy
        if square >= reach * reach or square == 0:
            return False
        distance = square**0.5
        nx, ny = dx / distance, dy / distance
        self.x, self.y = x + nx * reach, y + ny * reach
        towards = (self.vx - vx) * nx + (self.vy - vy) * ny
        if towards < 0:
            self.vx -= 2 * towards * nx
            self.vy -= 2 * towards * ny
        self.limit_speed(least)
        return True

    def limit_speed(self, least):
        speed = (self.vx * self.vx + self.vy * self.vy) ** 0.5
        if speed > FASTEST or 0 < speed < least:
            factor = (FASTEST if speed > FASTEST else least) / speed
            self.vx *= factor
            self.vy *= factor


class Game:
    """One game to `win_score` points. `step` returns "left", "right" (who won the point) or None."""

    def __init__(self, win_score=5, pause=30):
        """The ball hangs in the air for `pause` frames before each point."""
        self.win_score = win_score
        self.pause_frames = pause
        self.random = random.Random(0)
        self.slimes = {side: Slime(side) for side in SIDES}
        self.start(0)

    def start(self, seed):
        self.random.seed(seed)
        self.score = {"left": 0, "right": 0}
        self.touched = None
        self.serve(self.random.choice(SIDES))

    def serve(self, side):
        """Put everybody back; the ball hangs above `side` for a moment and then drops."""
        for slime in self.slimes.values():
            slime.restart()
        self.ball = Ball()
        self.ball.x = HOME[side] + self.random.uniform(-30, 30)
        self.ball.vx = self.random.uniform(-1.5, 1.5)
        self.pause = self.pause_frames

    def step(self, actions):
        self.touched = None
        for side in SIDES:
            self.slimes[side].move(actions[side])
        if self.pause > 0:
            self.pause -= 1
            return None
        for _ in range(2):
            self.ball.fly(0.5)
            self.touch_slimes()
            if self.ball.y <= BALL:
                return self.point()
        return None

    def touch_slimes(self):
        for side, slime in self.slimes.items():
            over = self.ball.y > slime.y
            if over and self.ball.bounce_off(slime.x, slime.y, SLIME, slime.vx, slime.vy, SLOWEST_HIT):
                self.touched = side

    def point(self):
        winner = "right" if self.ball.x < NET_X else "left"
        self.score[winner] += 1
        if not self.over:
            self.serve("left" if winner == "right" else "right")
        return winner

    @property
    def over(self):
        return max(self.score.values()) >= self.win_score

    def seen_by(self, side):
        """Twelve numbers of about -1 to 1: own, ball's and other's place and speed, as if one stood on the right."""
        sign = 1 if side == "right" else -1
        own, other = self.slimes[side], self.slimes["left" if side == "right" else "right"]
        seen = []
        for thing in (own, self.ball, other):
            seen += [sign * (thing.x - NET_X) / 400, thing.y / 400, sign * thing.vx / 10, thing.vy / 10]
        return seen
