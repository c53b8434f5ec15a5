"""Ten thousand people arrive, many leave: cells stay balanced, no quota is passed, groups share their condition.

In the middle the engine is killed: it goes on from the log of events alone, and nobody's condition is another for it.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from igym.core import conditions
from igym.core.effects import Ask, Send
from igym.core.events import Answered, Connected, EngineStarted, Event, Joined, MessageReceived
from igym.core.joining import JoinRefused, JoinRequest
from igym.core.match import Match
from igym.core.session import Session
from igym.experiment.design import Design
from igym.experiment.experiment import Experiment
from igym.experiment.options.config_values import Value
from igym.experiment.rules import When
from igym.experiment.scenes import EndScene, GymScene, StartScene
from igym.experiment.stager import Branch, RandomizeOrder
from igym.protocol.server import SceneShown
from tests.core.experiments import game, make
from tests.core.world import START, browser, make_rng, message

pytestmark = pytest.mark.no_cover  # counting lines makes it three times as long; other tests reach them too

TWO_BY_THREE: dict[str, Any] = {"partner": ["human", "ai"], "layout": ["open", "narrow", "maze"]}
CELLS = [cell.id for cell in Design(TWO_BY_THREE).cells()]
ARRIVALS = 10_000
AT_ONCE = 12
"""So many are under way before the oldest of them goes; as many groups play before the oldest of them ends."""
LEAVES = 0.3
LEAVES_LATER = 0.1
"""In the waitroom, and from a match that is played."""
EVENT_S = 0.05


class Crowd:
    """People without pages: who arrives reads the first page and goes on, or leaves there.

    A researcher's function is asked for the name of a cell, and returns the person's.
    """

    def __init__(self, experiment: Experiment, seed: int = 1) -> None:
        self.experiment = experiment
        self.session = Session(experiment, "crowd", make_rng)
        self.rng = Random(seed)
        self.now = START
        self.log: list[tuple[str, float]] = []
        """As the host writes it down: what the session is rebuilt of."""
        self.visits: dict[str, int] = {}
        self.here: deque[str] = deque()
        """On the first page."""
        self.do(EngineStarted("http://10.0.0.1:8000/"))

    def do(self, event: Event) -> None:
        self.now += EVENT_S
        self.log.append((json.dumps(event.to_json()), self.now))
        asked: dict[str, str] = {}
        for effect in self.session.handle(event, self.now):
            if isinstance(effect, Ask):
                asked[effect.question_id] = "/".join(effect.context["conditions"].values())
            if isinstance(effect, Send) and isinstance(effect.message, SceneShown):
                self.visits[effect.participant] = effect.message.visit
        for question, cell in asked.items():
            self.do(Answered(question, cell))

    def say(self, who: str, name: str, **fields: Any) -> None:
        self.do(MessageReceived(who, who, message(name, **fields)))

    def connect(self, who: str, visit: int | None = None) -> None:
        self.do(Connected(who, who))
        self.say(who, "hello", protocol=1, tab=f"t{who}", browser=browser(), visit=visit)

    def arrive(self) -> str | None:
        """The new person's id; None when there is no place for them."""
        admitted = self.session.admit(JoinRequest())
        if isinstance(admitted, JoinRefused):
            return None
        who = admitted.participant
        self.do(Joined(who, None, None, {}, "en", token_hash=who))
        self.connect(who)
        self.say(who, "loaded", load_ms=1.0, cold=False)
        self.here.append(who)
        return who

    def step(self) -> str | None:
        """One more arrives, and when enough are here (or nobody more is let in) the oldest goes on or leaves."""
        who = self.arrive()
        if len(self.here) == AT_ONCE or (who is None and self.here):
            self.goes_on_or_leaves()
        return who

    def goes_on_or_leaves(self) -> str | None:
        """Who has gone on."""
        who = self.here.popleft()
        if self.rng.random() < LEAVES:
            self.say(who, "leave")
            return None
        self.say(who, "advance", visit=self.visits[who], timing={"shown_ms": 0.0, "submitted_ms": 1.0})
        return who

    def killed_and_resumed(self) -> None:
        """kill -9 of the engine: what it knew is gone but for the log, and every page connects anew."""
        self.session = Session(self.experiment, "crowd", make_rng)
        for event, at in self.log:
            self.session.handle(Event.from_json(json.loads(event)), at)
        self.do(EngineStarted("http://10.0.0.1:8000/"))
        for who in list(self.session.state.roster.under_way):
            self.connect(who, self.visits[who])

    def cell_of(self, who: str) -> str:
        return "/".join(self.session.state.participants[who].conditions.values())

    def given(self) -> dict[str, str]:
        """Participant → cell."""
        return {who: self.cell_of(who) for who in self.session.state.participants}

    def counts(self) -> dict[str, int]:
        return dict.fromkeys(CELLS, 0) | conditions.counts(self.session.state)


class Pairs(Crowd):
    """They also meet, and leave on the first page, in the waitroom or from a match; the others play to its end."""

    def __init__(self, experiment: Experiment, seed: int = 1) -> None:
        super().__init__(experiment, seed)
        self.playing: deque[str] = deque()

    def goes_on_or_leaves(self) -> str | None:
        who = super().goes_on_or_leaves()
        if who is None:
            return None
        if match := self.session.state.participants[who].match:
            self.begin(self.session.state.matches[match])
        elif self.rng.random() < LEAVES_LATER:
            self.say(who, "leave")
        if len(self.playing) == AT_ONCE:
            self.play_out()
        return who

    def begin(self, match: Match) -> None:
        self.playing.append(match.id)
        for seat in match.seats:
            for other in match.seats:
                if other is not seat:
                    path = {"state": "up", "transport": "p2p", "rtt_ms": 8.0}
                    self.say(seat.participant, "link", match=match.id, peer=other.player, **path)
            self.say(seat.participant, "match_ready", match=match.id)

    def play_out(self) -> None:
        match = self.session.state.matches[self.playing.popleft()]
        assert match.started_at is not None
        members = list(match.members)
        if self.rng.random() < LEAVES_LATER:
            self.say(members.pop(), "leave")
        for who in members:
            if self.session.state.participants[who].match == match.id:
                self.say(who, "game_over", visit=self.visits[who], match=match.id, reason="complete")


def study(design: Design) -> Experiment:
    return make(StartScene("start"), EndScene("end"), design=design)


def pairs_study(assign: str, cell_limit: int) -> Experiment:
    design = Design(TWO_BY_THREE, per="group", assign=assign, cell_limit=cell_limit)
    return make(StartScene("start"), game("match", 2), EndScene("end"), design=design)


def test_cells_are_balanced_all_the_way_and_full_and_never_past_their_quota_in_the_end() -> None:
    limit = 900
    crowd = Crowd(study(Design(TWO_BY_THREE, cell_limit=limit)))
    refused = 0
    for _ in range(ARRIVALS):
        before = crowd.counts()
        who = crowd.step()
        if who is None:
            refused += 1
        else:
            taken = before[crowd.cell_of(who)]
            assert taken == min(before.values()), "the fewest come next, whoever left meanwhile"
            assert taken < limit
    assert refused > 1000
    assert crowd.counts() == dict.fromkeys(CELLS, limit)


def test_ten_thousand_arrivals_in_groups_with_a_kill_in_between() -> None:
    limit = 400
    crowd = Pairs(pairs_study("match", limit))
    for number in range(ARRIVALS):
        before, formed = crowd.counts(), len(crowd.session.state.matches)
        crowd.step()
        for match in list(crowd.session.state.matches.values())[formed:]:
            (cell,) = {crowd.cell_of(who) for who in match.members}
            assert before[cell] == min(before.values()), "the group's cell is the one with the fewest people"
            assert before[cell] + 2 <= limit
        if number == ARRIVALS // 8:
            given, counts = crowd.given(), crowd.counts()
            crowd.killed_and_resumed()
            assert (crowd.given(), crowd.counts()) == (given, counts)
    assert {limit - count for count in crowd.counts().values()} <= {0, 1}, "one short where a group lost one of its two"
    matches = crowd.session.state.matches.values()
    assert len(matches) > 6 * limit / 2, "groups that lost somebody made room for others"
    lost = Counter(str(person.state) for person in crowd.session.state.participants.values())
    assert lost["withdrawn"] > 2_000 and lost["finished"] > 2_000


def conditions_of(kind: type[Crowd], experiment: Experiment, kill_at: int | None) -> dict[str, str]:
    crowd = kind(experiment)
    for number in range(300):
        if number == kill_at:
            crowd.killed_and_resumed()
        crowd.step()
    return crowd.given()


@pytest.mark.parametrize(
    ("kind", "experiment"),
    [
        (Crowd, study(Design(TWO_BY_THREE, cell_limit=40))),
        (Pairs, pairs_study("match", 20)),
        (Pairs, pairs_study("at_start", 20)),
    ],
    ids=["each", "groups at the match", "groups at the start"],
)
def test_everybody_gets_the_same_condition_whether_the_engine_was_killed_or_not(
    kind: type[Crowd], experiment: Experiment
) -> None:
    assert conditions_of(kind, experiment, 130) == conditions_of(kind, experiment, None)


def test_what_goes_on_from_a_checkpoint_gives_the_same_too() -> None:
    def run(stop_at: int | None) -> dict[str, str]:
        crowd = Crowd(study(Design(TWO_BY_THREE, cell_limit=40)))
        for number in range(300):
            if number == stop_at:
                kept, handled = crowd.session.checkpoint(), crowd.session.handled
                crowd.session = Session.from_checkpoint(kept, crowd.experiment, make_rng, handled)
            crowd.step()
        return crowd.given()

    assert run(130) == run(None)


def test_groups_that_had_their_condition_from_the_start_meet_whoever_leaves() -> None:
    crowd = Pairs(pairs_study("at_start", 60))
    for _ in range(800):
        crowd.step()
        assert max(crowd.counts().values()) <= 60
    matches = crowd.session.state.matches.values()
    assert len(matches) > 150
    assert all(len({crowd.cell_of(who) for who in match.members}) == 1 for match in matches)
    assert crowd.counts() == dict.fromkeys(CELLS, 60)


QUOTA = 20


def one_scene() -> Experiment:
    scene = game("play", 1).environment(config={"partner": Value("partner"), "layout": Value("layout")})
    return make(StartScene("start"), scene, EndScene("end"), design=Design(TWO_BY_THREE, cell_limit=QUOTA))


def six_scenes() -> dict[str, GymScene]:
    cells = {cell.id: dict(cell.levels) for cell in Design(TWO_BY_THREE).cells()}
    return {name: game("_".join(levels.values()), 1).environment(config=levels) for name, levels in cells.items()}


def by_function() -> Experiment:
    branch = Branch(lambda context: "/".join(context.conditions.values()), six_scenes())
    design = Design(TWO_BY_THREE, cell_limit=QUOTA)
    return make(StartScene("start"), branch, EndScene("end"), design=design)


def by_rules() -> Experiment:
    """One branch inside the other: a rule looks at one factor."""
    scenes = six_scenes()

    def layouts(partner: str) -> Branch:
        rules = [When(layout, "condition", "layout", value=layout) for layout in TWO_BY_THREE["layout"]]
        return Branch(rules, {layout: scenes[f"{partner}/{layout}"] for layout in TWO_BY_THREE["layout"]})

    rules = [When(partner, "condition", "partner", value=partner) for partner in TWO_BY_THREE["partner"]]
    branch = Branch(rules, {partner: [layouts(partner)] for partner in TWO_BY_THREE["partner"]})
    design = Design(TWO_BY_THREE, cell_limit=QUOTA)
    return make(StartScene("start"), branch, EndScene("end"), design=design)


def filled(experiment: Experiment) -> Crowd:
    """Until nobody more is let in and nobody is on the first page any more."""
    crowd = Crowd(experiment)
    for _ in range(400):
        crowd.step()
    assert not crowd.here
    return crowd


def test_two_by_three_over_the_env_is_one_game_and_one_design() -> None:
    crowd = filled(one_scene())
    assert len(crowd.experiment.games) == 1
    played = Counter(crowd.cell_of(match.members[0]) for match in crowd.session.state.matches.values())
    assert played == crowd.counts() == dict.fromkeys(CELLS, QUOTA)
    for match in crowd.session.state.matches.values():
        settled = match.fixed["config"]
        assert f"{settled['partner']}/{settled['layout']}" == crowd.cell_of(match.members[0])


@pytest.mark.parametrize("spelling", [by_function, by_rules])
def test_six_games_chosen_by_the_condition_give_the_same_cells(spelling: Callable[[], Experiment]) -> None:
    former, now = filled(spelling()), filled(one_scene())
    assert len(former.experiment.games) == 6
    assert former.given() == now.given()
    assert former.counts() == dict.fromkeys(CELLS, QUOTA)
    for match in former.session.state.matches.values():
        assert match.spec_id == former.cell_of(match.members[0]).replace("/", "_"), "the game of the condition"
    plays = [{match.members[0] for match in crowd.session.state.matches.values()} for crowd in (former, now)]
    assert plays[0] == plays[1]


def test_six_games_of_a_balanced_order_without_a_design_are_filled_evenly_still() -> None:
    order = RandomizeOrder(list(six_scenes().values()), keep_n=1, balanced=True)
    crowd = Crowd(make(StartScene("start"), order, EndScene("end"), participants=6 * QUOTA))
    for _ in range(400):
        crowd.step()
    played = Counter(match.spec_id for match in crowd.session.state.matches.values())
    assert played == {name.replace("/", "_"): QUOTA for name in CELLS}
