"""Where each exported file lies under the data folder of an experiment."""

from __future__ import annotations

from pathlib import Path

from igym.host.export.files import Types
from igym.host.export.names import KIND_FOLDERS, STUDY, safe_name, stem
from igym.host.store.store_reader import StoreReader


class Layout:
    """Paths of one session's files. Ids that an earlier session used too get that session's suffix.

    Upper and lower case count as the same, as on many computers' disks.
    """

    def __init__(self, source: StoreReader, session: str, folder: Path, kind: str = STUDY) -> None:
        self.home = folder
        self.folder = folder / KIND_FOLDERS[kind] if kind in KIND_FOLDERS else folder
        """Where the tables are. The data of a rehearsal must not be taken for those of the study."""
        self.types = Types(kind)
        """The columns of what was written last, until the manifest has taken them up."""
        self.left_out: dict[Path, dict[str, int]] = {}
        """Likewise: agent → numbers of the observations that a file of rows does not hold (see `EpisodeColumns`)."""
        self.session = session
        self.ordinal = 0
        self._first: dict[str, int] = {}
        for ordinal, row in enumerate(source.sessions(), start=1):
            for identifier in _ids_of(source, row.id):
                self._first.setdefault(identifier.casefold(), ordinal)
            if row.id == session:
                self.ordinal = ordinal
                break

    def stem(self, identifier: str) -> str:
        """The file stem of a participant or match id."""
        return stem(identifier, self.ordinal, self._first.get(identifier.casefold(), self.ordinal))

    def scene(self, scene: str) -> Path:
        """The folder of one scene."""
        return self.folder / safe_name(scene)

    def episode(self, scene: str, participant: str, episode: int, *, match_suffix: str = "") -> Path:
        """Rows of one episode; recordings of a second match of the same person in the scene have a suffix."""
        return self.scene(scene) / f"{self.stem(participant)}{match_suffix}_ep{episode}.csv"

    def of_participant(self, scene: str, participant: str, what: str) -> Path:
        """A file about one participant in one scene, such as `_metadata.json` or `.csv`."""
        return self.scene(scene) / f"{self.stem(participant)}{what}"

    def aggregated(self, scene: str, match: str) -> Path:
        """The comparison of all members of a match."""
        return self.scene(scene) / f"{self.stem(match)}_aggregated_metrics.json"

    def replay(self, match: str, episode: int) -> Path:
        """Seed and confirmed inputs of one episode."""
        return self.home / "replays" / f"{self.stem(match)}_ep{episode}.igr.json"


def _ids_of(source: StoreReader, session: str) -> set[str]:
    found = {record.participant for record in source.records(session, kinds=("joined",))}
    found |= {record.match for record in source.records(session, kinds=("match_formed",))}
    return {identifier for identifier in found if identifier}
