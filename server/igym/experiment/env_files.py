"""Checks of the Python a gym scene names, made on its text: the host need not have what the env imports."""

from __future__ import annotations

import ast
from pathlib import Path

from igym.experiment.errors import ExperimentError, suggestion
from igym.experiment.files import defined_names, existing, parsed, read_text
from igym.experiment.policies import Onnx, Python, bots_in
from igym.experiment.scenes.gym import GymScene
from igym.protocol.told import Told

STAR = "*"


def check_env(scene: GymScene, folder: Path) -> None:
    """The env's source is there, is Python, and defines what the scene counts on."""
    options = scene.environment_options
    where = f"{scene.named}.environment"
    if options.file is None and options.code is None and options.entry_point is None:
        raise _at(scene, "environment", Told('{scene} has no env. Add .environment(file="env.py").', scene=scene.named))
    names: dict[str, ast.stmt] = {}
    if options.code is not None:
        names = _names_of_code(scene, options.code, "code", "environment")
        _check_factory(scene, names, "code", where)
    if options.file is not None:
        names = _names_in_file(scene, folder, options.file, "environment", Told("the env file"))
        _check_factory(scene, names, options.file, where)
    if scene.rendering_options.hud_text is not None and options.entry_point is None:
        _check_defined(scene, names, scene.rendering_options.hud_text, options.file or "code", "rendering")
    if scene.runtime_options.on_step_code is not None:
        _names_of_code(scene, scene.runtime_options.on_step_code, "on_step_code", "runtime")


def check_policies(scene: GymScene, folder: Path) -> None:
    """Every bot's file is there, and its function."""
    multiplayer, waitroom = scene.multiplayer_options, scene.waitroom_options
    bots = [*scene.policies_options.mapping.values(), waitroom.timeout_bot, multiplayer.reconnection.bot]
    for policy in bots_in(bots):
        if isinstance(policy, Onnx):
            _existing(scene, folder, policy.path, "policies", Told("the model file"))
        if isinstance(policy, Python):
            names = _names_in_file(scene, folder, policy.file, "policies", Told("the bot file"))
            _check_defined(scene, names, policy.name, policy.file, "policies")
            if isinstance(names.get(policy.name), ast.ClassDef) and scene.runtime_options.where != "host":
                text = Told(
                    "{scene}.policies: {name} in {file} is a class, so it learns while it plays; learners need "
                    '.runtime(where="host").',
                    scene=scene.named,
                    name=policy.name,
                    file=policy.file,
                )
                raise _at(scene, "policies", text)


def _at(scene: GymScene, method: str, text: str, **facts: str | None) -> ExperimentError:
    file, line = scene.site(method)
    return ExperimentError(text, file=file, line=line, **facts)


def _existing(scene: GymScene, folder: Path, path: str, method: str, what: str) -> Path:
    try:
        return existing(folder, path, Told("{scene}.{method}: {what}", scene=scene.named, method=method, what=what))
    except ExperimentError as error:
        raise error.at(*scene.site(method)) from None


def _names_in_file(scene: GymScene, folder: Path, path: str, method: str, what: str) -> dict[str, ast.stmt]:
    file = _existing(scene, folder, path, method, what)
    return defined_names(parsed(read_text(file, folder), path))


def _names_of_code(scene: GymScene, code: str, option: str, method: str) -> dict[str, ast.stmt]:
    try:
        return defined_names(parsed(code, option))
    except ExperimentError as error:
        text = Told(
            "{scene}.{method}: {option}, line {line}: {error}",
            scene=scene.named,
            method=method,
            option=option,
            line=error.line,
            error=error.text,
        )
        raise _at(scene, method, text) from None


def _check_factory(scene: GymScene, names: dict[str, ast.stmt], source: str, where: str) -> None:
    if STAR in names or "make_env" in names:
        _check_config(scene, names.get("make_env"), source, where)
    elif "env" not in names:
        text = Told("{where}: {source} defines neither env nor make_env(**config).", where=where, source=source)
        raise _at(scene, "environment", text, allowed="env = … or def make_env(…): return …")
    elif scene.environment_options.config:
        text = Told(
            "{where}: config is given, but {source} defines env and no make_env(**config) that could take it.",
            where=where,
            source=source,
        )
        raise _at(scene, "environment", text)


def _check_config(scene: GymScene, factory: ast.stmt | None, source: str, where: str) -> None:
    """Misspelt config names are found where make_env lists its parameters."""
    if not isinstance(factory, ast.FunctionDef) or factory.args.kwarg is not None:
        return
    parameters = [argument.arg for argument in (*factory.args.args, *factory.args.kwonlyargs)]
    for name in scene.environment_options.config:
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            text = Told(
                '{where}: make_env in {source} has no parameter "{name}".{hint}',
                where=where,
                source=source,
                name=name,
                hint=suggestion(name, parameters),
            )
            raise _at(
                scene,
                "environment",
                Told("{text} Its parameters are: {known}.", text=text, known=known),
                value=name,
                allowed=known,
            )


def _check_defined(scene: GymScene, names: dict[str, ast.stmt], name: str, source: str, method: str) -> None:
    if name not in names and STAR not in names:
        text = Told(
            "{scene}.{method}: {source} defines no function {name}.{hint}",
            scene=scene.named,
            method=method,
            source=source,
            name=name,
            hint=suggestion(name, names),
        )
        raise _at(scene, method, text, value=name)
