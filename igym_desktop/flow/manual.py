"""Which page of the manual belongs to what is on screen, and where the manual lies."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

START = "manual/index.html"
PAGES = {
    "experiments": "manual/pages.html#experiments",
    "configure": "manual/make-a-study.html",
    "preflight": "manual/first-session.html#the-day-before",
    "session": "manual/first-session.html#the-session",
    "data": "manual/data.html",
    "log": "manual/trouble.html",
    "settings": "manual/network.html",
}
"""Pages of the window."""
DIALOGS = {
    "NewStudyDialog": "manual/make-a-study.html",
    "AddSceneDialog": "authoring/scenes.html",
    "PersonalLinksDialog": "authoring/experiment.html#personal-links",
    "ProlificDialog": "manual/payments.html#prolific-and-the-like",
    "ReceiptDialog": "manual/privacy.html#withdrawing",
    "AnnotateDialog": "manual/pages.html#data",
    "MessageDialog": "manual/first-session.html#the-session",
    "LabCheckDialog": "manual/first-session.html#the-day-before",
    "RehearsalDialog": "manual/first-session.html#the-day-before",
    "InvitationWindow": "manual/network.html#the-link",
    "SeatsDialog": "manual/network.html#the-link",
    "ConnectDialog": "manual/remote.html#in-the-app",
    "CompareDialog": "manual/make-a-study.html#profiles",
}
"""Windows of their own, by the name of their class."""
OF_EXPERIMENT = {
    "": "experiment",
    "screening": "who-may-take-part-entry_screening",
    "participant_ids": "names-participant_ids",
    "returns": "where-people-go-returns",
    "callbacks": "hooks-callbacks",
    "payment": "experiment",
}
OF_GAMES = (
    "environment", "rendering", "assets", "policies", "gameplay", "content", "waitroom", "matchmaking", "runtime",
    "multiplayer",
)  # fmt: skip
OF_MULTIPLAYER = ("monitoring", "focus", "reconnection")
OF_SCENES = {
    "start": "startscene", "static": "staticscene", "web": "webscene", "completion_code": "completioncodescene",
    "end": "endscene", "gym": "gymscene", "text_box": "textbox", "multiple_choice": "multiplechoice",
    "scales": "scales", "option_boxes": "optionboxes", "ranking": "ranking", "scales_and_text_box": "scalesandtextbox",
    "option_boxes_with_scales_and_text_box": "optionboxeswithscalesandtextbox", "form": "form",
    "replay": "replayscene", "chat": "chatscene", "leaderboard": "leaderboardscene",
}  # fmt: skip
OF_ORDER = {"randomize_order": "randomizeorder", "repeat": "repeat", "block": "block", "branch": "branch"}


def manual_folder() -> Path | None:
    """The built manual: inside the frozen app, inside the installed package, or in a checkout; None without one."""
    package = Path(__file__).resolve().parents[1]
    candidates = [package / "_docs", package.parent / "build" / "out" / "docs"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        candidates.insert(0, Path(frozen) / "igym_desktop" / "_docs")
    return next((folder for folder in candidates if (folder / START).is_file()), None)


def page_of_group(path: Sequence[str], kind: str = "") -> str:
    """The page about a group of options, from the path of one of them; `kind` is that of the scene."""
    if path[0] == "experiment":
        group = path[1] if len(path) > 2 else ""
        return f"authoring/experiment.html#{OF_EXPERIMENT.get(group, OF_EXPERIMENT[''])}"
    group = path[2] if len(path) > 2 else ""
    if group == "multiplayer" and len(path) > 4 and path[3] in OF_MULTIPLAYER:
        return f"authoring/gym_scene.html#{path[3]}"
    if group in OF_GAMES:
        return f"authoring/gym_scene.html#{group}"
    if kind in OF_ORDER:
        return f"authoring/stager.html#{OF_ORDER[kind]}"
    return f"authoring/scenes.html#{OF_SCENES.get(kind, 'options-of-all-scenes')}"
