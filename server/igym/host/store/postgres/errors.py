"""What may go wrong with a database server, told without its library."""

from __future__ import annotations


class ServerError(OSError):
    """The server refused a statement."""


class AwayError(OSError):
    """The server does not answer; nothing of what was to be written is there."""

    def __init__(self) -> None:
        super().__init__("the database server does not answer")


class LostError(Exception):
    """Another server of ours leads, or has led since: nothing may be written any more."""

    def __init__(self) -> None:
        super().__init__("another server leads this session now")
