"""What the columns of exported files mean, in which unit, and where they come from."""

from __future__ import annotations

import re
from dataclasses import dataclass


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
    Meaning(
        r"time_s",
        "s from frame 0",
        "match clock",
        "Time on the match clock at which the frame is due: frame divided by fps. Empty where frames wait for the "
        "players.",
    ),
    Meaning(r"actions\.(.+)", "", "env", "Action that agent {0} carried out in this frame, as the env received it."),
    Meaning(
        r"attempted\.(.+)",
        "",
        "participant or bot",
        "Action that agent {0} tried in this frame and that was not allowed then, so the env did not receive it; empty "
        "in all other frames.",
    ),
    Meaning(r"rewards\.(.+)", "reward", "env", "Reward the env gave agent {0} for this frame."),
    Meaning(r"terminated\.(.+)", "", "env", "Whether the env ended the episode for agent {0} in this frame."),
    Meaning(
        r"truncated\.(.+)",
        "",
        "env",
        "Whether the episode was cut off for agent {0} in this frame (a limit was reached).",
    ),
    Meaning(r"observations\.([^.]+)(?:\.(.+))?", "", "env", "What agent {0} observed after this frame: {1}."),
    Meaning(
        r"infos\.([^.]+)\.(.+)",
        "",
        "env",
        "Value {1} of the info the env gave agent {0} in this frame; empty when it gave none.",
    ),
    Meaning(
        r"actor\.(.+)",
        "",
        "env bridge",
        "Who acted for agent {0} in this frame, where a policy acts unless its person takes over: person or policy.",
    ),
    Meaning(
        r"advice\.(.+)",
        "",
        "policy",
        "Action that the policy advised the player of agent {0} to take in this frame. It was shown, not carried out.",
    ),
    Meaning(r"agreed\.(.+)", "", "env bridge", "Whether the player of agent {0} did what was advised in this frame."),
    Meaning(
        r"feedback\.(.+)",
        "",
        "participant",
        "What the player of agent {0} said with a feedback key that was pressed in this frame; empty in all others.",
    ),
    Meaning(r"state\.(.+)", "", "env", "Part {0} of the env's state after this frame."),
    Meaning(r"player_participants\.(.+)", "", "match", "Participant who held player {0}."),
    Meaning(
        r"local\.timestamp_ms",
        "ms since 1970-01-01 UTC, host clock",
        "browser",
        "When this browser first ran the frame; for a game on the host, when the host stepped it.",
    ),
    Meaning(
        r"local\.confirmed_ms",
        "ms since 1970-01-01 UTC, host clock",
        "browser",
        "When this browser knew the inputs of all players for the frame, so that it was final; empty for games on the "
        "host.",
    ),
    Meaning(
        r"local\.shown_ms",
        "ms since 1970-01-01 UTC, host clock",
        "browser",
        "The refresh of the display for which this browser first drew the frame's picture. Empty when no picture of it "
        "was drawn (a hidden page, a slow computer), or when it was not told in time (often the last frame).",
    ),
    Meaning(
        r"local\.refresh_ms",
        "ms",
        "browser",
        "From one refresh of this computer's display to the next, as measured; empty until it is known.",
    ),
    Meaning(
        r"local\.pointer_([xy])",
        "px of the drawing surface",
        "browser",
        "Where this player's mouse or finger last was over the game ({0}); empty before it was there.",
    ),
    Meaning(
        r"local\.reaction_ms",
        "ms",
        "browser",
        "Time from the moment this player was asked for the move of this frame to the key press that made it; empty "
        "when they made none (not their turn, too late, away).",
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
    Meaning(
        r"local\.stall_ms",
        "ms",
        "browser",
        "Time this browser waited for others' inputs before this frame; on the host, how late the frame was.",
    ),
    Meaning(
        r"local\.rtt_ms",
        "ms",
        "browser",
        "Round trip to the slowest other browser of the match; for a game on the host, to the host.",
    ),
    Meaning(
        r"local\.transport",
        "",
        "browser",
        "What carried the frame: p2p, turn, relay, host (a game on the host), or none (one player).",
    ),
    Meaning(
        r"local\.input_event_ms",
        "ms since 1970-01-01 UTC, host clock",
        "browser",
        "Time stamp of the key, mouse or gamepad event that changed this player's input with this frame.",
    ),
    Meaning(r"local\.(.+)", "", "browser", "This browser's own experience: {0}."),
)
ANSWER_MEANINGS = (
    Meaning(r"session", "", "engine", "Session (one run of the experiment)."),
    Meaning(r"participant", "", "engine", "Id of the participant who answered."),
    Meaning(r"scene", "", "engine", "Id of the scene that asked."),
    Meaning(r"visit", "count from 1", "engine", "Which showing of a scene to this participant this was."),
    Meaning(
        r"shown_at",
        _SECONDS,
        "browser, engine clock",
        "When the page was first shown to this participant in this visit: submitted_at less time_on_page_ms.",
    ),
    Meaning(
        r"submitted_at",
        _SECONDS,
        "browser, engine clock",
        "When the participant sent the answers; where the browser did not know the engine's clock, when they came.",
    ),
    Meaning(
        r"time_on_page_ms",
        "ms since the page was first shown",
        "browser",
        "How long the participant had the page until the answers were sent, reloads of the page included.",
    ),
    Meaning(
        r"first_change_ms\.(.+)",
        "ms since the page was first shown",
        "browser",
        "When the answer to {0} was first touched, before or after a reload; empty when it never was.",
    ),
    Meaning(r"shown_order\.(.+)", "", "engine", "In which order the list of {0} was shown before it was put in order."),
    Meaning(r"(.+)", "", "participant", "Answer to the field {0}."),
)
TELEMETRY_MEANINGS = (
    Meaning(r"session", "", "engine", "Session (one run of the experiment)."),
    Meaning(r"participant", "", "engine", "Id of the participant whose browser it is about."),
    Meaning(r"at", _SECONDS, "engine clock", "When the measurement reached the engine."),
    Meaning(
        r"kind",
        "",
        "engine",
        "metrics (the browser's own, about once a second in a game), rtt (measured by the engine), or another kind.",
    ),
    Meaning(r"scene", "", "engine", "Id of the scene it was measured in, where that is known."),
    Meaning(r"match", "", "engine", "Id of the match it was measured in, where there was one."),
    Meaning(
        r"name",
        "",
        "engine",
        "What was measured; the name ends in its unit (_ms, _s), parts of a nested measurement are joined by dots.",
    ),
    Meaning(
        r"value", "as the name says", "browser or engine", "The measurement, when it is a number (true is 1, false 0)."
    ),
    Meaning(r"text", "", "browser or engine", "The measurement, when it is not a number."),
)
CONSOLE_MEANINGS = (
    Meaning(r"session", "", "engine", "Session (one run of the experiment)."),
    Meaning(r"at", _SECONDS, "browser's clock, set by the engine's", "When it was printed."),
    Meaning(r"level", "", "browser", "log, info, warning, error or debug."),
    Meaning(r"text", "", "browser", "What the page or the game's Python printed."),
)
GLOBALS_MEANINGS = (
    Meaning(
        r"globals\.(.+)",
        "",
        "pages, envs and researcher's hooks",
        "Shared value {0} after the scene, before the next one.",
    ),
    Meaning(
        r"attributes\.(.+)",
        "",
        "researcher's hooks",
        "Attribute {0} that hooks gave, as it was after the scene, before the next one.",
    ),
)
EVENTS_MEANINGS = (
    Meaning(r"session", "", "engine", "Session (one run of the experiment)."),
    Meaning(
        r"seq", "count from 0", "engine", "Number of the event that caused it, in the order the engine handled them."
    ),
    Meaning(r"n", "count from 0", "engine", "Order among what one event caused."),
    Meaning(r"at", _SECONDS, "engine clock", "When it happened, or when the engine heard of it."),
    Meaning(r"kind", "", "engine", "What happened, such as joined, scene_entered, episode_ended or finished."),
    Meaning(r"participant", "", "engine", "Id of the participant, when it is about one."),
    Meaning(r"match", "", "engine", "Id of the match, when it is about one."),
    Meaning(r"scene", "", "engine", "Id of the scene, when it is about one."),
    Meaning(r"body", "", "engine", "Everything else that is known of it; what it holds depends on the kind."),
)


EVERYWHERE = (Meaning(r"session_kind", "", "engine", "What the session was for: pilot, rehearsal or test (no study)."),)


def find_meaning(column: str, meanings: tuple[Meaning, ...]) -> tuple[str, str, str]:
    """`(unit, source, text)` of a column."""
    for meaning in (*EVERYWHERE, *meanings):
        if found := re.fullmatch(meaning.pattern, column, re.DOTALL):
            text = meaning.text
            for number, group in enumerate(found.groups()):
                text = text.replace(f"{{{number}}}", group or "the whole value")
            return meaning.unit, meaning.source, text
    return "", "unknown", "Not described."
