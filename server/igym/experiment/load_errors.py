"""What went wrong while an experiment's Python ran, in the words of the person who wrote it."""

from __future__ import annotations

import re
import traceback
from pathlib import Path, PurePath, PureWindowsPath

from igym.experiment.errors import ExperimentError, suggestion
from igym.protocol.told import Told, together


def worded(error: BaseException, folder: Path) -> ExperimentError:
    """Any exception of the experiment's code as an ExperimentError with file and line."""
    file, line = place(error, folder)
    if isinstance(error, ExperimentError):
        return error.at(file, line)
    if isinstance(error, SyntaxError):
        return _syntax(error, folder)
    if isinstance(error, ModuleNotFoundError):
        return _missing_package(error).at(file, line)
    return ExperimentError(shortened(_text(error), folder), file=file, line=line)


def place(error: BaseException, folder: Path) -> tuple[str | None, int | None]:
    """File (relative to the folder) and line of the innermost call in the experiment's own files."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _inside(frame.filename, folder)]
    return (relative(own[-1].filename, folder), own[-1].lineno) if own else (None, None)


def relative(file: str, folder: Path) -> str:
    """A path as it is shown: inside the experiment folder, relative to it."""
    return Path(file).relative_to(folder).as_posix() if _inside(file, folder) else file


def shortened(text: str, folder: PurePath) -> str:
    """`text` without the folder's path in front of file names; a repr() of a path has its backslashes doubled."""
    if isinstance(text, Told):
        values = {
            name: shortened(value, folder) if isinstance(value, str) else value for name, value in text.values.items()
        }
        return Told(text.key, shortened(str.__str__(text), folder), **values)
    separator = "\\" if isinstance(folder, PureWindowsPath) else "/"
    start = f"{folder}{separator}"
    return text.replace(start, "").replace(start.replace("\\", "\\\\"), "")


def _inside(file: str, folder: Path) -> bool:
    return Path(file).is_relative_to(folder) and "site-packages" not in Path(file).relative_to(folder).parts


def _syntax(error: SyntaxError, folder: Path) -> ExperimentError:
    code = Told(" The line reads: {line}", line=error.text.strip()) if error.text else ""
    file = relative(error.filename, folder) if error.filename else None
    return ExperimentError(
        Told("this is not valid Python: {error}.{line}", error=error.msg, line=code), file=file, line=error.lineno
    )


def _missing_package(error: ModuleNotFoundError) -> ExperimentError:
    package = (error.name or "").split(".")[0]
    return ExperimentError(
        Told(
            'the experiment needs the package "{package}", which is not there. If only the env needs it, '
            'import it in the env file and name it in .runtime(packages=["…"]). Otherwise install it '
            "beside experiment.py: pip install --target site-packages {package}",
            package=package,
        ),
        value=package,
    )


def _text(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return Told("the experiment file ended Python (sys.exit or exit was called).")
    if isinstance(error, ImportError) and error.name and error.name.split(".")[0] == "igym":
        return _unknown_import(error)
    if isinstance(error, AttributeError):
        return together(f"{error}.", _attribute_suggestion(error), between="")
    return f"{type(error).__name__}: {error}"


def _unknown_import(error: ImportError) -> str:
    import igym

    found = re.search(r"cannot import name '(\w+)'", str(error))
    name = found.group(1) if found else ""
    return Told('igym has no "{name}".{hint}', name=name, hint=suggestion(name, igym.__all__))


def _attribute_suggestion(error: AttributeError) -> str:
    import igym

    found = re.search(r"'(\w+)' object has no attribute '(\w+)'", str(error))
    if not found or found.group(1) not in igym.__all__:
        return ""
    public = [name for name in dir(getattr(igym, found.group(1))) if not name.startswith(("_", "model_"))]
    return suggestion(found.group(2), public)
