"""What a report says in sentences and in the boxes of its flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from igym.host.export.times import iso
from igym.host.report.drawing import Step
from igym.host.report.facts import ENDED_EARLY, STILL, MatchLine, Report
from igym.host.report.timing import quantile

STATES = {
    "screened_out": "Screened out", "excluded": "Excluded", "withdrawn": "Withdrawn", "dropped": "Dropped out",
    "timed_out": "Timed out", "unfinished": "Not finished when the session ended", STILL: "Still taking part",
}  # fmt: skip
BROWSERS_SHOWN = 6
REASONS_SHOWN = 4
"""In a box; all of them are in the table."""


def flow_steps(report: Report) -> list[Step]:
    """The boxes from joining to complete data."""
    flow = report.flow
    screened = _leaving(STATES["screened_out"], flow.screened_out)
    left: list[str] = []
    for state in (*ENDED_EARLY, STILL):
        left += _leaving(STATES[state], flow.ended[state])
    began = flow.joined - flow.screened_out.total()
    return [
        ([f"Joined (n = {flow.joined})"], screened),
        ([f"Took part (n = {began})"], left),
        ([f"Finished (n = {flow.finished})"], _leaving("Finished, data not complete", flow.incomplete)),
        ([f"Complete data, for the analysis (n = {flow.complete})"], []),
    ]


def _leaving(title: str, reasons: Counter[str]) -> list[str]:
    if not reasons:
        return []
    named = [(reason, count) for reason, count in reasons.most_common() if reason]
    lines = [f"{title} (n = {reasons.total()})", *(f"  {reason}: {count}" for reason, count in named[:REASONS_SHOWN])]
    rest = sum(count for _, count in named[REASONS_SHOWN:])
    return [*lines, f"  other reasons: {rest}"] if rest else lines


def method_sentences(report: Report) -> list[str]:
    """Who, how many, how good the connections and how exact the times were."""
    flow = report.flow
    days = sorted({str(iso(session.started_at))[:10] for session in report.sessions})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    said = [
        f"In {_of(len(report.sessions), 'session')} ({when}), {_of(flow.joined, 'participant')} joined (not passed by "
        f"the checks at the entry: {flow.screened_out.total()}; excluded: {flow.ended['excluded'].total()}; withdrawn: "
        f"{flow.ended['withdrawn'].total()}); {flow.finished} finished, {flow.complete} of them with complete data."
    ]
    said += [*_duration(report), *_equipment(report)]
    if report.matches:
        said += [_network(report), *_precision(report), _parity(report)]
    return said


def _network(report: Report) -> str:
    rtts = rtts_of(report)
    frames, predicted = frames_of(report), sum(line.predicted for line in report.matches)
    told = f"They played {_of(len(report.matches), 'match', 'matches')} with {frames} frames recorded by their members"
    if rtts:
        counted = Counter(rtts)
        told += (
            f"; the median round trip was {median(rtts):.1f} ms (middle half {quantile(counted, 0.25):.1f} to "
            f"{quantile(counted, 0.75):.1f} ms, largest {max(rtts):.1f} ms; a median for each member of a match)"
        )
    again = sum(line.rollback for line in report.matches)
    # Without an input delay nearly every frame is drawn before the others' keys can be there: what counts is how often
    # that was wrong.
    return told + (
        f". In {_share(predicted, frames)} of them another player's input was guessed at first, as it was still on its "
        f"way; frames that were run again because a guess had been wrong make {_share(again, frames)} of all."
        if frames
        else "."
    )


def _precision(report: Report) -> Iterator[str]:
    """A sentence or two for each frame rate."""
    for pace in report.paces:
        timing = pace.timing
        where = f"In {' and '.join(pace.scenes)}, frames" if len(report.paces) > 1 else "Frames"
        due = f" (due every {timing.due_ms:.1f} ms)" if timing.due_ms is not None else ""
        late = timing.late_share
        yield (
            f"{where} followed each other after a median of {quantile(timing.intervals, 0.5):.1f} ms{due}, 95 % within "
            f"{quantile(timing.intervals, 0.95):.1f} ms"
            + (f"; {100 * late:.2f} % came later than one and a half intervals." if late is not None else ".")
        )
        if timing.to_picture:
            refresh = quantile(timing.refresh, 0.5)
            yield (
                f"From a frame to the refresh of the display that showed it, it took a median of "
                f"{quantile(timing.to_picture, 0.5):.1f} ms, 95 % within {quantile(timing.to_picture, 0.95):.1f} ms"
                + (f" (a refresh every {refresh:.1f} ms, median)." if refresh is not None else ".")
            )


def _equipment(report: Report) -> list[str]:
    versions = sorted({session.app_version for session in report.sessions if session.app_version})
    program = f"Interactive Gym Desktop {', '.join(versions)}".strip()
    if not report.browsers:
        return [f"The sessions were run with {program}."]
    named = [f"{name} ({count})" for name, count in report.browsers.most_common(BROWSERS_SHOWN)]
    rest = report.browsers.total() - sum(count for _, count in report.browsers.most_common(BROWSERS_SHOWN))
    browsers = ", ".join([*named, *([f"others ({rest})"] if rest else [])])
    return [f"The sessions were run with {program}; people took part with {browsers}."]


def _duration(report: Report) -> list[str]:
    minutes = Counter(report.minutes)
    if not minutes:
        return []
    middle = median(report.minutes)
    told = f"Those who finished took a median of {middle:.1f} minutes"
    between = f" (middle half {quantile(minutes, 0.25):.1f} to {quantile(minutes, 0.75):.1f})"
    return [told + (between if len(report.minutes) > 1 else "") + "."]


def _parity(report: Report) -> str:
    found = parity_counts(report)
    return (
        f"All players' recordings were compared frame by frame: identical in {found['identical']} of "
        f"{_of(len(report.matches), 'match', 'matches')}, different in {found['differs']}, not compared in {found['']}."
    )


def parity_counts(report: Report) -> Counter[str]:
    """Outcome ("" for matches in which nothing was compared) → matches."""
    return Counter(line.parity or "" for line in report.matches)


def rtts_of(report: Report) -> list[float]:
    """`rtt_ms` of every line of `matches.csv` that has one and is not about somebody who withdrew."""
    return [rtt for line in report.matches for rtt in line.rtts_ms]


def frames_of(report: Report) -> int:
    """Of all members together."""
    return sum(line.frames for line in report.matches)


def share_of(line: MatchLine, count: int) -> str:
    """Of the match's frames."""
    return _share(count, line.frames)


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else "–"


def _of(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
