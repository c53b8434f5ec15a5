"""Small experiments to run sessions of."""

from __future__ import annotations

from typing import Any

from igym.experiment.experiment import Experiment
from igym.experiment.matchmakers import Matchmaker
from igym.experiment.policies import Human, Random
from igym.experiment.scenes import CompletionCodeScene, EndScene, GymScene, StartScene, TextBox

PLAYERS = ("left", "right", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def game(name: str = "match", players: int = 2, bots: int = 0) -> GymScene:
    mapping: dict[Any, Any] = dict.fromkeys(PLAYERS[:players], Human)
    mapping |= {f"bot_{number}": Random() for number in range(bots)}
    return GymScene(name).environment(code="env = 1").policies(mapping)


def make(*scenes: Any, **options: Any) -> Experiment:
    return Experiment(id="test", title="A test", stager=list(scenes), **options)


def alone(**options: Any) -> Experiment:
    """A page, a question, a game, a code, the end."""
    return make(
        StartScene("start"),
        TextBox("opinion", question="Why?"),
        game("play", 1),
        CompletionCodeScene("code"),
        EndScene("end", header="Goodbye", body="<p>See you</p>"),
        **options,
    )


def together(
    players: int = 2,
    bots: int = 0,
    matchmaker: Matchmaker | None = None,
    waitroom: dict[str, Any] | None = None,
    multiplayer: dict[str, Any] | None = None,
    matchmaking: dict[str, Any] | None = None,
    after: tuple[Any, ...] = (),
    **options: Any,
) -> Experiment:
    """A game for several people, entered at once; then a last page."""
    scene = game("match", players, bots).waitroom(countdown_s=6, **(waitroom or {}))
    if matchmaker is not None or matchmaking:
        given = {"matchmaker": matchmaker} if matchmaker is not None else {}
        scene = scene.matchmaking(**given, **(matchmaking or {}))
    if multiplayer:
        scene = scene.multiplayer(**multiplayer)
    return make(scene, *after, EndScene("end", header="Goodbye"), **options)
