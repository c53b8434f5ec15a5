"""Whether a trained network has the inputs and outputs a study names, read from its file without playing."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from igym.experiment.errors import suggestion
from igym.experiment.experiment import Experiment
from igym.experiment.policies import Onnx, bots_in
from igym.protocol.told import Told

Names = tuple[tuple[str, ...], tuple[str, ...]]


def network_problem(experiment: Experiment, folder: Path) -> str:
    """The first network that does not fit what is said about it; empty when all do."""
    for scene in experiment.games:
        for agent, policy in scene.policies_options.mapping.items():
            for network in (bot for bot in bots_in([policy]) if isinstance(bot, Onnx)):
                if found := _problem(network, folder / network.path):
                    return f"{scene.id}, {agent}: {found}"
    return ""


def _problem(policy: Onnx, file: Path) -> str:
    if not file.is_file():
        return ""
    names = _names(file, file.stat().st_mtime_ns)
    if isinstance(names, str):
        return Told("{file} is not a network that onnxruntime can read: {error}", file=policy.path, error=names)
    inputs, outputs = names
    seen = [*policy.observation_inputs] or [policy.observation_input or inputs[0]]
    wanted = [*seen, *policy.state_inputs, *policy.fixed_inputs]
    spread = [policy.log_std_output] if policy.log_std_output else []
    for name, known, what in (
        *((name, inputs, "input") for name in wanted),
        *((name, outputs, "output") for name in (policy.logit_output or outputs[0], *spread, *policy.state_outputs)),
    ):
        if name not in known:
            return Told(
                '{file} has no {kind} "{name}".{hint} It has: {known}.',
                file=policy.path,
                kind=what,
                name=name,
                hint=suggestion(name, known),
                known=", ".join(known),
            )
    left = [name for name in inputs if name not in wanted]
    return (
        Told(
            "{file} also needs {names}: name them as observation, state or fixed inputs.",
            file=policy.path,
            names=", ".join(left),
        )
        if left
        else ""
    )


@lru_cache(maxsize=32)
def _names(file: Path, changed_ns: int) -> Names | str:
    """(inputs, outputs), or why there are none; `changed_ns` has a file that was changed read again."""
    import onnxruntime  # heavy: loaded by those who have a network

    try:
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    except Exception as error:  # the library has an exception for every kind of damage
        return str(error).splitlines()[0][:200]
    return tuple(i.name for i in session.get_inputs()), tuple(o.name for o in session.get_outputs())
