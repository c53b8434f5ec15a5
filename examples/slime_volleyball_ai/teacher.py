"""A hand-written player for the right side. It knows where the ball will land, and the network learns from it."""

from game import BALL, GRAVITY, NET_X, SLIME, WIDTH, Ball

HOME_X = 610


def landing(ball):
    """Where the ball will be when it comes down to a slime's height."""
    ghost = Ball()
    ghost.x, ghost.y, ghost.vx, ghost.vy = ball.x, ball.y, ball.vx, ball.vy
    for _ in range(240):
        ghost.fly()
        if ghost.vy < 0 and ghost.y < SLIME + BALL:
            break
    return ghost.x


def act(game):
    """0 to 5, see `game.STEER`."""
    ball, own = game.ball, game.slimes["right"]
    target = landing(ball)
    if target < NET_X + 10:
        return walk(own.x, HOME_X)
    # A little behind the ball, so that it flies to the net; more so when it is far from it.
    want = target + 9 + 8 * (target - NET_X) / (WIDTH - NET_X)
    close = abs(ball.x - own.x) < 46 and SLIME < ball.y - own.y < SLIME + 90
    rising_meets = ball.vy < 0 and ball.y > NET_X * 0.2 and abs(ball.vx) < 9 + GRAVITY
    jump = close and rising_meets
    return walk(own.x, want) + (3 if jump else 0)


def walk(x, target):
    return 1 if x > target + 6 else 2 if x < target - 6 else 0
