"""Interactive Gym Desktop: the names a researcher imports.

Everything is loaded on first use: an env file imports `igym.rendering` in the browser, where pydantic is not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from igym.data import ExperimentData, load
    from igym.experiment.design import Design
    from igym.experiment.errors import ExperimentError
    from igym.experiment.experiment import Experiment
    from igym.experiment.loader import load_experiment
    from igym.experiment.matchmakers import Candidate, Fifo, GroupReunion, LatencyMatchmaker, Matchmaker
    from igym.experiment.options import (
        Axis,
        Chat,
        FocusOptions,
        MonitoringOptions,
        Pointer,
        Reached,
        ReconnectionOptions,
        Responder,
        SpriteSheet,
    )
    from igym.experiment.participation import EntryScreening, ParticipantIds
    from igym.experiment.policies import Advice, Human, Onnx, Pool, Python, Random, Shared
    from igym.experiment.rules import Until, When
    from igym.experiment.scenes import (
        ChatScene,
        Choice,
        ChoiceField,
        CompletionCodeScene,
        ConsentField,
        DateField,
        EndScene,
        Form,
        GymScene,
        LeaderboardScene,
        MultipleChoice,
        NumberField,
        OptionBoxes,
        OptionBoxesWithScalesAndTextBox,
        OptionBoxField,
        Ranking,
        RankingField,
        ReplayScene,
        ScaleField,
        Scales,
        ScalesAndTextBox,
        StartScene,
        StaticScene,
        TextBox,
        TextField,
        WebScene,
    )
    from igym.experiment.stager import Block, Branch, RandomizeOrder, Repeat, Stager
    from igym.rendering import Surface

_HOMES = {
    "igym.data": ["ExperimentData", "load"],
    "igym.experiment.design": ["Design"],
    "igym.experiment.errors": ["ExperimentError"],
    "igym.experiment.experiment": ["Experiment"],
    "igym.experiment.loader": ["load_experiment"],
    "igym.experiment.matchmakers": ["Candidate", "Fifo", "GroupReunion", "LatencyMatchmaker", "Matchmaker"],
    "igym.experiment.options.config_values": ["PerEpisode", "Value"],
    "igym.experiment.options": [
        "Axis",
        "Chat",
        "FocusOptions",
        "MonitoringOptions",
        "Pointer",
        "Reached",
        "ReconnectionOptions",
        "Responder",
        "SpriteSheet",
    ],
    "igym.experiment.participation": ["EntryScreening", "ParticipantIds"],
    "igym.experiment.policies": ["Advice", "Human", "Onnx", "Pool", "Python", "Random", "Shared"],
    "igym.experiment.rules": ["Until", "When"],
    "igym.experiment.scenes": [
        "ChatScene",
        "Choice",
        "ChoiceField",
        "CompletionCodeScene",
        "ConsentField",
        "DateField",
        "EndScene",
        "Form",
        "GymScene",
        "LeaderboardScene",
        "MultipleChoice",
        "NumberField",
        "OptionBoxField",
        "OptionBoxes",
        "OptionBoxesWithScalesAndTextBox",
        "Ranking",
        "RankingField",
        "ReplayScene",
        "ScaleField",
        "Scales",
        "ScalesAndTextBox",
        "StartScene",
        "StaticScene",
        "TextBox",
        "TextField",
        "WebScene",
    ],
    "igym.experiment.stager": ["Block", "Branch", "RandomizeOrder", "Repeat", "Stager"],
    "igym.rendering": ["Surface"],
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Advice",
    "Axis",
    "Block",
    "Branch",
    "Candidate",
    "Chat",
    "ChatScene",
    "Choice",
    "ChoiceField",
    "CompletionCodeScene",
    "ConsentField",
    "DateField",
    "Design",
    "EndScene",
    "EntryScreening",
    "Experiment",
    "ExperimentData",
    "ExperimentError",
    "Fifo",
    "FocusOptions",
    "Form",
    "GroupReunion",
    "GymScene",
    "Human",
    "LatencyMatchmaker",
    "LeaderboardScene",
    "Matchmaker",
    "MonitoringOptions",
    "MultipleChoice",
    "NumberField",
    "Onnx",
    "OptionBoxField",
    "OptionBoxes",
    "OptionBoxesWithScalesAndTextBox",
    "ParticipantIds",
    "PerEpisode",
    "Pointer",
    "Pool",
    "Python",
    "Random",
    "RandomizeOrder",
    "Ranking",
    "RankingField",
    "Reached",
    "ReconnectionOptions",
    "Repeat",
    "ReplayScene",
    "Responder",
    "ScaleField",
    "Scales",
    "ScalesAndTextBox",
    "Shared",
    "SpriteSheet",
    "Stager",
    "StartScene",
    "StaticScene",
    "Surface",
    "TextBox",
    "TextField",
    "Until",
    "Value",
    "WebScene",
    "When",
    "load",
    "load_experiment",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'igym' has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
