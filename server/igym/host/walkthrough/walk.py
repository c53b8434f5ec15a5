"""The walk itself: a session on a clock of its own, with people and functions around it."""

from __future__ import annotations

import hashlib
import heapq
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from igym.core import facts, plans
from igym.core.effects import Ask, Effect, Problem, Record, Refuse, Send, StartHostEnv, TryAgain
from igym.core.events import (
    Answered,
    Connected,
    Disconnected,
    EngineStarted,
    Event,
    HostEnvReady,
    HostEpisodeEnded,
    HostEpisodeStarted,
    HostGameOver,
    Joined,
    MessageReceived,
    RowsStored,
    RttMeasured,
    Tick,
)
from igym.core.joining import JoinRefused, JoinRequest
from igym.core.participant import ENDINGS
from igym.core.session import Session
from igym.experiment.experiment import Experiment
from igym.experiment.scenes import Form, ReplayScene
from igym.host.children.researcher_process import Answer
from igym.host.walkthrough.visitor import RTT_MS, MadeUpGame, Stored, Visitor, hello
from igym.protocol.base import ProtocolError
from igym.protocol.codec import decode
from igym.protocol.server import MatchState
from igym.protocol.told import Told

STARTS_AT = 1_700_000_000.0
ARRIVES_EVERY_S = 7.0
PINGS_EVERY_S = 2.0
LASTS_S = 6 * 3600.0
"""Whoever is not through after so long on the walk's clock never will be."""
WALL_LIMIT_S = 90.0

AskFunction = Callable[[str, str, dict[str, Any], float], Awaitable[Answer]]


@dataclass
class Trail:
    """What came of the walk, for the findings."""

    people: list[Visitor] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    errors: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Function → its first error, with file and line."""
    states: Counter[str] = field(default_factory=Counter)
    stuck: dict[str, str] = field(default_factory=dict)
    """Who was still there at the end → the scene."""
    out_of_time: bool = False


class Walk:
    """``ask`` calls one of the researcher's functions."""

    def __init__(self, experiment: Experiment, ask: AskFunction, people: int, seed: int = 1) -> None:
        self._experiment, self._ask, self._seed = experiment, ask, seed
        self._session = Session(experiment, "walkthrough", self._rng)
        self._now = STARTS_AT
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self._visitors: dict[str, Visitor] = {}
        self._questions: list[Ask] = []
        self._on_host: set[str] = set()
        self.trail = Trail()
        wanted = min(people, experiment.participants or people, len(experiment.participant_ids.allowed) or people)
        self._to_come = wanted
        for number in range(wanted):
            self._at(ARRIVES_EVERY_S * number, partial(self._arrive, number, wanted))
        self._at(PINGS_EVERY_S, self._ping)

    def _rng(self, purpose: str) -> Random:
        return Random(int.from_bytes(hashlib.sha256(f"{self._seed} {purpose}".encode()).digest()))

    async def run(self) -> Trail:
        """Until everybody is through, or cannot get any further."""
        began = time.perf_counter()
        self._do(EngineStarted("http://walkthrough.invalid/"))
        while not self._is_over() and self._now < STARTS_AT + LASTS_S:
            if time.perf_counter() - began > WALL_LIMIT_S:
                self.trail.out_of_time = True
                break
            await self._answer_questions()
            self._step()
        await self._answer_questions()
        self._look_around()
        return self.trail

    def _is_over(self) -> bool:
        everybody = self._session.state.participants.values()
        return self._to_come == 0 and all(person.state in ENDINGS for person in everybody)

    def _step(self) -> None:
        """Whatever is next: something a person does, or a deadline of the session."""
        deadline = self._session.next_deadline
        at = self._agenda[0][0]
        if deadline is not None and deadline <= at:
            self._now = max(self._now, deadline)
            self._do(Tick())
        else:
            self._now = max(self._now, at)
            heapq.heappop(self._agenda)[2]()

    async def _answer_questions(self) -> None:
        while self._questions:
            question = self._questions.pop(0)
            if question.kind == "replays":
                self._do(Answered(question.question_id, self._recordings(question.context)))
                continue
            self.trail.asked[question.function] += 1
            answer = await self._answered(question)
            if answer.error is not None:
                self.trail.errors.setdefault(question.function, answer.error)
            self._do(Answered(question.question_id, answer.value, answer.error))

    def _recordings(self, context: dict[str, Any]) -> dict[str, Any]:
        """Some recording or other; of one's own only for somebody who has played."""
        scene = self._experiment.scene(context["shows"])
        assert isinstance(scene, ReplayScene)
        person = self._session.state.participants[context["participant"]]
        played = facts.episodes_of(self._session.state, person)
        if scene.source == "own_last" and len(played) < scene.compare:
            return {
                "items": [],
                "problem": Told("Somebody comes to it who has played {number} episodes before.", number=len(played)),
            }
        item = {"source": scene.source, "study": "", "session": "", "match": "", "scene": "", "episode": 0, "file": ""}
        longest = max(scene.pause_at, default=0.0) + 60.0
        shown = {"player": 0, "frames": round(longest * 30), "fps": 30.0, "sha256": ""}
        return {"items": [item | shown] * scene.compare, "problem": None}

    async def _answered(self, question: Ask) -> Answer:
        """Functions are called; a model elsewhere is not bothered."""
        if question.kind != "responder":
            return await self._ask(question.kind, question.function, question.context, question.limit_s)
        function = question.context["responder"]["function"]
        if function is None:
            return Answer({"text": "A reply.", "attempts": 1, "seconds": 0.0})
        answer = await self._ask(question.kind, function, question.context, question.limit_s)
        if answer.error is None and not isinstance(answer.value, str | None):
            text = Told("it returned {value}, not a text", value=type(answer.value).__name__)
            answer = Answer(error={"type": "TypeError", "message": text})
        return answer if answer.error is not None else Answer({"text": answer.value, "attempts": 1, "seconds": 0.0})

    # -- people

    def _at(self, seconds: float, todo: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._agenda, (self._now + seconds, self._number, todo))

    def _arrive(self, number: int, of: int) -> None:
        self._to_come -= 1
        admitted = self._session.admit(self._request(number))
        if isinstance(admitted, JoinRefused):
            self.trail.refused.append(admitted.text)
            return
        who = admitted.participant
        visitor = Visitor(
            who,
            self._rng(f"visitor {number}"),
            self._at,
            partial(self._said, who),
            partial(self._do, Disconnected(who, who, "closed")),
            partial(self._kept, who),
            partial(self._right_answers, who),
        )
        # Some go early, as people do: what follows for their partners and functions is walked through as well.
        visitor.leaves = {7: "closes", 12: "withdraws"}.get(number, "") if of >= 16 else ""
        self._visitors[who] = visitor
        self.trail.people.append(visitor)
        self._do(Joined(who, admitted.label, admitted.seat, dict(admitted.params), admitted.language, token_hash=who))
        self._do(Connected(who, who))
        self._said(who, "hello", hello(self._experiment.screening, f"tab-{number}"))

    def _request(self, number: int) -> JoinRequest:
        ids, name = self._experiment.participant_ids, f"W{number + 1:03d}"
        if ids.mode == "link":
            return JoinRequest(params={ids.link_parameters[0]: name}, signed="again" if ids.signed_only else "")
        if ids.mode == "anonymous":
            return JoinRequest()
        return JoinRequest(label=ids.allowed[number] if ids.mode == "list" else name)

    def _right_answers(self, who: str) -> dict[str, Any]:
        step = plans.step(self._session.state.participants[who])
        scene = self._experiment.scene(step.scene) if step else None
        return scene.right_answers() if isinstance(scene, Form) else {}

    def _ping(self) -> None:
        self._at(PINGS_EVERY_S, self._ping)
        for visitor in self._visitors.values():
            if not visitor.gone and visitor.last_page is None:
                self._do(RttMeasured(visitor.id, RTT_MS))

    def _said(self, who: str, name: str, body: dict[str, Any]) -> None:
        visitor = self._visitors[who]
        if visitor.last_page is not None:
            return
        message = decode(name, body)
        assert not isinstance(message, ProtocolError), message
        self._do(MessageReceived(who, who, message))

    def _kept(self, who: str, rows: Stored) -> None:
        last = rows.frames - 1
        self._do(RowsStored(who, rows.match, rows.episode, 0, rows.frames, last, rows.chain))

    # -- the session

    def _do(self, event: Event) -> None:
        for effect in self._session.handle(event, self._now):
            self._take(effect)

    def _take(self, effect: Effect) -> None:
        if isinstance(effect, Send):
            self._visitors[effect.participant].receive(effect.message)
            if isinstance(effect.message, MatchState) and effect.message.state == "playing":
                self._play_on_host(effect.message.match)
        elif isinstance(effect, Ask):
            self._questions.append(effect)
        elif isinstance(effect, Problem):
            self.trail.problems.append(effect)
        elif isinstance(effect, Record):
            self.trail.records.append(effect)
        elif isinstance(effect, StartHostEnv):
            self._at(1.0, partial(self._do, HostEnvReady(effect.match)))
        elif isinstance(effect, TryAgain):
            self._visitors[effect.participant].try_again(set(effect.fields))
        elif isinstance(effect, Refuse):
            self.trail.refused.append(effect.text)

    # -- games on the host

    def _play_on_host(self, match_id: str) -> None:
        match = self._session.state.matches[match_id]
        if not match.on_host or match_id in self._on_host:
            return
        self._on_host.add(match_id)
        scene = self._session.state.game(match.spec_id)
        agents = [*(seat.agent for seat in match.seats), *match.bots]
        game = MadeUpGame(match.seed, agents, scene.client_spec()["gameplay"], scene.rendering_options.fps)
        self._episode_on_host(match_id, 0, game)

    def _episode_on_host(self, match_id: str, episode: int, game: MadeUpGame) -> None:
        match = self._session.state.matches[match_id]
        if match.is_over:
            return
        if episode >= game.episodes:
            self._do(HostGameOver(match_id))
        elif match.allowed is not None and episode >= match.allowed:
            self._at(game.pause_s, partial(self._episode_on_host, match_id, episode, game))
        else:
            self._do(HostEpisodeStarted(match_id, episode))
            self._at(game.seconds, partial(self._end_on_host, match_id, episode, game))
            following = partial(self._episode_on_host, match_id, episode + 1, game)
            self._at(game.seconds + game.pause_s, following)

    def _end_on_host(self, match_id: str, episode: int, game: MadeUpGame) -> None:
        members = tuple(seat.participant for seat in self._session.state.matches[match_id].remaining)
        for member in members:
            self._kept(member, Stored(match_id, episode, game.frames, game.chain(episode)))
        ended = HostEpisodeEnded(
            match_id, episode, game.frames, "terminated", game.chain(episode), game.scores(episode), members
        )
        self._do(ended)

    # -- afterwards

    def _look_around(self) -> None:
        for person in self._session.state.participants.values():
            self.trail.states[str(person.state)] += 1
            if person.state not in ENDINGS:
                self.trail.stuck[person.id] = person.visit.scene_id if person.visit else ""
