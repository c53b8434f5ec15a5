"""The option groups, one per builder method of GymScene."""

from igym.experiment.options.analog import Axis as Axis
from igym.experiment.options.analog import Pointer as Pointer
from igym.experiment.options.chat import Chat as Chat
from igym.experiment.options.chat import ChatRules as ChatRules
from igym.experiment.options.content import AssetsOptions as AssetsOptions
from igym.experiment.options.content import ContentOptions as ContentOptions
from igym.experiment.options.content import SpriteSheet as SpriteSheet
from igym.experiment.options.controls import ActionBinding as ActionBinding
from igym.experiment.options.controls import AgentControls as AgentControls
from igym.experiment.options.environment import EnvironmentOptions as EnvironmentOptions
from igym.experiment.options.environment import RuntimeOptions as RuntimeOptions
from igym.experiment.options.gameplay import GameplayOptions as GameplayOptions
from igym.experiment.options.gameplay import PoliciesOptions as PoliciesOptions
from igym.experiment.options.lobby import MatchmakingOptions as MatchmakingOptions
from igym.experiment.options.lobby import WaitroomOptions as WaitroomOptions
from igym.experiment.options.multiplayer import FocusOptions as FocusOptions
from igym.experiment.options.multiplayer import MonitoringOptions as MonitoringOptions
from igym.experiment.options.multiplayer import MultiplayerOptions as MultiplayerOptions
from igym.experiment.options.multiplayer import ReconnectionOptions as ReconnectionOptions
from igym.experiment.options.reached import Reached as Reached
from igym.experiment.options.rendering import RenderingOptions as RenderingOptions
from igym.experiment.options.responder import Responder as Responder
