"""The researcher's code that runs after every step."""

from __future__ import annotations

from typing import Any

from .adapters import Outcome


class AfterStep:
    """Runs `code` with `env`, `observations`, `rewards`, `infos`, `frame` and `igym_globals` in scope."""

    def __init__(self, code: str | None, participant_globals: dict[str, Any]) -> None:
        self._code = compile(code, "on_step_code", "exec") if code else None
        self.scope: dict[str, Any] = {"igym_globals": participant_globals}

    @property
    def globals(self) -> dict[str, Any]:
        found = self.scope["igym_globals"]
        return found if isinstance(found, dict) else {}

    def run(self, env: Any, outcome: Outcome, frame: int) -> None:
        if self._code is None:
            return
        self.scope.update(
            env=env, observations=outcome.observations, rewards=outcome.rewards, infos=outcome.infos, frame=frame
        )
        exec(self._code, self.scope)
