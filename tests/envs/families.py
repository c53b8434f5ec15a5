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
    """`envs`: what is tried → the whole of its env.py; each is a scene. `agents` are played by people; `beside` is
    installed into `site-packages`."""

    name: str
    envs: dict[str, str]
    agents: tuple[Any, ...] = ("agent_0",)
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

    @property
    def tried(self) -> str:
        return ", ".join(f"`{name}`" for name in self.envs)

    def row(self) -> str:
        """Its line of the table."""
        needs = [f"`{self.lines}`"] if self.lines else []
        needs += [f"`pip install --target site-packages {' '.join(self.beside)}`"] if self.beside else []
        return f"| {self.name} | {self.tried} | {self.where} | {', '.join(needs) or 'nothing'} | {self.notes} |"

    def write(self, folder: Path) -> None:
        """The study; its packages are not fetched."""
        folder.mkdir(parents=True)
        for number, source in enumerate(self.envs.values()):
            (folder / f"env{number}.py").write_text(source, encoding="utf-8")
        scenes = "".join(f"    {self._scene(number)},\n" for number in range(len(self.envs)))
        (folder / "experiment.py").write_text(
            "from igym import Axis, EndScene, Experiment, GymScene, Human, Stager\n\n"
            f'experiment = Experiment(id="family", stager=Stager([\n{scenes}'
            '    EndScene("thanks").display(header="Thank you"),\n]))\n',
            encoding="utf-8",
        )

    def _scene(self, number: int) -> str:
        policies = ", ".join(f"{agent!r}: Human" for agent in self.agents)
        keys = {f"Digit{place}": action for place, action in enumerate(self.actions)}
        played = f"action_mapping={keys!r}, default_action={self.default!r}, " if self.actions else ""
        return (
            f'GymScene("game{number}").environment(file="env{number}.py").policies({{{policies}}})'
            f".rendering(fps={self.fps}).gameplay({played}countdown_s=0){self.lines}"
        )


@dataclass
class Tried:
    """What the commands said: of `prepare`, and of the check of each scene and of the study."""

    prepared: str = ""
    scenes: list[dict[str, Any]] = field(default_factory=list)
    study: dict[str, Any] = field(default_factory=dict)
    """Of one with a game on the host: as whole it is loaded as a session does it, envs and all."""

    def complaints(self) -> list[str]:
        """Why it is not played as its row says."""
        texts = [text for scene in self.scenes for text in [*scene["problems"], *scene["warnings"]]]
        refused = [text for scene in self.scenes if not scene["ok"] for text in scene["problems"]]
        whole = [] if self.study.get("ok", True) else [finding["text"] for finding in self.study["findings"]]
        return [*refused, *whole, *(text for text in texts if "Two runs" in text)]


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
    parts = [] if family.beside else ["--only", "envs"]
    check = ["-m", "igym.cli", "check", str(study), "--json", *parts, "--frames", "60", "--browser", browser]
    told = json.loads(_run(check, environment).splitlines()[-1])
    found.scenes, found.study = told["scenes"], told.get("study") or {}
    assert len(found.scenes) == len(family.envs)
    return found


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout or done.returncode == 0, done.stderr
    return done.stdout


def gymnasium(*names: str, more: str = "") -> dict[str, str]:
    made = 'def make_env():\n    return gymnasium.make("{}", render_mode="rgb_array")\n'
    return {name: f"{more}import gymnasium\n\n\n{made.format(name)}" for name in names}


def pettingzoo(package: str, **made: str) -> dict[str, str]:
    """`made`: name → how its module, which is the last part of `package.MODULE`, makes it."""
    return {
        name: f"from {package} import {call.split('.')[0]} as game\n\n\n"
        f'def make_env():\n    return game.{call.split(".")[1]}(render_mode="rgb_array")\n'
        for name, call in made.items()
    }


OVERCOOKED = """import cogrid.envs  # noqa: F401
from cogrid.envs import registry


def make_env():
    return registry.make("Overcooked-CrampedRoom-V0", render_mode="rgb_array")
"""
CRAFTER = """import crafter
import gymnasium


class Old(gymnasium.Env):
    render_mode = "rgb_array"

    def __init__(self):
        self.game = crafter.Env(seed=1)
        self.action_space = gymnasium.spaces.Discrete(17)

    def reset(self, seed=None, options=None):
        self.game._seed, self.game._episode = seed, 0
        return self.game.reset().mean(), {}

    def step(self, action):
        seen, reward, done, _ = self.game.step(action)
        return seen.mean(), reward, done, False, {}

    def render(self):
        return self.game.render((200, 200))


env = Old()
"""
# Without a screen MuJoCo draws with EGL.
NO_SCREEN = 'import os\nimport sys\n\nif sys.platform == "linux":\n    os.environ.setdefault("MUJOCO_GL", "egl")\n\n'
SPEAKER = 'per_agent={"speaker_0": {"action_mapping": {"Digit1": 0, "Digit2": 1, "Digit3": 2}}}'

FAMILIES = (
    Family("Gymnasium, classic control", gymnasium("CartPole-v1", "Acrobot-v1", "MountainCar-v0")),
    Family("Gymnasium, continuous control", gymnasium("Pendulum-v1", "MountainCarContinuous-v0"), actions=(),
           gameplay='analog={"push": Axis("mouse_x")}', notes="`low=-2, high=2` gives Pendulum its whole torque"),
    Family("Gymnasium, toy text", gymnasium("FrozenLake-v1", "CliffWalking-v1", "Taxi-v4"), actions=(0, 1, 2, 3),
           gameplay='pace="on_input", move_limit_s=20', notes="Taxi has two keys more"),
    Family("Gymnasium, Blackjack", gymnasium("Blackjack-v1"), gameplay='pace="on_input"'),
    Family("PettingZoo classic, connect four", pettingzoo("pettingzoo.classic", connect_four="connect_four_v3.env"),
           ("player_0", "player_1"), tuple(range(7)), notes="a turn waits for its player"),
    Family("PettingZoo classic, tic-tac-toe", pettingzoo("pettingzoo.classic", tictactoe="tictactoe_v3.env"),
           ("player_1", "player_2"), tuple(range(9)), notes="its agents are `player_1` and `player_2`"),
    Family("PettingZoo classic, rock-paper-scissors", pettingzoo("pettingzoo.classic", rps="rps_v2.parallel_env"),
           ("player_0", "player_1"), (0, 1, 2), notes='choices at the same time: `pace="on_input"`'),
    Family("PettingZoo butterfly, pong",
           pettingzoo("pettingzoo.butterfly", cooperative_pong="cooperative_pong_v6.parallel_env"),
           ("paddle_0", "paddle_1"), (1, 2), beside=("pygame==2.6.1",),
           notes="what its agents see is pygame's own picture"),
    Family("PettingZoo butterfly, knights and archers",
           pettingzoo("pettingzoo.butterfly", knights_archers_zombies="knights_archers_zombies_v11.parallel_env"),
           ("archer_0", "archer_1", "knight_0", "knight_1"), (0, 1, 2, 3, 4), default=5, beside=("pygame==2.6.1",)),
    Family("MiniGrid", gymnasium("MiniGrid-Empty-5x5-v0", more="import minigrid  # noqa: F401\n"),
           actions=(0, 1, 2), default=6, packages=("minigrid==3.2.0",), notes="`max_observation_numbers=149` keeps what the agent sees"),
    Family("MPE (particles)", pettingzoo("mpe2", simple_spread="simple_spread_v3.parallel_env"),
           ("agent_0", "agent_1", "agent_2"), (1, 2, 3, 4), packages=("mpe2==1.1.1",)),
    Family("MPE, speaker and listener",
           pettingzoo("mpe2", simple_speaker_listener="simple_speaker_listener_v4.parallel_env"),
           ("speaker_0", "listener_0"), (1, 2, 3, 4), gameplay=SPEAKER, packages=("mpe2==1.1.1",),
           notes="each agent has actions of its own"),
    Family("CoGrid, Overcooked", {"Overcooked-CrampedRoom-V0": OVERCOOKED}, (0, 1), (0, 1, 2, 3, 4, 5), default=6,
           packages=("cogrid==0.3.2",), notes="what an agent sees is 892 numbers: `max_observation_numbers=892` keeps them"),
    Family("Crafter", {"crafter.Env": CRAFTER}, actions=(1, 2, 3, 4, 5), packages=("crafter==1.8.3",),
           notes="built from source; its old API needs a wrapper of 15 lines"),
    Family("Gymnasium, Box2D", gymnasium("LunarLander-v3"), actions=(1, 2, 3), beside=("box2d==2.3.10",)),
    Family("Gymnasium, MuJoCo", gymnasium("HalfCheetah-v5", more=NO_SCREEN), actions=([1] * 6, [-1] * 6),
           default=[0] * 6, beside=("mujoco==4.0.0", "imageio==2.38.1"),
           notes="on Linux without a screen its env.py sets `MUJOCO_GL` to `egl` before anything else"),
    Family("Arcade Learning Environment", gymnasium("ALE/Pong-v5", more="import ale_py  # noqa: F401\n"),
           actions=(2, 3), beside=("ale-py==0.11.2",), notes="its ROMs come with the package"),
)  # fmt: skip
