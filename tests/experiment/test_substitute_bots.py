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


def test_the_model_of_a_bot_for_an_empty_or_lost_seat_is_there_for_every_player(tmp_path: Path) -> None:
    bot = Onnx("net.onnx")
    late = scene().waitroom(on_timeout="bot", timeout_bot=bot)
    lost = scene().multiplayer(reconnection={"on_timeout": "bot", "bot": bot})
    for with_bot in (late, lost):
        assert set(game_bundle(with_bot, folder(tmp_path))["onnx"]) == {"left", "right"}
    never = scene().waitroom(on_timeout="end", timeout_bot=bot)
    assert game_bundle(never, folder(tmp_path))["onnx"] == {}


def test_what_such_a_bot_imports_is_sent_along(tmp_path: Path) -> None:
    late = scene().waitroom(on_timeout="bot", timeout_bot=Python("bots.py:act"))
    assert "scipy" in game_bundle(late, folder(tmp_path))["imports"]
    assert "scipy" not in game_bundle(scene(), folder(tmp_path))["imports"]
