"""Joining: what a page may offer, and the button that was pressed."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.core.joining import JoinRefused, JoinRequest
from igym.core.sentences import said
from igym.host.base.network import network_of
from igym.host.base.rates import Limiter, Rate
from igym.host.base.space import SpaceWatch
from igym.host.http.cookies import MAX_AGE_S, cookie_name, new_token, token_hash, token_hash_of
from igym.host.http.responses import error_answer, first_language, json_answer
from igym.host.session.runtime import Runtime
from igym.host.web.links import read_signed

MAX_PARAMS = 30
MAX_TEXT = 300
JOINS_PER_ADDRESS = Rate(20, 500)
"""A whole lab, which may come from one address, begins at the same moment."""
STATUS = {"admission_closed": 403, "admission_full": 403, "label_taken": 409, "seat_taken": 409}
NOT_SAVING = "Nobody can join just now, because the data cannot be saved. Please tell the experimenter."


class JoinRoutes:
    """`GET` and `POST /api/join`."""

    def __init__(self, runtime: Runtime, session_id: str, space: SpaceWatch, home: Path) -> None:
        """`home`: the experiment's data folder, with the key of its personal links."""
        self._runtime = runtime
        self._home = home
        self._space = space
        self._session_id = session_id
        self._limiter = Limiter()
        # Whether a place or a name is free is only known once the one before has taken theirs.
        self._one_by_one = asyncio.Lock()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/api/join", self.describe)
        app.router.add_post("/api/join", self.join)

    async def describe(self, request: web.Request) -> web.Response:
        params = read_signed(self._home, _texts(dict(request.query)), self._names)[1]
        own = token_hash_of(request.headers.get("Cookie", ""), self._session_id)
        answer = self._runtime.session.describe_join(params, own, request.query.get("seat"), request.query.get("tab"))
        if self._cannot_save and answer["known"] is None:
            answer = {**answer, "admission": "closed"}
        return json_answer(answer)

    async def join(self, request: web.Request) -> web.Response:
        """Sets the cookie; who has one already is sent back to their own place instead of getting a second one."""
        if not _same_origin(request):
            return _no(request, 403, "foreign_page", "This page may not join. Please open the link you were given.")
        session = self._runtime.session
        own = token_hash_of(request.headers.get("Cookie", ""), self._session_id)
        # Before the limits on joining: whoever takes part already only comes back.
        known = await self._known(request, own) if own else None
        if known is not None:
            return json_answer({"participant": known})
        wanted = await self._wanted(request, own)
        if isinstance(wanted, web.Response):
            return wanted
        token = new_token()
        async with self._one_by_one:
            admitted = session.admit(wanted)
            if isinstance(admitted, JoinRefused):
                return error_answer(STATUS.get(admitted.code, 400), admitted.code, admitted.text)
            outcome = await self._runtime.submit(dataclasses.replace(admitted, token_hash=token_hash(token)))
        if outcome.failed:
            text = said(wanted.language, "Joining did not work. Please try again, or tell the experimenter.")
            return error_answer(500, "internal", text)
        response = json_answer({"participant": admitted.participant})
        # Only now: until the joining is on disk the token lets nobody in, and after a refusal there is none.
        response.set_cookie(
            cookie_name(self._session_id),
            token,
            max_age=MAX_AGE_S,
            httponly=True,
            samesite="Strict",
            path="/",
            secure=request.secure,
        )
        return response

    async def _known(self, request: web.Request, own: str) -> str | None:
        """Whose browser this is; nobody's when somebody else joins in it."""
        session = self._runtime.session
        if session.participant_for_token(own) is None:
            return None
        try:
            wanted = parse_join(await request.read())
        except web.HTTPRequestEntityTooLarge:
            wanted = None
        return session.goes_on_as(dataclasses.replace(wanted or JoinRequest(), own=own))

    @property
    def _names(self) -> tuple[str, ...]:
        return self._runtime.session.state.experiment.participant_ids.link_parameters

    @property
    def _cannot_save(self) -> bool:
        return self._runtime.is_blocked or self._space.is_short

    async def _wanted(self, request: web.Request, own: str | None) -> JoinRequest | web.Response:
        now = self._runtime.clock()
        self._limiter.sweep(now)
        if not self._limiter.allows(network_of(request.remote or ""), now, JOINS_PER_ADDRESS):
            text = "Too many people are joining at this moment. Please try again in a second."
            return _no(request, 429, "busy", text)
        if self._cannot_save:
            return _no(request, 503, "storage", NOT_SAVING)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _no(request, 413, "oversized", "The link or the name is too long.")
        wanted = parse_join(body)
        if wanted is None:
            return _no(request, 400, "malformed", "This page could not be understood. Please reload it.")
        signed, params = await asyncio.to_thread(read_signed, self._home, wanted.params, self._names)
        return dataclasses.replace(wanted, params=params, signed=signed, own=own)


def _no(request: web.Request, status: int, code: str, text: str) -> web.Response:
    """Before the wish itself is read, the browser's first language is the best guess."""
    preferred = first_language(request.headers.get("Accept-Language", ""))
    return error_answer(status, code, said(preferred, text))


def parse_join(body: bytes) -> JoinRequest | None:
    """The request in a POST body; None when it is nothing of the kind."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not set(data) <= {"label", "params", "seat", "language", "simulated", "new"}:
        return None
    params = data.get("params") or {}
    texts = [data.get("label"), data.get("seat"), data.get("language")]
    if not isinstance(params, dict) or not all(text is None or _is_text(text) for text in texts):
        return None
    if len(params) > MAX_PARAMS or not all(_is_text(key) and _is_text(value) for key, value in params.items()):
        return None
    label, seat, language = (text or None for text in texts)
    # Whoever claims it is left out of the data and the payments: nobody gains by it.
    simulated = data.get("simulated") is True
    new = data.get("new") is True
    return JoinRequest(label=label, seat=seat, params=params, language=language, simulated=simulated, new=new)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT and value.encode("utf-8", "replace").decode() == value


def _texts(params: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in list(params.items())[:MAX_PARAMS] if _is_text(key) and _is_text(value)}


def _same_origin(request: web.Request) -> bool:
    """Browsers name the page a POST comes from; other programs name none, and carry no one's cookie."""
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host
