"""Bots that may take a player's seat come to the browser with everything they need."""

from pathlib import Path

from igym import GymScene, Human, Onnx, Python
from igym.experiment.bundle import game_bundle


def scene() -> GymScene:
    return (
        GymScene("duel")
        .environment(file="env.py")
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"a": 1})
    )


def folder(tmp_path: Path) -> Path:
    (tmp_path / "env.py").write_text("env = None\n")
    (tmp_path / "bots.py").write_text("import scipy\n\ndef act(observation):\n    return 0\n")
    (tmp_path / "net.onnx").write_bytes(b"")
    return tmp_path


def test_the_networks_of_bots_for_empty_and_lost_seats_are_sent_along(tmp_path: Path) -> None:
    late = {"on_timeout": "bot", "timeout_bot": Onnx("net.onnx")}
    lost = {"on_timeout": "bot", "bot": Onnx("asset:other.onnx")}

    def models(one: GymScene) -> dict[str, str]:
        sent: dict[str, str] = game_bundle(one, folder(tmp_path))["onnx"]
        return sent

    first, second = {"net.onnx": "/assets/net.onnx"}, {"asset:other.onnx": "/assets/other.onnx"}
    assert models(scene().waitroom(**late)) == first
    assert models(scene().multiplayer(reconnection=lost)) == second
    assert models(scene().waitroom(**late).multiplayer(reconnection=lost)) == first | second
    assert models(scene().waitroom(**late | {"on_timeout": "end"})) == {}


def test_what_such_a_bot_imports_is_sent_along(tmp_path: Path) -> None:
    late = scene().waitroom(on_timeout="bot", timeout_bot=Python("bots.py:act"))
    assert "scipy" in game_bundle(late, folder(tmp_path))["imports"]
    assert "scipy" not in game_bundle(scene(), folder(tmp_path))["imports"]
