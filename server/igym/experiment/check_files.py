"""Reading the pages of an experiment and finding every file it names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from igym.experiment.bundle import read_files
from igym.experiment.env_files import check_env, check_policies
from igym.experiment.errors import ExperimentError, owned, suggestion
from igym.experiment.experiment import Experiment
from igym.experiment.files import existing, read_page, with_asset_links
from igym.experiment.options import Responder
from igym.experiment.overrides import apply_overrides, with_scenes
from igym.experiment.scenes.base import ASSET_LINK, Scene
from igym.experiment.scenes.fields import ChoiceField, RankingField
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.pages import ChatScene, WebScene
from igym.experiment.scenes.replay import ReplayScene
from igym.experiment.words import changed
from igym.protocol.told import Told

E_ = TypeVar("E_", bound=Experiment)


def checked(experiment: E_, folder: Path) -> E_:
    """The experiment with its pages read in, or an ExperimentError for the first file that is missing or wrong."""
    return with_scenes(experiment, lambda scene: _checked_scene(scene, folder))


def with_profile(experiment: E_, profile: Mapping[str, Any]) -> E_:
    """A copy with a launcher's profile on top (see `igym.experiment.overrides`); the files it names are read anew."""
    changed = apply_overrides(experiment, profile, "profile")
    return changed if changed.folder is None else checked(changed, changed.folder)


def _checked_scene(scene: Scene, folder: Path) -> Scene:
    scene = scene.model_copy(update=_pages(scene, scene, folder, "display", ("body",)))
    _check_whole(scene)
    for item in scene.fields():
        for choice in item.choices if isinstance(item, ChoiceField | RankingField) else ():
            _located(scene, "display", partial(_check_image, folder, choice.image))
    if isinstance(scene, WebScene) and scene.path is not None:
        path = scene.path.partition("?")[0]
        _located(scene, "display", partial(existing, folder, path, Told("the page")))
    if isinstance(scene, ReplayScene):
        _check_replay(scene, folder)
    if isinstance(scene, ChatScene):
        _located(scene, "display", partial(_check_responder, folder, scene.responder))
    return _checked_game(scene, folder) if isinstance(scene, GymScene) else scene


def _check_whole(scene: Scene) -> None:
    """Nothing is missing without which the page would be empty, or could not be left."""
    problem = scene.lacks()
    for item in scene.fields():
        if not problem and item.lacks():
            problem = owned(scene.named, item.lacks())
    if problem:
        file, line = scene.site("display")
        raise ExperimentError(problem, file=file, line=line)


def _checked_game(scene: GymScene, folder: Path) -> GymScene:
    check_env(scene, folder)
    check_policies(scene, folder)
    _located(scene, "content", partial(_check_responder, folder, scene.content_options.chat.responder))
    _located(scene, "environment", partial(read_files, scene, folder))
    for name, path in scene.assets_options.files().items():
        _located(scene, "assets", partial(existing, folder, path, f'{scene.named}.assets: "{name}"'))
    pages = _pages(scene, scene.content_options, folder, "content", ("body", "in_game_body"))
    return scene.model_copy(update={"content_options": scene.content_options.model_copy(update=pages)})


def _pages(scene: Scene, holder: Any, folder: Path, method: str, names: tuple[str, ...]) -> dict[str, str]:
    """For each body: the text of its file, or the text itself, with its links found."""
    pages: dict[str, str] = {}
    for name in names:
        file, text = getattr(holder, f"{name}_file"), getattr(holder, name)
        look = partial(read_page, folder) if file else partial(with_asset_links, folder=folder)
        pages[name] = _located(scene, method, partial(changed, file or text, look))
    return pages


def _located(scene: Scene, method: str, look: Callable[[], Any]) -> Any:
    """A mistake without a place of its own happened where the researcher named the file."""
    try:
        return look()
    except ExperimentError as error:
        if error.file is None:
            error.text = error.text if error.text.startswith(scene.named) else owned(scene.named, error.text)
        raise error.at(*scene.site(method)) from None


def _check_responder(folder: Path, responder: Responder | None) -> None:
    """Its file is there and has the function."""
    if responder is None or responder.function is None:
        return
    file, _, name = responder.function.partition(":")
    path = existing(folder, file, Told("the responder"))
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except SyntaxError as error:
        raise ExperimentError(
            Told("{file}, line {line}: {error}.", file=file, line=error.lineno, error=error.msg),
            file=str(path),
            line=error.lineno,
        ) from None
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if name not in functions:
        text = Told(
            "the responder {responder}: {file} has no function {name}.{hint}",
            responder=responder.function,
            file=file,
            name=name,
            hint=suggestion(name, functions),
        )
        raise ExperimentError(text, value=name, allowed=", ".join(functions))


def _check_image(folder: Path, path: str | None) -> None:
    if path is not None and not path.startswith(("data:", "/")):
        existing(folder, path.removeprefix(ASSET_LINK), Told("the image"))


def _check_replay(scene: ReplayScene, folder: Path) -> None:
    for path in scene.files if scene.source == "file" else ():
        _located(scene, "display", partial(existing, folder, path, Told("the recording")))
