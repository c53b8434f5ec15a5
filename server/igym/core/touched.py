"""Whom and which match an event, a deadline or what followed is about: only what it names may look otherwise then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from igym.core.effects import Effect
from igym.core.events import Command, EngineStarted, EngineStopping, Event, HostEpisodeEnded, MessageReceived
from igym.protocol.client import NoticeRead

if TYPE_CHECKING:
    from igym.core.deadlines import Key


@dataclass(slots=True)
class Touched:
    """Ids, gathered until somebody looks; those under way need no mention."""

    people: set[str] = field(default_factory=set)
    matches: set[str] = field(default_factory=set)
    notices: bool = True
    """A message of the researcher, or who has read one."""
    everything: bool = True
    """Nobody looked yet, or it may be about anybody."""
    anything: bool = True
    """Something was handled at all."""

    def looked(self) -> None:
        """From here on it is gathered anew."""
        self.people.clear()
        self.matches.clear()
        self.notices = self.everything = self.anything = False

    def by_event(self, event: Event) -> None:
        self.anything = True
        if isinstance(event, EngineStarted | EngineStopping):
            self.everything = True
        elif isinstance(event, Command):
            self.notices = True
            self._names((event.args.get("participant"),), (event.args.get("match"),))
        elif isinstance(event, MessageReceived):
            self.notices = self.notices or isinstance(event.message, NoticeRead)
            self._names((event.participant,), (getattr(event.message, "match", None),))
        else:
            more = event.participants if isinstance(event, HostEpisodeEnded) else ()
            self._names((getattr(event, "participant", None), *more), (getattr(event, "match", None),))

    def by_deadline(self, deadline: Key) -> None:
        """Its subject names a person or a match, alone or with more behind."""
        self.anything = True
        words = deadline.subject.split(" ")
        self._names(words, words)

    def by_effects(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._names((getattr(effect, "participant", None),), (getattr(effect, "match", None),))

    def _names(self, people: Iterable[object], matches: Iterable[object]) -> None:
        self.people.update(who for who in people if isinstance(who, str))
        self.matches.update(match for match in matches if isinstance(match, str))
