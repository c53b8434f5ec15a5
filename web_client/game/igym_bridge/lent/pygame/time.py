"""Time passes by frames, so there is nothing to wait for."""


class Clock:
    def tick(self, framerate: float = 0) -> int:
        return 0

    def get_fps(self) -> float:
        return 0.0


def get_ticks() -> int:
    return 0


def wait(milliseconds: int) -> int:
    return 0


delay = wait
