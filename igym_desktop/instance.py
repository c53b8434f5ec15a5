"""One launcher per person: a second start brings the first one to the front."""

from __future__ import annotations

import getpass
import hashlib

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_LIMIT_MS = 1500


class SingleInstance(QObject):
    """`raised` when another start of the app asks this one to show itself."""

    raised = Signal()

    def __init__(self, place: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        digest = hashlib.sha256(f"{getpass.getuser()}|{place}".encode()).hexdigest()[:16]
        self._name = f"interactive-gym-{digest}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._called)

    def claim(self) -> bool:
        """True when this is the first; False when another one was found and told to come to the front."""
        if self._call_first():
            return False
        # Only now that nobody has answered: under Unix a launcher that crashed leaves its socket, and the name taken.
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def release(self) -> None:
        """The next start is the first again."""
        self._server.close()

    def _call_first(self) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(ANSWER_LIMIT_MS):
            return False
        socket.write(b"raise\n")
        socket.waitForBytesWritten(ANSWER_LIMIT_MS)
        # A launcher that hangs is connected to all the same, by the system: only an answer says that it is alive.
        answered = socket.bytesAvailable() > 0 or socket.waitForReadyRead(ANSWER_LIMIT_MS)
        socket.disconnectFromServer()
        return answered

    def _called(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.write(b"ok\n")
            socket.flush()
            socket.disconnected.connect(socket.deleteLater)
            self.raised.emit()
