"""The tests start some thousand of the product's programs, and each would import the same modules anew.

Here they are copies of one process that has imported them. `subprocess.Popen` asks that process, the template, for a
copy where it would have started `python -m igym.cli …`; everything else is started as ever. A copy is a child of
whoever asked (`CLONE_PARENT` of Linux), has the standard streams, folder, variables and session it was to have, and
begins with the command's own `main`. Copies that start programs themselves keep a template of their own for them.

A test that is about how programs start is marked `real_starts`; `IGYM_REAL_STARTS=1` starts all of them really, and so
does every system but Linux.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

CLONE_PARENT = 0x8000
CLONE_CALL = {"x86_64": 56, "aarch64": 220}
OWN_VARIABLES = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Of the template: only a process with one thread can be copied."""
STARTERS = frozenset(("engine", "serve", "cluster", "labcheck", "check", "replay", "verify", "export"))
"""Commands that start others."""
FRAME = 4


@dataclass(frozen=True)
class Wish:
    """What a copy is to be. Three descriptors come with it, its standard streams, and those of `kept`."""

    arguments: list[str]
    folder: str
    variables: dict[str, str]
    safe_path: bool
    new_session: bool
    kept: list[int]
    """Numbers of other descriptors that are open in it."""


class Template:
    """The asker's end of a template."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def copy(self, wish: Wish, streams: tuple[int, int, int]) -> int | None:
        """The pid of the copy, or None where the template has gone."""
        data = json.dumps(asdict(wish)).encode()
        with self._lock:
            try:
                sent = len(data).to_bytes(FRAME, "little")
                socket.send_fds(self._connection, [sent], [*streams, *wish.kept])
                self._connection.sendall(data)
                told = _exactly(self._connection, FRAME)
            except OSError:
                return None
        return int.from_bytes(told, "little") if told else None


# -- what asks


_template: Template | None = None
_real_popen = subprocess.Popen._execute_child  # type: ignore[attr-defined]
_is_off = False


def install() -> None:
    """From now on this process asks for copies."""
    if sys.platform == "linux" and os.uname().machine in CLONE_CALL and not os.environ.get("IGYM_REAL_STARTS"):
        subprocess.Popen._execute_child = _execute_child  # type: ignore[attr-defined]


def start_really(really: bool) -> None:
    """Whether programs are started as ever from now on."""
    global _is_off
    _is_off = really


def _execute_child(
    self: Any, args: Any, executable: Any, preexec_fn: Any, close_fds: Any, pass_fds: Any, cwd: Any, env: Any,
    startupinfo: Any, creationflags: Any, shell: Any, p2cread: int, p2cwrite: int, c2pread: int, c2pwrite: int,
    errread: int, errwrite: int, *rest: Any,
) -> None:  # fmt: skip
    _signals, gid, gids, uid, umask, new_session, *_ = rest
    plain = not (preexec_fn or executable or shell or gid or gids or uid or umask != -1) and close_fds and not _is_off
    wish = _wish(args, cwd, env, new_session, pass_fds) if plain and isinstance(args, list | tuple) else None
    if wish is not None:
        streams = tuple(own if own != -1 else number for number, own in enumerate((p2cread, c2pwrite, errwrite)))
        pid = _asked().copy(wish, streams)  # type: ignore[arg-type]
        if pid is not None:
            self.pid = pid
            self._child_created = True
            self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)
            return
    _real_popen(
        self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo, creationflags, shell,
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, *rest,
    )  # fmt: skip


def _close_theirs(made: Any, *pipes: tuple[int, int]) -> None:
    """The child's ends of the pipes that were made for it, as the usual way does."""
    quiet = getattr(made, "_devnull", None)
    for theirs, ours in pipes:
        if -1 not in (theirs, ours) and theirs != quiet:
            os.close(theirs)
    if quiet is not None:
        os.close(quiet)
    made._closed_child_pipe_fds = True


def _wish(args: Any, cwd: Any, env: Any, new_session: bool, pass_fds: Any) -> Wish | None:
    """None for what is no program of ours, or is to run in a Python of another kind."""
    words = [os.fsdecode(word) for word in args]
    safe_path = words[1:2] == ["-P"]
    command = words[2:] if safe_path else words[1:]
    variables = {os.fsdecode(name): os.fsdecode(value) for name, value in (os.environ if env is None else env).items()}
    if words[0] != sys.executable or command[:2] != ["-m", "igym.cli"] or not _is_usual(variables):
        return None
    folder = Path.cwd() / os.fsdecode(cwd or "")
    if not folder.is_dir():
        return None
    return Wish(command[2:], str(folder), variables, safe_path, bool(new_session), list(pass_fds))


def _is_usual(variables: dict[str, str]) -> bool:
    """Whether a Python that begins with these is like the template: it reads them only at its beginning."""
    from igym.host.base.spawn import PYTHON_VARIABLES

    def at_start(given: Any) -> dict[str, str]:
        names = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "COVERAGE")
        return {name: value for name, value in given.items() if name.startswith(names) and name not in PYTHON_VARIABLES}

    same = variables.get("PYTHONHASHSEED") == "0" and variables.get("PYTHONUTF8", "1") == "1"
    return same and at_start(variables) == at_start(_at_beginning)


_at_beginning = dict(os.environ)
"""Variables of this process when it began."""


def _asked() -> Template:
    global _template
    if _template is None:
        _template = _begun()
    return _template


def _begun() -> Template:
    """A template of this process's own, with all modules of the product."""
    from igym.host.base.spawn import PYTHON_VARIABLES

    ours, theirs = socket.socketpair()
    environment = {**_at_beginning, **PYTHON_VARIABLES, **OWN_VARIABLES}
    with theirs:
        made = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).resolve()), str(theirs.fileno())],
            stdin=subprocess.DEVNULL, env=environment, pass_fds=[theirs.fileno()], cwd="/",
        )  # fmt: skip
    atexit.register(_end, ours, made)
    return Template(ours)


def _end(ours: socket.socket, made: subprocess.Popen[bytes]) -> None:
    ours.close()
    made.wait()


# -- the template


def main() -> None:
    connection = socket.socket(fileno=int(sys.argv[1]))
    for module in sorted({module for module, _, _ in import_module("igym.cli").COMMANDS.values()}):
        import_module(module)
    import_module("numpy")
    _be(*_serve(connection))


def _serve(connection: socket.socket) -> tuple[Wish, list[int]]:
    """Copies this process at each wish, and ends with it; in a copy it returns what that is to be."""
    gc.freeze()  # a collection in a copy writes to all that it looks at
    while True:
        head, descriptors, *_ = socket.recv_fds(connection, FRAME, 64)
        wished = _exactly(connection, int.from_bytes(head, "little")) if len(head) == FRAME else b""
        if not wished:
            os._exit(0)
        pid = _cloned()
        if pid == 0:
            connection.close()
            return Wish(**json.loads(wished)), descriptors
        for descriptor in descriptors:
            os.close(descriptor)
        connection.sendall(pid.to_bytes(FRAME, "little"))


def _cloned() -> int:
    """As `os.fork`, but the copy is a child of this process's parent. Raises `OSError`."""
    api = ctypes.pythonapi
    call = ctypes.PyDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    api.PyOS_BeforeFork()
    pid: int = call(
        ctypes.c_long(CLONE_CALL[os.uname().machine]),
        ctypes.c_long(CLONE_PARENT | signal.SIGCHLD),
        *(ctypes.c_long(0),) * 4,
    )
    if pid == 0:
        api.PyOS_AfterFork_Child()
        return 0
    error = ctypes.get_errno()
    api.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, os.strerror(error))
    return pid


def _exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or none where the other end has gone."""
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            return b""
        data += more
    return data


# -- a copy


def _be(wish: Wish, descriptors: list[int]) -> None:
    """Runs the command as the process that was wished for."""
    _take(descriptors, wish.kept)
    if wish.new_session:
        os.setsid()
    os.chdir(wish.folder)
    os.environ.clear()
    os.environ.update(wish.variables)
    time.tzset()
    tempfile.tempdir = None
    sys.modules["numpy"].random.seed()
    if wish.arguments and wish.arguments[0] in STARTERS:
        _keep_template(wish)
    _open_streams(bool(wish.variables.get("PYTHONUNBUFFERED")))
    import igym.cli

    sys.argv[:] = [igym.cli.__file__, *wish.arguments]
    if not wish.safe_path:
        sys.path.insert(0, wish.folder)
    sys.exit(igym.cli.main())


def _take(descriptors: list[int], kept: list[int]) -> None:
    """Puts what was sent where it belongs and closes everything else."""
    targets = (0, 1, 2, *kept)
    beyond = max((*targets, *descriptors)) + 1
    held = []
    for place, descriptor in enumerate(descriptors):
        os.dup2(descriptor, beyond + place)
        held.append(beyond + place)
    for target, descriptor in zip(targets, held, strict=True):
        os.dup2(descriptor, target, inheritable=target < 3)
    last = 3
    for target in sorted(kept):
        os.closerange(last, target)
        last = target + 1
    os.closerange(last, os.sysconf("SC_OPEN_MAX"))


def _keep_template(wish: Wish) -> None:
    """Sets a copy of this process aside for what it will start, while it has done nothing yet."""
    global _template, _at_beginning
    _at_beginning = dict(wish.variables)
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        quiet = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(quiet, number)
        for descriptor in (quiet, ours.fileno(), *wish.kept):
            os.close(descriptor)
        ours.detach()
        # Ctrl-C in a terminal ends the program it was set aside for, and with that it ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        mine, descriptors = _serve(theirs)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _template = None
        _be(mine, descriptors)
    theirs.close()
    _template = Template(ours)
    subprocess.Popen._execute_child = _execute_child  # type: ignore[attr-defined]


def _open_streams(is_unbuffered: bool) -> None:
    """`sys.stdin`, `stdout` and `stderr`, made as Python makes them at its beginning."""

    def output(number: int, errors: str) -> TextIO:
        raw = io.FileIO(number, "wb", closefd=False)
        through = is_unbuffered or number == 2
        buffer: Any = raw if is_unbuffered else io.BufferedWriter(raw)
        return io.TextIOWrapper(
            buffer, encoding="utf-8", errors=errors, newline="\n",
            line_buffering=number == 2 or raw.isatty(), write_through=through,
        )  # fmt: skip

    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = output(1, "strict")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = output(2, "backslashreplace")  # type: ignore[misc]


if __name__ == "__main__":
    main()
