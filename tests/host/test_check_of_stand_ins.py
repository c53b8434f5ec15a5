"""`igym check` tries who or what stands in for a player who is gone, long before it happens in a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from igym.host.programs.check_main import main, run_checks
from tests.host.conftest import PAIR, write_experiment

ENV = """
SPACE

class Race:
    possible_agents = ["left", "right"]

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        self.at = {"left": 0, "right": 0}
        return dict(self.at), {agent: {} for agent in self.agents}

    def step(self, actions):
        for agent, action in actions.items():
            self.at[agent] += action
        no = {agent: False for agent in self.agents}
        return dict(self.at), {agent: 0.0 for agent in self.agents}, no, dict(no), {agent: {} for agent in self.agents}

def make_env():
    return Race()
"""
WITH_SPACE = ENV.replace("SPACE", "from gymnasium.spaces import Discrete").replace(
    "    def reset", "    def action_space(self, agent):\n        return Discrete(2)\n\n    def reset"
)
RECONNECTION = '.multiplayer(reconnection={"on_timeout": "bot"}).policies('


def found(folder: Path, env: str) -> dict[str, object]:
    source = PAIR.replace(".policies(", RECONNECTION)
    result: dict[str, object] = run_checks(write_experiment(folder, source, {"env.py": env}), None, 60, 1, None)
    return result


def test_a_stand_in_that_cannot_act_is_a_problem(tmp_path: Path) -> None:
    result = found(tmp_path / "without", ENV.replace("SPACE", ""))
    assert not result["ok"]
    assert "A Random bot needs the env to have an action space." in str(result["scenes"])


def test_a_stand_in_that_can_act_is_none(tmp_path: Path) -> None:
    result = found(tmp_path / "with", WITH_SPACE)
    assert result["ok"], result


@pytest.mark.parametrize("where", ["browser", "host"])
@pytest.mark.parametrize("acts", [False, True])
def test_the_waitrooms_bot_is_tried_in_the_seats_of_those_who_do_not_come(
    tmp_path: Path, where: str, acts: bool
) -> None:
    source = PAIR.replace(".waitroom(", f'.runtime(where="{where}").waitroom(on_timeout="bot", ')
    env = WITH_SPACE if acts else ENV.replace("SPACE", "")
    result = run_checks(write_experiment(tmp_path / "late", source, {"env.py": env}), None, 60, 1, None)
    assert result["ok"] is acts, result
    assert ("A Random bot needs the env to have an action space." in str(result["scenes"])) is not acts


def test_without_a_stand_in_the_default_action_is_taken(tmp_path: Path) -> None:
    result = run_checks(
        write_experiment(tmp_path / "plain", PAIR, {"env.py": ENV.replace("SPACE", "")}), None, 60, 1, None
    )
    assert result["ok"], result


def test_a_browser_that_is_not_there_is_told(root: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(root / "examples" / "slime_duel"), "--browser", str(tmp_path / "absent")])
    assert ended.value.code == 2
    assert "There is no browser at" in capfd.readouterr().err


def test_a_dead_key_in_the_mapping_is_told(tmp_path: Path) -> None:
    source = PAIR.replace('"ArrowLeft": 0', '"^": 0')
    result = run_checks(
        write_experiment(tmp_path / "dead", source, {"env.py": ENV.replace("SPACE", "")}), None, 20, 1, None
    )
    assert result["ok"], result
    assert "^ is a dead key on many keyboards" in str(result["scenes"][0]["warnings"])
