"""What every exported column means, its unit, its type and where it comes from."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from igym.host.export.files import write_csv, write_json

HEADER = ("file", "column", "type", "unit", "source", "meaning")


@dataclass(frozen=True)
class Meaning:
    """A regular expression over whole column names, and what they mean; its groups fill `{0}`, `{1}` in the text."""

    pattern: str
    unit: str
    source: str
    text: str


_SECONDS = "s since 1970-01-01 UTC"
EPISODE_MEANINGS = (
    Meaning(r"episode", "count from 0", "match", "Number of the episode within its match."),
    Meaning(r"frame", "count from 0", "match", "Frame of the episode; frame 0 is the first step of the env."),
    Meaning(r"time_s", "s", "match clock", "Time on the match clock at which the frame is due: frame divided by fps."),
    Meaning(r"actions\.(.+)", "", "env", "Action that agent {0} carried out in this frame, as the env received it."),
    Meaning(r"rewards\.(.+)", "reward", "env", "Reward the env gave agent {0} for this frame."),
    Meaning(r"terminated\.(.+)", "", "env", "Whether the env ended the episode for agent {0} in this frame."),
    Meaning(
        r"truncated\.(.+)",
        "",
        "env",
        "Whether the episode was cut off for agent {0} in this frame (a limit was reached).",
    ),
    Meaning(r"observations\.([^.]+)(?:\.(.+))?", "", "env", "Observation of agent {0} after this frame, part {1}."),
    Meaning(
        r"infos\.([^.]+)\.(.+)",
        "",
        "env",
        "Value {1} of the info the env gave agent {0} in this frame; empty when it gave none.",
    ),
    Meaning(r"state\.(.+)", "", "env", "Part {0} of the env's state after this frame."),
    Meaning(r"player_participants\.(.+)", "", "match", "Participant who held player {0}."),
    Meaning(
        r"local\.timestamp_ms",
        "ms since 1970-01-01 UTC, host clock",
        "browser",
        "When this browser confirmed the frame.",
    ),
    Meaning(r"local\.hidden", "", "browser", "Whether the page was in a hidden tab or a minimised window."),
    Meaning(r"local\.focused", "", "browser", "Whether the page had the keyboard focus and was visible."),
    Meaning(
        r"local\.predicted\.(.+)",
        "",
        "browser",
        "Whether player {0}'s input was predicted when this browser first ran the frame.",
    ),
    Meaning(
        r"local\.rollback_frames",
        "frames",
        "browser",
        "Frames this browser re-ran just before it confirmed this frame.",
    ),
    Meaning(r"local\.frame_shown", "", "browser", "Whether this browser drew the frame as it was played."),
    Meaning(r"local\.stall_ms", "ms", "browser", "Time this browser waited for others' inputs before this frame."),
    Meaning(r"local\.rtt_ms", "ms", "browser", "Round trip to the slowest other browser of the match."),
    Meaning(r"local\.transport", "", "browser", "What carried the frame: p2p, turn, relay, or none (one player)."),
    Meaning(
        r"local\.input_event_ms",
        "ms since 1970-01-01 UTC, host clock",
        "browser",
        "Time stamp of the key, mouse or gamepad event behind this frame's own input.",
    ),
    Meaning(r"local\.(.+)", "", "browser", "This browser's own experience: {0}."),
)
ANSWER_MEANINGS = (
    Meaning(r"session", "", "engine", "Session (one run of the experiment)."),
    Meaning(r"participant", "", "engine", "Participant id."),
    Meaning(r"scene", "", "engine", "Scene id."),
    Meaning(r"visit", "count from 1", "engine", "Which showing of a scene to this participant this was."),
    Meaning(
        r"shown_at|submitted_at",
        "ms since the page was opened",
        "browser",
        "When the page was shown or its answers were sent.",
    ),
    Meaning(r"time_on_page_ms", "ms", "browser", "From the page being shown to its answers being sent."),
    Meaning(
        r"first_change_ms\.(.+)", "ms since the page was shown", "browser", "When the answer to {0} was first touched."
    ),
    Meaning(r"(.+)", "", "participant", "Answer to the field {0}."),
)
TABLE_MEANINGS = (
    Meaning(r"session", "", "engine", "Session (one run of the experiment)."),
    Meaning(r"participant", "", "engine", "Participant id."),
    Meaning(r"label", "", "engine", "What the participant or the researcher's list called this person."),
    Meaning(r"seat", "", "engine", "Label of the lab computer."),
    Meaning(r"status", "", "engine", "in progress, finished, excluded, withdrawn, dropped or timed_out."),
    Meaning(r"reason", "", "engine", "Why it ended, or why the researcher did it."),
    Meaning(r"(joined|ended)_at|at", _SECONDS, "engine clock", "When it happened."),
    Meaning(r"completion_code", "", "engine", "Code the participant was shown."),
    Meaning(r"last_scene", "", "engine", "Scene the participant was in last."),
    Meaning(r"scenes_completed|episodes|partial_episodes", "count", "engine", "How many of them."),
    Meaning(r"matches|match", "", "engine", "Match ids, separated by spaces."),
    Meaning(r"language", "", "engine", "Language of the participant's pages."),
    Meaning(r"browser", "", "browser", "The browser's own description of itself."),
    Meaning(r"erased", "", "engine", "Whether rows and answers were erased at the participant's request."),
    Meaning(r"action|args|by", "", "launcher", "What the researcher did, with what, and from where."),
    Meaning(r"attribute\.(.+)", "", "researcher's hooks", "Custom attribute {0}."),
)


def write_codebook(folder: Path, files: list[Path]) -> list[Path]:
    """Write `codebook.csv` and `codebook.json` for these CSV files."""
    lines = sorted({line for path in files if path.is_file() for line in _lines(folder, path)})
    csv_path, json_path = folder / "codebook.csv", folder / "codebook.json"
    write_csv(csv_path, HEADER, lines)
    write_json(json_path, [dict(zip(HEADER, line, strict=True)) for line in lines])
    return [csv_path, json_path]


def describe_columns(path: Path, *, episode: bool) -> list[dict[str, str]]:
    """Describe the columns of one file outside the usual layout: an episode's rows, or a table."""
    lines = _described(path, path.name, EPISODE_MEANINGS if episode else TABLE_MEANINGS)
    return [dict(zip(HEADER, line, strict=True)) for line in lines]


def _lines(folder: Path, path: Path) -> Iterator[tuple[str, ...]]:
    kind, meanings = _family(folder, path)
    return _described(path, kind, meanings)


def _described(path: Path, kind: str, meanings: tuple[Meaning, ...]) -> Iterator[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        samples = [row for _, row in zip(range(200), reader, strict=False)]
    for index, column in enumerate(header):
        meaning, groups = _meaning(column, meanings)
        text = meaning.text.format(*(group or "(the value itself)" for group in groups))
        yield (
            kind,
            column,
            _type_of([row[index] for row in samples if index < len(row)]),
            meaning.unit,
            meaning.source,
            text,
        )


def _family(folder: Path, path: Path) -> tuple[str, tuple[Meaning, ...]]:
    if path.parent == folder:
        return path.name, TABLE_MEANINGS
    if re.search(r"_ep\d+\.csv$", path.name):
        return f"{path.parent.name}/<participant>_ep<N>.csv", EPISODE_MEANINGS
    return f"{path.parent.name}/<participant>.csv", ANSWER_MEANINGS


def _meaning(column: str, meanings: tuple[Meaning, ...]) -> tuple[Meaning, tuple[str | None, ...]]:
    for meaning in meanings:
        if found := re.fullmatch(meaning.pattern, column):
            return meaning, found.groups()
    return Meaning(r".*", "", "unknown", "Not described."), ()


def _type_of(values: list[str]) -> str:
    seen = {_cell_type(value) for value in values if value != ""}
    if not seen:
        return "missing"
    if seen == {"integer", "number"}:
        return "number"
    return seen.pop() if len(seen) == 1 else "string"


def _cell_type(text: str) -> str:
    if text in ("true", "false"):
        return "boolean"
    if re.fullmatch(r"-?\d+", text):
        return "integer"
    if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|-?Infinity", text):
        return "number"
    return "json" if text[:1] in "[{" and text[-1:] in "]}" else "string"
