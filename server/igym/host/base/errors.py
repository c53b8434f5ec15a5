"""Failures that a researcher reads: a code for programs, a sentence for people."""

from __future__ import annotations


class HostError(Exception):
    """Something the person at the launcher can act on.

    `code` is one of the codes of the engine's `failed` line; `text` says what happened and what to do;
    `details` holds what a support mail needs (a traceback, an errno), never shown first.
    """

    def __init__(self, code: str, text: str, details: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.details = details
