"""Every kind of scene a study can have, for people: title, one sentence, and how a new one begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from igym_desktop.flow.entries import three_to_order
from igym_desktop.flow.translations import first
from igym_desktop.i18n import tr


@dataclass(frozen=True)
class Kind:
    """`id` is what a new one is called in the data."""

    kind: str
    title: str
    text: str
    icon: str
    id: str
    begins: Mapping[str, Any] = field(default_factory=dict)


def scene_kinds() -> list[Kind]:
    """In the order of a session: opening, asking, playing, closing."""
    yes_no = [{"value": "yes", "label": tr("Yes")}, {"value": "no", "label": tr("No")}]
    return [
        Kind("start", tr("First page"), tr("Greets participants; its button starts the study."), "go", "welcome",
             {"header": tr("Welcome")}),
        Kind("static", tr("Page to read"), tr("Instructions, information or a break."), "page", "page",
             {"header": tr("Please read this")}),
        Kind("form", tr("Form"), tr("Several questions on one page: text, numbers, choices, ratings, consent."),
             "edit", "form", {"header": tr("Questions")}),
        Kind("text_box", tr("Text question"), tr("One question with a box for a free answer."), "message", "text",
             {"header": tr("Your answer"), "question": tr("What do you think?")}),
        Kind("multiple_choice", tr("Choice question"), tr("One question with answers to tick, with pictures or "
             "without."), "check", "choice", {"question": tr("Which one?"), "choices": yes_no}),
        Kind("scales", tr("Ratings"), tr("Statements to rate with buttons or sliders."), "columns", "ratings",
             {"scales": [tr("I liked it.")], "scale_labels": [tr("Disagree"), tr("Agree")]}),
        Kind("option_boxes", tr("Large boxes"), tr("One question with large boxes to choose from."), "screen", "boxes",
             {"options_question": tr("Which one?"), "options": yes_no}),
        Kind("ranking", tr("Ranking"), tr("A list to put in order, shown to each participant in an order of "
             "their own."), "move", "order", {"question": tr("What matters most to you? Put it first."),
              "items": three_to_order()}),
        Kind("scales_and_text_box", tr("Ratings and text"), tr("Ratings with a box for a comment below."), "columns",
             "ratings", {"scales": [tr("I liked it.")], "question": tr("Anything to add?")}),
        Kind("option_boxes_with_scales_and_text_box", tr("Boxes, ratings and text"),
             tr("Boxes, ratings and a comment on one page."), "columns", "review",
             {"options_question": tr("Which one?"), "options": yes_no, "scales": [tr("I liked it.")],
              "question": tr("Anything to add?")}),
        Kind("gym", tr("Game"), tr("People and bots play an environment from a Python file."), "game", "game",
             {"environment": {"file": "env.py"}}),
        Kind("chat", tr("Chat"), tr("A talk with the people of the last game, in own words or by sentences to pick."),
             "message", "talk", {"header": tr("Talk about the game")}),
        Kind("leaderboard", tr("Results of all"), tr("A participant's own result among those of others, the best "
             "first."), "star", "results", {"header": tr("How you did")}),
        Kind("replay", tr("Recording to watch"), tr("Shows what was played, again, and asks about it: ratings, "
             "comparisons, thinking aloud afterwards."), "play", "watch",
             {"header": tr("Watch this"), "questions": [{"type": "scale", "name": "rating",
              "label": tr("How well was this played?"), "points": 7, "labels": [tr("Badly"), tr("Very well")]}]}),
        Kind("web", tr("External task"), tr("Another page or program in a frame, from this folder or the network."),
             "link", "task", {"path": "pages/task.html"}),
        Kind("completion_code", tr("Completion code"), tr("Shows a code that proves taking part, for Prolific and the "
             "like."), "verify", "code", {"header": tr("Your completion code")}),
        Kind("end", tr("Last page"), tr("Thanks participants and can send them on to another address."), "flag",
             "thanks", {"header": tr("Thank you")}),
    ]  # fmt: skip


def holder_kinds() -> list[Kind]:
    """What holds other scenes."""
    return [
        Kind("block", tr("Block"), tr("Scenes that stay together, in their order."), "columns", "block"),
        Kind("repeat", tr("Repeat"), tr("The same scenes several times, round after round."), "refresh", "rounds"),
        Kind("randomize_order", tr("Random order"), tr("Drawn for each participant or group, balanced if you like; "
             "keeping one of several makes conditions."), "move", "order"),
        Kind("branch", tr("Branch"), tr("One of several ways, by rules about answers, scores and conditions."),
             "link", "branch"),
    ]  # fmt: skip


def kind_of(kind: str) -> Kind:
    """What is known of a kind; an unknown one is shown by its name."""
    known = {entry.kind: entry for entry in (*scene_kinds(), *holder_kinds())}
    return known.get(kind, Kind(kind, kind, "", "page", kind))


def line_title(id: str, table: Mapping[str, Any]) -> str:
    """A line of the timeline: its heading, or what it does."""
    kind = table.get("kind")
    if kind == "randomize_order":
        kept = table.get("keep_n")
        text = tr("One of these, at random") if kept == 1 else tr("In random order")
        return tr("{text}, balanced", text=text) if table.get("balanced") else text
    if kind == "repeat":
        if table.get("rules"):
            return tr("Until it is reached, at most {count} times", count=table.get("at_most", 5))
        return tr("{count} times", count=table.get("n", ""))
    if kind == "branch":
        return tr("One of these ways")
    if kind == "block":
        return tr("Together")
    heading = table.get("header") or (table.get("content") or {}).get("header")
    return str(first(heading or table.get("question")) or kind_of(str(kind)).title or id)
