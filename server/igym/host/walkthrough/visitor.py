"""A made-up person: what their browser would send, and when, in answer to what it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from igym.experiment.participation import EntryScreening
from igym.host.simulate.answers import way_on
from igym.protocol.base import Message
from igym.protocol.server import Chat, Closed, MatchSpec, MatchState, ProbeStart, SceneShown, Welcome
from igym.protocol.version import PROTOCOL_VERSION

READS_S = (4.0, 20.0)
"""A page is read for a time between these."""
RTT_MS = 12.0
FRAMES = 60
"""A made-up episode has so many frames, or as many as the scene allows."""
_AGENTS = {
    "chrome": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "edge": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Edg/140.0.0.0",
    "firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "safari": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
    "opera": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0",
}
_PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"

Say = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True)
class Stored:
    """Rows of an episode that would be on disk now; the host tells the core so."""

    match: str
    episode: int
    frames: int
    chain: str


@dataclass
class Visitor:
    """``at`` takes something to do in so many seconds, ``say`` sends a message, ``hang_up`` ends the connection."""

    id: str
    rng: Random
    at: Callable[[float, Callable[[], None]], None]
    say: Say
    hang_up: Callable[[], None]
    stored: Callable[[Stored], None]
    right_answers: Callable[[], dict[str, Any]]
    leaves: str = ""
    """Empty: never. "closes": the tab, in the first game or on the third page. "withdraws": on the second page."""
    pages: int = 0
    last_page: Closed | None = None
    cannot_answer: str = ""
    gone: bool = False
    _playing: set[str] = field(default_factory=set)
    _matches: dict[str, SceneShown] = field(default_factory=dict)
    _allowed: dict[str, int | None] = field(default_factory=dict)
    """Match → episodes that may be played so far, where the host decides."""
    _over: set[str] = field(default_factory=set)
    _done: set[int] = field(default_factory=set)
    _page: SceneShown | None = None
    _talked: set[str] = field(default_factory=set)

    def receive(self, message: Message) -> None:
        if self.gone:
            return
        if isinstance(message, Welcome):
            self.at(1.0, lambda: self.say("loaded", {"load_ms": 1000.0, "cold": True}))
        elif isinstance(message, SceneShown):
            self._show(message)
        elif isinstance(message, MatchState):
            self._match_state(message)
        elif isinstance(message, ProbeStart):
            report = {"probe": message.probe, "peer": message.peer, "state": "connected"}
            self.at(1.0, lambda: self.say("probe", {**report, "rtt_ms": [RTT_MS] * message.pings}))
        elif isinstance(message, Chat) and not message.closed and message.talk not in self._talked:
            self._talked.add(message.talk)
            self.at(1.0, lambda: self._talk(message))
        elif isinstance(message, Closed):
            self.last_page = message

    # -- pages

    def _show(self, scene: SceneShown) -> None:
        if scene.match is not None:
            self._prepare(scene, scene.match)
        elif scene.visit not in self._done:
            self._done.add(scene.visit)
            self._page = scene
            self.pages += 1
            if (self.leaves, self.pages) in (("withdraws", 2), ("closes", 3)):
                self.at(1.0, self._leave)
            else:
                self.at(self.rng.uniform(*READS_S), lambda: self._answer(scene))

    def _talk(self, talk: Chat) -> None:
        words: dict[str, Any] = {"phrase": 0} if talk.phrases else {"text": "?"}
        self.say("chat_say", {"visit": talk.visit, "id": f"m{len(self._talked)}", "at_ms": 1.0, **words})

    def try_again(self, wrong: set[str]) -> None:
        """Half of the people know better now; the others guess once more."""
        scene = self._page
        assert scene is not None
        self.at(self.rng.uniform(*READS_S), lambda: self._answer(scene, knows=self.rng.random() < 0.5))

    def _leave(self) -> None:
        if self.leaves == "withdraws":
            self.say("leave", {})
        else:
            self.gone = True
            self.hang_up()

    def _answer(self, scene: SceneShown, *, knows: bool = False) -> None:
        try:
            messages = way_on(scene, {"shown_ms": 0.0, "submitted_ms": 9000.0}, self.rng)
        except ValueError as error:
            self.cannot_answer = str(error)
            return
        for name, body in messages:
            if name == "answers" and knows:
                body["values"] |= self.right_answers()
            self.say(name, body)

    # -- games

    def _prepare(self, scene: SceneShown, match: MatchSpec) -> None:
        if match.id in self._matches:
            return
        self._matches[match.id] = scene
        self.at(1.0, lambda: self._connect(match))

    def _connect(self, match: MatchSpec) -> None:
        for seat in match.players:
            if seat.player != match.me:
                up = {"peer": seat.player, "state": "up", "transport": "p2p", "rtt_ms": RTT_MS}
                self.say("link", {"match": match.id, **up})
        self.say("match_ready", {"match": match.id})

    def _play(self, match: str) -> None:
        scene = self._matches.get(match)
        if scene is None or match in self._playing:
            return
        self._playing.add(match)
        if self.leaves == "closes":
            self.at(1.0, self._leave)
        runtime: Any = scene.spec["runtime"]
        if runtime["where"] == "browser":
            steps = self._episodes(scene)
            self.at(0.0, lambda: self._next(steps))

    def _match_state(self, message: MatchState) -> None:
        self._allowed[message.match] = message.episodes
        if message.state == "ended":
            self._over.add(message.match)
        elif message.state == "playing":
            self._play(message.match)

    def _next(self, steps: Iterator[float]) -> None:
        seconds = next(steps, None)
        if seconds is not None and not self.gone:
            self.at(seconds, lambda: self._next(steps))

    def _episodes(self, scene: SceneShown) -> Iterator[float]:
        """Plays them all; yields how long to wait before going on."""
        assert scene.match is not None
        begun: dict[str, Any] = {"visit": scene.visit, "match": scene.match.id}
        agents = [*(seat.agent for seat in scene.match.players), *scene.match.bots]
        spec: Any = scene.spec
        game = MadeUpGame(scene.match.seed, agents, spec["gameplay"], spec["rendering"]["fps"])
        for number in range(scene.match.episode, game.episodes):
            while not self._may_play(scene.match.id, number):
                yield game.pause_s
            if scene.match.id in self._over:
                return
            self.say("episode_started", {**begun, "episode": number})
            yield game.seconds
            frames, chain = game.frames, game.chain(number)
            self.stored(Stored(scene.match.id, number, frames, chain))
            ended = {"frames": frames, "reason": "terminated", "chain": chain, "scores": game.scores(number)}
            self.say("episode_ended", {**begun, "episode": number, **ended})
            yield game.pause_s
        self.say("game_over", {**begun, "reason": "complete"})

    def _may_play(self, match: str, episode: int) -> bool:
        allowed = self._allowed.get(match)
        return match in self._over or allowed is None or episode < allowed


class MadeUpGame:
    """How a game goes, the same for all its members: its length, and scores that follow from its seed."""

    pause_s = 1.0

    def __init__(self, seed: int, agents: list[str], gameplay: Any, fps: float) -> None:
        self._seed, self._agents = seed, agents
        self.episodes = int(gameplay["num_episodes"])
        self.frames = min(FRAMES, gameplay.get("max_steps") or FRAMES)
        self.seconds = self.frames / fps

    def chain(self, episode: int) -> str:
        return f"{self._seed & 0xFFFF:04x}{episode & 0xFF:02x}"

    def scores(self, episode: int) -> dict[str, float]:
        rng = Random(self._seed * 1000 + episode)
        return {agent: float(rng.randint(0, 20)) for agent in self._agents}


def hello(screening: EntryScreening, tab: str) -> dict[str, Any]:
    """The first message of a browser that the study lets in."""
    names: tuple[str, ...] = screening.browsers_allowed or tuple(_AGENTS)
    allowed = [name for name in names if name not in screening.browsers_blocked]
    phone = screening.device == "mobile"
    width, height = screening.min_screen or (0, 0)
    browser = {
        "user_agent": _PHONE if phone else _AGENTS[allowed[0]] if allowed else _AGENTS["chrome"],
        "language": "en",
        "screen_width": max(width, 390 if phone else 1920),
        "screen_height": max(height, 844 if phone else 1080),
        "viewport_width": max(width, 390 if phone else 1600),
        "viewport_height": max(height, 740 if phone else 900),
        "touch": phone,
    }
    return {"protocol": PROTOCOL_VERSION, "tab": tab, "browser": browser, "visit": None}
