"""Files of `torch.save` and `numpy.savez` with weights in them, read without torch and without running any of them."""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from igym.host.base.errors import HostError
from igym.protocol.told import Told

Weights = dict[str, "np.ndarray[Any, Any]"]
_DTYPES = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
    "BoolStorage": "?", "ByteStorage": "u1",
}  # fmt: skip


class _Reader(pickle.Unpickler):
    """Knows tensors, dicts and numbers; whatever else a file names is refused."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(archive.open(f"{root}data.pkl"))
        self._archive, self._root = archive, root

    def find_class(self, module: str, name: str) -> Any:
        known: dict[tuple[str, str], Any] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch._utils", "_rebuild_parameter"): lambda data, *_: data,
        }
        if module == "torch" and name in _DTYPES:
            return np.dtype(_DTYPES[name])
        if (module, name) not in known:
            raise HostError(
                "no_weights",
                Told(
                    "The file holds {module}.{name}, not weights alone. Save agent.state_dict(), or convert it "
                    "where its library is installed.",
                    module=module,
                    name=name,
                ),
            )
        return known[module, name]

    def persistent_load(self, pid: Any) -> Any:
        _, dtype, key, *_ = pid
        return np.frombuffer(self._archive.read(f"{self._root}data/{key}"), dtype)


def _tensor(storage: Any, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> Any:
    steps = tuple(step * storage.itemsize for step in stride)
    return np.lib.stride_tricks.as_strided(storage[offset:], size, steps).copy()


def _arrays(archive: zipfile.ZipFile) -> Weights:
    """Of a file of `numpy.savez`; what would need pickle is left out."""
    found: Weights = {}
    for name in archive.namelist():
        with archive.open(name) as file, suppress(ValueError):
            found[name.removesuffix(".npy")] = np.lib.format.read_array(file, allow_pickle=False)
    return found


def read_weights(path: Path) -> Weights:
    """The weights by name; of several dicts in one file the first. Raises `HostError` "no_weights"."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith("data.pkl")]
            found: Any = _Reader(archive, names[0].removesuffix("data.pkl")).load() if names else _arrays(archive)
    except (OSError, zipfile.BadZipFile, pickle.UnpicklingError, EOFError) as error:
        raise HostError(
            "no_weights", Told("{name} is no file of torch.save or numpy.savez: {error}.", name=path.name, error=error)
        ) from error
    while isinstance(found, tuple | list) and found:
        found = found[0]
    if isinstance(found, dict):
        found = next((inner for inner in found.values() if isinstance(inner, dict)), found)
        arrays = {str(name): value for name, value in found.items() if isinstance(value, np.ndarray)}
        if arrays:
            return arrays
    raise HostError(
        "no_weights", Told("{name} holds no weights by name, as agent.state_dict() gives them.", name=path.name)
    )


Activation = Callable[[Any], Any]
ACTIVATIONS: dict[str, tuple[str, Activation]] = {
    "tanh": ("Tanh", np.tanh),
    "relu": ("Relu", lambda value: np.maximum(value, 0)),
}
"""Name → the ONNX operator, and what it does."""
