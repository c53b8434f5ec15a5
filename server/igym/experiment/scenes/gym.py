"""The scene that plays an env: ten builder methods, one option group each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from igym.experiment.base import UNSET, OptionGroup, filled, given, option, tag
from igym.experiment.functions import FunctionRef
from igym.experiment.matchmakers import Matchmaker, is_custom
from igym.experiment.options import (
    AssetsOptions,
    ContentOptions,
    EnvironmentOptions,
    GameplayOptions,
    MatchmakingOptions,
    MultiplayerOptions,
    PoliciesOptions,
    RenderingOptions,
    RuntimeOptions,
    WaitroomOptions,
)
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.gym_spec import gym_spec
from igym.experiment.words import Written


def _group(model: type[OptionGroup], title: str) -> Any:
    return option(model(), title=title, description=f"What `.{title.lower()}(...)` fills.", form="group", hidden=True)


class GymScene(Scene):
    """People and bots play an env together."""

    kind: Literal["gym"] = tag("gym")
    environment_options: EnvironmentOptions = _group(EnvironmentOptions, "Environment")
    rendering_options: RenderingOptions = _group(RenderingOptions, "Rendering")
    assets_options: AssetsOptions = _group(AssetsOptions, "Assets")
    policies_options: PoliciesOptions = _group(PoliciesOptions, "Policies")
    gameplay_options: GameplayOptions = _group(GameplayOptions, "Gameplay")
    content_options: ContentOptions = _group(ContentOptions, "Content")
    waitroom_options: WaitroomOptions = _group(WaitroomOptions, "Waitroom")
    matchmaking_options: MatchmakingOptions = _group(MatchmakingOptions, "Matchmaking")
    runtime_options: RuntimeOptions = _group(RuntimeOptions, "Runtime")
    multiplayer_options: MultiplayerOptions = _group(MultiplayerOptions, "Multiplayer")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)

    def environment(
        self,
        *,
        file: str | None = UNSET,
        code: str | None = UNSET,
        entry_point: str | None = UNSET,
        config: Mapping[str, Any] = UNSET,
        files: Sequence[str] | None = UNSET,
        seed: int | None = UNSET,
        **misspelt: Any,
    ) -> Self:
        """Which env is played."""
        return self._fill("environment", given(locals()))

    def rendering(
        self,
        *,
        fps: int = UNSET,
        width: int = UNSET,
        height: int = UNSET,
        background: Any = UNSET,
        hud: Any = UNSET,
        hud_text: str | None = UNSET,
        carry_score_over: bool = UNSET,
        rollback_smoothing_ms: int | None = UNSET,
        per_agent_view: bool = UNSET,
        smooth_motion: bool = UNSET,
        **misspelt: Any,
    ) -> Self:
        """How the game is drawn."""
        return self._fill("rendering", given(locals()))

    def assets(
        self,
        *,
        images: Any = UNSET,
        sprite_sheets: Any = UNSET,
        atlases: Any = UNSET,
        sounds: Any = UNSET,
        **misspelt: Any,
    ) -> Self:
        """Files the env draws and plays by name."""
        return self._fill("assets", given(locals()))

    def policies(self, mapping: Mapping[Any, Any] = UNSET, *, frame_skip: int | None = UNSET, **misspelt: Any) -> Self:
        """Agent → who or what controls it."""
        return self._fill("policies", given(locals()))

    def gameplay(
        self,
        *,
        action_mapping: Mapping[Any, Any] = UNSET,
        default_action: Any = UNSET,
        analog: Mapping[str, Any] = UNSET,
        per_agent: Mapping[Any, Any] = UNSET,
        input_mode: str | None = UNSET,
        pace: str = UNSET,
        move_limit_s: float | None = UNSET,
        on_move_limit: str = UNSET,
        action_population: str = UNSET,
        feedback: Mapping[str, float] = UNSET,
        num_episodes: int = UNSET,
        until: Any = UNSET,
        until_function: Any = UNSET,
        max_steps: int | None = UNSET,
        reset_freeze_s: float = UNSET,
        countdown_s: float = UNSET,
        **misspelt: Any,
    ) -> Self:
        """What keys do, and how long is played."""
        changes = given(locals())
        if callable(changes.get("until")):
            changes["until_function"] = changes.pop("until")
        return self._fill("gameplay", changes)

    def content(
        self,
        *,
        header: Written = UNSET,
        body: Written = UNSET,
        body_file: Written | None = UNSET,
        in_game_body: Written = UNSET,
        in_game_body_file: Written | None = UNSET,
        start_label: Written = UNSET,
        page_for: Any = UNSET,
        chat: Any = UNSET,
        **misspelt: Any,
    ) -> Self:
        """What is written before and beside the game."""
        return self._fill("content", given(locals()))

    def waitroom(
        self,
        *,
        timeout_s: float = UNSET,
        on_timeout: str = UNSET,
        timeout_scene: str | None = UNSET,
        timeout_url: str | None = UNSET,
        timeout_code: str | None = UNSET,
        timeout_bot: Any = UNSET,
        timeout_message: Written = UNSET,
        message: Written = UNSET,
        show_count: bool = UNSET,
        countdown_s: float = UNSET,
        acted_wait_s: tuple[float, float] | None = UNSET,
        debriefing: Written = UNSET,
        **misspelt: Any,
    ) -> Self:
        """How people wait for each other."""
        return self._fill("waitroom", given(locals()))

    def matchmaking(
        self,
        matchmaker: Any = UNSET,
        *,
        forbid_repeat_partners: bool = UNSET,
        seat_by: str | None = UNSET,
        seats: Any = UNSET,
        relax_after_s: float | None = UNSET,
        relax_factor: float = UNSET,
        rejected_pair_expiry_s: float = UNSET,
        probe_pings: int = UNSET,
        probe_connect_limit_s: float = UNSET,
        **misspelt: Any,
    ) -> Self:
        """Who plays with whom."""
        return self._fill("matchmaking", given(locals()))

    def runtime(
        self,
        *,
        packages: Any = UNSET,
        where: str = UNSET,
        step_limit_s: float = UNSET,
        reset_limit_s: float = UNSET,
        on_step_code: str | None = UNSET,
        restart_python: bool = UNSET,
        record: Any = UNSET,
        max_observation_numbers: int = UNSET,
        **misspelt: Any,
    ) -> Self:
        """What the env runs in, and what is recorded."""
        return self._fill("runtime", given(locals()))

    def multiplayer(
        self,
        *,
        input_delay_frames: Any = UNSET,
        max_prediction_frames: int = UNSET,
        checksum_every_frames: int = UNSET,
        on_desync: str = UNSET,
        transport: str = UNSET,
        monitoring: Any = UNSET,
        focus: Any = UNSET,
        reconnection: Any = UNSET,
        **misspelt: Any,
    ) -> Self:
        """Real-time play, and the rules for those who leave it."""
        return self._fill("multiplayer", given(locals()))

    def _fill(self, method: str, changes: Mapping[str, Any]) -> Self:
        return self.with_group(method, changes, f"{self.named}.{method}")

    def with_group(self, method: str, changes: Mapping[str, Any], where: str) -> Self:
        """What the builder methods do; `where` opens the message when something is wrong."""
        group = filled(getattr(self, f"{method}_options"), changes, where)
        return self.changed(where, method, {f"{method}_options": group})

    def functions(self) -> dict[str, FunctionRef | Matchmaker | None]:
        """The scene's researcher functions by address."""
        matchmaker = self.matchmaking_options.matchmaker
        return {
            f"scenes.{self.id}.page_for": self.content_options.page_for or self.page_for,
            f"scenes.{self.id}.until": self.gameplay_options.until_function,
            f"scenes.{self.id}.continuous_callback": self.multiplayer_options.monitoring.continuous_callback,
            f"scenes.{self.id}.matchmaker": matchmaker if is_custom(matchmaker) else None,
        }

    @property
    def players(self) -> int:
        """How many people one match needs."""
        return len(self.policies_options.humans)

    def client_spec(self, base: str = "/assets/", *, scene_id: str | None = None) -> dict[str, Any]:
        return super().client_spec(base, scene_id=scene_id) | gym_spec(self, base)
