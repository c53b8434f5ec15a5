"""`igym policy convert`: a network is kept only if it decides as the policy it was made from."""

from __future__ import annotations

import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from gymnasium import spaces

from igym.host.base.errors import HostError
from igym.host.conversion import originals
from igym.host.programs import policy_main
from tests.networks import write_constant

Array = np.ndarray[Any, Any]


class FloatStorage:
    """Stands for torch's class of that name."""


class Tensor:
    """Pickles as torch's tensors do."""

    def __init__(self, key: str, values: Array) -> None:
        self.key, self.values = key, values

    def __reduce__(self) -> Any:
        rebuild = sys.modules["torch._utils"]._rebuild_tensor_v2
        steps = tuple(step // self.values.itemsize for step in self.values.strides)
        return rebuild, (Stored(self.key, self.values.size), 0, self.values.shape, steps, False, OrderedDict())


class Stored:
    def __init__(self, key: str, size: int) -> None:
        self.key, self.size = key, size


class Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return ("storage", FloatStorage, obj.key, "cpu", obj.size) if isinstance(obj, Stored) else None


def rebuild(*_: Any) -> None:
    """Only its name is written down."""


@pytest.fixture(autouse=True)
def torch_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of torch name what they are made of; here is no torch."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    rebuild.__module__, rebuild.__qualname__, rebuild.__name__ = "torch._utils", *(2 * ["_rebuild_tensor_v2"])
    FloatStorage.__module__ = "torch"
    torch.FloatStorage, utils._rebuild_tensor_v2 = FloatStorage, rebuild  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def saved(path: Path, weights: dict[str, Array], wrap: Any = lambda found: found) -> Path:
    """As `torch.save(state_dict, path)` writes them."""
    contents = {str(key): np.asarray(value, "<f4") for key, value in enumerate(weights.values())}
    tensors = OrderedDict(zip(weights, (Tensor(key, value) for key, value in contents.items()), strict=True))
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open("model/data.pkl", "w") as file:
            Pickler(file, 2).dump(wrap(tensors))
        for key, value in contents.items():
            archive.writestr(f"model/data/{key}", value.tobytes())
    return path


def dense(rng: np.random.Generator, **layers: tuple[int, int]) -> dict[str, Array]:
    """Weights by name, `actor_0=(5, 8)` as `actor.0`."""
    found: dict[str, Array] = {}
    for name, (seen, given) in layers.items():
        place = ".".join(name.rsplit("_", 1)) if name[-1].isdigit() and "_" in name else name
        found |= {f"{place}.weight": rng.normal(size=(given, seen)), f"{place}.bias": rng.normal(size=given)}
    return found


def run(path: Path, seen: Array) -> list[Array]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return [np.asarray(out) for out in session.run(None, {"observation": np.float32(seen)[None]})]


def test_a_checkpoint_of_weights_becomes_a_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    weights = dense(rng, critic_0=(5, 4), critic_2=(4, 1), actor_0=(5, 8), actor_2=(8, 6), actor_4=(6, 3))
    path = saved(tmp_path / "agent.cleanrl_model", weights)
    assert policy_main.main(["convert", str(path), "--to", str(tmp_path / "agent.onnx")]) == 0
    told = capsys.readouterr().out
    assert "on 100 of 100 observations" in told and 'Onnx("agent.onnx")' in told and "Discrete(3)" in told
    seen = rng.normal(size=5)
    inner = np.tanh(weights["actor.2.weight"] @ np.tanh(weights["actor.0.weight"] @ seen + weights["actor.0.bias"])
                    + weights["actor.2.bias"])  # fmt: skip
    expected = weights["actor.4.weight"] @ inner + weights["actor.4.bias"]
    assert run(tmp_path / "agent.onnx", seen)[0][0] == pytest.approx(expected, rel=1e-4)


def test_weights_of_numpy_become_the_same_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = dense(np.random.default_rng(4), actor_0=(5, 8), actor_2=(8, 3))
    weights = {name: np.float32(value) for name, value in layers.items()}
    np.savez(tmp_path / "clone.npz", **weights, made_by=np.array(["us"], object))
    assert policy_main.main(["convert", str(tmp_path / "clone.npz")]) == 0
    assert 'Onnx("clone.onnx")' in capsys.readouterr().out
    assert policy_main.main(["convert", str(saved(tmp_path / "agent.pt", weights))]) == 0
    assert (tmp_path / "clone.onnx").read_bytes() == (tmp_path / "agent.onnx").read_bytes()


def test_continuous_checkpoints_keep_their_spread_and_their_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(2)
    weights = dense(rng, actor_mean_0=(4, 8), actor_mean_2=(8, 2)) | {"actor_logstd": np.array([[-1.0, 0.5]])}
    path = saved(tmp_path / "ppo.pt", weights)
    assert policy_main.main(["convert", str(path)]) == 0
    assert 'Onnx("ppo.onnx", output="gaussian", log_std_output="log_std")' in capsys.readouterr().out
    assert run(tmp_path / "ppo.onnx", rng.normal(size=4))[1].ravel().tolist() == [-1.0, 0.5]

    weights = dense(rng, fc1=(4, 8), fc2=(8, 8), fc_mu=(8, 2))
    weights |= {"action_scale": np.array([2.0, 1.0]), "action_bias": np.array([1.0, 0.0])}
    path = saved(tmp_path / "td3.pt", weights, lambda found: (found, found))
    assert policy_main.main(["convert", str(path)]) == 0
    assert 'Onnx("td3.onnx", output="action")' in capsys.readouterr().out
    far = run(tmp_path / "td3.onnx", np.full(4, 1e4))[0].ravel()
    assert abs(far[0] - 1.0) <= 2.0 and abs(far[1]) <= 1.0


class Stubborn:
    """Exports a network that takes action 1, and takes another itself."""

    def __init__(self, action: int) -> None:
        self.action = action
        self.observation_space, self.action_space = spaces.Box(-1, 1, (2,)), spaces.Discrete(3)
        self.options: dict[str, Any] = {}

    def act(self, observation: Any) -> int:
        return self.action

    def export(self, path: Path) -> None:
        write_constant(path, 1, observed=2)


def test_a_network_that_decides_otherwise_is_not_kept(tmp_path: Path) -> None:
    assert originals.converted(Stubborn(1), tmp_path / "good.onnx") == 100
    with pytest.raises(HostError, match="otherwise than the original on 100 of 100"):
        originals.converted(Stubborn(2), tmp_path / "bad.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["good.onnx"]


def code_of(path: Path, *more: str) -> int:
    return policy_main.main(["convert", str(path), *more])


def test_what_cannot_be_converted_is_told_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    (tmp_path / "text.pt").write_text("no weights")
    saved(tmp_path / "odd.pt", {"tower.weight": rng.normal(size=(2, 2))})
    saved(tmp_path / "pixels.pt", {"network.0.weight": rng.normal(size=(2, 2, 3, 3))})
    saved(tmp_path / "code.pt", {}, lambda found: Path)
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        archive.writestr("data", '{"clip_range": 1}')
        archive.writestr("policy.pth", b"")
    for name, words in {
        "gone.pt": "There is no file",
        "text.pt": "is no file of torch.save or numpy.savez",
        "odd.pt": "cannot be told from its weights",
        "pixels.pt": "it has convolutions",
        "code.pt": "not weights alone",
        "model.zip": "pip install stable-baselines3 onnx",
    }.items():
        assert code_of(tmp_path / name) == 1
        assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("*.onnx"))
