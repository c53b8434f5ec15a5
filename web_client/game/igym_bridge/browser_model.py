"""A network that the worker runs with onnxruntime-web, called synchronously."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from .onnx_policy import Array


class BrowserModel:
    """Wraps the worker's `SyncModel`; `to_js` is Pyodide's."""

    def __init__(self, model: Any, to_js: Any) -> None:
        self._model = model
        self._to_js = to_js
        described = json.loads(model.describe())
        self.inputs: dict[str, tuple[str, list[int | None]]] = {
            name: (dtype, shape) for name, dtype, shape in described["inputs"]
        }
        self.outputs: dict[str, list[int | None]] = dict(described["outputs"])
        self._layouts: dict[str, list[tuple[str, list[int]]]] = {}

    def run(self, feeds: dict[str, Array]) -> dict[str, Array]:
        arrays = [np.ascontiguousarray(feeds[name]) for name in self.inputs]
        data = b"".join(array.tobytes() for array in arrays)
        shapes = str([list(array.shape) for array in arrays])
        result = self._model.run(self._to_js(data), shapes).to_bytes()
        layout_text = self._model.layout
        layout = self._layouts.get(layout_text)
        if layout is None:
            layout = self._layouts[layout_text] = json.loads(layout_text)
        return _split(result, [*self.outputs], layout)


def _split(data: bytes, names: list[str], layout: list[tuple[str, list[int]]]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    offset = 0
    for name, (dtype, shape) in zip(names, layout, strict=True):
        count = int(np.prod(shape, dtype=np.int64))
        found[name] = np.frombuffer(data, dtype, count, offset).reshape(shape)
        offset += count * np.dtype(dtype).itemsize
    return found
