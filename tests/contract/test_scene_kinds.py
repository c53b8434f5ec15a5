"""Whatever shows, offers, explains or walks through scenes knows every kind of them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from random import Random

import pytest

from igym.experiment.scenes import SCENE_CLASSES, GymScene, StaticScene
from igym.experiment.study_read import KINDS
from igym.host.simulate.answers import way_on
from igym_desktop.flow.manual import OF_ORDER, OF_SCENES
from igym_desktop.flow.study_kinds import Kind, holder_kinds, scene_kinds
from tests.core.experiments import game, make
from tests.core.world import World

RECORDING = {"source": "pool", "study": "other", "session": "s9", "match": "m1", "scene": "play", "episode": 0,
             "file": "", "player": 1, "frames": 30, "fps": 30.0, "sha256": "ab" * 32}  # fmt: skip
LIST_THEM = """
const { sceneView } = await import(process.argv[1]);
const { SPECS } = await import(process.argv[2]);
const has = (kind) => { try { return sceneView(kind).info.kind === kind; } catch { return false; } };
const shown = JSON.parse(process.argv[3]).filter(has);
console.log(JSON.stringify({ shown, gallery: Object.values(SPECS).map((spec) => spec.kind) }));
"""


def test_every_kind_has_a_view_and_its_place_in_the_gallery(root: Path) -> None:
    kinds = {str(cls.model_fields["kind"].default) for cls in SCENE_CLASSES if cls is not GymScene}
    files = [
        root / "web_client" / "ui" / "scenes" / "index.js",
        root / "tests" / "web" / "ui" / "gallery" / "scenes.js",
    ]
    command = [
        "node",
        "--input-type=module",
        "-e",
        LIST_THEM,
        *(file.as_uri() for file in files),
        json.dumps(sorted(kinds)),
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    found = json.loads(done.stdout)
    assert set(found["shown"]) == kinds, "a kind without a view in web_client/ui/scenes"
    assert kinds <= set(found["gallery"]), "a kind without a page in the gallery"


def first_cells(page: Path, head: str) -> set[str]:
    """The names in the first column of the table that begins so."""
    table = page.read_text("utf-8").split(f"\n{head}\n", 1)[1].split("\n\n", 1)[0]
    return {name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.split("|")[1])}


def test_every_kind_is_offered_by_the_timeline_and_has_its_help() -> None:
    offered = {kind.kind for kind in (*scene_kinds(), *holder_kinds())}
    assert offered == set(KINDS), "igym_desktop/flow/study_kinds.py"
    assert {*OF_SCENES, *OF_ORDER} == set(KINDS), "igym_desktop/flow/manual.py"


def test_every_kind_is_told_of_in_both_tables(root: Path) -> None:
    docs = root / "docs"
    written = first_cells(docs / "authoring" / "study_toml.md", "| `kind` | scene |")
    assert written == set(KINDS), "docs/authoring/study_toml.md"
    shown = {str(cls.model_fields["kind"].default) for cls in SCENE_CLASSES}
    specified = first_cells(docs / "internals-scene-spec.md", "| kind | further keys |")
    assert specified == shown, "docs/internals-scene-spec.md"


@pytest.mark.parametrize(
    "kind", [kind for kind in scene_kinds() if kind.kind not in ("gym", "end")], ids=lambda kind: kind.kind
)
def test_somebody_made_up_gets_through_every_page(kind: Kind) -> None:
    """As the timeline begins it; there is a game, too, whose scores could be shown."""
    scene = KINDS[kind.kind].model_validate({"kind": kind.kind, "id": "page", **kind.begins})
    world = World(make(scene, StaticScene("next"), game("game", 1)))
    (person,) = world.arrive()
    if world.asked("replays"):
        world.answer("replays", {"items": [RECORDING], "problem": None})
    assert person.scene == "page"
    for name, body in way_on(person.last("scene"), {"shown_ms": 0.0, "submitted_ms": 9.0}, Random(1)):
        assert person.refused(name, **body) is None
    assert person.scene == "next"
