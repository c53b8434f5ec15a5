"""For whoever watches a server from outside: is it well, and its figures in the text format of Prometheus."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from igym.host.base.pulse import Durations
from igym.host.base.version import app_version
from igym.host.http.responses import NEVER_KEPT, error_answer, json_answer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
QUANTILES = (0.5, 0.99)
NO_TOKEN = (
    "These figures are for whoever runs this server: send the header “Authorization: Bearer TOKEN” with the token of "
    "IGYM_METRICS_TOKEN, or with the control token in engine.json."
)


@dataclass(frozen=True)
class Reading:
    """The engine's figures at one moment; `people` and `matches` are by state."""

    people: Mapping[str, int]
    matches: Mapping[str, int]
    events: int
    connections: int
    acks: Durations
    lags: Durations
    is_blocked: bool
    free_bytes: int


class StatusRoutes:
    """`GET /health` for anybody, `GET /metrics` for holders of one of the tokens."""

    def __init__(self, read: Callable[[], Reading], trouble: Callable[[], str], tokens: tuple[str, ...]) -> None:
        """`trouble`: why nobody new can be served, "" while all is well."""
        self._read = read
        self._trouble = trouble
        self._tokens = tokens

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/health", self.health)
        app.router.add_get("/metrics", self.metrics)

    async def health(self, request: web.Request) -> web.Response:
        """200 `{status: "ok"}`, or 503 `{status: "failing", reason}`: a proxy then sends newcomers elsewhere."""
        trouble = self._trouble()
        told = {"status": "failing", "reason": trouble} if trouble else {"status": "ok"}
        return json_answer(told, 503 if trouble else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        known = [hmac.compare_digest(given.strip().encode(), token.encode()) for token in self._tokens if token]
        if scheme.lower() != "bearer" or not any(known):
            return error_answer(401, "wrong_token", NO_TOKEN)
        body = text_of(self._read())
        return web.Response(body=body.encode(), headers={"Content-Type": CONTENT_TYPE, "Cache-Control": NEVER_KEPT})


def text_of(reading: Reading) -> str:
    """As Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/."""
    return "".join(f"{line}\n" for line in _lines(reading))


def _lines(now: Reading) -> Iterator[str]:
    yield from _labelled("igym_info", "The running version.", "version", {app_version(): 1})
    yield from _labelled("igym_people", "Participants by state.", "state", now.people)
    yield from _labelled("igym_matches", "Matches by state.", "state", now.matches)
    yield from _one("igym_events_total", "counter", "Events handled and on disk.", now.events)
    yield from _one("igym_connections", "gauge", "Open sockets of participants.", now.connections)
    yield from _summary("igym_ack_seconds", "From a message in the queue to its acknowledgement.", now.acks)
    yield from _summary("igym_loop_lag_seconds", "How late the loop comes to what is due.", now.lags)
    blocked = "1 while the disk refuses to take what was decided."
    yield from _one("igym_storage_blocked", "gauge", blocked, int(now.is_blocked))
    yield from _one("igym_disk_free_bytes", "gauge", "Room on the data folder's disk.", now.free_bytes)


def _one(name: str, kind: str, about: str, value: float) -> Iterator[str]:
    yield from (f"# HELP {name} {about}", f"# TYPE {name} {kind}", f"{name} {value}")


def _labelled(name: str, about: str, label: str, values: Mapping[str, int]) -> Iterator[str]:
    """Label values are words of this program: nothing in them needs an escape."""
    yield from (f"# HELP {name} {about}", f"# TYPE {name} gauge")
    yield from (f'{name}{{{label}="{key}"}} {value}' for key, value in values.items())


def _summary(name: str, about: str, measured: Durations) -> Iterator[str]:
    yield from (f"# HELP {name} {about}", f"# TYPE {name} summary")
    for share in QUANTILES:
        value = measured.quantile(share)
        yield f'{name}{{quantile="{share}"}} {"NaN" if value is None else value}'
    yield from (f"{name}_sum {measured.total_s}", f"{name}_count {measured.count}")
