"""Every kind of scene has a view in the browser, and a page in the gallery that the views are tested with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from igym.experiment.scenes import SCENE_CLASSES, GymScene

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
