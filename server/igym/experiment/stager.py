"""The order of scenes as the researcher writes it: sequences, random orders, repetitions, blocks and branches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Union

from pydantic import BeforeValidator, Field, model_validator

from igym.experiment.base import UNSET, Authored, given, option, tag
from igym.experiment.draw import Counts, draw_plan
from igym.experiment.errors import ExperimentError, shown, suggestion
from igym.experiment.failing import failed_message_option, otherwise_option
from igym.experiment.functions import OptionalFunction
from igym.experiment.plan import Draw, Plan
from igym.experiment.rules import Until, When
from igym.experiment.scenes import AnyScene, GymScene
from igym.experiment.scenes.base import Scene, check_id
from igym.experiment.words import Text
from igym.protocol.told import Told

if TYPE_CHECKING:
    from random import Random


class Node(Authored):
    """Something in a Stager that holds scenes."""

    kind: str
    id: str | None = option(
        None,
        title="Id",
        description="Names it in the recorded draws. Empty: numbered in reading order.",
        max_length=60,
        advanced=True,
    )

    @property
    def known_id(self) -> str:
        """The id given, or the number the Stager gave."""
        if self.id is None:
            raise ExperimentError(Told("{node} is not part of a Stager yet.", node=type(self).__name__))
        return self.id

    def children(self) -> tuple[AnyNode, ...]:
        raise NotImplementedError

    def with_children(self, children: tuple[AnyNode, ...]) -> Self:
        """A copy that holds these instead, in the same order."""
        return self.model_copy(update={"scenes": children})


def _as_children(value: Any) -> Any:
    if isinstance(value, Scene | Node):
        value = (value,)
    if not isinstance(value, list | tuple):
        raise ExperimentError(Told("expected a list of scenes, got {got}.", got=shown(value)))
    if not value:
        raise ExperimentError(Told("the list of scenes is empty."))
    for number, item in enumerate(value, start=1):
        _check_child(number, item)
    return tuple(value)


def _check_child(number: int, item: Any) -> None:
    if isinstance(item, type) and issubclass(item, Scene):
        raise ExperimentError(
            Told(
                'item {number} is the class {name}; write {again}("an_id").',
                number=number,
                name=item.__name__,
                again=item.__name__,
            )
        )
    if not isinstance(item, Scene | Node | Mapping):
        raise ExperimentError(
            Told("item {number} is {value}, which is not a scene.", number=number, value=shown(item)),
            value=shown(item),
            allowed="a scene, RandomizeOrder, Repeat, Block or Branch",
        )


AnyNode = Annotated[
    Union[
        AnyScene,
        "RandomizeOrder",
        "Repeat",
        "Block",
        "Branch",
    ],
    Field(discriminator="kind"),
]
Children = Annotated[tuple[AnyNode, ...], BeforeValidator(_as_children)]


class _Sequence(Node):
    scenes: Children = option(
        title="Scenes", description="Scenes and further nodes, in order.", form="json", hidden=True
    )

    def __init__(self, scenes: Any = UNSET, **options: Any) -> None:
        super().__init__(**given({"scenes": scenes}), **options)

    def children(self) -> tuple[AnyNode, ...]:
        return self.scenes


class Block(_Sequence):
    """Scenes that stay together, in their order, wherever the block is put."""

    kind: Literal["block"] = tag("block")

    def __init__(self, scenes: Any = UNSET, **options: Any) -> None:
        super().__init__(scenes, **options)


class Repeat(_Sequence):
    """The same scenes several times: `n` rounds, or until something is reached.

    Each round's scenes get ids of their own: `task_r1`, `task_r2`, … `until` is a function that is told the round as
    `context.round` and returns True when it was enough, an `Until(…)`, or a list of those that must all hold.
    """

    kind: Literal["repeat"] = tag("repeat")
    n: Annotated[int, Field(ge=1, le=1000)] | None = option(
        None, title="Rounds", description="How often; with a condition: at least so often.", unit="rounds"
    )
    until: OptionalFunction = option(
        None,
        title="Function",
        description="Asked after each round whether it was enough.",
        in_code="It returns True when it was.",
    )
    rules: tuple[Until, ...] = option(
        (), title="Until", description="Instead of a function: when all of these hold after a round, it was the last."
    )
    at_most: int = option(
        5, title="Most rounds", description="With a condition: never more rounds.", unit="rounds", ge=1, le=100
    )
    otherwise: str = otherwise_option()
    failed_message: Text = failed_message_option()

    def __init__(self, scenes: Any = UNSET, n: Any = UNSET, **options: Any) -> None:
        if isinstance(options.get("until"), Until | list | tuple):
            rules = options.pop("until")
            options["rules"] = (rules,) if isinstance(rules, Until) else tuple(rules)
        super().__init__(scenes, **given({"n": n}), **options)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.until is not None and self.rules:
            raise ExperimentError(Told("give a function or rules, not both."))
        if self.n is None and not self.is_conditional:
            raise ExperimentError(
                Told(
                    'give n, the number of rounds, or until, such as Repeat([…], until=Until("score", '
                    '"practice", "at_least", 10), at_most=5).'
                )
            )
        if self.is_conditional and self.fewest > self.at_most:
            raise ExperimentError(
                Told(
                    "n={n_rounds} rounds at least are more than at_most={at_most}.",
                    n_rounds=self.n,
                    at_most=self.at_most,
                )
            )
        return self

    @property
    def is_conditional(self) -> bool:
        """Whether what happens in a round decides if there is another."""
        return self.until is not None or bool(self.rules)

    @property
    def rounds(self) -> int:
        """Most rounds there can be."""
        return self.at_most if self.is_conditional else self.fewest

    @property
    def fewest(self) -> int:
        """Rounds there are in any case."""
        return self.n or 1


class RandomizeOrder(_Sequence):
    """The scenes in an order drawn once for each participant or group, or only some of them."""

    kind: Literal["randomize_order"] = tag("randomize_order")
    keep_n: int | None = option(
        None, title="Keep", description="Show only so many of them. Empty: all.", unit="scenes", ge=1, le=1000
    )
    per: Literal["participant", "group"] = option(
        "participant",
        title="Drawn per",
        description="participant: independent draws. group: as many people as a match needs get the same order, and "
        "only people with the same order are matched in the games inside.",
    )
    balanced: bool = option(
        False,
        title="Balanced",
        description="The order with the fewest participants comes next, chance decides between equals. "
        "Beyond 720 possible orders a balanced Latin square is used.",
    )

    # Of its own, as an editor that checks types makes one from the options otherwise, without the list of scenes.
    def __init__(self, scenes: Any = UNSET, **options: Any) -> None:
        super().__init__(scenes, **options)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.keep_n is not None and self.keep_n > len(self.scenes):
            raise ExperimentError(
                Told(
                    "keep_n={keep} is more than the {number} scenes there are.",
                    keep=self.keep_n,
                    number=len(self.scenes),
                )
            )
        if self.per == "group" and self.group_size < 2:
            raise ExperimentError(Told('per="group" needs a GymScene for two or more Humans inside.'))
        return self

    @property
    def group_size(self) -> int:
        """People of the largest match inside."""
        return max((s.players for node in self.scenes for s in scenes_in(node) if isinstance(s, GymScene)), default=1)


def _as_options(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple((name, _one(node)) for name, node in value.items())
    if not isinstance(value, list | tuple):
        raise ExperimentError(Told("expected a dict of name → scene or a list of scenes, got {got}.", got=shown(value)))
    return tuple(item if _is_pair(item) else (getattr(item, "id", None) or "", item) for item in value)


def _one(node: Any) -> Any:
    return Block(node) if isinstance(node, list | tuple) else node


def _is_pair(item: Any) -> bool:
    return isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str)


class Branch(Node):
    """One of several ways, chosen when the participant gets there.

    `choose(context)` returns the name of an option, or None for none of them; `context.answers`, `context.globals` and
    `context.participant` are there. A list of `When(…)` in its place decides without a function. Options are a dict of
    name → scene (or list of scenes), or a list of scenes, each named by its id.
    """

    kind: Literal["branch"] = tag("branch")
    choose: OptionalFunction = option(None, title="Function", description="Chooses the option.")
    rules: tuple[When, ...] = option(
        (),
        title="Rules",
        description="The first of these rules that holds names the option. They stand in place of a function.",
        in_code="Each is a When(…).",
    )
    otherwise: str | None = option(
        None,
        title="Otherwise",
        description="The option entered when no rule holds. Empty: none of them.",
        max_length=60,
    )
    options: Annotated[
        tuple[tuple[str, AnyNode], ...],
        BeforeValidator(_as_options),
    ] = option(title="Options", description="Name → scene or list of scenes.", form="json", hidden=True)

    empty_options: tuple[str, ...] = option(
        (), title="Empty options", description="Options that lead to nothing.", hidden=True
    )

    def __init__(self, choose: Any = UNSET, options: Any = UNSET, **more: Any) -> None:
        if isinstance(choose, When | list | tuple):
            choose, more["rules"] = UNSET, (choose,) if isinstance(choose, When) else tuple(choose)
        super().__init__(**given({"choose": choose, "options": options}), **more)

    @model_validator(mode="after")
    def _named(self) -> Self:
        names = [name for name, _ in self.options]
        if not all(names):
            raise ExperimentError(Told('an option has no name; write Branch(choose, {"name": scene}).'))
        if len(set(names)) != len(names):
            raise ExperimentError(Told("two options have the same name: {name}.", name=", ".join(names)))
        self._check_rules({*names, *self.empty_options})
        return self

    def _check_rules(self, names: set[str]) -> None:
        if self.choose is not None and (self.rules or self.otherwise):
            raise ExperimentError(Told("give a function or rules, not both."))
        if self.choose is None and not self.rules and self.otherwise is None:
            raise ExperimentError(Told("nothing chooses an option; give a function, or rules such as [When(…)]."))
        for target in (*(rule.then for rule in self.rules), self.otherwise):
            if target is not None and target not in names:
                text = Told(
                    'a rule names the option "{option}", which there is not.{hint}',
                    option=target,
                    hint=suggestion(target, names),
                )
                raise ExperimentError(text, value=target, allowed=", ".join(sorted(names)))

    def children(self) -> tuple[AnyNode, ...]:
        return tuple(node for _, node in self.options)

    def with_children(self, children: tuple[AnyNode, ...]) -> Self:
        named = tuple((name, node) for (name, _), node in zip(self.options, children, strict=True))
        return self.model_copy(update={"options": named})


class Stager(Authored):
    """The whole order of an experiment."""

    scenes: Children = option(title="Scenes", description="Scenes and nodes, in order.", form="json")

    def __init__(self, scenes: Any = UNSET) -> None:
        super().__init__(**given({"scenes": scenes}))

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        """Names every node, then holds all ids to being unique."""
        object.__setattr__(self, "scenes", _number(self.scenes, {}))
        owners: dict[str, AnyNode] = {}
        again: set[str] = set()
        for node in (inner for scene in self.scenes for inner in nodes_in(scene)):
            first = owners.get(node.known_id.lower())
            if first is None:
                owners[node.known_id.lower()] = node
            elif _is_same(node, first):
                again.add(node.known_id)
            else:
                raise ExperimentError(_twice(node, first), value=node.id)
        _check_places(again, owners, self.scenes)
        for repeat in (node for node in self.nodes() if isinstance(node, Repeat)):
            _check_rounds(repeat, owners)
        return self

    def nodes(self) -> Iterator[AnyNode]:
        """Every scene and node, in reading order; a scene that stands at several places once."""
        seen: set[str] = set()
        for node in (inner for scene in self.scenes for inner in nodes_in(scene)):
            if node.known_id not in seen or not isinstance(node, Scene):
                seen.add(node.known_id)
                yield node

    def all_scenes(self) -> tuple[Scene, ...]:
        """Every scene, in reading order."""
        return tuple(node for node in self.nodes() if isinstance(node, Scene))

    def draw(
        self,
        rng: Random,
        counts: Counts | None = None,
        given: Mapping[str, str] | None = None,
        drawn: Sequence[Draw] = (),
    ) -> Plan:
        """One participant's plan. `counts` tells how often each outcome was drawn so far; `given` (node → outcome) are
        taken instead of drawn, `drawn` belongs to the plan as a whole."""
        return draw_plan(self, rng, counts or {}, given, drawn)


def nodes_in(node: AnyNode) -> Iterator[AnyNode]:
    """The node and everything inside, in reading order."""
    yield node
    if isinstance(node, Node):
        for child in node.children():
            yield from nodes_in(child)


def scenes_in(node: AnyNode) -> Iterator[Scene]:
    return (inner for inner in nodes_in(node) if isinstance(inner, Scene))


_NUMBERED = {"randomize_order": "order", "repeat": "repeat", "block": "block", "branch": "branch"}


def _number(nodes: tuple[AnyNode, ...], seen: dict[str, int]) -> tuple[AnyNode, ...]:
    return tuple(node if isinstance(node, Scene) else _numbered_node(node, seen) for node in nodes)


def _numbered_node(node: Node, seen: dict[str, int]) -> Any:
    prefix = _NUMBERED[getattr(node, "kind")]  # noqa: B009  (declared by every concrete node)
    seen[prefix] = seen.get(prefix, 0) + 1
    id = check_id(node.id, Told("node id")) if node.id is not None else f"{prefix}_{seen[prefix]}"
    return node.with_children(_number(node.children(), seen)).model_copy(update={"id": id})


def _twice(node: AnyNode, first: AnyNode) -> str:
    places = [Told("line {line}", line=line) for _, line in (first.site(), node.site()) if line]
    where = f" ({' and '.join(places)})" if len(places) == 2 and places[0] != places[1] else ""
    return Told(
        'two scenes have the id "{id}"{where}. Give each its own; to show one several times, use '
        "Repeat, or name the same scene at several places.",
        id=node.id,
        where=where,
    )


def _is_same(node: AnyNode, first: AnyNode) -> bool:
    """One scene at several places, not two that are called alike."""
    return isinstance(node, Scene) and type(node) is type(first) and node.model_dump() == first.model_dump()


def _has_twice(order: RandomizeOrder) -> bool:
    labels = [child.known_id for child in order.scenes]
    return len(set(labels)) < len(labels)


def _check_places(again: set[str], owners: Mapping[str, AnyNode], scenes: Sequence[AnyNode]) -> None:
    """Whoever comes to a scene a second time finds it as `…_r2`; in one random order it can stand only once."""
    for order in (node for scene in scenes for node in nodes_in(scene) if isinstance(node, RandomizeOrder)):
        if _has_twice(order):
            raise ExperimentError(
                Told('"{id}" has the same scene twice; put each into a Block of its own.', id=order.known_id)
            )
    for name in again:
        taken = next((id for id in owners if re.fullmatch(rf"{re.escape(name.lower())}_r\d+", id)), None)
        if taken is not None:
            raise ExperimentError(
                Told('the id "{id}" is taken by a later showing of "{scene}".', id=owners[taken].id, scene=name)
            )


def _check_rounds(repeat: Repeat, owners: Mapping[str, AnyNode]) -> None:
    """A scene called task_r1 beside a repeated task would share its files."""
    for node in nodes_in(repeat):
        for number in range(1, repeat.rounds + 1):
            clash = f"{node.known_id}_r{number}".lower()
            if clash in owners:
                raise ExperimentError(
                    Told(
                        'the id "{id}" is taken by round {round} of "{scene}".',
                        id=owners[clash].id,
                        round=number,
                        scene=node.id,
                    )
                )
