"""Public families of envs, each as a study: what docs/environments.md says of it is what its test runs."""

# ruff: noqa: E501 -- lines of the researchers' files that stand in texts here

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

AS_IT_COMES, WITH_LINES, ON_HOST = "as it comes", "with packages", "on the host"


@dataclass(frozen=True)
class Family:
    """`env` is the whole env.py; `agents` are played by people; `beside` is installed into `site-packages`."""

    name: str
    tried: str
    env: str
    agents: tuple[str, ...] = ("agent_0",)
    actions: tuple[Any, ...] = (0, 1)
    default: Any = 0
    packages: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    gameplay: str = ""
    notes: str = ""
    fps: int = 10

    @property
    def where(self) -> str:
        return ON_HOST if self.beside else WITH_LINES if self.packages else AS_IT_COMES

    @property
    def comes_with_the_app(self) -> bool:
        """Nothing is fetched for it: its test belongs to the normal run."""
        return not (self.packages or self.beside)

    @property
    def lines(self) -> str:
        """What the scene needs beside `.environment(file="env.py")`."""
        asked = ", ".join(f'"{package}"' for package in self.packages)
        found = [f".runtime(packages=[{asked}])"] if self.packages else []
        found += ['.runtime(where="host")'] if self.beside else []
        return " ".join([*found, *([f".gameplay({self.gameplay})"] if self.gameplay else [])])

    def row(self) -> str:
        """Its line of the table."""
        needs = [f"`{self.lines}`"] if self.lines else []
        needs += [f"`pip install --target site-packages {' '.join(self.beside)}`"] if self.beside else []
        return f"| {self.name} | {self.tried} | {self.where} | {', '.join(needs) or 'nothing'} | {self.notes} |"

    def write(self, folder: Path) -> None:
        """The study; its packages are not fetched."""
        keys = {f"Digit{number}": action for number, action in enumerate(self.actions)}
        policies = ", ".join(f'"{agent}": Human' for agent in self.agents)
        gameplay = f"action_mapping={keys!r}, default_action={self.default!r}, countdown_s=0"
        folder.mkdir(parents=True)
        (folder / "env.py").write_text(self.env, encoding="utf-8")
        (folder / "experiment.py").write_text(
            "from igym import EndScene, Experiment, GymScene, Human, Stager\n\n"
            'experiment = Experiment(id="family", stager=Stager([\n'
            f'    GymScene("game").environment(file="env.py").policies({{{policies}}}).rendering(fps={self.fps})\n'
            f"    .gameplay({gameplay}){self.lines},\n"
            '    EndScene("thanks").display(header="Thank you"),\n]))\n',
            encoding="utf-8",
        )


@dataclass
class Tried:
    """What the commands said: of `prepare`, and of the check of the one scene."""

    prepared: str = ""
    scene: dict[str, Any] = field(default_factory=dict)


def tried(family: Family, folder: Path, store: Path, browser: str = "none") -> Tried:
    """Fetches what the row says and nothing else, then checks the study as a researcher would."""
    study = folder / "study"
    family.write(study)
    environment = {**os.environ, "XDG_DATA_HOME": str(store)}
    found = Tried()
    if family.beside:
        install = ["-m", "pip", "install", "--quiet", "--target", str(study / "site-packages"), *family.beside]
        _run(install, environment)
    if family.packages:
        found.prepared = _run(["-m", "igym.cli", "prepare", str(study), "--json"], environment)
    check = ["-m", "igym.cli", "check", str(study), "--json", "--frames", "60", "--browser", browser]
    found.scene = json.loads(_run(check, environment).splitlines()[-1])["scenes"][0]
    return found


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout or done.returncode == 0, done.stderr
    return done.stdout


def gymnasium(name: str, more: str = "") -> str:
    return (
        f'{more}import gymnasium\n\n\ndef make_env():\n    return gymnasium.make("{name}", render_mode="rgb_array")\n'
    )


def pettingzoo(module: str, made: str) -> str:
    return (
        f'from {module} import {made.split(".")[0]}\n\n\ndef make_env():\n    return {made}(render_mode="rgb_array")\n'
    )


FAMILIES = (
    Family("Gymnasium, classic control", "`CartPole-v1`", gymnasium("CartPole-v1"), notes="Acrobot, MountainCar and Pendulum alike"),
    Family("Gymnasium, toy text", "`FrozenLake-v1`", gymnasium("FrozenLake-v1"), actions=(0, 1, 2, 3),
           gameplay='pace="on_input", move_limit_s=20', notes="Taxi, CliffWalking and Blackjack alike"),
    Family("PettingZoo classic, board games", "`connect_four`",
           pettingzoo("pettingzoo.classic.connect_four", "connect_four.env"), ("player_0", "player_1"),
           tuple(range(7)), notes="tic-tac-toe alike; a turn waits for its player"),
    Family("PettingZoo classic, rock-paper-scissors", "`rps`", pettingzoo("pettingzoo.classic.rps", "rps.parallel_env"),
           ("player_0", "player_1"), (0, 1, 2)),
    Family("PettingZoo butterfly", "`cooperative_pong`",
           pettingzoo("pettingzoo.butterfly.cooperative_pong_v6", "parallel_env"), ("paddle_0", "paddle_1"),
           (1, 2), beside=("pygame==2.6.1",), notes="what its agents see is pygame's own picture"),
    Family("MiniGrid", "`MiniGrid-Empty-5x5-v0`", gymnasium("MiniGrid-Empty-5x5-v0", "import minigrid  # noqa: F401\n"),
           actions=(0, 1, 2), default=6, packages=("minigrid==3.2.0",), notes="`max_observation_numbers=149` keeps what the agent sees"),
    Family("MPE (particles)", "`simple_spread`", pettingzoo("mpe2", "simple_spread_v3.parallel_env"),
           ("agent_0", "agent_1", "agent_2"), (1, 2, 3, 4), packages=("mpe2==1.1.1",)),
    Family("Crafter", "`crafter.Env`",
           "import crafter\nimport gymnasium\nimport numpy as np\n\n\nclass Old(gymnasium.Env):\n    render_mode = \"rgb_array\"\n"
           "    def __init__(self):\n        self.game = crafter.Env(seed=1)\n"
           "        self.action_space = gymnasium.spaces.Discrete(17)\n\n    def reset(self, seed=None, options=None):\n"
           "        self.game._seed, self.game._episode = seed, 0\n        return self.game.reset().mean(), {}\n\n"
           "    def step(self, action):\n        seen, reward, done, _ = self.game.step(action)\n"
           "        return seen.mean(), reward, done, False, {}\n\n    def render(self):\n        return self.game.render((200, 200))\n\n\nenv = Old()\n",
           actions=(1, 2, 3, 4, 5), packages=("crafter==1.8.3",), notes="built from source; its old API needs a wrapper of 15 lines"),
    Family("Gymnasium, Box2D", "`LunarLander-v3`", gymnasium("LunarLander-v3"), actions=(1, 2, 3), beside=("box2d==2.3.10",)),
    Family("Arcade Learning Environment", "`ALE/Pong-v5`", gymnasium("ALE/Pong-v5", "import ale_py  # noqa: F401\n"),
           actions=(2, 3), beside=("ale-py==0.11.2",), notes="its ROMs come with the package"),
)  # fmt: skip
