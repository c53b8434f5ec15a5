"""A match as a researcher may watch it live: its game, and its confirmed inputs as they reach the disk.

The watcher's own browser plays the match again from what every member confirmed, a second or two behind. Nothing is
asked of the players' browsers, so nothing they do or feel can change. A game on the host is not played again: its
process hands the watcher whole pictures.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.core.match import Match
from igym.host.base.clock import steady_s
from igym.host.hostenv.spectators import Look
from igym.host.http.responses import error_answer, json_answer
from igym.host.session.queries import SessionQueries
from igym.host.store.store_reader import StoreReader
from igym.host.store.stored_run import input_run, told_by_most
from igym.host.web.games import GameRoutes, below
from igym.host.web.web import PageRoutes

WRONG_TOKEN = "This view was switched off, or its address has changed. Open it again from the launcher."
FRAMES_AT_ONCE = 3600
"""Most frames of one answer: two minutes at 30 a second, some 20 kB."""
MOST_WATCHERS = 4
"""Pages that watch one game on the host at the same time."""
FORGOTTEN_S = 10.0
MOST_DIGITS = 9
WATCHER_COOKIE = "igym_watch"
FULL = "Four pages already watch this match. Close one of them, wait ten seconds and reload this page."
MALFORMED = "This page could not be understood. Please reload it."
Frames = list[list[int]]


class Audience:
    """Who watches which match, by a name each page draws for itself."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, float]] = {}

    def admits(self, match: str, watcher: str, now: float) -> bool:
        """`now` in s of any clock; who has not asked for a while is forgotten."""
        present = {name: at for name, at in self._seen.get(match, {}).items() if now - at < FORGOTTEN_S}
        admitted = watcher in present or len(present) < MOST_WATCHERS
        self._seen[match] = {**present, watcher: now} if admitted else present
        return admitted


class MatchWatch:
    """`GET /watch`, `GET /api/watch`, `/api/watch/inputs` and `/api/watch/picture`; each match has a random token.

    `look` shows a player's view of a match on the host.
    """

    def __init__(
        self,
        pages: PageRoutes,
        games: GameRoutes,
        queries: SessionQueries,
        look: Callable[[str, int], Awaitable[Look | None]],
        database: Path,
        session: str,
        prefix: str = "",
    ) -> None:
        self._prefix = prefix
        self._pages = pages
        self._games = games
        self._queries = queries
        self._look = look
        self._audience = Audience()
        self._database = database
        self._session = session
        self._tokens: dict[str, str] = {}
        """Match → token."""

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/watch", self.page)
        app.router.add_get("/api/watch", self.match)
        app.router.add_get("/api/watch/inputs", self.inputs)
        app.router.add_get("/api/watch/picture", self.picture)

    def path(self, match: str) -> str | None:
        """Where the match can be watched; None when there is no such match."""
        if self._queries.match(match) is None:
            return None
        token = self._tokens.setdefault(match, secrets.token_urlsafe(16))
        return f"/watch?token={token}"

    async def page(self, request: web.Request) -> web.StreamResponse:
        if self._asked(request) is None:
            return error_answer(403, "wrong_token", WRONG_TOKEN)
        answer = self._pages.filled("watch.html")
        answer.set_cookie(
            WATCHER_COOKIE, request.query["token"], path=f"{self._prefix}/assets", httponly=True, samesite="Strict"
        )
        return answer

    def admits(self, request: web.Request) -> bool:
        """Whether the request for one of the game's files comes from a page that watches a match."""
        given = request.cookies.get(WATCHER_COOKIE, "").encode()
        return any(hmac.compare_digest(given, token.encode()) for token in self._tokens.values())

    async def match(self, request: web.Request) -> web.StreamResponse:
        """`{bundle, match, globals, names}`: everything but the inputs."""
        match = self._asked(request)
        if match is None:
            return error_answer(403, "wrong_token", WRONG_TOKEN)
        bundle = self._games.bundle_of(match.scene_id)
        if bundle is None:
            return error_answer(404, "unknown_scene", "This study has no such game.")
        people = self._queries.labels(match.members)
        players = [
            {"player": seat.player, "agent": seat.agent, "name": people.get(seat.participant, seat.participant)}
            for seat in match.seats
        ]
        spec = {"id": match.id, "seed": match.seed, "me": 0, "players": players, "bots": list(match.bots)}
        return json_answer(
            {
                "bundle": below(self._prefix, bundle),
                "match": {**spec, "episode": 0, "fixed": dict(match.fixed)},
                "globals": self._globals(match),
            }
        )

    async def inputs(self, request: web.Request) -> web.StreamResponse:
        """`{frames: [[input of each player]], over, reason}` of an episode from frame `from` on.

        `over`: the episode has ended and nothing more comes; `reason`: why the match ended, None while it goes on.
        """
        match = self._asked(request)
        if match is None:
            return error_answer(403, "wrong_token", WRONG_TOKEN)
        episode, first = _number(request, "episode"), _number(request, "from")
        if episode is None or first is None:
            return error_answer(400, "malformed", MALFORMED)
        # Asked before the rows are read: what comes in between belongs to the next answer.
        over, reason = match.is_over or match.episode > episode, match.reason if match.is_over else None
        frames = await asyncio.to_thread(self._stored, match, episode, first)
        return json_answer({"frames": frames, "over": over and not frames, "reason": reason})

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """`{view, episode, phase, scores, text, reason}` of a game on the host, as `player` sees it.

        `view`: a whole picture (`HostView`) in base 64, None before the first; `reason`: why the match ended.
        """
        match = self._asked(request)
        if match is None:
            return error_answer(403, "wrong_token", WRONG_TOKEN)
        player, watcher = request.query.get("player", ""), request.query.get("watcher", "")
        if player not in {str(seat.player) for seat in match.seats} or not 0 < len(watcher) <= 64:
            return error_answer(400, "malformed", MALFORMED)
        if not self._audience.admits(match.id, watcher, steady_s()):
            return error_answer(429, "too_many", FULL)
        look = await self._look(match.id, int(player))
        phase, hud = (look.phase, look.hud) if look else (None, None)
        return json_answer(
            {
                "view": base64.b64encode(look.view).decode() if look and look.view else None,
                "episode": phase.episode if phase else 0,
                "phase": phase.phase if phase else None,
                "scores": hud.scores if hud else {},
                "text": hud.text if hud else None,
                "reason": match.reason if match.is_over else None,
            }
        )

    def _globals(self, match: Match) -> dict[str, Any]:
        """What the env finds as `igym_globals`: with several people what they have alike."""
        if not match.is_solo:
            return dict(match.fixed.get("globals", {}))
        return self._queries.globals_of(match.members[0]) if match.members else {}

    def _asked(self, request: web.Request) -> Match | None:
        given = request.query.get("token", "").encode()
        for match, token in self._tokens.items():
            if hmac.compare_digest(given, token.encode()):
                return self._queries.match(match)
        return None

    def _stored(self, match: Match, episode: int, first: int) -> Frames:
        """What the members tell alike."""
        with StoreReader(self._database) as reader:
            runs = [
                input_run(reader, self._session, match.id, episode, member, first=first, enough_frames=FRAMES_AT_ONCE)
                for member in match.members
            ]
        return by_frame(told_by_most(runs).inputs)[:FRAMES_AT_ONCE]


def _number(request: web.Request, name: str) -> int | None:
    """A whole number that a database can hold; None for anything else."""
    text = request.query.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def by_frame(inputs: Mapping[str, list[int]]) -> Frames:
    """Player → inputs becomes frame → inputs in the players' order."""
    columns = [inputs[player] for player in sorted(inputs, key=int)]
    return [list(frame) for frame in zip(*columns, strict=True)]
