"""What controls an agent: a person or a bot. Bots are seeded and run inside the env's step, on every browser alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from igym.experiment.base import UNSET, Authored, given, option, tag
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.keys import key_name
from igym.protocol.told import Told

Number = float | int


class Person(Authored):
    """A seat that a participant takes."""


class Human(Person):
    """A participant. The order of the humans in `.policies(...)` is the order of players (0, 1, …)."""

    kind: Literal["human"] = tag("human")


class Bot(Authored):
    """What every bot shares."""

    frame_skip: int | None = option(
        None,
        title="Frame skip",
        description="The bot chooses a new action every so many frames and keeps it in between. Empty: the scene's "
        "own frame skip.",
        unit="frames",
        ge=1,
        le=600,
        advanced=True,
    )
    delay_frames: int = option(
        0,
        title="Reaction",
        description="So many frames pass from what the bot sees to what it does, as with people; its first action "
        "comes at once. Where frames wait for moves it changes nothing.",
        unit="frames",
        ge=0,
        le=600,
        advanced=True,
    )
    noise: float = option(
        0.0,
        title="Noise",
        description="The share of its decisions in which it takes any action instead, by seeded chance.",
        ge=0,
        le=1,
        advanced=True,
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class Random(Bot):
    """Draws actions from the agent's action space with a seeded generator."""

    kind: Literal["random"] = tag("random")
    seed: int | None = option(
        None,
        title="Seed",
        description="Seed of the bot's generator. Empty: derived from the match seed and the agent, and recorded.",
        ge=0,
        le=2**32 - 1,
    )

    def __init__(self, seed: int | None = None, **options: Any) -> None:
        super().__init__(seed=seed, **options)


class Python(Bot):
    """A function of the experiment folder, written `"bots.py:act"`: `act(observation, agent, rng, memory) -> action`.

    `rng` is a seeded `numpy.random.Generator`; `memory` a dict kept for the episode and restored on rollback.
    """

    kind: Literal["python"] = tag("python")
    function: str = option(
        title="Function",
        description="File and function that choose the action, as file.py:name. On the host also a class that "
        "learns from feedback.",
        pattern=r"^[^:]+\.py:[A-Za-z_]\w*$",
    )
    options: dict[str, Any] = option(
        {}, title="Options", description="Passed to the function as keyword arguments.", advanced=True
    )

    def __init__(self, function: str, **options: Any) -> None:
        super().__init__(function=function, **options)

    @property
    def file(self) -> str:
        return self.function.split(":")[0]

    @property
    def name(self) -> str:
        return self.function.split(":")[1]


class Onnx(Bot):
    """A trained network, run with onnxruntime in the browser. `output` says what it gives."""

    kind: Literal["onnx"] = tag("onnx")
    path: str = option(title="Model file", description="The .onnx file in the experiment folder.", form="file")
    output: Literal["logits", "action", "gaussian", "multidiscrete"] = option(
        "logits",
        title="What it gives",
        description="What the model gives: a value for each action one can choose (logits), the action itself, the "
        "mean of each number of an action of numbers, or the logits of all parts of an action in parts, one after "
        "the other.",
        in_code="logits: Discrete. gaussian: Box. multidiscrete: MultiDiscrete or MultiBinary.",
    )
    observation_input: str | None = option(
        None,
        title="Observation input",
        description="Name of the model's input that takes the observation, shape (1, n). Empty: its first input.",
    )
    observation_inputs: dict[str, str] = option(
        {},
        title="Inputs by key",
        description="Where a network takes the parts of an observation apart: its input → the name of the part; a "
        "dot leads into a part within, as in body.velocity.",
        in_code='`{"pixels": "image", "speed": "body.velocity"}`.',
        advanced=True,
    )
    logit_output: str | None = option(
        None,
        title="Logit output",
        description="Name of the output with the logits, shape (1, number of actions), or with the action or its "
        "mean. Empty: its first output.",
    )
    log_std_output: str | None = option(
        None,
        title="Spread output",
        description="For a gaussian that is sampled: name of the output with the logarithm of each number's standard "
        "deviation.",
        advanced=True,
    )
    state_inputs: tuple[str, ...] = option(
        (), title="State inputs", description="Inputs that take the recurrent state, in order.", advanced=True
    )
    state_outputs: tuple[str, ...] = option(
        (),
        title="State outputs",
        description="Outputs with the next recurrent state, in the same order.",
        advanced=True,
    )
    state_shape: tuple[Annotated[int, Field(ge=1, le=65536)], ...] = option(
        (),
        title="State shape",
        description="Shape of each recurrent state tensor; it starts at zero in every episode.",
        advanced=True,
    )
    fixed_inputs: dict[str, Number | list[Any]] = option(
        {}, title="Fixed inputs", description="Further inputs that always take the same value.", advanced=True
    )
    choose: Literal["greedy", "sample"] = option(
        "greedy",
        title="Choosing",
        description="Take the action with the largest logit (of a gaussian the mean), or sample from the distribution "
        "with the bot's generator.",
    )
    temperature: float = option(
        1.0,
        title="Temperature",
        description="Divides the logits, or multiplies the spread, before sampling: below 1 sharper, above 1 more "
        "varied.",
        gt=0,
        le=100,
    )
    seed: int | None = option(
        None,
        title="Seed",
        description="Seed for sampling. Empty: derived from the match seed and the agent, and recorded.",
        ge=0,
        le=2**32 - 1,
        advanced=True,
    )

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path=path, **options)

    def model_post_init(self, context: Any, /) -> None:
        super().model_post_init(context)
        if len(self.state_inputs) != len(self.state_outputs):
            raise ExperimentError(
                Told(
                    "Onnx: state_inputs has {inputs} names and state_outputs {outputs}; every recurrent state "
                    "needs one of each.",
                    inputs=len(self.state_inputs),
                    outputs=len(self.state_outputs),
                )
            )
        self._check_output()
        if self.state_inputs and not self.state_shape:
            raise ExperimentError(
                Told("Onnx: state_shape is needed when state_inputs are given, e.g. state_shape=(1, 64).")
            )

    def _check_output(self) -> None:
        if self.observation_input is not None and self.observation_inputs:
            raise ExperimentError(Told("Onnx: give observation_input or observation_inputs, not both."))
        if self.choose == "sample" and self.output == "action":
            raise ExperimentError(
                Told('Onnx: output="action" is what the network decided; there is nothing to sample.')
            )
        if self.choose == "sample" and self.output == "gaussian" and self.log_std_output is None:
            raise ExperimentError(Told("Onnx: sampling a gaussian needs log_std_output, the output with its spread."))
        if self.log_std_output is not None and self.output != "gaussian":
            raise ExperimentError(Told('Onnx: log_std_output needs output="gaussian".'))


AnyBot = Random | Python | Onnx


def _members(value: Any) -> Any:
    """A kind alone stands for a bot without options, as everywhere in a `study.toml`."""
    if not isinstance(value, list | tuple):
        raise ExperimentError(Told("expected a list of bots, got {got}.", got=shown(value)))
    return tuple({"kind": item} if isinstance(item, str) else as_policy(item) for item in value)


def _companion(value: Any) -> Any:
    """A kind alone stands for a bot without options."""
    found = {"kind": value} if isinstance(value, str) else as_policy(value)
    if isinstance(found, Person | Pool):
        raise ExperimentError(Told("{bot} cannot act beside a person; give a bot.", bot=shown(value)))
    return found


Companion = Annotated[AnyBot, Field(discriminator="kind"), BeforeValidator(_companion)]


class Shared(Person):
    """A participant over a machine: the policy acts, unless the participant takes over. Rows say who acted."""

    kind: Literal["shared"] = tag("shared")
    policy: Companion = option(
        title="Policy", description="The bot that acts by itself.", in_code="Onnx(…), Python(…) or Random."
    )
    takeover: tuple[str, ...] = option(
        ("Space",),
        title="Keys to take over",
        description="While one of them is held, the participant's own keys act. Empty: the participant only watches, "
        "and may give feedback.",
    )

    def __init__(self, policy: Any = UNSET, takeover: Any = UNSET, **options: Any) -> None:
        super().__init__(**given({"policy": policy, "takeover": takeover}), **options)

    @field_validator("takeover", mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        return tuple(key_name(key) for key in ((value,) if isinstance(value, str) else value))


class Advice(Person):
    """A participant who is advised by a policy: what it would do is shown, recorded, and not done."""

    kind: Literal["advice"] = tag("advice")
    policy: Companion = option(
        title="Policy", description="The bot whose choice is shown.", in_code="Onnx(…), Python(…) or Random."
    )
    text: str = option(
        "➜ {keys}",
        title="Text",
        description="Shown above the game to the participant alone. {keys}: the keys of the advised action; {action}: "
        "the action itself. Empty: nothing, for an env that draws the advice.",
    )

    def __init__(self, policy: Any = UNSET, **options: Any) -> None:
        super().__init__(**given({"policy": policy}), **options)

    @field_validator("text")
    @classmethod
    def _known_fields(cls, value: str) -> str:
        try:
            value.format(keys="", action="")
        except (KeyError, IndexError, ValueError) as error:
            raise ExperimentError(
                Told("Advice: text may hold {{keys}} and {{action}}, and no other braces; got {got}.", got=repr(value))
            ) from error
        return value


class Pool(Authored):
    """Several bots for one agent; which of them plays is drawn when the match is formed, and recorded."""

    kind: Literal["pool"] = tag("pool")
    policies: Annotated[
        tuple[Annotated[AnyBot, Field(discriminator="kind")], ...],
        Field(min_length=1, max_length=100),
        BeforeValidator(_members),
    ] = option(
        title="Bots",
        description="The bots among which one is drawn, each with its options.",
        in_code="Random, Onnx(…) and Python(…).",
    )
    per: Literal["match", "episode"] = option(
        "match", title="Drawn per", description="The same bot for the whole match, or another draw for each episode."
    )
    balanced: bool = option(
        False,
        title="Balanced",
        description="Those who played least in the session come next, chance decides between equals. Off: by chance.",
    )

    def __init__(self, policies: Any = UNSET, **options: Any) -> None:
        super().__init__(**given({"policies": policies}), **options)

    @property
    def names(self) -> tuple[str, ...]:
        """What each of them is called in the data; the same several times is numbered by its place."""
        plain = [_name(policy) for policy in self.policies]
        return tuple(
            name if plain.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(plain, start=1)
        )


def _name(policy: AnyBot) -> str:
    if isinstance(policy, Onnx):
        return policy.path
    return policy.function if isinstance(policy, Python) else policy.kind


AnyPolicy = Human | Shared | Advice | AnyBot | Pool


def as_policy(value: Any) -> Any:
    """`Human` and `Random` may be written without parentheses."""
    if isinstance(value, type) and issubclass(value, Human | Random):
        return value()
    if isinstance(value, Person | Bot | Pool | dict):
        return value
    if isinstance(value, type) and issubclass(value, Bot):
        raise ExperimentError(
            Told(
                '{policy} needs to know what to run, e.g. Onnx("model.onnx") or Python("bots.py:act").',
                policy=value.__name__,
            )
        )
    raise ExperimentError(
        Told("{value} is not a policy.", value=shown(value)),
        value=shown(value),
        allowed='Human, Shared(…), Advice(…), Random, Onnx("…"), Python("file.py:name") or Pool([…])',
    )


def bots_in(policies: Iterable[AnyPolicy]) -> list[AnyBot]:
    """Every bot that may act, those of pools and those beside a person included."""
    found: list[AnyBot] = []
    for policy in policies:
        if isinstance(policy, Pool):
            found += policy.policies
        elif isinstance(policy, Shared | Advice):
            found.append(policy.policy)
        elif not isinstance(policy, Person):
            found.append(policy)
    return found


Policy = Annotated[AnyPolicy, Field(discriminator="kind"), BeforeValidator(as_policy)]
BotPolicy = Annotated[AnyBot, Field(discriminator="kind"), BeforeValidator(as_policy)]
