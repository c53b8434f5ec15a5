"""Changes of a study's document: each gives another one that still reads, and everything it names goes along."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from igym.host.checks.study_tools import look_at
from igym_desktop.flow import prolific
from igym_desktop.flow import study_edit as edit
from igym_desktop.flow.study_edit import Spot
from igym_desktop.flow.study_kinds import holder_kinds, line_title, scene_kinds
from igym_desktop.flow.study_rename import rename
from igym_desktop.flow.values import read_value, write_value


def study() -> dict[str, Any]:
    ask = {"kind": "form", "questions": [{"type": "choice", "name": "more", "choices": ["yes", "no"]}]}
    rule = {"then": "long", "what": "answer", "name": "ask.more", "value": "yes"}
    return {
        "format": 1, "id": "x", "order": ["ask", "either", "order", "end"],
        "scenes": {
            "ask": ask,
            "either": {"kind": "branch", "options": {"long": ["play", "talk"], "none": []}, "rules": [rule],
                       "otherwise": "none"},
            "play": {"kind": "gym", "waitroom": {"timeout_scene": "end", "on_timeout": "scene"}},
            "talk": {"kind": "static"},
            "order": {"kind": "randomize_order", "scenes": ["a", "b"]},
            "a": {"kind": "static"}, "b": {"kind": "static"},
            "end": {"kind": "end"},
        },
        "payment": {"base": 1, "games": ["play"]},
    }  # fmt: skip


def reads(document: dict[str, Any]) -> dict[str, Any]:
    """Nothing is left over and nothing is missing."""
    assert look_at(document).error == ""
    assert {item.id for item in edit.walk(document)} == set(document["scenes"])
    return document


def lines(document: dict[str, Any]) -> list[tuple[str, int]]:
    return [(item.id, item.depth) for item in edit.walk(document)]


def test_the_lines_of_a_timeline() -> None:
    assert lines(reads(study())) == [
        ("ask", 0), ("either", 0), ("play", 1), ("talk", 1), ("order", 0), ("a", 1), ("b", 1), ("end", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", scene_kinds(), ids=lambda kind: kind.kind)
def test_every_kind_begins_as_something_that_reads(kind: Any) -> None:
    before = study()
    document, id = edit.add(before, {"kind": kind.kind, **kind.begins}, kind.id, Spot("order", index=1))
    assert reads(document)["scenes"]["order"]["scenes"] == ["a", id, "b"]
    assert before == study(), "the one before stays as it was"
    assert line_title(id, document["scenes"][id])
    again, other = edit.add(document, {"kind": kind.kind, **kind.begins}, kind.id, Spot())
    assert other != id and reads(again)["order"][-1] == other


@pytest.mark.parametrize("kind", [kind.kind for kind in holder_kinds()])
def test_what_is_put_together_can_be_taken_apart(kind: str) -> None:
    document, holder = edit.wrap(study(), "talk", kind)
    reads(document)
    assert edit.inside(document, "either") == ["play", holder, "talk"]
    assert reads(edit.unwrap(document, holder)) == study()


def test_removing_takes_everything_inside_along() -> None:
    document = edit.remove(study(), "order")
    assert set(study()["scenes"]) - set(reads(document)["scenes"]) == {"order", "a", "b"}
    without_a = edit.remove(study(), "a")
    assert reads(without_a)["scenes"]["order"]["scenes"] == ["b"]
    assert "order" not in reads(edit.remove(without_a, "b"))["scenes"], "a holder of nothing goes too"
    assert edit.remove(study(), "talk")["scenes"]["either"]["options"] == {"long": "play", "none": []}


def test_a_copy_has_ids_of_its_own_however_deep() -> None:
    document, copied = edit.duplicate(study(), "order")
    assert copied == "order_2" and edit.inside(document, copied) == ["a_2", "b_2"]
    assert reads(document)["order"] == ["ask", "either", "order", "order_2", "end"]
    again, _ = edit.duplicate(document, "order_2")
    assert "order_3" in reads(again)["scenes"] and "a_3" in again["scenes"]


@pytest.mark.parametrize(
    ("id", "spot", "order"),
    [
        ("end", Spot(index=0), ["end", "ask", "either", "order"]),
        ("ask", Spot(index=2), ["either", "ask", "order", "end"]),
        ("ask", Spot(), ["either", "order", "end", "ask"]),
        ("a", Spot(index=1), ["ask", "a", "either", "order", "end"]),
        ("end", Spot("order", index=1), ["ask", "either", "order"]),
        ("end", Spot("either", "none"), ["ask", "either", "order"]),
        ("order", Spot("order"), ["ask", "either", "order", "end"]),
    ],
)
def test_dragging(id: str, spot: Spot, order: list[str]) -> None:
    document = reads(edit.move(study(), id, spot)[0])
    assert document["order"] == order
    assert sorted(document["scenes"]) == sorted(study()["scenes"])


def test_steps_stay_within_their_list() -> None:
    assert edit.step(study(), "ask", -1)[0] == study()
    assert edit.step(study(), "b", 1)[0] == study()
    assert edit.step(study(), "b", -1)[0]["scenes"]["order"]["scenes"] == ["b", "a"]
    assert edit.step(edit.step(study(), "ask", 1)[0], "ask", -1)[0] == study()


def test_another_name_goes_wherever_the_study_names_it() -> None:
    document = rename(rename(rename(study(), "ask", "first"), "play", "duel"), "end", "bye")
    assert reads(document)["scenes"]["either"]["rules"][0]["name"] == "first.more"
    assert document["payment"]["games"] == ["duel"]
    assert document["scenes"]["duel"]["waitroom"]["timeout_scene"] == "bye"
    assert list(document["scenes"])[:2] == ["first", "either"], "its place in the file stays"


def test_ways_of_a_branch() -> None:
    document = edit.rename_option(edit.add_option(study(), "either", "short"), "either", "long", "full")
    assert list(reads(document)["scenes"]["either"]["options"]) == ["full", "none", "short"]
    assert document["scenes"]["either"]["rules"][0]["then"] == "full"
    gone = edit.remove_option(document, "either", "full")
    assert "play" not in gone["scenes"] and gone["scenes"]["either"]["rules"] == []


def test_values_and_defaults() -> None:
    place = ("scenes", "play", "multiplayer", "reconnection", "timeout_s")
    document = edit.set_value(study(), place, 9)
    assert edit.found(document, place) == 9
    assert edit.without(document, place) == study(), "tables that are left empty go too"
    assert edit.without(edit.set_value(study(), ("title",), "T"), ("title",)) == study()
    assert "talk" in edit.without(study(), ("scenes", "talk", "header"))["scenes"]


def test_whatever_is_done_in_whatever_order_still_reads() -> None:
    rng = random.Random(7)
    document = study()
    for _ in range(300):
        lines_now = edit.walk(document)
        item = rng.choice(lines_now)
        id = item.id
        spots = [Spot(), Spot(index=0), *(item.spot for item in edit.walk(document))]
        before = copy.deepcopy(document)
        changed = rng.choice(
            [
                lambda id=id, d=document: edit.duplicate(d, id)[0] if len(d["scenes"]) < 30 else d,
                lambda id=id, d=document: (
                    edit.wrap(d, id, rng.choice(["block", "repeat", "randomize_order"]))[0]
                    if len(d["scenes"]) < 30
                    else d
                ),
                lambda id=id, d=document, spots=spots, at=item.spot: moved(d, id, rng.choice(spots), at),
                lambda id=id, d=document, at=item.spot: edit.step(d, id, rng.choice([-1, 1]), at)[0],
                lambda id=id, d=document, at=item.spot, lines=lines_now: (
                    edit.again(d, id, at) if len(lines) < 40 and d["scenes"][id]["kind"] not in edit.HOLDERS else d
                ),
                lambda id=id, d=document, at=item.spot: (
                    edit.remove_from(d, id, at) if len(d["scenes"]) > 8 and id not in KEPT else d
                ),
                lambda id=id, d=document: (
                    edit.unwrap(d, id) if d["scenes"][id]["kind"] in ("block", "repeat") and id not in KEPT else d
                ),
                lambda id=id, d=document: edit.remove(d, id) if len(d["scenes"]) > 8 and id not in KEPT else d,
            ]
        )()
        assert document == before
        assert {item.id for item in edit.walk(changed)} == set(changed["scenes"])
        document = changed
    assert len(document["scenes"]) > 7


def moved(document: dict[str, Any], id: str, to: Spot, at: Spot) -> dict[str, Any]:
    """It stands where it is said to stand, and nowhere else than before."""
    changed, place = edit.move(document, id, to, at)
    assert place in edit.spots_of(changed, id) or not edit.ids_at(document, at)[1:], "its holder may be gone"
    return changed


KEPT = {"ask", "either", "end", "play"}


@pytest.mark.parametrize("value", [0, -3, 2.5, True, None, "", "yes", "12", "true", "1,5", "[1", [1, "a"], {"a": None}])
def test_a_value_on_one_line_reads_back(value: Any) -> None:
    again = read_value(write_value(value))
    assert again == value and type(again) is type(value)


def test_a_study_for_prolific_takes_ids_from_the_link_and_leads_back() -> None:
    document, page = prolific.prepared(study() | {"participant_ids": {"mode": "list", "allowed": ["a"]}}, "C1A2B3")
    assert reads(document)["participant_ids"] == {"mode": "link"}
    assert document["order"] == ["ask", "either", "order", page, "end"]
    assert document["scenes"][page]["redirect_url"] == "https://app.prolific.com/submissions/complete?cc=C1A2B3"
    again, same = prolific.prepared(document, "C9999")
    assert same == page and reads(again)["scenes"][page]["code"] == "C9999"
    link = prolific.study_link("https://lab.example.org/")
    assert link.startswith("https://lab.example.org/?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID=")
    assert prolific.study_link("lab") == ""
    with pytest.raises(ValueError, match=r"4 to 60"):
        prolific.prepared(study(), "a b")


def test_a_scene_at_several_places_goes_from_all_and_stays_while_it_stands_somewhere() -> None:
    scenes = {
        "order": {"kind": "randomize_order", "scenes": ["one", "two"]},
        "one": {"kind": "block", "scenes": ["a", "rest"]},
        "two": {"kind": "block", "scenes": ["rest"]},
        **{name: {"kind": "static"} for name in ("a", "rest")},
    }
    study = {"order": ["order"], "scenes": scenes}
    without_one = edit.remove(study, "one")
    assert set(without_one["scenes"]) == {"order", "two", "rest"}
    without_rest = edit.remove(study, "rest")
    assert set(without_rest["scenes"]) == {"order", "one", "a"}, "what is left empty goes, too"
    assert without_rest["scenes"]["order"]["scenes"] == ["one"]


def twice() -> dict[str, Any]:
    """`rest` stands in both parts of a random order, and once more before them."""
    scenes = {
        "order": {"kind": "randomize_order", "scenes": ["one", "two"]},
        "one": {"kind": "block", "scenes": ["a", "rest"]},
        "two": {"kind": "block", "scenes": ["b", "rest"]},
        **{name: {"kind": "static"} for name in ("a", "b", "rest")},
    }
    return {"format": 1, "id": "x", "order": ["rest", "order"], "scenes": scenes}


def test_one_place_of_a_scene_is_moved_and_the_others_stay() -> None:
    first, of_one, of_two = edit.spots_of(twice(), "rest")
    up, at = edit.step(twice(), "rest", -1, of_two)
    assert [reads(up)["scenes"][block]["scenes"] for block in ("one", "two")] == [["a", "rest"], ["rest", "b"]]
    assert (up["order"], at) == (["rest", "order"], Spot("two", "", 0))
    gone, at = edit.move(twice(), "rest", Spot("two", "", 0), of_one)
    assert [reads(gone)["scenes"][block]["scenes"] for block in ("one", "two")] == [["a"], ["rest", "b", "rest"]]
    within, at = edit.move(gone, "rest", Spot("two", "", 2), Spot("two", "", 0))
    assert (within["scenes"]["two"]["scenes"], at) == (["b", "rest", "rest"], Spot("two", "", 1))
    assert edit.move(twice(), "rest", Spot(), first)[0]["order"] == ["order", "rest"]


def test_one_place_of_a_scene_is_removed_copied_and_wrapped() -> None:
    first, of_one, of_two = edit.spots_of(twice(), "rest")
    without = reads(edit.remove_from(twice(), "rest", of_one))
    assert without["scenes"]["one"]["scenes"] == ["a"] and without["scenes"]["two"]["scenes"] == ["b", "rest"]
    copied, made = edit.duplicate(twice(), "rest", of_two)
    assert reads(copied)["scenes"]["two"]["scenes"] == ["b", "rest", made]
    wrapped, holder = edit.wrap(twice(), "rest", "repeat", first)
    assert reads(wrapped)["order"] == [holder, "order"] and wrapped["scenes"]["one"]["scenes"] == ["a", "rest"]
    more = reads(edit.again(twice(), "b", edit.spot_of(twice(), "b")))
    assert more["scenes"]["two"]["scenes"] == ["b", "b", "rest"] and set(more["scenes"]) == set(twice()["scenes"])
    assert reads(edit.unwrap(twice(), "one"))["scenes"]["order"]["scenes"] == ["a", "rest", "two"]


def test_a_way_of_a_branch_takes_only_scenes_with_it_that_stand_nowhere_else() -> None:
    document = study()
    document["scenes"]["either"]["options"]["none"] = ["talk"]
    without = edit.remove_option(document, "either", "long")
    assert {"play", "talk"} & set(without["scenes"]) == {"talk"}


def test_another_name_reaches_designs_forms_seats_and_what_is_filled_in() -> None:
    question = {"type": "choice", "name": "end", "choices": ["left", "right"]}
    document = {
        "format": 1, "id": "x", "order": ["about", "rules", "train", "duel", "talk", "board", "bye"],
        "design": {"factors": {"f": ["a", "b"]}, "strata": ["about.end"], "assign": "rules", "when_full": "scene",
                   "full_scene": "bye"},
        "scenes": {
            "about": {"kind": "form", "questions": [question]},
            "rules": {"kind": "form", "check": "once", "otherwise": "bye",
                      "questions": [{**question, "name": "sure", "correct": "left"}]},
            "train": {"kind": "repeat", "scenes": ["solo"], "otherwise": "bye",
                      "rules": [{"what": "score", "name": "solo", "test": "at_least", "value": 1}]},
            "solo": {"kind": "gym", "environment": {"config": {"side": {"$value": "answers.about.end"}}}},
            "duel": {"kind": "gym", "matchmaking": {"seat_by": "answers.about.end"}},
            "talk": {"kind": "static", "body": "{{answers.about.end}}, {{scores.duel|0}}: about.end of duel"},
            "board": {"kind": "leaderboard", "game": "duel"},
            "bye": {"kind": "end"},
        },
    }  # fmt: skip
    assert look_at(document).error == ""
    for old, name in (("about", "you"), ("duel", "carry"), ("solo", "alone"), ("bye", "thanks"), ("rules", "check")):
        document = rename(document, old, name)
    scenes = reads(document)["scenes"]
    assert (document["design"]["strata"], document["design"]["assign"]) == (["you.end"], "check")
    assert {document["design"]["full_scene"], scenes["check"]["otherwise"], scenes["train"]["otherwise"]} == {"thanks"}
    assert (scenes["train"]["scenes"], scenes["train"]["rules"][0]["name"]) == (["alone"], "alone")
    assert scenes["alone"]["environment"]["config"]["side"] == {"$value": "answers.you.end"}
    assert (scenes["carry"]["matchmaking"]["seat_by"], scenes["board"]["game"]) == ("answers.you.end", "carry")
    assert scenes["talk"]["body"] == "{{answers.you.end}}, {{scores.carry|0}}: about.end of duel"
    assert list(document)[:4] == ["format", "id", "order", "design"], "its place in the file stays"
