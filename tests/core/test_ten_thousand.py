"""Ten thousand people arrive, many leave: cells stay balanced, no quota is passed, groups share their condition."""

from __future__ import annotations

from collections import Counter, deque
from random import Random
from typing import Any

import pytest

from igym.core import Session, conditions
from igym.core.effects import Send
from igym.core.events import Connected, EngineStarted, Event, Joined, MessageReceived, Tick
from igym.core.joining import JoinRefused, JoinRequest
from igym.experiment.design import Design
from igym.experiment.experiment import Experiment
from igym.experiment.options.config_values import Value
from igym.experiment.scenes import EndScene, StartScene
from igym.protocol.server import SceneShown
from tests.core.experiments import game, make
from tests.core.world import START, browser, make_rng, message

pytestmark = pytest.mark.no_cover  # counting lines makes it three times as long; other tests reach them too

TWO_BY_THREE: dict[str, Any] = {"partner": ["human", "ai"], "layout": ["open", "narrow", "maze"]}
ARRIVALS = 10_000
AT_ONCE = 12
"""So many are under way before the oldest of them goes."""
LEAVES = 0.3


class Crowd:
    """People without pages: who arrives reads the first page and goes on, or leaves there."""

    def __init__(self, experiment: Experiment, seed: int = 1) -> None:
        self.experiment = experiment
        self.session = Session(experiment, "crowd", make_rng)
        self.rng = Random(seed)
        self.now = START
        self.visits: dict[str, int] = {}
        self.given: dict[str, str] = {}
        """Participant → cell."""
        self.here: deque[str] = deque()
        self.do(EngineStarted("http://10.0.0.1:8000/"))

    def do(self, event: Event) -> None:
        self.now += 0.01
        for effect in self.session.handle(event, self.now):
            if isinstance(effect, Send) and isinstance(effect.message, SceneShown):
                self.visits[effect.participant] = effect.message.visit

    def say(self, who: str, name: str, **fields: Any) -> None:
        self.do(MessageReceived(who, who, message(name, **fields)))

    def arrive(self) -> str | None:
        """The new person's id; None when there is no place for them."""
        admitted = self.session.admit(JoinRequest())
        if isinstance(admitted, JoinRefused):
            return None
        who = admitted.participant
        self.do(Joined(who, None, None, {}, "en", token_hash=who))
        self.do(Connected(who, who))
        self.say(who, "hello", protocol=1, tab=f"t{who}", browser=browser())
        self.say(who, "loaded", load_ms=1.0, cold=False)
        self.here.append(who)
        self.given[who] = self.cell_of(who)
        return who

    def cell_of(self, who: str) -> str:
        return "/".join(self.session.state.participants[who].conditions.values())

    def goes_on_or_leaves(self) -> None:
        who = self.here.popleft()
        if self.rng.random() < LEAVES:
            self.say(who, "leave")
        else:
            timing = {"shown_ms": 0.0, "submitted_ms": 1.0}
            self.say(who, "advance", visit=self.visits[who], timing=timing)

    def counts(self) -> dict[str, int]:
        return conditions.counts(self.session.state)


def study(design: Design) -> Experiment:
    return make(StartScene("start"), EndScene("end"), design=design)


def test_cells_are_balanced_all_the_way_and_full_and_never_past_their_quota_in_the_end() -> None:
    limit, names = 900, {cell.id for cell in Design(TWO_BY_THREE).cells()}
    crowd = Crowd(study(Design(TWO_BY_THREE, cell_limit=limit)))
    refused = 0
    for _ in range(ARRIVALS):
        before = {name: crowd.counts().get(name, 0) for name in names}
        who = crowd.arrive()
        if who is None:
            refused += 1
        else:
            assert before[crowd.given[who]] == min(before.values()), "the fewest come next, whoever left meanwhile"
        assert max(crowd.counts().values()) <= limit
        if len(crowd.here) == AT_ONCE or (refused and crowd.here):
            crowd.goes_on_or_leaves()
    assert refused > 1000
    assert crowd.counts() == dict.fromkeys(names, limit)


def test_the_same_after_kill_and_resume() -> None:
    def run(restart_at: int | None) -> dict[str, str]:
        crowd = Crowd(study(Design(TWO_BY_THREE, cell_limit=80)))
        for number in range(600):
            if number == restart_at:
                crowd.session = Session.from_checkpoint(
                    crowd.session.checkpoint(), crowd.experiment, make_rng, crowd.session.handled
                )
            crowd.arrive()
            if len(crowd.here) == AT_ONCE:
                crowd.goes_on_or_leaves()
        return crowd.given

    assert run(250) == run(None)


def test_the_people_of_every_match_share_their_condition() -> None:
    start, scene = StartScene("start"), game("match", 2)
    design = Design(TWO_BY_THREE, per="group", assign="match")
    crowd = Crowd(make(start, scene, EndScene("end"), design=design))
    for _ in range(400):
        crowd.arrive()
        if len(crowd.here) == AT_ONCE:
            crowd.goes_on_or_leaves()
            crowd.do(Tick())
    matches = crowd.session.state.matches.values()
    assert len(matches) > 80
    assert all(len({crowd.cell_of(who) for who in match.members}) == 1 for match in matches)
    cells = Counter(crowd.cell_of(match.members[0]) for match in matches)
    assert max(cells.values()) - min(cells.values()) <= 1, "groups are counted as groups"


def test_two_by_three_over_the_env_is_one_game_and_one_design() -> None:
    config = {"partner": Value("partner"), "layout": Value("layout")}
    scene = game("play", 1).environment(config=config)
    crowd = Crowd(make(StartScene("start"), scene, EndScene("end"), design=Design(TWO_BY_THREE, cell_limit=20)))
    assert len(crowd.experiment.games) == 1
    for _ in range(200):
        crowd.arrive()
        if len(crowd.here) == AT_ONCE:
            crowd.goes_on_or_leaves()
    while crowd.here:
        crowd.goes_on_or_leaves()
    played: Counter[str] = Counter()
    for match in crowd.session.state.matches.values():
        settled = match.fixed["config"]
        assert f"{settled['partner']}/{settled['layout']}" == crowd.cell_of(match.members[0])
        played[crowd.cell_of(match.members[0])] += 1
    assert len(played) == 6
    assert max(crowd.counts().values()) <= 20
