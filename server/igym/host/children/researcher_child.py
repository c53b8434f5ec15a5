"""The process that runs a researcher's functions: JSON lines in, JSON lines out, prints to stderr."""

from __future__ import annotations

import argparse
import importlib.util
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.form import describe_experiment
from igym.experiment.jsonable import as_json
from igym.experiment.matchmakers import Candidate, Matchmaker
from igym.host.base.json_lines import say, take_over_stdin, take_over_stdout
from igym.host.studies.authoring import loaded_experiment
from igym.protocol.told import Told

_OWN_CODE = str(Path(__file__).resolve().parents[2])


class Context(dict[str, Any]):
    """What a researcher's function is given: `context.answers` and `context["answers"]` are the same."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the context has no {name!r}; it has: {', '.join(self)}") from None


def main(arguments: list[str]) -> int:
    """`igym researcher FOLDER [--profile FILE]`."""
    parser = argparse.ArgumentParser(prog="igym researcher")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args(arguments)
    # Ctrl+C in a terminal reaches this process too; it is the engine that decides when the last answer was given.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lines, replies = take_over_stdin(), take_over_stdout()
    try:
        experiment = loaded_experiment(options.folder, options.profile)
        described = describe_experiment(experiment)
        loaded = {"event": "loaded", "experiment": experiment.to_json(), "described": described}
    except ExperimentError as error:
        say(replies, {"event": "failed", "error": error.to_json()})
        return 3
    except BaseException as error:
        say(replies, {"event": "failed", "error": as_load_error(error)})
        return 3
    say(replies, loaded)
    # The engine goes on with its start meanwhile: asyncio takes as long to import as many a study to load.
    from igym.host.children.researcher_desk import Desk

    Desk(lambda question: called(experiment, question), reply, lambda message: say(replies, message)).work(lines)
    return 0


_MODULES: dict[str, Any] = {}
"""Files of the folder that were loaded for functions named FILE.py:FUNCTION."""


def _of_folder(folder: Path, name: str) -> Callable[..., Any]:
    """The function that `bots.py:reply` names. Raises what loading the file raises, and AttributeError."""
    file, _, function = name.partition(":")
    if file not in _MODULES:
        spec = importlib.util.spec_from_file_location(Path(file).stem, folder / file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        _MODULES[file] = module
    found: Callable[..., Any] = getattr(_MODULES[file], function)
    return found


def called(experiment: Experiment, question: Mapping[str, Any]) -> Any:
    """What the function returned: a value, or something to await."""
    if question["kind"] == "responder":
        assert experiment.folder is not None
        return _plain(_of_folder(experiment.folder, question["function"]), question["context"])
    function = experiment.function(question["function"])
    call: Callable[..., Any] = _CALLS.get(question["kind"], _plain)
    return call(function, question["context"])


def reply(question: Mapping[str, Any], value: Callable[[], Any]) -> dict[str, Any]:
    """`{id, value}`, or `{id, error}` whatever the function did."""
    try:
        return {
            "id": question["id"],
            "value": as_json(value(), Told("what {function} returned", function=question["function"])),
        }
    except BaseException as error:
        return {"id": question["id"], "error": describe_error(error)}


def _plain(function: Callable[..., Any], context: Mapping[str, Any]) -> Any:
    return function(_as_context(context))


def _find_match(function: Callable[..., Any], context: Mapping[str, Any]) -> list[str] | dict[str, str] | None:
    waiting = [_candidate(entry) for entry in context["waiting"]]
    matchmaker = _matchmaker(function, context)
    group = matchmaker.find_match(_candidate(context["arriving"]), waiting, context["size"], context["now"])
    if isinstance(group, Mapping):
        return {str(agent): candidate.participant for agent, candidate in group.items()}
    return None if group is None else [candidate.participant for candidate in group]


def _judge_probe(function: Callable[..., Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """`{group, pairs}`: whether the measured group is accepted, and each of its pairs alone."""
    matchmaker, rtts_ms = _matchmaker(function, context), context["rtts_ms"]
    group, *pairs = (matchmaker.accepts_probe(asked) for asked in (rtts_ms, *([rtt] for rtt in rtts_ms)))
    if not all(isinstance(verdict, bool) for verdict in (group, *pairs)):
        raise TypeError(Told("accepts_probe must return True or False; it returned {value}", value=f"{group!r:.200}"))
    return {"group": group, "pairs": pairs}


def _matchmaker(function: Any, context: Mapping[str, Any]) -> Matchmaker:
    """The matchmaker this bound method belongs to, with its limits loosened as far as those who wait allow."""
    matchmaker: Matchmaker = function.__self__
    factor = context.get("factor", 1.0)
    if factor == 1.0:
        return matchmaker
    loosened = matchmaker.loosened(factor)
    if not isinstance(loosened, Matchmaker):
        raise TypeError(Told("loosened must return a matchmaker; it returned {value}", value=f"{loosened!r:.200}"))
    return loosened


def _candidate(entry: Mapping[str, Any]) -> Candidate:
    return Candidate(
        participant=entry["participant"],
        since_s=entry["since_s"],
        rtt_ms=entry.get("rtt_ms"),
        former_partners=tuple(entry.get("former_partners", ())),
        blocked=frozenset(entry.get("blocked", ())),
        globals=entry.get("globals", {}),
        measured_ms=entry.get("measured_ms", {}),
        attributes=entry.get("attributes", {}),
        answers=entry.get("answers", {}),
        conditions=entry.get("conditions", {}),
    )


_CALLS: dict[str, Callable[..., Any]] = {"matchmaker": _find_match, "probe_verdict": _judge_probe}


def _as_context(value: Any) -> Any:
    if isinstance(value, dict):
        return Context({key: _as_context(item) for key, item in value.items()})
    return [_as_context(item) for item in value] if isinstance(value, list) else value


def describe_error(error: BaseException) -> dict[str, Any]:
    """`{type, message, traceback, file, line}`, the place being the last one in the researcher's own code."""
    frames = list(_own_frames(error))
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else (None, None)
    text = "".join(traceback.format_list(frames) + traceback.format_exception_only(error))
    heading = "Traceback (most recent call last):\n" if frames else ""
    return {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": heading + text,
        "file": file,
        "line": line,
    }


def _own_frames(error: BaseException) -> Iterator[traceback.FrameSummary]:
    """Without the frames of this program, which would only distract."""
    for frame in traceback.extract_tb(error.__traceback__):
        if not frame.filename.startswith(_OWN_CODE) and not frame.filename.startswith("<frozen"):
            yield frame


def as_load_error(error: BaseException) -> dict[str, Any]:
    """An unexpected failure of loading in the form of an `ExperimentError`."""
    described = describe_error(error)
    text = Told(
        "The experiment could not be loaded: {kind}: {error}", kind=described["type"], error=described["message"]
    )
    return {"text": text, "file": described["file"], "line": described["line"], "value": None, "allowed": None,
            "traceback": described["traceback"]}  # fmt: skip
