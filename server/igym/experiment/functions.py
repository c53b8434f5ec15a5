"""A reference to a researcher's function: JSON can hold it, and it is called only where the researcher's code runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, PrivateAttr

from igym.experiment.base import Spec, option
from igym.experiment.errors import ExperimentError, shown
from igym.protocol.told import Told


class FunctionRef(Spec):
    """Names a function of the experiment. `function` is None in processes that did not load the experiment's code."""

    is_function_reference: ClassVar[bool] = True

    name: str = option(title="Name", description="The function's qualified name.")
    file: str = option("", title="File", description="The file that defines it.")
    line: int = option(
        0, title="Line", description="Where its definition starts.", unit="line number", ge=0, le=10_000_000
    )
    _function: Callable[..., Any] | None = PrivateAttr(default=None)

    @property
    def function(self) -> Callable[..., Any] | None:
        return self._function

    @classmethod
    def of(cls, function: Callable[..., Any]) -> FunctionRef:
        code = getattr(function, "__code__", None)
        reference = cls(
            name=getattr(function, "__qualname__", type(function).__qualname__),
            file=code.co_filename if code else "",
            line=code.co_firstlineno if code else 0,
        )
        reference._function = function
        return reference


def _as_reference(value: Any) -> Any:
    if value is None or isinstance(value, FunctionRef | dict):
        return value
    if callable(value):
        return FunctionRef.of(value)
    raise ExperimentError(Told("expected a function, got {got}.", got=shown(value)))


Function = Annotated[FunctionRef, BeforeValidator(_as_reference)]
OptionalFunction = Annotated[FunctionRef | None, BeforeValidator(_as_reference)]
