"""What the columns of the tables over all sessions mean: one description for each column of each table."""

from __future__ import annotations

from igym.host.export.meanings import Meaning

_UNIX = "s since 1970-01-01 00:00 UTC, host's clock"
_ISO = "ISO 8601, UTC, host's clock"


def _moment(name: str, what: str) -> tuple[Meaning, Meaning]:
    """A moment twice: to reckon with, and to read."""
    return (
        Meaning(name, _UNIX, "engine", what),
        Meaning(f"{name}_iso", _ISO, "engine", f"{what} The same moment as in {name}, for reading."),
    )


KEYS = (
    Meaning(
        r"session", "", "engine", "Which run of the experiment; ids of participants and matches hold within a session."
    ),
    Meaning(r"participant", "", "engine", "Id of the person, spelled the same in every table and file."),
    Meaning(
        r"condition",
        "",
        "researcher's hooks",
        "Condition this person had been given by then, by a hook that named no factor.",
    ),
    Meaning(
        r"condition\.(.+)", "", "researcher's hooks", "Level of the factor {0} this person had been given by then."
    ),
    Meaning(r"order\.(.+)", "", "engine", "Order drawn for this person at {0}: ids in order, parted by >."),
)
_CONFIG = Meaning(
    r"config\.(.+)",
    "as written",
    "match",
    "What {0} of the env's config was, where the people or the episode decided it.",
)
_SCENE = Meaning(r"scene", "", "engine", "Id of the scene; in a repeated part it ends in _r1, _r2, ….")
_VISIT = Meaning(
    r"visit",
    "count from 1",
    "engine",
    "Which showing of a scene to this person this was, counted over all scenes of the session.",
)
_MATCH = Meaning(r"match", "", "engine", "Id of the match: the people who played a scene together.")
_PLAYER = Meaning(r"player", "count from 0", "engine", "Number of the place this person played at in the match.")
_AGENT = Meaning(r"agent", "", "engine", "The env's name for the actor this person controlled.")
_POLICY = Meaning(
    r"policy\.(.+)",
    "",
    "engine",
    "Which bot of its pool played the agent {0}; several of a match parted by semicolons.",
)
_BASE = Meaning(r"base_id", "", "engine", "Id of the scene in the experiment: the same in every round.")
ROW_KEYS = (*KEYS, _SCENE, _MATCH, _PLAYER, _AGENT)
_SEAT = Meaning(r"seat", "", "engine", "Label of the lab computer; empty for people who took part elsewhere.")
_PARTNER = Meaning(
    r"partner",
    "",
    "engine",
    "Everybody else who acted in the match, parted by spaces: people by id, bots by the name of their agent.",
)
_PLAY = (
    Meaning(r"frames", "frames", "rows", "How many different frames of this person are recorded, counted in the rows."),
    Meaning(
        r"absent_frames",
        "frames",
        "rows",
        "Frames that the member with most rows has and this person has not, as they left or rows are missing.",
    ),
    Meaning(
        r"predicted_frames",
        "frames",
        "rows",
        "Frames this browser ran at first with some other player's input guessed.",
    ),
    Meaning(
        r"rollback_frames", "frames", "rows", "How often this browser ran a frame again because a guess had been wrong."
    ),
    Meaning(
        r"score",
        "reward",
        "browser",
        "Sum of the rewards of this person's agent over the finished episodes, as told at their end.",
    ),
    Meaning(
        r"parity",
        "",
        "engine",
        "Whether all members recorded the same: identical or differs; empty until it was compared.",
    ),
)

PARTICIPANTS = (
    *KEYS,
    Meaning(r"label", "", "participant or researcher's list", "Name or number the person joined with."),
    _SEAT,
    Meaning(
        r"status",
        "",
        "engine",
        "How it ended: finished (the plan's end was reached or the completion code was shown), unfinished (the session "
        "ended first), dropped (away for too long, or when the session ended), timed_out (nobody came, or the game "
        "did not load), screened_out (by the entry checks), excluded or withdrawn; until then in progress.",
    ),
    Meaning(r"reason", "", "engine", "Why their part ended; empty while it goes on."),
    *_moment("joined_at", "When the person joined the session."),
    *_moment("ended_at", "When their part ended, for those who were away: when they left; empty while it goes on."),
    Meaning(r"time_in_study_s", "s from joined_at", "engine", "From joining to the end of their part."),
    Meaning(r"completion_code", "", "engine", "Code the person was shown, for the recruiting platform."),
    Meaning(r"last_scene", "", "engine", "Id of the scene the person was in last."),
    Meaning(
        r"ended_in",
        "",
        "engine",
        "Where their part ended: entry, page, between (two scenes), waitroom, match or end; of somebody who was away, "
        "where they were when their browser went.",
    ),
    Meaning(r"last_episode", "count from 0", "engine", "Episode they were in, when their part ended in a match."),
    Meaning(r"last_frame", "count from 0", "engine", "Their last frame on disk in that match."),
    Meaning(
        r"scenes_completed", "count", "engine", "Visits of scenes that are over: the lines in scenes.csv with left_at."
    ),
    Meaning(r"episodes", "count", "rows", "Episodes this person played: their lines in episodes.csv."),
    Meaning(
        r"partial_episodes",
        "count",
        "rows",
        "Those of the episodes that broke off, or of which rows are missing: partial in episodes.csv.",
    ),
    Meaning(r"matches", "", "engine", "Ids of the matches this person was put into, in order, parted by spaces."),
    Meaning(
        r"reloads",
        "count",
        "engine",
        "How often the page was opened anew during their part: reloaded, or in another tab.",
    ),
    Meaning(
        r"disconnections",
        "count",
        "engine",
        "How often the page lost its connection during their part; reloads and restarts of the host do not count.",
    ),
    Meaning(r"language", "", "participant", "Language of this person's pages."),
    Meaning(r"browser", "", "browser", "What the browser calls itself (user agent)."),
    Meaning(r"erased", "", "engine", "Whether rows and answers were erased, on request or because of their age."),
    Meaning(r"simulated", "", "engine", "Whether a program took part instead of a person."),
    Meaning(r"link\.(.+)", "", "recruitment platform", "What this person's link said as {0}."),
    Meaning(r"branch\.(.+)", "", "researcher's function", "Option this person was sent to at the branch {0}."),
    Meaning(
        r"check\.(.+)\.attempts",
        "attempts",
        "engine",
        "How many attempts this person made at the form {0}, or rounds of the repetition {0}.",
    ),
    Meaning(
        r"check\.(.+)\.passed",
        "",
        "engine",
        "Whether all answers to the form {0} were right in the end, or the repetition {0} reached what it was for.",
    ),
    Meaning(
        r"attribute\.(.+)", "", "researcher's hooks", "Newest value of the attribute {0} that a hook gave this person."
    ),
)

PAYMENTS = (
    *KEYS,
    Meaning(r"label", "", "participant or researcher's list", "Name or number the person joined with."),
    Meaning(r"code", "", "engine", "Completion code the person was shown."),
    Meaning(r"status", "", "engine", "How their part ended, as in participants.csv."),
    Meaning(r"reason", "", "engine", "Why their part ended, as in participants.csv."),
    Meaning(
        r"earnings",
        "the currency beside it",
        "payment, or the researcher's on_payment",
        "What the person earned; empty when the function said nothing.",
    ),
    Meaning(
        r"currency",
        "",
        "payment, or the researcher's on_payment",
        "Currency of the earnings, as the function named it.",
    ),
    Meaning(r"reasons", "", "payment, or the researcher's on_payment", "What it was earned for, parted by semicolons."),
    *_moment("ended_at", "When their part ended, for those who were away: when they left; empty while it goes on."),
    Meaning(r"simulated", "", "engine", "Whether a program took part instead of a person."),
)

SCENES = (
    *KEYS,
    _SCENE,
    _BASE,
    _VISIT,
    Meaning(r"index", "count from 0", "engine", "Place of the scene in this person's order."),
    Meaning(r"kind", "", "engine", "Kind of scene, such as static, form, gym or end."),
    *_moment("entered_at", "When the host sent the person into the scene."),
    *_moment(
        "shown_at", "When the browser first showed the page in this visit; empty for games and until it was sent."
    ),
    *_moment("left_at", "When the visit ended; empty while it goes on."),
    Meaning(
        r"duration_s", "s from entered_at", "engine", "From entering to leaving, whatever the page was doing meanwhile."
    ),
    Meaning(r"active_s", "s of the visit", "engine", "How long the page was connected, visible and had the focus."),
    Meaning(r"hidden_s", "s of the visit", "browser", "How long the page was in a hidden tab or a minimised window."),
    Meaning(
        r"blurred_s", "s of the visit", "browser", "How long the page was visible while another window had the focus."
    ),
    Meaning(r"gone_s", "s of the visit", "engine", "How long the page had no connection to the host."),
    Meaning(
        r"time_on_page_ms",
        "ms since the page was first shown",
        "browser",
        "Until the page was sent, reloads of the page included; empty for games.",
    ),
    Meaning(r"submitted", "", "engine", "Whether the person sent the page, rather than being taken out of it."),
    Meaning(r"timed_out", "", "engine", "Whether the page left by itself because its time was up."),
    Meaning(r"reloads", "count", "engine", "How often the page was opened anew during this visit."),
    Meaning(
        r"rank",
        "count from 1",
        "engine",
        "On a leaderboard: the place this person was shown to have; people with equal scores share it.",
    ),
    Meaning(r"rank_of", "people", "engine", "On a leaderboard: how many people had a score by then."),
)

MATCHES = (
    *KEYS,
    _SCENE,
    _BASE,
    _MATCH,
    _PLAYER,
    _AGENT,
    _SEAT,
    Meaning(r"members", "people", "engine", "How many people the match was formed of, this one included."),
    _PARTNER,
    Meaning(r"partner_agent", "", "engine", "The agents of the partners, in the same order."),
    Meaning(
        r"partner_kind",
        "",
        "engine",
        "What each partner was, in the same order: human, bot (rules or chance) or policy (a trained network).",
    ),
    Meaning(r"group", "", "engine", "Id of the people who are kept together from scene to scene."),
    Meaning(r"seed", "", "engine", "Seed from which the episodes' seeds are derived."),
    *_moment("formed_at", "When these people were put together."),
    *_moment("ended_at", "When the match ended for all; empty while it goes on."),
    Meaning(r"duration_s", "s from formed_at", "engine", "From being put together to the end of the match."),
    Meaning(r"episodes", "count", "rows", "Episodes this person played in the match: their lines in episodes.csv."),
    Meaning(r"partial_episodes", "count", "rows", "Those of them that broke off or lack rows."),
    Meaning(
        r"stall_ms",
        "ms",
        "rows",
        "Sum of the times this browser waited for others' inputs; for a game on the host, of delays.",
    ),
    Meaning(
        r"transport",
        "",
        "rows",
        "What carried the game, in the order of first use: p2p, turn, relay, host or none (one player).",
    ),
    Meaning(
        r"rtt_ms",
        "ms, there and back",
        "rows",
        "Median over the frames of the round trip to the slowest other browser, or to the host.",
    ),
    *_PLAY,
    Meaning(
        r"outcome",
        "",
        "engine",
        "How it ended for this person: complete, early (broken off through somebody else), left (they went or were "
        "replaced) or running.",
    ),
    Meaning(r"reason", "", "engine", "Why it ended early or they left; empty for complete matches."),
    _CONFIG,
    _POLICY,
)

EPISODES = (
    *KEYS,
    _SCENE,
    _BASE,
    _MATCH,
    _PLAYER,
    _AGENT,
    _PARTNER,
    Meaning(r"episode", "count from 0", "engine", "Number of the episode within its match."),
    *_moment("started_at", "When this person's browser told that it had begun the episode."),
    *_moment("ended_at", "When its end was told; for one that broke off, when the match ended."),
    Meaning(r"duration_s", "s from started_at", "engine", "From the beginning to the end of the episode."),
    *_PLAY,
    Meaning(r"partial", "", "rows", "Whether it broke off, or rows of it are missing."),
    Meaning(r"reason", "", "browser or engine", "Why it ended: terminated, truncated, a limit, or why it broke off."),
    _CONFIG,
    _POLICY,
)

ANSWERS = (
    *KEYS,
    _SCENE,
    _BASE,
    _VISIT,
    Meaning(r"field", "", "researcher", "Name of the field; parts of a nested answer are joined by dots."),
    Meaning(
        r"value",
        "as asked",
        "participant",
        "The answer as text, several choices parted by semicolons, a ranking's first place first; empty when none was "
        "given.",
    ),
    Meaning(r"number", "as asked", "participant", "The answer as a number, yes as 1 and no as 0; empty for texts."),
    Meaning(
        r"first_change_ms",
        "ms since the page was first shown",
        "browser",
        "When the field was first touched, before or after a reload; empty when it was not.",
    ),
    Meaning(
        r"video_s",
        "s of the recording",
        "browser",
        "Where the recordings on the page stood when the field was first touched; empty on pages without.",
    ),
    Meaning(
        r"shown_order",
        "",
        "engine",
        "Of a ranking: the values in the order in which they were shown, parted by semicolons; empty for all others.",
    ),
    Meaning(
        r"time_on_page_ms",
        "ms since the page was first shown",
        "browser",
        "Until the page was sent, reloads of the page included.",
    ),
    *_moment(
        "submitted_at",
        "When the answers were sent; where the browser did not know the host's clock, when they came.",
    ),
)

ATTEMPTS = (
    *KEYS,
    _SCENE,
    _BASE,
    _VISIT,
    Meaning(r"attempt", "count from 1", "engine", "Which attempt at the page it was; the same answers again are none."),
    Meaning(r"field", "", "researcher", "Name of the question that has a right answer."),
    Meaning(r"value", "as asked", "participant", "The answer as text, several choices parted by semicolons."),
    Meaning(r"number", "as asked", "participant", "The answer as a number, yes as 1 and no as 0; empty for texts."),
    Meaning(r"right", "", "engine", "Whether it was the right answer."),
    *_moment(
        "submitted_at",
        "When the attempt was sent; where the browser did not know the host's clock, when it came.",
    ),
)

ANSWERS_WIDE = (*KEYS, Meaning(r"([^.]+)\.(.+)", "as asked", "participant", "Newest answer to {1} on the page {0}."))

ACTIONS = (
    *KEYS,
    *_moment("at", "When the researcher did it."),
    Meaning(r"action", "", "researcher", "What was done, such as exclude, end_session or withdraw."),
    _MATCH,
    Meaning(r"args", "", "researcher", "With what it was done, as JSON."),
    Meaning(r"reason", "", "researcher", "The reason that was typed."),
    Meaning(r"by", "", "engine", "Which program it came from, such as the launcher."),
)

CHAT = (
    *KEYS,
    _SCENE,
    _BASE,
    _MATCH,
    Meaning(r"talk", "", "engine", "Id of the talk: a match, a waitroom, or a page of one group."),
    Meaning(r"number", "count from 1", "engine", "Its place in the talk, the same for everybody who took part in it."),
    Meaning(r"how", "", "participant", "Own words (text), one of the study's phrases (phrase) or a sign (reaction)."),
    Meaning(r"text", "", "participant", "What was said; empty when the person's data were erased."),
    Meaning(r"answers_number", "", "participant", "Of a sign: number of the message it answers."),
    _VISIT,
    Meaning(r"episode", "count from 0", "browser", "The episode shown on the speaker's page when they said it."),
    Meaning(r"frame", "count from 0", "browser", "The frame shown on the speaker's page when they said it."),
    *_moment("said_at", "When the host passed it on."),
    Meaning(r"sent_at", "s since 1970-01-01 00:00 UTC, host's clock", "browser", "When it was sent from the page."),
)

REPLAYS = (
    *KEYS,
    _SCENE,
    _BASE,
    _VISIT,
    Meaning(r"number", "count from 1", "engine", "Which recording of the page: 1 is the left one, or A."),
    Meaning(r"source", "", "researcher", "Where it was to come from: own_last, file or pool."),
    Meaning(r"of_study", "", "engine", "Id of the study in which it was recorded."),
    Meaning(r"of_session", "", "engine", "Session in which it was recorded."),
    Meaning(r"of_match", "", "engine", "Match of which it is a recording."),
    Meaning(r"of_scene", "", "engine", "Game scene of which it is a recording."),
    Meaning(r"of_episode", "count from 0", "engine", "Episode of that match."),
    Meaning(r"file", "", "researcher", "Its file in the experiment folder; empty when it came from the database."),
    Meaning(r"frames", "frames", "rows", "How many frames it has."),
    Meaning(r"fps", "frames per s", "engine", "How fast it was played."),
    Meaning(r"view", "count from 0", "engine", "Number of the player whose view was shown."),
    Meaning(
        r"sha256",
        "",
        "engine",
        "SHA-256 of all that decides what is seen: game, seeds, agents and every input, as canonical JSON.",
    ),
    Meaning(r"plays", "count", "browser", "How often playing was started; once more after each stop."),
    Meaning(r"watched_s", "s of the recording", "browser", "The furthest place that was come to."),
    Meaning(r"problem", "", "engine or browser", "Why nothing was shown; empty when something was."),
    *_moment("shown_at", "When it was chosen for the page, just before that opened."),
)

EVENTS = (
    *KEYS,
    Meaning(
        r"seq", "count from 0", "engine", "Number of the event that caused it, in the order the host handled them."
    ),
    Meaning(r"n", "count from 0", "engine", "Its order among what that one event caused."),
    *_moment("at", "When it happened, or when the host heard of it."),
    Meaning(r"kind", "", "engine", "What happened, such as joined, scene_entered, episode_ended or finished."),
    _SCENE,
    _MATCH,
    _VISIT,
    Meaning(r"episode", "count from 0", "engine", "The episode it is about, within its match."),
    Meaning(
        r"frames", "frames", "browser or engine", "How many frames the episode had as far as was known at that moment."
    ),
    _PLAYER,
    Meaning(r"peer", "count from 0", "browser", "Number of the player at the other end of a link."),
    Meaning(r"state", "", "engine", "New state of a connection, a link, a match or a probe."),
    Meaning(r"reason", "", "engine", "Why it happened, in a few words."),
    Meaning(r"outcome", "", "engine", "How somebody's part ended, as their last page told it."),
    Meaning(r"result", "", "engine", "What a comparison of recordings found: identical or differs."),
    Meaning(r"branch", "", "engine", "Id of the branch at which somebody was sent on."),
    Meaning(r"choice", "", "researcher's function", "Option of the branch that was taken."),
    Meaning(r"by", "", "engine", "Who or which function caused it."),
    Meaning(r"code", "", "engine", "Completion code that was issued or shown."),
    Meaning(
        r"amount", "the currency in events.jsonl", "payment, or the researcher's on_payment", "What the person earned."
    ),
    Meaning(r"transport", "", "browser", "What carries a link: p2p, turn or relay."),
    Meaning(r"rtt_ms", "ms, there and back", "browser", "Round trip over a link when it was told."),
    Meaning(r"waited_s", "s from entering the waitroom", "engine", "How long somebody had waited."),
    Meaning(r"rule", "", "engine", "The rule by which somebody was warned."),
    Meaning(r"event", "", "researcher's page", "What a page of the researcher's own reported."),
    Meaning(r"text", "", "engine or browser", "Words that were shown, or that tell what went wrong."),
)

RESPONSES = (
    *KEYS,
    _SCENE,
    _BASE,
    _MATCH,
    Meaning(r"talk", "", "engine", "Id of the talk, as in chat.csv; the participant is whose message it was asked on."),
    Meaning(r"name", "", "researcher", "How the program is called in the talk."),
    Meaning(r"source", "", "researcher", "The function, or the model and its address."),
    Meaning(r"heard_to", "count from 1", "engine", "Number of the last message it was given; it was given all before."),
    Meaning(r"number", "count from 1", "engine", "Number of its own message in chat.csv; empty when it said nothing."),
    Meaning(
        r"outcome",
        "",
        "engine",
        "said, silent (it chose to say nothing), failed (no reply came), or too late (nobody was there any more).",
    ),
    Meaning(r"attempts", "count", "engine", "How often it was asked for this reply."),
    Meaning(r"seconds", "s", "engine", "How long all attempts took together."),
    Meaning(r"text", "", "responder", "The whole reply, before it was cut to the longest message of the talk."),
    Meaning(r"error", "", "engine", "What went wrong the last time."),
    Meaning(r"asked_at", _UNIX, "engine", "When it was first asked for this reply."),
    *_moment("answered_at", "When the reply, or the last failure, came."),
)

CONSENT = (
    *KEYS,
    _SCENE,
    _BASE,
    _VISIT,
    Meaning(r"field", "", "engine", "Name of the box."),
    Meaning(r"given", "", "participant", "Whether the box was ticked when the page was sent."),
    Meaning(r"version", "", "researcher", "Version of the text, as its author calls it."),
    Meaning(
        r"text_hash",
        "SHA-256, hex",
        "engine",
        "Hash of the text that was agreed to: heading, body, words and hint at the box, before anything was filled in "
        "for one person. The text is in consent_texts/, under this name.",
    ),
    Meaning(r"language", "", "browser", "Language of the person's page."),
    *_moment("at", "When the page was sent."),
)

TABLES: dict[str, tuple[Meaning, ...]] = {
    "participants.csv": PARTICIPANTS,
    "payments.csv": PAYMENTS,
    "scenes.csv": SCENES,
    "matches.csv": MATCHES,
    "episodes.csv": EPISODES,
    "answers.csv": ANSWERS,
    "answers_wide.csv": ANSWERS_WIDE,
    "attempts.csv": ATTEMPTS,
    "chat.csv": CHAT,
    "consent.csv": CONSENT,
    "replays.csv": REPLAYS,
    "responses.csv": RESPONSES,
    "researcher_actions.csv": ACTIONS,
    "events.csv": EVENTS,
}
