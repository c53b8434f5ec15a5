"""What a match's env is made with, where its people or its episodes decide: settled when it is formed, then kept."""

from typing import Any

from igym.core.match import Match
from igym.core.participant import Participant
from igym.core.turn import Turn
from igym.experiment.options.config_values import Value
from igym.experiment.scenes import GymScene
from igym.protocol.told import Told

_NOBODY: Any = object()
ANSWERS = "answers"


def settle(turn: Turn, scene: GymScene, match: Match) -> dict[str, Any]:
    """``{config, episode_config, globals, apart}`` as far as there is something: values by name, such for each episode,
    the shared values that all in the browsers of a match have alike, and the names of those that they do not.
    """
    options = scene.environment_options
    settled: dict[str, Any] = {}
    if options.values:
        settled["config"] = _of_people(turn, scene, match)
    if options.per_episode:
        episodes = scene.gameplay_options.num_episodes
        drawn = {
            name: item.draw(episodes, turn.state.make_rng(f"config {match.id} {name}"))
            for name, item in options.per_episode.items()
        }
        settled["episode_config"] = [
            {name: values[number] for name, values in drawn.items()} for number in range(episodes)
        ]
    if not match.is_solo and not match.on_host:
        settled |= _agreed(turn, match)
    return settled


def _agreed(turn: Turn, match: Match) -> dict[str, Any]:
    """Every browser steps the same game, so a value that is not everybody's can be no part of it."""
    first, *others = [turn.state.participants[seat.participant].globals for seat in match.seats]
    alike = {name: value for name, value in first.items() if all(_has(other, name, value) for other in others)}
    apart = sorted({name for known in (first, *others) for name in known} - alike.keys())
    return ({"globals": alike} if alike else {}) | ({"apart": apart} if apart else {})


def _has(known: dict[str, Any], name: str, value: Any) -> bool:
    return name in known and type(known[name]) is type(value) and known[name] == value


def _of_people(turn: Turn, scene: GymScene, match: Match) -> dict[str, Any]:
    people = [turn.state.participants[seat.participant] for seat in match.seats]
    found = {}
    for name, value in scene.environment_options.values.items():
        told = [(person, known) for person in people if (known := _known(turn, person, value)) is not _NOBODY]
        if told:
            found[name] = told[0][1]
            _check_agreement(turn, match, name, told)
        elif not value.has_default:
            text = Told(
                "{match}: the env's config {name} is {value}, which nobody in the match has. It was left out.",
                match=match.id,
                name=name,
                value=value.name,
            )
            turn.problem("error", Told("A value for the env is missing"), text, match=match.id)
    return found


def _check_agreement(turn: Turn, match: Match, name: str, told: list[tuple[Participant, Any]]) -> None:
    if all(known == told[0][1] for _, known in told):
        return
    each = ", ".join(f"{person.name}: {known!r:.60}" for person, known in told)
    text = Told(
        "{match}: the env's config {name} differs among its people ({values}). The first of them counts.",
        match=match.id,
        name=name,
        values=each,
    )
    title = Told("The people of a match disagree on a value for the env")
    turn.problem("error", title, text, match=match.id)


def _known(turn: Turn, person: Participant, value: Value) -> Any:
    """A level of the design has the type it was written in."""
    kind, _, rest = value.name.partition(".")
    if kind == ANSWERS:
        scene, _, field = rest.rpartition(".")
        return person.answers.get(scene, {}).get(field, _NOBODY)
    design = turn.state.experiment.assigned
    if design is not None and value.name in design.factors and value.name in person.conditions:
        return design.level(value.name, person.conditions[value.name])
    return person.globals.get(value.name, _NOBODY)
