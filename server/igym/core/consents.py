"""Consent as a record of its own: to what text, in which version, somebody agreed."""

import hashlib
from typing import Any

from igym.core.participant import Participant
from igym.core.turn import Turn
from igym.experiment.scenes import ConsentField
from igym.experiment.scenes.base import Scene
from igym.experiment.words import read_in

TYPE = "consent"


def text_of(page: dict[str, Any], field: dict[str, Any]) -> str:
    """What is agreed to with a box: the page as its author wrote it, and what stands at the box."""
    return "\n\n".join([page["header"], page["body"], field["label"], field["help"]]).strip() + "\n"


def hash_of(page: dict[str, Any], field: dict[str, Any]) -> str:
    """SHA-256 of the text as UTF-8, in hex."""
    return hashlib.sha256(text_of(page, field).encode()).hexdigest()


def hashes(person: Participant, scene: Scene) -> dict[str, str]:
    """Box → hash of what is agreed to with it; {} on a page without such boxes."""
    if not _asks(scene):
        return {}
    page = _page_of(person, scene)
    return {field["name"]: hash_of(page, field) for field in page["fields"] if field["type"] == TYPE}


def _asks(scene: Scene) -> bool:
    return any(isinstance(field, ConsentField) for field in scene.fields())


def _page_of(person: Participant, scene: Scene) -> dict[str, Any]:
    """The page before anything is filled in for one person; of a page that a function made, what it made."""
    visit = person.visit
    page = read_in(scene, person.language).client_spec(scene_id=visit.scene_id if visit is not None else None)
    return page | {"body": visit.page_html} if visit is not None and visit.page_html is not None else page


def note(turn: Turn, person: Participant, scene: Scene, values: dict[str, Any]) -> None:
    """Writes down each box of the page; a text is written down once, by nobody in particular, unless it is personal."""
    visit = person.visit
    if visit is None or not _asks(scene):
        return
    page = _page_of(person, scene)
    for field in page["fields"]:
        if field["type"] != TYPE:
            continue
        text, found = text_of(page, field), hash_of(page, field)
        turn.record(
            "consent",
            person,
            visit=visit.number,
            field=field["name"],
            version=field["version"],
            given=values.get(field["name"]),
            text_hash=found,
            language=person.language,
            text=text if visit.page_html is not None else None,
        )
        if visit.page_html is None and found not in turn.state.consent_texts:
            turn.state.consent_texts.add(found)
            turn.record("consent_text", scene=visit.scene_id, text_hash=found, version=field["version"], text=text)
