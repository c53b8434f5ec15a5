"""`<scene>/<participant>_input.csv`: what a participant did with keyboard, pointer and gamepad, where it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igym.host.export.files import write_csv_columns
from igym.host.export.layout import Layout
from igym.host.export.meanings import Meaning
from igym.host.store.store_reader import StoreReader

INPUT = "input"
COLUMNS = {
    "session": "string",
    "participant": "string",
    "scene": "string",
    "match": "string",
    "visit": "integer",
    "number": "integer",
    "event": "string",
    "device": "string",
    "code": "string",
    "key": "string",
    "at_ms": "number",
    "episode": "integer",
    "frame": "integer",
    "released_at_ms": "number",
    "released_episode": "integer",
    "released_frame": "integer",
    "held_ms": "number",
    "x": "number",
    "y": "number",
    "value": "number",
    "left_out": "integer",
}
_CLOCK = "ms since 1970-01-01 UTC, host clock"
INPUT_MEANINGS = (
    Meaning(r"session", "", "engine", "Session (one run of the experiment)."),
    Meaning(r"participant", "", "engine", "Id of the participant whose keyboard, pointer or gamepad it was."),
    Meaning(r"scene", "", "engine", "Id of the scene that was played."),
    Meaning(r"match", "", "engine", "Id of the match; its rows are in the files of the episodes."),
    Meaning(r"visit", "count from 1", "engine", "Which showing of a scene to this participant this was."),
    Meaning(r"number", "count from 0", "engine", "Order in which the browser told of what this participant did here."),
    Meaning(
        r"event",
        "",
        "browser",
        "press (a key or button, with its release), move (the pointer), axis (a stick), or blur (the page lost the "
        "keyboard, so that releases after it were not seen).",
    ),
    Meaning(r"device", "", "browser", "keyboard, mouse, touch, pen or gamepad; empty for blur."),
    Meaning(r"code", "", "browser", "The key by where it lies on the keyboard, the button, or the stick's axis."),
    Meaning(r"key", "", "browser", "What the key writes with this keyboard's layout."),
    Meaning(r"at_ms", _CLOCK, "browser", "When it was pressed or moved: the event's own time stamp."),
    Meaning(r"episode", "count from 0", "browser", "Episode of the picture that was on the display then."),
    Meaning(
        r"frame",
        "count from 0",
        "browser",
        "Frame whose picture was on the display then; when it was drawn is in local.shown_ms of that frame's row. "
        "Empty before the first picture.",
    ),
    Meaning(r"released_at_ms", _CLOCK, "browser", "When the key or button was let go; empty when that was not seen."),
    Meaning(r"released_episode", "count from 0", "browser", "Episode of the picture on the display at the release."),
    Meaning(r"released_frame", "count from 0", "browser", "Frame whose picture was on the display at the release."),
    Meaning(r"held_ms", "ms", "browser", "From press to release."),
    Meaning(r"[xy]", "px of the drawing surface", "browser", "Where the pointer was; it may lie outside the picture."),
    Meaning(r"value", "-1 to 1", "browser", "Where the stick's axis was, in steps of 1/256."),
    Meaning(
        r"left_out",
        "count",
        "browser",
        "How many events the page had left out by then because they came faster than it tells them (most moves and "
        "axes; 0 in ordinary play).",
    ),
)
Line = dict[str, Any]


def write_inputs(source: StoreReader, layout: Layout, participant: str, scene: str | None = None) -> Iterator[Path]:
    """Write the file of each scene, or of this one, in which this participant's inputs were recorded."""
    scenes: dict[str, list[Line]] = {}
    of_match: dict[str, str | None] = {}
    for line in lines_of(source, layout.session, participant):
        if line["match"] not in of_match:
            formed = source.records(layout.session, kinds=("match_formed",), match=line["match"])
            of_match[line["match"]] = next((str(record.scene) for record in formed), None)
        found = of_match[line["match"]]
        if found is not None and scene in (None, found):
            scenes.setdefault(found, []).append({**line, "scene": found})
    names, kinds = list(COLUMNS), list(COLUMNS.values())
    for found, lines in scenes.items():
        path = layout.of_participant(found, participant, "_input.csv")
        columns = [[line.get(name) for line in lines] for name in names]
        write_csv_columns(path, names, kinds, [columns], layout.types.session_kind)
        layout.types[path] = layout.types.columns(names, kinds)
        yield path


def lines_of(source: StoreReader, session: str, participant: str) -> Iterator[Line]:
    """One line per press, move, axis and blur, in the order of the page that told them; each event once."""
    lines: list[Line] = []
    told: dict[str, int] = {}
    down: dict[tuple[str, str, str], Line] = {}
    for _, _, _, body in source.telemetry(session, participant=participant, kind=INPUT):
        page, first = body["page"], body["first"]
        known = told.get(page, 0)
        head = {"session": session, "participant": participant, "match": body["match"], "visit": body["visit"]}
        for event in body["events"][max(0, known - first) :]:
            _add(lines, down, page, event, {**head, "left_out": body.get("left_out", 0)})
        told[page] = max(known, first + len(body["events"]))
    yield from ({**line, "number": number} for number, line in enumerate(lines))


def _add(lines: list[Line], down: dict[tuple[str, str, str], Line], page: str, event: Line, head: Line) -> None:
    key = (page, event.get("device", ""), event.get("code", ""))
    if event["kind"] == "up":
        pressed = down.pop(key, None)
        if pressed is not None:
            pressed["released_at_ms"] = event["at_ms"]
            pressed["released_episode"], pressed["released_frame"] = event.get("episode"), event.get("frame")
            pressed["held_ms"] = round(event["at_ms"] - pressed["at_ms"], 3)
        return
    names = ("device", "code", "key", "at_ms", "episode", "frame", "x", "y", "value")
    line = {**head, "event": "press" if event["kind"] == "down" else event["kind"]}
    line |= {name: event.get(name) for name in names}
    lines.append(line)
    if event["kind"] == "down":
        down[key] = line
    elif event["kind"] == "blur":
        for held in [held for held in down if held[0] == page]:
            del down[held]
