"""A report as one HTML file without anything from elsewhere: light, and made for A4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from igym.host.export.times import iso
from igym.host.report.drawing import bars_drawing, flow_drawing
from igym.host.report.facts import MatchLine, Report
from igym.host.report.timing import quantile
from igym.host.report.words import STATES, flow_steps, method_sentences, parity_counts, rtts_of, share_of

STYLE = """
:root { color-scheme: light; }
@page { size: A4; margin: 15mm; }
body { font: 10pt/1.4 sans-serif; color: #111; background: #fff; max-width: 180mm; margin: 0 auto; padding: 1em; }
h1 { font-size: 17pt; margin: 0 0 .2em; } h2 { font-size: 12.5pt; margin: 1.6em 0 .4em; }
h2, h3, caption { break-after: avoid; }
p { margin: .4em 0; } .small { font-size: 8.5pt; color: #444; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; }
thead { display: table-header-group; } tr, svg { break-inside: avoid; }
th, td { border-bottom: 1px solid #bbb; padding: 2px 5px; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { border-bottom: 1.5px solid #333; overflow-wrap: normal; } .n { text-align: right; } td.n { white-space: nowrap; }
.dense table { font-size: 7.5pt; } .dense th, .dense td { padding: 2px 3px; }
code { font-size: 7.5pt; overflow-wrap: anywhere; } svg { width: 100%; height: auto; display: block; margin: .4em 0; }
@media print { body { padding: 0; max-width: none; } }
"""
Cell = str | int | float | None


def html_of(report: Report, made_at: float) -> str:
    """The whole page; `made_at` in unix seconds."""
    title = f"Report: {report.title or report.experiment}"
    parts = [
        f"<h1>{_t(title)}</h1>", _about(report, made_at),
        _part("For the method section", *(f"<p>{_t(sentence)}</p>" for sentence in method_sentences(report))),
        _part("Flow of participants", flow_drawing(flow_steps(report), "Flow of participants"), _people(report)),
        _exclusions(report), _sessions(report), _matches(report), _charts(report), _payments(report), _records(report),
    ]  # fmt: skip
    head = f'<meta charset="utf-8"><title>{_t(title)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _about(report: Report, made_at: float) -> str:
    version = f", version {report.version}" if report.version else ""
    simulated = f" {report.simulated} of the participants were simulated." if report.simulated else ""
    what = (
        f"Experiment {report.experiment}{version}; sessions of the kind “{report.kind}”. Made {_when(made_at)}. The "
        "numbers are those of participants.csv, matches.csv and payments.csv; participants have the ids they have "
        f"there, and whoever has withdrawn is only counted.{simulated}"
    )
    return f'<p class="small">{_t(what)}</p>'


def _people(report: Report) -> str:
    flow = report.flow
    rows: list[list[Cell]] = [
        [STATES.get(state, state), reason or "–", count]
        for state, reasons in (("screened_out", flow.screened_out), *flow.ended.items())
        for reason, count in reasons.most_common()
    ]
    rows += [["Finished, data not complete", reason, count] for reason, count in flow.incomplete.most_common()]
    told = (
        "Complete are the data of whoever finished, was in no match or episode that broke off, and whose matches were "
        "recorded alike by all players. What is analysed beyond that is for the study to say."
    )
    ids = f" They are {report.people} different ids." if report.people != flow.joined else ""
    return f'<p class="small">{_t(told + ids)}</p>' + (_table(("State", "Reason", "#People"), rows) if rows else "")


def _exclusions(report: Report) -> str:
    rows: list[list[Cell]] = [
        [one.session, one.participant, STATES[one.status], one.reason, one.scene] for one in report.told
    ]
    return _part("Exclusions", _table(("Session", "Participant", "State", "Reason", "In"), rows) if rows else _none())


def _sessions(report: Report) -> str:
    rows: list[list[Cell]] = [
        [one.name or one.id, _when(one.started_at), _when(one.ended_at), one.joined, one.finished, one.app_version]
        for one in report.sessions
    ]
    return _part("Sessions", _table(("Session", "Began", "Ended", "#Joined", "#Finished", "App"), rows))


def _matches(report: Report) -> str:
    if not report.matches:
        return _part("Matches", _none())
    head = (
        "Scene", "Match", "#Members", "#Frames", "#Round trip ms", "#Frame interval ms", "#Late", "#Guessed",
        "#Run again", "#Stalls ms", "Outcome", "Recordings",
    )  # fmt: skip
    found = parity_counts(report)
    told = (
        "Members who have withdrawn are in brackets. Round trip: each member's median, from the smallest to the "
        "largest. Frame interval: the median and, after the stroke, what 95 % do not exceed. Late: frames that came "
        "later than one and a half intervals. Guessed: frames in which another player's input was guessed at first. "
        "Run again: frames that a wrong guess cost. "
        f"Recordings: {found['identical']} identical, {found['differs']} differ, {found['']} not compared."
    )
    table = _table(head, [_match_row(line) for line in report.matches])
    return _part("Matches", f'<p class="small">{_t(told)}</p><div class="dense">{table}</div>')


def _match_row(line: MatchLine) -> list[Cell]:
    members = f"{line.members} ({line.withdrawn})" if line.withdrawn else line.members
    timing, rtts = line.timing, line.rtts_ms
    rtt = "–" if not rtts else f"{rtts[0]:g}" if rtts[0] == rtts[-1] else f"{rtts[0]:g} to {rtts[-1]:g}"
    middle, most = quantile(timing.intervals, 0.5), quantile(timing.intervals, 0.95)
    interval = "–" if middle is None else f"{middle:.1f} / {most:.1f}"
    late = "–" if timing.late_share is None else f"{100 * timing.late_share:.1f} %"
    outcomes = ", ".join(f"{name} {count}" for name, count in line.outcomes.items())
    return [
        line.scene, line.match, members, line.frames, rtt, interval, late, share_of(line, line.predicted),
        line.rollback, f"{line.stall_ms:g}", outcomes, line.parity or "not compared",
    ]  # fmt: skip


def _charts(report: Report) -> str:
    rtts = Counter(rtts_of(report))
    drawings = [("Round trips of the members of matches", bars_drawing(rtts, "Round trips"))]
    for pace in report.paces:
        which = f" in {' and '.join(pace.scenes)}" if len(report.paces) > 1 else ""
        due = pace.timing.due_ms
        line = f" (the red line: when they are due, every {due:.1f} ms)" if due is not None else ""
        between = bars_drawing(pace.timing.intervals, f"Frame intervals{which}", mark=due)
        to_picture = bars_drawing(pace.timing.to_picture, f"From frame to picture{which}")
        drawings += [(f"From frame to frame{which}{line}", between), (f"From frame to picture{which}", to_picture)]
    shown = [f"<h3>{_t(name)}</h3>{drawing}" for name, drawing in drawings if drawing]
    return _part("Network and timing", *shown) if shown else ""


def _payments(report: Report) -> str:
    sums: Counter[str] = Counter()
    rows: list[list[Cell]] = []
    gone = 0
    for paid in report.paid:
        for payment in paid.payments:
            sums[payment.currency] += payment.amount  # type: ignore[assignment]
            rows.append([paid.session, payment.participant, f"{payment.amount:.2f} {payment.currency}".strip(),
                         "; ".join(payment.reasons)])  # fmt: skip
        for currency, amount in paid.withdrawn:
            sums[currency] += amount  # type: ignore[assignment]
            gone += 1
    if not sums:
        return _part("Payments", _none())
    total = ", ".join(f"{amount:.2f} {currency}".strip() for currency, amount in sorted(sums.items()))
    counted = f", {gone} of them withdrawn" if gone else ""
    told = f"<p><b>{_t(total)}</b>{_t(f' to {len(rows) + gone} participants{counted}.')}</p>"
    return _part("Payments", told, _table(("Session", "Participant", "#Amount", "For"), rows) if rows else "")


def _records(report: Report) -> str:
    files = report.files
    lines: list[list[Cell]] = [["SHA-256 of manifest.json", files.list_hash or "nothing was exported yet"]]
    lines += [[f"Code of the log of {one.id}", one.code or "recorded before the chain"] for one in report.sessions]
    tables: list[list[Cell]] = [[name, size, digest] for name, size, digest in files.tables]
    told = (
        "manifest.json lists all files. All as it was when this report was made: an export writes tables anew when "
        "something was added or erased."
    )
    return _part(
        "Records", _table(("What", "Value"), lines), f'<p class="small">{_t(told)}</p>',
        _table(("Table", "#Bytes", "SHA-256"), tables) if tables else "",
    )  # fmt: skip


def _part(title: str, *inside: str) -> str:
    return f"<section><h2>{_t(title)}</h2>{''.join(inside)}</section>"


def _table(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Columns whose title begins with # are set to the right."""
    kinds = [' class="n"' if title.startswith("#") else "" for title in head]
    top = "".join(f"<th{kind}>{_t(title.lstrip('#'))}</th>" for title, kind in zip(head, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{_cell(cell)}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: Cell) -> str:
    text = _t("" if cell is None else cell)
    return f"<code>{text}</code>" if isinstance(cell, str) and len(cell) >= 64 and " " not in cell else text


def _none() -> str:
    return "<p>None.</p>"


def _when(at: float | None) -> str:
    text = iso(at)
    return f"{text[:16].replace('T', ' ')} UTC" if text else "–"


def _t(text: object) -> str:
    return escape(str(text))
