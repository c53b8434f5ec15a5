"""Where people go when their part ends, by how it ended: one place for codes, addresses and last words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from igym.experiment.base import OptionGroup, option
from igym.experiment.words import Text

OUTCOMES = (
    "finished",
    "partner_left",
    "timed_out",
    "screened_out",
    "failed_check",
    "excluded",
    "withdrawn",
    "dropped",
    "unfinished",
)


class Return(OptionGroup):
    """What one outcome leads to. A text alone is the address."""

    code: str = option(
        "",
        title="Code",
        description="The code those people get, when they have none yet. Empty: none.",
        max_length=60,
    )
    redirect_url: str | None = option(
        None,
        title="Redirect address",
        description="Where their last page leads, when nothing else says so; {participant} and {code} are filled in.",
        max_length=2000,
    )
    message: Text = option(
        "",
        title="Message",
        description="What they read in place of the built-in sentence. A page, or a text you wrote for the occasion, "
        "comes first; who is not let in reads why before it.",
        form="multiline",
    )

    @model_validator(mode="before")
    @classmethod
    def _address(cls, value: Any) -> Any:
        return {"redirect_url": value} if isinstance(value, str) else value


def _outcome(title: str, description: str) -> Any:
    return option(Return(), title=title, description=description)


class Returns(OptionGroup):
    """`Experiment(returns={"screened_out": {"code": "…", "redirect_url": "https://…?cc={code}"}, …})`."""

    finished: Return = _outcome("Finished", "Those who reached the end.")
    partner_left: Return = _outcome("Partner left", "Those whose game ended with a code because a partner was lost.")
    timed_out: Return = _outcome("Timed out", "Those who waited in vain, or whose game could not be loaded.")
    screened_out: Return = _outcome("Screened out", "Those who were not let in, or found every place taken.")
    failed_check: Return = _outcome("Failed check", "Those excluded for wrong answers in a Form that checks them.")
    excluded: Return = _outcome("Excluded", "Those who were taken out by a rule or the researcher.")
    withdrawn: Return = _outcome("Withdrawn", "Those who left by their own wish.")
    dropped: Return = _outcome("Dropped", "Those who come back after having been away for too long.")
    unfinished: Return = _outcome("Unfinished", "Those who were still on the way when the session was ended.")

    def of(self, outcome: str) -> Return:
        """What the outcome leads to."""
        found: Return = getattr(self, outcome)
        return found

    @property
    def given(self) -> Mapping[str, Return]:
        """The outcomes that lead somewhere."""
        return {name: self.of(name) for name in OUTCOMES if self.of(name) != Return()}
