"""People who played together: recorded when a match starts and again when it ends."""

from dataclasses import dataclass


@dataclass(slots=True)
class Group:
    """``members`` are participant ids in player order."""

    id: str
    members: tuple[str, ...]
    scene_id: str
    match_id: str
    formed_at: float
    ended_at: float | None = None
    reason: str = ""


class Groups:
    """History of this session, and of earlier sessions of the experiment by label."""

    def __init__(self) -> None:
        self.by_id: dict[str, Group] = {}
        self._of_match: dict[str, str] = {}
        self._of: dict[str, list[str]] = {}
        self._earlier: dict[str, set[str]] = {}
        self._last_earlier: dict[str, tuple[str, ...]] = {}

    def add(self, group: Group) -> None:
        self.by_id[group.id] = group
        self._of_match[group.match_id] = group.id
        for member in group.members:
            self._of.setdefault(member, []).append(group.id)

    def close(self, match_id: str, now: float, reason: str) -> None:
        """The group's match is over."""
        if group := self.by_id.get(self._of_match.get(match_id, "")):
            group.ended_at, group.reason = now, reason

    def last(self, participant: str) -> Group | None:
        """The group of the participant's last match with others."""
        ids = self._of.get(participant)
        return self.by_id[ids[-1]] if ids else None

    def same_members(self, members: tuple[str, ...]) -> Group | None:
        """The last group of exactly these people, when it is the last group of each."""
        groups = {self._of.get(member, [""])[-1] for member in members}
        found = self.by_id.get(groups.pop()) if len(groups) == 1 else None
        return found if found and set(found.members) == set(members) else None

    def partners(self, participant: str) -> set[str]:
        """Everyone this participant ever shared a match with in this session."""
        mine = (self.by_id[group].members for group in self._of.get(participant, ()))
        return {member for members in mine for member in members} - {participant}

    def remember_earlier(self, members: tuple[str, ...]) -> None:
        """Labels of a group of an earlier session; the oldest group is told first."""
        for label in members:
            others = tuple(member for member in members if member != label)
            self._earlier.setdefault(label, set()).update(others)
            self._last_earlier[label] = others

    def earlier_partners(self, label: str | None) -> set[str]:
        """Labels of the people this labelled person met in earlier sessions."""
        return self._earlier.get(label, set()) if label else set()

    def last_earlier(self, label: str | None) -> tuple[str, ...]:
        """Labels of the others in this labelled person's last group before this session."""
        return self._last_earlier.get(label, ()) if label else ()
