"""Work that may take a while, off the Qt thread; its result comes back on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from igym_desktop.alive import unless_gone

_running: set[_Signals] = set()


class _Signals(QObject):
    done = Signal(object)
    failed = Signal(object)
    left = Signal(object)
    """It was not begun: there is nothing to tell anybody, even if somebody wants it again by now."""


class _Task(QRunnable):
    def __init__(self, work: Callable[[], Any], signals: _Signals, wanted: Callable[[], bool]) -> None:
        super().__init__()
        self._work, self._signals, self._wanted = work, signals, wanted

    def run(self) -> None:
        if not self._wanted():
            _tell(self._signals, "left", None)
            return
        try:
            result = self._work()
        except Exception as error:
            _tell(self._signals, "failed", error)
        else:
            _tell(self._signals, "done", result)


def _tell(signals: _Signals, name: str, value: object) -> None:
    try:
        getattr(signals, name).emit(value)
    except RuntimeError:
        pass  # the app closed meanwhile


def in_background(
    work: Callable[[], Any],
    done: Callable[[Any], None] | None = None,
    failed: Callable[[Exception], None] | None = None,
    *,
    asked: bool = False,
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Runs `work` in a thread of the pool; then `done` or `failed` on the Qt thread, unless their page is gone.

    `asked`: somebody pressed something and waits, so it goes before what pages read by themselves. `wanted` is asked
    in that thread, then on Qt's: what has become stale is not begun any more, and its outcome not told. Whoever wants
    what was stale once more asks for it anew.
    """
    signals = _Signals()
    # The pool owns the task, and nobody else what it tells its end by.
    _running.add(signals)
    done, failed = (unless_gone(then) if then else None for then in (done, failed))

    def finish(then: Callable[[Any], None] | None, value: Any) -> None:
        _running.discard(signals)
        if then and wanted():
            then(value)

    signals.done.connect(lambda value: finish(done, value))
    signals.failed.connect(lambda error: finish(failed, error))
    signals.left.connect(lambda _: finish(None, None))
    QThreadPool.globalInstance().start(_Task(work, signals, wanted), int(asked))
