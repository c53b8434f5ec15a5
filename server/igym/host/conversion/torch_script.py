"""Whole networks as `torch.jit.save` writes them, by torch."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from igym.host.base.errors import HostError
from igym.host.conversion.originals import needed
from igym.protocol.told import Told

INSTALL = "torch onnx"


def is_script(path: Path) -> bool:
    import zipfile

    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("constants.pkl") for name in archive.namelist())


class Script:
    """A network of one input, the observation, and one output; `shape` is the observation's."""

    def __init__(self, path: Path, shape: tuple[int, ...], output: str) -> None:
        if not shape:
            raise HostError(
                "no_shape", Told("A TorchScript file does not tell what it takes: give --observation 12 (or 84,84,3).")
            )
        self._torch = needed("torch", INSTALL)
        self._module = self._torch.jit.load(str(path), map_location="cpu").eval()
        self.observation_space = spaces.Box(-np.inf, np.inf, shape, np.float32)
        size = int(self._out(self.observation_space.sample()).size)
        discrete = output == "logits"
        self.action_space: Any = spaces.Discrete(size) if discrete else spaces.Box(-np.inf, np.inf, (size,), np.float32)
        self.options = {} if discrete else {"output": output}

    def _out(self, observation: Any) -> Any:
        with self._torch.no_grad():
            return self._module(self._torch.as_tensor(np.asarray(observation)[None])).numpy().ravel()

    def act(self, observation: Any) -> Any:
        found = self._out(observation)
        return found if self.options else int(np.argmax(found))

    def export(self, path: Path) -> None:
        needed("onnx", INSTALL)
        given = (self._torch.as_tensor(self.observation_space.sample()[None]),)
        with warnings.catch_warnings(), self._torch.no_grad():
            warnings.simplefilter("ignore")
            self._torch.onnx.export(
                self._module, given, str(path), input_names=["observation"], output_names=["out"], opset_version=17,
                dynamo=False,
            )  # fmt: skip
