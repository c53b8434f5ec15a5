"""What a report says in sentences and in the boxes of its flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from igym.core.state import KINDS
from igym.host.export.times import iso
from igym.host.languages import Voice
from igym.host.report.drawing import Step
from igym.host.report.facts import ENDED_EARLY, STILL, MatchLine, Report
from igym.host.report.timing import Pace, Tenths, quantile
from igym.protocol.told import Told, counted

STATES = {
    "screened_out": Told("Screened out"), "excluded": Told("Excluded"), "withdrawn": Told("Withdrawn"),
    "dropped": Told("Dropped out"), "timed_out": Told("Timed out"),
    "unfinished": Told("Not finished when the session ended"), STILL: Told("Still taking part"),
}  # fmt: skip
INCOMPLETE = Told("Finished, data not complete")
PARITIES = {"identical": Told("identical"), "differs": Told("differs"), None: Told("not compared")}
OUTCOMES = {"complete": Told("complete"), "early": Told("early"), "left": Told("left"), "running": Told("running")}
KIND_WORDS = dict(zip(KINDS, (Told("study"), Told("pilot"), Told("rehearsal"), Told("test")), strict=True))
BROWSERS_SHOWN = 6
REASONS_SHOWN = 4
"""In a box; all of them are in the table."""


def flow_steps(report: Report, voice: Voice) -> list[Step]:
    """The boxes from joining to complete data."""
    flow = report.flow
    left: list[str] = []
    for state in (*ENDED_EARLY, STILL):
        left += _leaving(voice, STATES[state], flow.ended[state])
    began = flow.joined - flow.screened_out.total()
    say = voice.say
    return [
        ([say(Told("Joined (n = {n})", n=flow.joined))], _leaving(voice, STATES["screened_out"], flow.screened_out)),
        ([say(Told("Took part (n = {n})", n=began))], left),
        ([say(Told("Finished (n = {n})", n=flow.finished))], _leaving(voice, INCOMPLETE, flow.incomplete)),
        ([say(Told("Complete data, for the analysis (n = {n})", n=flow.complete))], []),
    ]


def _leaving(voice: Voice, title: Told, reasons: Counter[str]) -> list[str]:
    if not reasons:
        return []
    named = [(reason, count) for reason, count in reasons.most_common() if reason]
    lines = [Told("{state} (n = {n})", state=title, n=reasons.total())]
    inside = [Told("{what}: {count}", what=voice.say(reason), count=count) for reason, count in named[:REASONS_SHOWN]]
    rest = sum(count for _, count in named[REASONS_SHOWN:])
    inside += [Told("other reasons: {n}", n=rest)] if rest else []
    return [*map(voice.say, lines), *(f"  {voice.say(line)}" for line in inside)]


def method_sentences(report: Report, voice: Voice) -> list[str]:
    """Paragraphs: who, how many, how good the connections and how exact the times were."""
    paragraphs = [[_who(report)], _duration(report, voice), [_equipment(report, voice)]]
    if report.matches:
        paragraphs.append(_network(report, voice))
        paragraphs += [list(_precision(report, pace, voice)) for pace in report.paces]
        paragraphs.append([_parity(report)])
    return [" ".join(map(voice.say, paragraph)) for paragraph in paragraphs if paragraph]


def _who(report: Report) -> Told:
    flow = report.flow
    days = sorted({str(iso(session.started_at))[:10] for session in report.sessions})
    return Told(
        "In {sessions} ({when}), {participants} joined (not passed by the checks at the entry: {screened}; excluded: "
        "{excluded}; withdrawn: {withdrawn}); {finished} finished, {complete} of them with complete data.",
        sessions=counted(len(report.sessions), "{n} session", "{n} sessions"),
        when=days[0] if len(days) == 1 else Told("{first} to {last}", first=days[0], last=days[-1]),
        participants=counted(flow.joined, "{n} participant", "{n} participants"),
        screened=flow.screened_out.total(), excluded=flow.ended["excluded"].total(),
        withdrawn=flow.ended["withdrawn"].total(), finished=flow.finished, complete=flow.complete,
    )  # fmt: skip


def _network(report: Report, voice: Voice) -> list[Told]:
    rtts, frames = rtts_of(report), frames_of(report)
    said = [
        Told("They played {matches} with {frames} frames recorded by their members.", matches=_matches(report),
             frames=frames)
    ]  # fmt: skip
    if rtts:
        said.append(
            Told(
                "The median round trip was {median} ms (middle half {low} to {high} ms, largest {most} ms; a median "
                "for each member of a match).",
                **_middle(Counter(rtts), voice), most=voice.number(f"{max(rtts):.1f}"),
            )
        )  # fmt: skip
    if frames:
        # Without an input delay nearly every frame is drawn before the others' keys can be there: what counts is how
        # often that was wrong.
        said.append(
            Told(
                "In {guessed} of the frames another player's input was guessed at first, as it was still on its way; "
                "frames that were run again because a guess had been wrong make {again} of all.",
                guessed=_share(sum(line.predicted for line in report.matches), frames, voice),
                again=_share(sum(line.rollback for line in report.matches), frames, voice),
            )
        )
    return said


def _precision(report: Report, pace: Pace, voice: Voice) -> Iterator[Told]:
    """Of the scenes of one frame rate."""
    timing = pace.timing
    if len(report.paces) > 1:
        yield Told("In {scenes}:", scenes=", ".join(pace.scenes))
    usual, most = _tenths(timing.intervals, 0.5, voice), _tenths(timing.intervals, 0.95, voice)
    if timing.due_ms is not None and timing.late_share is not None:
        yield Told(
            "Frames followed each other after a median of {median} ms (due every {due} ms), 95 % within {most} ms; "
            "{late} came later than one and a half intervals.",
            median=usual, due=voice.number(f"{timing.due_ms:.1f}"), most=most,
            late=voice.number(f"{100 * timing.late_share:.2f} %"),
        )  # fmt: skip
    else:
        yield Told("Frames followed each other after a median of {median} ms, 95 % within {most} ms.",
                   median=usual, most=most)  # fmt: skip
    if timing.to_picture:
        yield Told(
            "From a frame to the refresh of the display that showed it, it took a median of {median} ms, 95 % within "
            "{most} ms.",
            median=_tenths(timing.to_picture, 0.5, voice), most=_tenths(timing.to_picture, 0.95, voice),
        )  # fmt: skip
    if timing.to_picture and timing.refresh:
        yield Told("The displays had a refresh every {refresh} ms (median).",
                   refresh=_tenths(timing.refresh, 0.5, voice))  # fmt: skip


def _equipment(report: Report, voice: Voice) -> Told:
    versions = sorted({session.app_version for session in report.sessions if session.app_version})
    program = f"Interactive Gym Desktop {', '.join(versions)}".strip()
    if not report.browsers:
        return Told("The sessions were run with {program}.", program=program)
    named = [f"{voice.say(name)} ({count})" for name, count in report.browsers.most_common(BROWSERS_SHOWN)]
    rest = report.browsers.total() - sum(count for _, count in report.browsers.most_common(BROWSERS_SHOWN))
    named += [voice.say(Told("others ({n})", n=rest))] if rest else []
    return Told("The sessions were run with {program}; people took part with {browsers}.", program=program,
                browsers=", ".join(named))  # fmt: skip


def _duration(report: Report, voice: Voice) -> list[Told]:
    minutes = report.minutes
    if len(minutes) > 1:
        return [
            Told("Those who finished took a median of {median} minutes (middle half {low} to {high}).",
                 **_middle(Counter(minutes), voice))
        ]  # fmt: skip
    return [
        Told("Whoever finished took {minutes} minutes.", minutes=voice.number(f"{each:.1f}")) for each in minutes
    ]  # fmt: skip


def _parity(report: Report) -> Told:
    found = parity_counts(report)
    return Told(
        "All players' recordings were compared frame by frame: identical in {same} of {matches}, different in "
        "{different}, not compared in {not_compared}.",
        same=found["identical"], matches=_matches(report), different=found["differs"], not_compared=found[""],
    )  # fmt: skip


def _matches(report: Report) -> Told:
    return counted(len(report.matches), "{n} match", "{n} matches")


def _middle(values: Tenths, voice: Voice) -> dict[str, str]:
    """Median and middle half, to a tenth."""
    return {
        "median": voice.number(f"{median(values.elements()):.1f}"),
        "low": _tenths(values, 0.25, voice), "high": _tenths(values, 0.75, voice),
    }  # fmt: skip


def _tenths(values: Tenths, share: float, voice: Voice) -> str:
    return voice.number(f"{quantile(values, share):.1f}")


def parity_counts(report: Report) -> Counter[str]:
    """Outcome ("" for matches in which nothing was compared) → matches."""
    return Counter(line.parity or "" for line in report.matches)


def rtts_of(report: Report) -> list[float]:
    """`rtt_ms` of every line of `matches.csv` that has one and is not about somebody who withdrew."""
    return [rtt for line in report.matches for rtt in line.rtts_ms]


def frames_of(report: Report) -> int:
    """Of all members together."""
    return sum(line.frames for line in report.matches)


def share_of(line: MatchLine, count: int, voice: Voice) -> str:
    """Of the match's frames."""
    return _share(count, line.frames, voice)


def _share(count: int, of: int, voice: Voice) -> str:
    return voice.number(f"{100 * count / of:.1f} %") if of else "–"
