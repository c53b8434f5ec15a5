"""Where the env comes from and what it runs in."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from igym.experiment.base import OptionGroup, option
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.jsonable import as_json
from igym.experiment.options.config_values import PerEpisode, Value, marked, read
from igym.protocol.told import Told

Recordable = Literal["actions", "rewards", "infos", "observations", "state", "frames_shown", "pointer", "input"]
MOST_OBSERVATION_NUMBERS = 100_000


class EnvironmentOptions(OptionGroup):
    """`.environment(...)`: exactly one of `file`, `code` and `entry_point` says which env is played."""

    file: str | None = option(
        None,
        title="Env file",
        description="A Python file in the experiment folder with the env.",
        in_code="It defines `env` or `make_env(**config)`.",
        form="file",
    )
    code: str | None = option(
        None,
        title="Env code",
        description="The env's Python source, instead of a file.",
        in_code="It defines `env` or `make_env(**config)`.",
        form="multiline",
        advanced=True,
    )
    entry_point: str | None = option(
        None,
        title="Entry point",
        description="An importable factory, as MODULE:FUNCTION; it is called with the config.",
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        advanced=True,
    )
    config: dict[str, Any] = option(
        {},
        title="Config",
        description="Settings of the env: plain values; what a condition, a shared value or an answer says; or "
        "what changes with the episode.",
        in_code="Keyword arguments for make_env or the entry point: JSON values, Value(name), PerEpisode([...]).",
    )
    files: tuple[str, ...] | None = option(
        None,
        title="Files for the env",
        description="Files beside the env that its code reads (levels, texts, images, arrays): paths in the "
        "experiment folder, folders, or patterns such as levels/*.json. Empty: those that the game's code names. "
        "Browsers get at most 32 MB of them; a game on the host reads the folder itself.",
        advanced=True,
    )
    seed: int | None = option(
        None,
        title="Seed",
        description="Seed of every match's first episode. Empty: a fresh seed is drawn for each match and recorded.",
        ge=0,
        le=2**31 - 1,
    )

    @field_validator("config", mode="before")
    @classmethod
    def _plain_config(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        found = as_json(marked(value), "config")
        for item in found.values():
            read(item)
        return found

    @property
    def values(self) -> dict[str, Value]:
        """What the people of a match decide."""
        return {name: found for name, item in self.config.items() if isinstance(found := read(item), Value)}

    @property
    def per_episode(self) -> dict[str, PerEpisode]:
        """What changes with the episode."""
        return {name: found for name, item in self.config.items() if isinstance(found := read(item), PerEpisode)}

    def client_spec(self) -> dict[str, Any]:
        """As the env is made where no match says more: defaults, and each list's first value."""
        plain = {name: item for name, item in self.config.items() if read(item) is item}
        defaults = {name: value.default for name, value in self.values.items() if value.has_default}
        episode = {name: item.values[0] for name, item in self.per_episode.items()}
        spec = {**self.model_dump(mode="json"), "config": {**plain, **defaults}}
        return spec | ({"episode_config": episode} if episode else {})

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = [name for name in ("file", "code", "entry_point") if getattr(self, name) is not None]
        if len(sources) > 1:
            raise ExperimentError(
                Told("give one of file, code and entry_point, not {given}.", given=" and ".join(sources))
            )
        return self


class RuntimeOptions(OptionGroup):
    """`.runtime(...)`: packages, where the env is stepped, and what is recorded."""

    packages: tuple[str, ...] = option(
        (),
        title="Packages",
        description="Python packages the env imports, with versions, e.g. cogrid==0.2.1. The host serves them from its "
        "own store, so that no browser needs the internet. numpy, gymnasium and pettingzoo are always there.",
    )
    where: Literal["browser", "host"] = option(
        "browser",
        title="Where the env runs",
        description="In every participant's browser, or on the host for envs that cannot run in a browser. On the "
        "host the browsers load no Python and show the pictures they are sent.",
    )
    step_limit_s: float = option(
        5.0,
        title="Longest step on the host",
        description="An env on the host that takes longer for a step or a picture is stopped: the match ends, what "
        "was recorded is kept, and you are told in which line it was. Not used where the env runs in the browser.",
        in_code="For step() and render().",
        unit="s",
        ge=0.1,
        le=600,
        advanced=True,
    )
    reset_limit_s: float = option(
        30.0,
        title="Longest reset on the host",
        description="The same limit for the start of an episode, where there may be more to do.",
        in_code="For reset().",
        unit="s",
        ge=0.1,
        le=3600,
        advanced=True,
    )
    on_step_code: str | None = option(
        None,
        title="Code after each step",
        description="Python that runs after every step. It knows env, observations, rewards, infos, frame and "
        "igym_globals.",
        form="multiline",
        advanced=True,
    )
    restart_python: bool = option(
        False,
        title="Restart Python",
        description="Start this scene in a fresh Python interpreter instead of the one shared by all scenes.",
        advanced=True,
    )
    record: tuple[Recordable, ...] = option(
        ("actions", "rewards", "infos", "observations"),
        title="Recorded values",
        description="What each confirmed frame writes to the data, beside the frame number and the time. input is a "
        "file of its own: every key, pointer and gamepad event with its times, as reaction-time research needs.",
    )
    max_observation_numbers: int = option(
        64,
        title="Largest recorded observation",
        description="Observations with more numbers than this are left out of the data, and the codebook says so.",
        unit="numbers",
        ge=0,
        le=MOST_OBSERVATION_NUMBERS,
        advanced=True,
    )

    @field_validator("packages")
    @classmethod
    def _plain_requirements(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for package in value:
            if not package.strip() or "://" in package or package.strip()[0] in "-.":
                raise ExperimentError(
                    Told("{name} is not a package name with a version, such as cogrid==0.2.1.", name=shown(package))
                )
        return value
