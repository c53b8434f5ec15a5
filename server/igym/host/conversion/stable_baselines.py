"""Models of stable-baselines3, by that library and torch."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from igym.host.base.errors import HostError
from igym.host.conversion.originals import needed
from igym.protocol.told import Told

INSTALL = "stable-baselines3 onnx"
_SIGNS = {
    "PPO": "clip_range", "DQN": "exploration_fraction", "TD3": "target_policy_noise", "SAC": "target_entropy",
    "A2C": "normalize_advantage",
}  # fmt: skip
"""Algorithm → an option that only it has, of those that are asked after one another."""


def is_model(path: Path) -> bool:
    """Whether a file is what `model.save` of stable-baselines3 writes."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return {"data", "policy.pth"} <= set(archive.namelist())


def algorithm_of(path: Path) -> str:
    """By the options in the file. Raises `HostError` "unknown_algorithm"."""
    with zipfile.ZipFile(path) as archive:
        options = json.loads(archive.read("data"))
    for name, sign in _SIGNS.items():
        if sign in options:
            return name
    raise HostError(
        "unknown_algorithm", Told("{name} does not tell its algorithm: give it, as --algorithm PPO.", name=path.name)
    )


class Model:
    """One loaded model."""

    def __init__(self, path: Path, algorithm: str | None) -> None:
        library = needed("stable_baselines3", INSTALL)
        name = algorithm or algorithm_of(path)
        kind = getattr(library, name, None)
        if kind is None:
            raise HostError("unknown_algorithm", Told("stable-baselines3 has no algorithm {name}.", name=name))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._model = kind.load(path, device="cpu")
        self.observation_space = self._model.observation_space
        self.action_space = self._model.action_space
        self.options = self._options(name)

    def _options(self, name: str) -> dict[str, Any]:
        space = type(self.action_space).__name__
        found: dict[str, Any] = {}
        if name in ("SAC", "TD3", "DDPG"):
            found = {"output": "action"}
        elif space == "Box":
            found = {"output": "gaussian", "log_std_output": "log_std"}
        elif space != "Discrete":
            found = {"output": "multidiscrete"}
        inner = getattr(self.observation_space, "spaces", None)
        return found | ({"observation_inputs": {key: key for key in inner}} if isinstance(inner, dict) else {})

    def act(self, observation: Any) -> Any:
        return self._model.predict(observation, deterministic=True)[0]

    def export(self, path: Path) -> None:
        torch = needed("torch", INSTALL)
        needed("onnx", INSTALL)
        seen = self.observation_space.sample()
        names = list(seen) if isinstance(seen, dict) else ["observation"]
        parts = [seen[name] for name in names] if isinstance(seen, dict) else [seen]
        given = tuple(torch.as_tensor(np.asarray(part)[None]) for part in parts)
        outputs = ["out", "log_std"] if "log_std_output" in self.options else ["out"]
        module = _module(torch, self._model, names if isinstance(seen, dict) else None, self.options)
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module, given, str(path), input_names=names, output_names=outputs, opset_version=17, dynamo=False
            )


def _module(torch: Any, model: Any, keys: list[str] | None, options: dict[str, Any]) -> Any:
    policy = model.policy.eval()

    class Acting(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.policy = policy

        def forward(self, *seen: Any) -> Any:
            observation = dict(zip(keys, seen, strict=True)) if keys else seen[0]
            if options.get("output") == "action":
                return _unscaled(torch, self.policy, self.policy.actor(observation, **_calm(self.policy)))
            if hasattr(self.policy, "q_net"):
                return self.policy.q_net(observation)
            return _distribution(torch, self.policy.get_distribution(observation).distribution)

    return Acting()


def _calm(policy: Any) -> dict[str, bool]:
    """An actor that draws is asked for what is most likely."""
    return {"deterministic": True} if hasattr(policy.actor, "log_std") else {}


def _unscaled(torch: Any, policy: Any, action: Any) -> Any:
    low, high = (torch.as_tensor(end) for end in (policy.action_space.low, policy.action_space.high))
    return low + 0.5 * (action + 1.0) * (high - low)


def _distribution(torch: Any, found: Any) -> Any:
    if isinstance(found, list):
        return torch.cat([part.logits for part in found], dim=1)
    if hasattr(found, "logits"):
        return found.logits
    return found.mean, torch.log(found.stddev)
