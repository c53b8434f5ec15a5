"""Every kind of scene, as frozen specifications."""

from __future__ import annotations

from typing import get_args

from igym.experiment.scenes.base import AnswerCheck as AnswerCheck
from igym.experiment.scenes.base import Scene as Scene
from igym.experiment.scenes.fields import AnyField as AnyField
from igym.experiment.scenes.fields import Choice as Choice
from igym.experiment.scenes.fields import ChoiceField as ChoiceField
from igym.experiment.scenes.fields import ConsentField as ConsentField
from igym.experiment.scenes.fields import DateField as DateField
from igym.experiment.scenes.fields import NumberField as NumberField
from igym.experiment.scenes.fields import OptionBoxField as OptionBoxField
from igym.experiment.scenes.fields import RankingField as RankingField
from igym.experiment.scenes.fields import ScaleField as ScaleField
from igym.experiment.scenes.fields import TextField as TextField
from igym.experiment.scenes.gym import GymScene as GymScene
from igym.experiment.scenes.pages import ChatScene as ChatScene
from igym.experiment.scenes.pages import CompletionCodeScene as CompletionCodeScene
from igym.experiment.scenes.pages import EndScene as EndScene
from igym.experiment.scenes.pages import LeaderboardScene as LeaderboardScene
from igym.experiment.scenes.pages import StartScene as StartScene
from igym.experiment.scenes.pages import StaticScene as StaticScene
from igym.experiment.scenes.pages import WebScene as WebScene
from igym.experiment.scenes.questions import Form as Form
from igym.experiment.scenes.questions import MultipleChoice as MultipleChoice
from igym.experiment.scenes.questions import OptionBoxes as OptionBoxes
from igym.experiment.scenes.questions import OptionBoxesWithScalesAndTextBox as OptionBoxesWithScalesAndTextBox
from igym.experiment.scenes.questions import Ranking as Ranking
from igym.experiment.scenes.questions import Scales as Scales
from igym.experiment.scenes.questions import ScalesAndTextBox as ScalesAndTextBox
from igym.experiment.scenes.questions import TextBox as TextBox
from igym.experiment.scenes.replay import ReplayScene as ReplayScene

# The one list of the kinds, in the order in which docs and forms show them.
AnyScene = (
    StartScene
    | StaticScene
    | TextBox
    | MultipleChoice
    | Scales
    | OptionBoxes
    | Ranking
    | ScalesAndTextBox
    | OptionBoxesWithScalesAndTextBox
    | Form
    | GymScene
    | ChatScene
    | LeaderboardScene
    | ReplayScene
    | WebScene
    | CompletionCodeScene
    | EndScene
)
SCENE_CLASSES: tuple[type[Scene], ...] = get_args(AnyScene)
