"""Long work on stored sessions as child processes: their arguments, and what their last word means to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from igym.host.base.held_files import held_text
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.flow.words import size_text
from igym_desktop.i18n import language, plural, said, tr

JobKind = Literal["export", "verify", "backup", "withdraw", "annotate", "retention"]


@dataclass(frozen=True)
class StoredJob:
    """`arguments` for the command `kind`; `busy` tells what is going on."""

    kind: JobKind
    arguments: tuple[str, ...]
    busy: str
    event: str
    """The event that means it was done."""


@dataclass(frozen=True)
class Ended:
    """How a job ended, in words; `last` is what it reported."""

    tone: Literal["go", "warn", "stop"]
    text: str
    last: Mapping[str, Any]


def export_job(session: StoredSession, name: str) -> StoredJob:
    """Writes one format; a report in the language of the window."""
    spoken = ("--language", language()) if name == "report" else ()
    arguments = (str(session.folder), "--session", session.id, "--format", name, *spoken, "--json", "--leash")
    return StoredJob("export", arguments, tr("Exporting…"), "exported")


def verify_job(session: StoredSession) -> StoredJob:
    """Checks every file's hash, then plays the matches again."""
    return StoredJob("verify", (str(session.folder), "--session", session.id, "--json"), tr("Verifying…"), "verified")


def backup_job(session: StoredSession, to: str) -> StoredJob:
    """Copies the database, also while an engine writes it; `to` "" means its usual place."""
    where = ("--to", to) if to else ()
    return StoredJob("backup", (str(session.folder), *where, "--json"), tr("Copying the database…"), "backed_up")


def withdraw_job(session: StoredSession, participant: str, reason: str, *, erase: bool) -> StoredJob:
    """Erases a participant's data, or only marks them."""
    arguments = [str(session.folder), session.id, participant, "--reason", reason, "--json"]
    if not erase:
        arguments.append("--keep-rows")
    return StoredJob("withdraw", tuple(arguments), tr("Withdrawing…"), "withdrawn")


def annotate_job(session: StoredSession, wanted: Mapping[str, str]) -> StoredJob:
    """`wanted`: name, note and kind, as far as they change; files move when the kind does."""
    given = [part for key, value in wanted.items() for part in (f"--{key}={value}",)]
    arguments = (str(session.folder), session.id, *given, "--json")
    return StoredJob("annotate", arguments, tr("Writing it down…"), "annotated")


def delete_job(session: StoredSession) -> StoredJob:
    """Erases everything of one session but the receipt."""
    arguments = (str(session.folder), "--session", session.id, "--erase", "--json")
    return StoredJob("retention", arguments, tr("Deleting…"), "retention")


def ended(job: StoredJob, last: Mapping[str, Any], errors: str, *, cancelled: bool) -> Ended:
    """Says it to a person."""
    if last.get("event") == job.event:
        tone, text = _DONE[job.kind](last)
        return Ended(tone, text, last)
    if cancelled:
        return Ended("warn", _CANCELLED[job.kind](), last)
    why = said(str(last.get("text") or "")) or str(errors[-600:].strip() or tr("no reason was given"))
    return Ended("stop", _failed_text(job.kind, why), last)


def _exported(last: Mapping[str, Any]) -> tuple[Any, str]:
    told = plural(int(last.get("files") or 0), "{n} file was written.", "{n} files were written.")
    held = [said(held_text(str(name))) for name in last.get("held") or ()]
    left_out = [said(str(last["left_out"]))] if last.get("left_out") else []
    return ("warn" if held else "go"), " ".join([told, *left_out, *held])


def _verified(last: Mapping[str, Any]) -> tuple[Any, str]:
    manifest, results = last.get("manifest") or {}, [str(item.get("result")) for item in last.get("episodes") or ()]
    unfinished = bool(last.get("unfinished"))
    if "manifest.json" in (manifest.get("missing") or ()):
        return "stop", tr("This folder has no list of files (manifest.json) yet. Export once, then check again.")
    tables = last.get("tables") or {}
    told = [_files_text(manifest), *_table_texts(tables, unfinished)]
    trail = [str(item.get("result")) for item in last.get("trail") or ()]
    if "broken" in trail:
        told.append(tr("The log was changed: something was removed or altered since it was recorded or exported."))
    elif "whole" in trail:
        told.append(tr("The log is whole."))
    simulated = results.count("simulated")
    why = [said(str(each)) for each in last.get("without_replay") or ()]
    if not results and not why:
        told.append(tr("No episode was recorded, so there was nothing to play again."))
    if len(results) > simulated:
        same, played = results.count("identical"), len(results) - simulated
        told.append(tr("{same} of {total} episodes play again exactly as recorded.", same=same, total=played))
    if simulated:
        told.append(
            plural(
                simulated,
                "{n} episode was simulated: nobody played it.",
                "{n} episodes were simulated: nobody played them.",
            )
        )
    told += why
    bad = results.count("differs") + results.count("failed")
    if bad:
        told.append(plural(bad, "{n} does not.", "{n} do not."))
    unsure = results.count("unsure")
    if unsure:
        told.append(plural(unsure, "{n} cannot be decided here.", "{n} cannot be decided here."))
    harm = bad or "broken" in trail or tables.get("ok") is False or manifest.get("changed") or manifest.get("missing")
    doubt = unsure or unfinished or last.get("outcome") == "simulated"
    return "stop" if harm else "warn" if doubt else "go", " ".join(told)


def _table_texts(tables: Mapping[str, Any], unfinished: bool) -> list[str]:
    told = []
    if unfinished:
        told.append(
            tr("The session was not ended, and its files are older than its data. Export once, then check again.")
        )
    if tables:
        told.append(table_words(bool(tables.get("ok")), int(tables.get("counts") or 0)))
        told += [said(str(each)) for each in list(tables.get("disagreements") or ())[:3]]
    return told


def table_words(ok: bool, counts: int) -> str:
    """Whether the tables agree with the rows they count and with each other."""
    if ok and not counts:
        return tr("The tables hold nobody's data, so there was nothing to compare.")
    if ok:
        return tr("{count} counts in the tables agree with the rows and with each other.", count=counts)
    return tr("The tables disagree with the rows or with each other. Export again, then check again.")


def _files_text(manifest: Mapping[str, Any]) -> str:
    changed, missing = len(manifest.get("changed") or ()), len(manifest.get("missing") or ())
    if not changed and not missing:
        return tr("Every exported file is there and unchanged.")
    parts = [plural(changed, "{n} file was changed.", "{n} files were changed.")] if changed else []
    parts += [plural(missing, "{n} file is missing.", "{n} files are missing.")] if missing else []
    return " ".join(parts)


def _backed_up(last: Mapping[str, Any]) -> tuple[Any, str]:
    size = size_text(last.get("bytes") or 0)
    return "go", tr("The copy was written: {path} ({size})", path=last.get("path"), size=size)


def _withdrawn(last: Mapping[str, Any]) -> tuple[Any, str]:
    who, removed = str(last.get("participant")), len(last.get("removed") or ())
    if not last.get("erased") and not removed:
        return "go", tr("{who} is marked as withdrawn; the data are kept.", who=who)
    files = plural(removed, "{n} file was removed.", "{n} files were removed.")
    return "go", tr("The data of {who} were erased.", who=who) + " " + files


def _annotated(last: Mapping[str, Any]) -> tuple[Any, str]:
    moved = int(last.get("removed") or 0)
    told = plural(moved, " {n} file moved with it.", " {n} files moved with it.") if moved else ""
    return "go", tr("The session was noted so.") + told


def _deleted(last: Mapping[str, Any]) -> tuple[Any, str]:
    old = next((item for item in last.get("sessions") or () if isinstance(item, Mapping)), {})
    files = plural(int(old.get("files") or 0), "{n} file was removed.", "{n} files were removed.")
    return "go", tr("Session {session} was deleted.", session=old.get("session")) + " " + files


_DONE = {
    "export": _exported, "verify": _verified, "backup": _backed_up, "withdraw": _withdrawn, "annotate": _annotated,
    "retention": _deleted,
}  # fmt: skip
_CANCELLED = {
    "export": lambda: tr("The export was cancelled. Files that were finished are complete."),
    "verify": lambda: tr("The check was stopped before its end."),
    "backup": lambda: tr("The copy was stopped; no half file is left."),
    "withdraw": lambda: tr("The withdrawal was interrupted. Look at the participant's state and do it again."),
    "annotate": lambda: tr("This was interrupted. Look at the session and do it again."),
    "retention": lambda: tr("Deleting was interrupted. Do it again: what is left goes then."),
}


def _failed_text(kind: JobKind, why: str) -> str:
    texts = {
        "export": tr("The export did not succeed: {why}", why=why),
        "verify": tr("The check did not come to an end: {why}", why=why),
        "backup": tr("The copy was not made: {why}", why=why),
        "withdraw": tr("The participant was not withdrawn: {why}", why=why),
        "annotate": tr("The session was not changed: {why}", why=why),
        "retention": tr("The session was not deleted: {why}", why=why),
    }
    return texts[kind]


def episode_words(episode: Mapping[str, Any]) -> tuple[str, str, str]:
    """(words, icon, tone) of one played-again episode's result."""
    table = {
        "identical": (tr("Identical"), "verify", "go"),
        "differs": (tr("Differs"), "warning", "stop"),
        "unsure": (tr("Not certain"), "info", "warn"),
        "failed": (tr("Could not be played"), "error", "stop"),
        "simulated": (tr("Simulated, not played"), "info", "warn"),
    }
    result = str(episode.get("result") or "")
    return table.get(result, (result.capitalize(), "info", "off"))


def file_complaints(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what is wrong, file) for every file that is not as the manifest says; files nobody listed come last."""
    found: list[tuple[str, str]] = []
    names: Sequence[tuple[str, str]] = (
        ("changed", tr("Changed")),
        ("missing", tr("Missing")),
        ("unlisted", tr("Not on the list")),
    )
    for key, words in names:
        found += [(words, str(name)) for name in manifest.get(key) or ()]
    return found
