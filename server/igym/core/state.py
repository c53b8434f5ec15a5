"""The one owner of a session's facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from igym.core.deadlines import Deadlines
from igym.core.roster import Roster
from igym.experiment.scenes import GymScene
from igym.experiment.words import is_translated, read_in

if TYPE_CHECKING:
    from random import Random

    from igym.core.groups import Groups
    from igym.core.ledger import Ledger
    from igym.core.match import Match
    from igym.core.participant import Participant
    from igym.core.posted import Posted
    from igym.core.probe import Probe, ProbeMemory
    from igym.core.talks import Talk
    from igym.core.waitroom import Waitroom
    from igym.experiment.experiment import Experiment
    from igym.experiment.scenes.base import Scene
from igym.experiment.stager import AnyNode, Branch, Repeat

MakeRng = Callable[[str], "Random"]


@dataclass(slots=True)
class Question:
    """A researcher's function that was asked and has not answered. ``then`` names the rule that takes the answer."""

    id: str
    kind: str
    function: str
    then: str
    subject: str
    data: dict[str, Any]
    fallback: Any
    context: dict[str, Any]
    limit_s: float
    """How long the function may run, counted from its beginning."""


@dataclass(slots=True)
class Trouble:
    """A problem as the table shows it; the same one again only counts up."""

    id: str
    at: float
    level: str
    title: str
    text: str
    traceback: str
    participant: str | None
    match: str | None = None
    game_fails: bool = False
    """People cannot play by it: its participant, and those of its match."""
    count: int = 1


KINDS = ("study", "pilot", "rehearsal", "test")
"""What a session is for. The data of all but a study are kept apart."""
HAVE_PEOPLE = frozenset({"study", "pilot"})


@dataclass(slots=True)
class State:
    experiment: Experiment
    session_id: str
    make_rng: MakeRng
    groups: Groups
    ledger: Ledger
    probe_memory: ProbeMemory
    deadlines: Deadlines = field(default_factory=Deadlines)
    participants: dict[str, Participant] = field(default_factory=dict)
    roster: Roster = field(default_factory=Roster)
    matches: dict[str, Match] = field(default_factory=dict)
    waitrooms: dict[str, Waitroom] = field(default_factory=dict)
    probes: dict[str, Probe] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    problems: dict[str, Trouble] = field(default_factory=dict)
    posted: dict[str, Posted] = field(default_factory=dict)
    """What the researcher wrote to participants, by id."""
    talks: dict[str, Talk] = field(default_factory=dict)
    closed_cells: set[str] = field(default_factory=set)
    """Cells of the design that the researcher closed."""
    totals: dict[str, dict[str, float]] = field(default_factory=dict)
    """Game, by its id in the experiment → participant → what their agents scored in all episodes."""
    consent_texts: set[str] = field(default_factory=set)
    """Hashes of the texts that were written down."""
    kind: str = "study"
    """study, pilot, rehearsal or test: what its data may be used for."""
    name: str = ""
    """What the researcher calls this session."""
    note: str = ""
    phase: str = "running"
    admission_open: bool = True
    started_at: float | None = None
    last_event_at: float = 0.0
    paused_at: float | None = None
    """When the engine was told to stop; None while it runs, and after a crash."""
    join_url: str = ""
    ice: dict[str, Any] = field(default_factory=dict)
    final_page: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    scenes: dict[str, Scene] = field(default_factory=dict)
    """Every scene of the experiment by its id."""
    translated: frozenset[str] = frozenset()
    """Those with texts in several languages."""

    def __post_init__(self) -> None:
        self.scenes = {scene.id: scene for scene in self.experiment.stager.all_scenes()}
        self.translated = frozenset(id for id, scene in self.scenes.items() if is_translated(scene))

    @property
    def assets(self) -> str:
        """Where browsers find the experiment's files: beside the page they joined by."""
        return f"{urlsplit(self.join_url).path or '/'}assets/"

    def scene(self, identifier: str) -> Scene:
        """A scene as the researcher wrote it. Raises ``KeyError`` for an unknown id."""
        return self.scenes[identifier]

    def scene_for(self, person: Participant, identifier: str) -> Scene:
        """The same with its texts as this person reads them."""
        scene = self.scenes[identifier]
        return read_in(scene, person.language) if identifier in self.translated else scene

    def game(self, identifier: str) -> GymScene:
        """The same for a scene that is played."""
        scene = self.scenes[identifier]
        assert isinstance(scene, GymScene)
        return scene

    def branch(self, identifier: str) -> Branch | None:
        """A branch as the researcher wrote it; None when the experiment has none of this id any more."""
        node = self._node(identifier)
        return node if isinstance(node, Branch) else None

    def repeat(self, identifier: str) -> Repeat | None:
        """The same for rounds."""
        node = self._node(identifier)
        return node if isinstance(node, Repeat) else None

    def _node(self, identifier: str) -> AnyNode | None:
        nodes = self.experiment.stager.nodes()
        return next((node for node in nodes if node.known_id == identifier), None)

    def called(self, label: str) -> str | None:
        """The id of who has exactly this label."""
        who = self.roster.labels.get(label.casefold())
        return who if who is not None and self.participants[who].label == label else None

    def number(self, kind: str) -> int:
        """1, 2, 3, … for each kind."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]
