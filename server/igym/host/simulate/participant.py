"""A participant who does what the pages ask, and sometimes reloads or loses the network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from igym.host.simulate.answers import answers_for, way_on
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.host_page import HostPage
from igym.host.simulate.play import ScriptedEpisode, pressed
from igym.host.studies.env_bridge import controls_of, input_counts
from igym.protocol.base import Message
from igym.protocol.server import Chat, Closed, MatchSpec, MatchState, ProbeStart, SceneShown, SignalIn, Welcome

HELLO = "Hello!"
SAMPLES_AT_ONCE = 5
"""So many of the measurements a page makes once a second are told together."""


@dataclass
class _Play:
    """One match being played: started once, however often the page is shown again."""

    scene: SceneShown
    task: asyncio.Task[None] | None = None
    begun: bool = False
    over: bool = False
    going: asyncio.Event = field(default_factory=asyncio.Event)
    page: HostPage | None = None
    allowed: int | None = None
    allowing: asyncio.Event = field(default_factory=asyncio.Event)

    async def may_play(self, episode: int) -> None:
        """Waits until the host has said that there is this episode, where it decides."""
        while self.allowed is not None and episode >= self.allowed:
            self.allowing.clear()
            await self.allowing.wait()


class SimulatedParticipant:
    """Autopilot on a `ParticipantClient`; `run` returns the last page."""

    def __init__(self, url: str, behaviour: Behaviour | None = None, *, simulated: bool = False) -> None:
        """`simulated`: the host is told that this is no person, and its data say so."""
        self.behaviour = behaviour or Behaviour()
        self.client = ParticipantClient(url, simulated=simulated)
        self.episode_kind = ScriptedEpisode
        self.rng = Random(self.behaviour.seed)
        self.scenes: list[str] = []
        self.relayed_in = 0
        self.stored: dict[tuple[str, int], int] = {}
        """(match, episode) → frames the host has acknowledged."""
        self.rows_span: tuple[float, float] | None = None
        """When the first batch was sent and the last one acknowledged (`time.perf_counter`)."""
        self.recorded: dict[tuple[str, int], tuple[int, str]] = {}
        """(match, episode) → frames and chained hash, once the host has acknowledged the episode's end."""
        self.members: dict[str, int] = {}
        """Match that was begun → how many people are in it."""
        self.session = ""
        self.phases: list[str] = []
        """What the page showed, in order, each once: in_scene, waiting, countdown, playing, paused, finished, …"""
        self.ack_ms: list[float] = []
        self._samples: list[tuple[float, dict[str, Any]]] = []
        """From sending each batch of rows to its acknowledgement."""
        self.signal_ms: list[float] = []
        """Round trips of signals: to the partner's page and back, both ways through the host."""
        self.pages: dict[str, HostPage] = {}
        """Match on the host → what this participant's page showed of it."""
        self._plays: dict[str, _Play] = {}
        self._answered: set[int] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._talked: set[str] = set()
        self._talk_page: SceneShown | None = None
        self._disturbed = False
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(
        self,
        label: str | None = None,
        params: dict[str, str] | None = None,
        seat: str | None = None,
        limit_s: float = 120.0,
    ) -> Closed:
        """Joins unless it has a cookie already, and takes part to the end."""
        try:
            async with asyncio.timeout(limit_s):
                if not self.client.cookie:
                    await self.client.join(label, params, seat)
                await self.client.connect()
                return await self._take_part()
        finally:
            await self.close()

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._failure.cancel()
        await self.client.close()

    async def _take_part(self) -> Closed:
        while True:
            message = await self._next()
            self._note_phase(message)
            if isinstance(message, Closed):
                return message
            await self._react(message)

    async def _next(self) -> Message:
        """The next message, or the failure of something that was going on meanwhile."""
        reading = asyncio.ensure_future(self.client.inbox.get())
        waiting: list[asyncio.Future[Any]] = [reading, self._failure]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if self._failure.done():
            reading.cancel()
            self._failure.result()
        return reading.result()

    def _note_phase(self, message: Message) -> None:
        phase = _phase(message)
        if phase is not None and self.phases[-1:] != [phase]:
            self.phases.append(phase)

    async def _react(self, message: Message) -> None:
        if isinstance(message, SceneShown):
            await self._show(message)
        elif isinstance(message, MatchState):
            self._match_state(message)
        elif isinstance(message, SignalIn):
            await self._signalled(message)
        elif isinstance(message, ProbeStart):
            rtts = [self.behaviour.p2p_rtt_ms] * message.pings
            report = {"probe": message.probe, "peer": message.peer, "state": "connected", "rtt_ms": rtts}
            await self.client.send("probe", report)
        elif isinstance(message, Chat):
            self._soon(self._talk(message))
        elif isinstance(message, Welcome):
            self.session = message.session
            await self.client.send("loaded", {"load_ms": 1.0, "cold": False})
        elif message.name == "relay_in":
            self.relayed_in += 1
        elif message.name.startswith("host_"):
            self._host_says(message)

    # -- pages

    async def _show(self, scene: SceneShown) -> None:
        self.client.visit = scene.visit
        if scene.spec["id"] not in self.scenes:
            self.scenes.append(str(scene.spec["id"]))
        if scene.match is not None:
            await self._prepare(scene)
        elif scene.visit not in self._answered:
            self._answered.add(scene.visit)
            # On a page for talking something is said first; its talk comes with the next message.
            if scene.spec["kind"] == "chat":
                self._talk_page = scene
            else:
                self._soon(self._answer(scene))

    async def _answer(self, scene: SceneShown) -> None:
        await asyncio.sleep(self.behaviour.think_s * (0.5 + self.rng.random()))
        spec: Any = scene.spec
        timing = {"shown_ms": 0.0, "submitted_ms": 1000.0 * self.behaviour.think_s}
        for name, body in way_on(scene, timing, self.rng):
            # Right answers are known to nobody here: guesses go on until the page is left, with or without them.
            while (await self._insist(name, body)).get("code") == "wrong_answers":
                body["values"] = answers_for(spec["fields"], self.rng)

    async def _talk(self, talk: Chat) -> None:
        """Something in each talk, once it is open."""
        if not talk.closed and talk.talk not in self._talked:
            self._talked.add(talk.talk)
            await self._say(talk)
        page, self._talk_page = self._talk_page, None
        if page is not None and page.visit == talk.visit:
            await self._answer(page)

    async def _say(self, talk: Chat) -> None:
        words = (
            {"text": HELLO[: talk.longest]} if not talk.phrases else {"phrase": self.rng.randrange(len(talk.phrases))}
        )
        # Whoever is led on meanwhile has nobody to talk to any more: a refusal is no failure.
        said = {"visit": talk.visit, "id": f"m{len(self._talked)}", "at_ms": 1000 * time.time(), **words}
        await self.client.deliver("chat_say", said)

    async def _insist(self, name: str, body: Any) -> dict[str, Any]:
        ack = await self.client.deliver(name, body)
        # A repeated message whose first acknowledgement was lost finds the page gone: that is as good as yes.
        # An empty one answers a message that is not acknowledged: it has come.
        if ack and not ack.get("ok") and ack.get("code") not in ("not_current", "out_of_state", "wrong_answers"):
            raise AssertionError(f"{self.client.participant}: {name} was refused: {ack}")
        return ack

    # -- games

    async def _prepare(self, scene: SceneShown) -> None:
        assert scene.match is not None
        play = self._plays.setdefault(scene.match.id, _Play(scene))
        runtime: Any = scene.spec["runtime"]
        if runtime["where"] == "host":
            await self._open_host_page(play, scene)
            return
        for seat in scene.match.players:
            if seat.player != scene.match.me:
                up = {"match": scene.match.id, "peer": seat.player, "state": "up",
                      "transport": self.behaviour.transport, "rtt_ms": self.behaviour.p2p_rtt_ms}  # fmt: skip
                await self.client.send("link", up)
        self._soon(self.client.deliver("match_ready", {"match": scene.match.id}))
        if play.task is None:
            play.task = self._soon(self._play(play))

    async def _open_host_page(self, play: _Play, scene: SceneShown) -> None:
        """Also after a reload: the page gets the whole picture again."""
        assert scene.match is not None
        if play.page is None:
            gameplay: Any = scene.spec["gameplay"]
            agent = next(seat.agent for seat in scene.match.players if seat.player == scene.match.me)
            _, inputs = input_counts(controls_of(gameplay, agent))
            play.page = HostPage(self.client, scene.match, inputs, self.rng)
            self.pages[scene.match.id] = play.page
            play.task = self._soon(play.page.play())
        await play.page.open()
        self._soon(self.client.deliver("match_ready", {"match": scene.match.id}))

    def _host_says(self, message: Message) -> None:
        play = self._plays.get(str(getattr(message, "match", "")))
        if play is None or play.page is None:
            return
        play.page.receive(message)
        seen = len(set(play.page.frames)) // self.behaviour.batch_frames
        if not self._disturbed and seen in (self.behaviour.reload_after_batches, self.behaviour.drop_after_batches):
            self._soon(self._disturb(seen))

    def _match_state(self, message: MatchState) -> None:
        play = self._plays.get(message.match)
        if play is None:
            return
        if message.state == "playing":
            if not play.begun:
                play.begun = True
                self._soon(self._tell_inputs(play.scene))
            play.going.set()
            if play.scene.match is not None:
                self.members[message.match] = len(play.scene.match.players)
        if message.episodes is not None:
            play.allowed = message.episodes
            play.allowing.set()
        if message.state in ("paused", "connecting", "validating", "countdown"):
            play.going.clear()
        elif message.state == "ended" and play.task is not None:
            play.task.cancel()
            play.task = None

    async def _tell_inputs(self, scene: SceneShown) -> None:
        """One key press, where a scene records inputs."""
        runtime: Any = scene.spec["runtime"]
        if scene.match is not None and "input" in runtime["record"]:
            page = f"i{self.client.participant}"
            events = pressed("Space", 1000 * time.time())
            # A match that is over by now is no failure.
            await self.client.deliver(
                "input_log",
                {"visit": scene.visit, "match": scene.match.id, "page": page, "first": 0, "events": events},
            )

    async def _play(self, play: _Play) -> None:
        scene, spec = play.scene, play.scene.spec
        assert scene.match is not None
        rendering: Any = spec["rendering"]
        gameplay: Any = spec["gameplay"]
        for number in range(scene.match.episode, int(gameplay["num_episodes"])):
            most = gameplay.get("max_steps")
            episode = self.episode_kind(
                scene.match, str(spec["id"]), scene.visit, number,
                min(self.behaviour.frames, most) if most else self.behaviour.frames, float(rendering["fps"]),
            )  # fmt: skip
            # Made before play, so that making them does not count as the host's time.
            batches = list(episode.batches(self.behaviour.batch_frames))
            await play.may_play(number)
            await play.going.wait()
            await self._play_episode(play, episode, batches)
        await self._tell_samples(scene.visit, scene.match.id)
        over = {"visit": scene.visit, "match": scene.match.id, "reason": "complete"}
        play.over = True
        await self._insist("game_over", over)

    async def _play_episode(self, play: _Play, episode: ScriptedEpisode, batches: Sequence[bytes]) -> None:
        match = episode.match.id
        begun = {"visit": episode.visit, "match": match, "episode": episode.episode}
        await self.client.send("episode_started", begun)
        begun_at = time.perf_counter()
        for number, batch in enumerate(batches):
            await play.going.wait()
            await self._relay(episode, number)
            await self._report(episode)
            await self._echo(episode)
            ack = await self._timed(batch)
            if ack.get("ok"):
                self.stored[(match, episode.episode)] = ack["stored_to"]
            await self._disturb(number + 1)
            await self._keep_pace(episode, begun_at, number + 1)
        ended = {**begun, "frames": episode.frames, "reason": "terminated", "chain": episode.chain(episode.frames),
                 "scores": episode.scores()}  # fmt: skip
        await self._insist("episode_ended", ended)
        self.recorded[(match, episode.episode)] = (episode.frames, episode.chain(episode.frames))

    async def _timed(self, batch: bytes) -> dict[str, Any]:
        sent_at = time.perf_counter()
        ack = await self._insist("rows", batch)
        acknowledged_at = time.perf_counter()
        self.ack_ms.append(1000 * (acknowledged_at - sent_at))
        self.rows_span = (self.rows_span[0] if self.rows_span else sent_at, acknowledged_at)
        return ack

    async def _keep_pace(self, episode: ScriptedEpisode, begun_at: float, batches: int) -> None:
        """Until the next batch is due; a slow acknowledgement does not slow the game down."""
        if self.behaviour.speed:
            played_s = batches * self.behaviour.batch_frames / episode.fps / self.behaviour.speed
            await asyncio.sleep(max(0.0, begun_at + played_s - time.perf_counter()))

    async def _report(self, episode: ScriptedEpisode) -> None:
        if not self.behaviour.reports:
            return
        values = {"fps": episode.fps, "frame_ms_p50": 1.0, "stalls": 0, "rollbacks": 0}
        self._samples.append((time.perf_counter(), values))
        if len(self._samples) >= SAMPLES_AT_ONCE:
            await self._tell_samples(episode.visit, episode.match.id)

    async def _echo(self, episode: ScriptedEpisode) -> None:
        for seat in episode.match.players:
            if self.behaviour.echoes and seat.player > episode.match.me:
                await self._signal(episode.match, seat.player, {"kind": "echo", "sent_s": time.perf_counter()})

    async def _tell_samples(self, visit: int, match: str) -> None:
        now, told = time.perf_counter(), self._samples
        self._samples = []
        samples = [{"age_ms": 1000 * (now - at), "values": values} for at, values in told]
        if samples:
            await self.client.send("metrics", {"visit": visit, "match": match, "samples": samples})

    async def _signal(self, match: MatchSpec, to: int, data: dict[str, Any]) -> None:
        await self.client.send("signal", {"match": match.id, "to": to, "data": data})

    async def _signalled(self, message: SignalIn) -> None:
        play = self._plays.get(message.match)
        data: dict[str, Any] = dict(message.data)
        if data.get("kind") == "echo" and play is not None and play.scene.match is not None:
            # A page whose game is over has closed its links: a slower partner's question comes too late.
            if play.over:
                return
            await self._signal(play.scene.match, message.from_player, {**data, "kind": "echoed"})
        elif data.get("kind") == "echoed":
            self.signal_ms.append(1000 * (time.perf_counter() - data["sent_s"]))

    async def _relay(self, episode: ScriptedEpisode, number: int) -> None:
        others = [seat.player for seat in episode.match.players if seat.player != episode.match.me]
        for player in others * self.behaviour.relay_packets:
            await self.client.send("relay", bytes((1, player)) + number.to_bytes(4, "little"))

    async def _disturb(self, batches: int) -> None:
        """The one reload or loss of network this participant was made for."""
        if self._disturbed:
            return
        if batches == self.behaviour.reload_after_batches:
            self._disturbed = True
            await self.client.reload()
        elif batches == self.behaviour.drop_after_batches:
            self._disturbed = True
            await self.client.drop()
            await asyncio.sleep(self.behaviour.away_s)
            await self.client.connect()

    def _soon(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() and not self._failure.done():
            self._failure.set_exception(task.exception() or AssertionError())


def _phase(message: Message) -> str | None:
    """The participant's state as their page shows it."""
    if isinstance(message, SceneShown):
        return None if message.match is not None else "in_scene"
    if isinstance(message, MatchState) and message.state != "ended":
        return message.state if message.state in ("playing", "paused") else "countdown"
    if message.name == "waiting":
        return "waiting"
    return message.outcome if isinstance(message, Closed) else None
