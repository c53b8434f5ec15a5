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
            self._name(event.args.get("participant"), event.args.get("match"))
        elif isinstance(event, MessageReceived):
            self.notices = self.notices or isinstance(event.message, NoticeRead)
            self._name(event.participant, getattr(event.message, "match", None))
        else:
            if isinstance(event, HostEpisodeEnded):
                self.people.update(event.participants)
            self._name(getattr(event, "participant", None), getattr(event, "match", None))

    def by_deadline(self, deadline: Key) -> None:
        """Its subject names a person or a match, alone or with more behind."""
        self.anything = True
        for word in deadline.subject.split(" "):
            self._name(word, word)

    def by_effects(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._name(getattr(effect, "participant", None), getattr(effect, "match", None))

    def _name(self, who: object, match: object) -> None:
        if isinstance(who, str):
            self.people.add(who)
        if isinstance(match, str):
            self.matches.add(match)
