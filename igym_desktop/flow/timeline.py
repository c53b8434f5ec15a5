"""What is recorded about a participant or a match, as lines a person can read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from igym_desktop.i18n import number, said, tr

Body = Mapping[str, Any]


def _plain(text: str) -> Callable[[Body], str]:
    return lambda body: tr(text)


def _valued(text: str, *names: str) -> Callable[[Body], str]:
    return lambda body: tr(text, **{name: (_said if name == "reason" else _shown)(body.get(name)) for name in names})


_LINES: dict[str, Callable[[Body], str]] = {
    "joined": _plain("Joined"),
    "seat_left": _valued("Somebody new sat down at {seat}", "seat"),
    "browser": lambda body: tr("Browser: {browser}", browser=_shown(body.get("user_agent"))),
    "connection": _valued("Connection: {state}", "state"),
    "loaded": lambda body: tr("Loaded in {seconds} s", seconds=number(f"{float(body.get('load_ms') or 0) / 1000:.1f}")),
    "screened": lambda body: tr("Screened: {facts}", facts=_facts(body)),
    "plan_drawn": _plain("Order of scenes drawn"),
    "scene_entered": _valued("Entered the scene {scene}", "scene"),
    "page_read": _plain("Page read"),
    "answers": lambda body: tr("Answers: {facts}", facts=_facts(body.get("values") or {})),
    "waiting_started": _plain("Began to wait"),
    "waiting_ended": lambda body: tr(
        "Waited {seconds} s ({why})", seconds=f"{float(body.get('waited_s') or 0):.0f}", why=_said(body.get("reason"))
    ),
    "match_formed": _plain("Match formed"),
    "match_state": lambda body: tr("Match: {state}", state=_words(body.get("state"), _said(body.get("reason")))),
    "match_ended": _valued("Match ended ({reason})", "reason"),
    "episode_started": lambda body: tr("Episode {number} began", number=_from_one(body.get("episode"))),
    "episode_ended": lambda body: tr(
        "Episode {number} ended after {frames} frames ({reason})",
        number=_from_one(body.get("episode")),
        frames=_shown(body.get("frames")),
        reason=_said(body.get("reason")),
    ),
    "episode_recounted": lambda body: tr(
        "More rows of episode {number} came in: {frames} frames",
        number=_from_one(body.get("episode")),
        frames=_shown(body.get("frames")),
    ),
    "parity": lambda body: tr(
        "Recordings of episode {number}: {result}",
        number=_from_one(body.get("episode")),
        result=_shown(body.get("result")),
    ),
    "focus": lambda body: tr("Looked away") if body.get("hidden") or body.get("blurred") else tr("Looked back"),
    "warned": _valued("Warned: {text}", "text"),
    "message_read": _valued("Read the message {id}", "id"),
    "client_error": _valued("Error in the browser: {message}", "message"),
    "code_issued": _valued("Completion code {code}", "code"),
    "excluded": _valued("Excluded: {reason}", "reason"),
    "screened_out": _valued("Screened out: {reason}", "reason"),
    "withdrawn": _plain("Withdrawn"),
    "dropped": _valued("Dropped out: {reason}", "reason"),
    "unfinished": _valued("Not finished: {reason}", "reason"),
    "code_shown": _plain("Saw the completion code"),
    "finished": _plain("Finished"),
    "globals": lambda body: tr("Globals: {facts}", facts=_facts(body.get("values") or {})),
    "chat": _valued("Wrote: {text}", "text"),
    "consent": lambda body: tr(
        "Agreed: {field}" if body.get("given") else "Did not agree: {field}", field=_shown(body.get("field"))
    ),
    "order_shown": _valued("Saw a list in the order {order}", "order"),
    "leaderboard": _valued("Saw place {rank} of {of}", "rank", "of"),
    "branch": _valued("Branch {branch}: {choice}", "branch", "choice"),
}


def line(entry: Mapping[str, Any]) -> str:
    """ "17:11:48  Entered the scene drive" for one stored record, or a console line."""
    at = entry.get("at")
    stamp = time.strftime("%H:%M:%S", time.localtime(at)) if isinstance(at, (int, float)) else "        "
    return f"{stamp}  {_text(entry)}"


def _text(entry: Mapping[str, Any]) -> str:
    kind = str(entry.get("kind") or entry.get("type") or "")
    if "text" in entry and not kind:
        level = entry.get("level")
        return f"[{level}] {entry['text']}" if level else str(entry["text"])
    body = {**(entry.get("body") or {})}
    body.setdefault("scene", entry.get("scene"))
    if kind in _LINES:
        return _LINES[kind](body)
    facts = _facts({name: value for name, value in body.items() if name != "scene"})
    return f"{kind.replace('_', ' ').capitalize()}{': ' if facts else ''}{facts}" or str(entry.get("text", ""))


def chat(entries: Iterable[Mapping[str, Any]]) -> str:
    """Who said what, line by line."""
    stamped = ((time.strftime("%H:%M:%S", time.localtime(float(entry["at"]))), entry) for entry in entries)
    return "\n".join(f"{stamp}  {entry.get('participant')}: {entry.get('text')}" for stamp, entry in stamped)


def answers(entries: Iterable[Mapping[str, Any]]) -> str:
    """Every answer so far, scene by scene."""
    parts = []
    for entry in entries:
        values = (entry.get("body") or {}).get("values") or {}
        lines = "\n".join(f"  {name}: {_shown(value)}" for name, value in values.items())
        parts.append(f"{entry.get('scene') or ''}\n{lines}")
    return "\n\n".join(parts)


def _words(*values: Any) -> str:
    return " ".join(filter(None, map(_shown, values)))


def _from_one(episode: Any) -> str:
    return str(int(episode) + 1) if isinstance(episode, int) else ""


def _facts(values: Mapping[str, Any]) -> str:
    text = ", ".join(f"{name} {_shown(value)}" for name, value in values.items() if value not in (None, "", [], {}))
    return text if len(text) <= 300 else text[:297] + "…"


def _said(value: Any) -> str:
    """In the chosen language, when the engine said it."""
    return said(_shown(value))


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return number(f"{value:.3g}") if abs(value) < 1000 else f"{value:.0f}"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)
