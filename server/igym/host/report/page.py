"""A report as one HTML file without anything from elsewhere: light, and made for A4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from html import escape

from igym.host.export.times import iso
from igym.host.languages import Voice
from igym.host.report.drawing import bars_drawing, flow_drawing
from igym.host.report.facts import MatchLine, Report
from igym.host.report.timing import quantile
from igym.host.report.words import (
    INCOMPLETE,
    KIND_WORDS,
    OUTCOMES,
    PARITIES,
    STATES,
    flow_steps,
    method_sentences,
    parity_counts,
    rtts_of,
    share_of,
)
from igym.protocol.told import Told, counted

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


def html_of(report: Report, made_at: float, language: str = "en") -> str:
    """The whole page; `made_at` in unix seconds, `language` one of `igym.host.languages.LANGUAGES`."""
    return _Page(report, Voice(language)).whole(made_at)


class _Page:
    """One report in one language."""

    def __init__(self, report: Report, voice: Voice) -> None:
        self.report, self.voice = report, voice

    def whole(self, made_at: float) -> str:
        report, voice = self.report, self.voice
        method = (f"<p>{_t(paragraph)}</p>" for paragraph in method_sentences(report, voice))
        title = voice.say(Told("Report: {title}", title=report.title or report.experiment))
        flow = Told("Flow of participants")
        parts = [
            f"<h1>{_t(title)}</h1>", self._about(made_at),
            self._part(Told("For the method section"), *method),
            self._part(flow, flow_drawing(flow_steps(report, voice), voice.say(flow)), self._people()),
            self._exclusions(), self._sessions(), self._matches(), self._charts(), self._payments(), self._records(),
        ]  # fmt: skip
        head = f'<meta charset="utf-8"><title>{_t(title)}</title><style>{STYLE}</style>'
        start = f'<!DOCTYPE html>\n<html lang="{voice.language}"><head>{head}</head>'
        return f"{start}<body>{''.join(parts)}</body></html>\n"

    def _about(self, made_at: float) -> str:
        report = self.report
        named = Told("Experiment {id}, version {version}.", id=report.experiment, version=report.version)
        said = [
            named if report.version else Told("Experiment {id}.", id=report.experiment),
            Told("Sessions of the kind “{kind}”. Made {when}.", kind=KIND_WORDS[report.kind], when=_when(made_at)),
            Told(
                "The numbers are those of participants.csv, matches.csv and payments.csv; participants have the ids "
                "they have there, and whoever has withdrawn is only counted."
            ),
        ]
        if report.simulated:
            said.append(
                counted(report.simulated, "{n} of the participants was simulated.",
                        "{n} of the participants were simulated.")
            )  # fmt: skip
        if report.left_out:
            said.append(
                counted(report.left_out, "{n} simulated participant is left out of all numbers.",
                        "{n} simulated participants are left out of all numbers.")
            )  # fmt: skip
        return self._small(*said)

    def _people(self) -> str:
        flow, say = self.report.flow, self.voice.say
        rows: list[list[Cell]] = [
            [STATES[state], say(reason) or "–", count]
            for state, reasons in (("screened_out", flow.screened_out), *flow.ended.items())
            for reason, count in reasons.most_common()
        ]
        rows += [[INCOMPLETE, say(reason), count] for reason, count in flow.incomplete.most_common()]
        told = [
            Told(
                "Complete are the data of whoever finished, was in no match or episode that broke off, and whose "
                "matches were recorded alike by all players. What is analysed beyond that is for the study to say."
            )
        ]
        if self.report.people != flow.joined:
            told.append(Told("They are {n} different ids.", n=self.report.people))
        head = (Told("State"), Told("Reason"), Told("People"))
        return self._small(*told) + (self._table(head, rows, right=(2,)) if rows else "")

    def _exclusions(self) -> str:
        rows: list[list[Cell]] = [
            [one.session, one.participant, STATES[one.status], self.voice.say(one.reason), one.scene]
            for one in self.report.told
        ]
        head = (Told("Session"), Told("Participant"), Told("State"), Told("Reason"), Told("Scene"))
        return self._part(Told("Exclusions"), self._table(head, rows) if rows else self._none())

    def _sessions(self) -> str:
        rows: list[list[Cell]] = [
            [one.name or one.id, _when(one.started_at), _when(one.ended_at), one.joined, one.finished, one.app_version]
            for one in self.report.sessions
        ]
        head = (Told("Session"), Told("Began"), Told("Ended"), Told("Joined"), Told("Finished"), Told("App"))
        return self._part(Told("Sessions"), self._table(head, rows, right=(3, 4)))

    def _matches(self) -> str:
        if not self.report.matches:
            return self._part(Told("Matches"), self._none())
        head = (
            Told("Scene"), Told("Match"), Told("Members"), Told("Frames"), Told("Round trip ms"),
            Told("Frame interval ms"), Told("Late"), Told("Guessed"), Told("Run again"), Told("Stalls ms"),
            Told("Outcome"), Told("Recordings"),
        )  # fmt: skip
        found = parity_counts(self.report)
        explained = Told(
            "Members who have withdrawn are in brackets. Round trip: each member's median, from the smallest to the "
            "largest. Frame interval: the median and, after the stroke, what 95 % do not exceed. Late: frames that "
            "came later than one and a half intervals. Guessed: frames in which another player's input was guessed at "
            "first. Run again: frames that a wrong guess cost."
        )
        counts = Told(
            "Recordings: {same} identical, {different} differ, {not_compared} not compared.",
            same=found["identical"], different=found["differs"], not_compared=found[""],
        )  # fmt: skip
        table = self._table(head, [self._match_row(line) for line in self.report.matches], right=range(2, 10))
        return self._part(Told("Matches"), self._small(explained, counts), f'<div class="dense">{table}</div>')

    def _match_row(self, line: MatchLine) -> list[Cell]:
        say, number = self.voice.say, self.voice.number
        members = f"{line.members} ({line.withdrawn})" if line.withdrawn else line.members
        timing, rtts = line.timing, [number(f"{rtt:g}") for rtt in line.rtts_ms]
        rtt = "–" if not rtts else rtts[0]
        if rtts and rtts[0] != rtts[-1]:
            rtt = Told("{first} to {last}", first=rtts[0], last=rtts[-1])
        middle, most = quantile(timing.intervals, 0.5), quantile(timing.intervals, 0.95)
        interval = "–" if middle is None else number(f"{middle:.1f} / {most:.1f}")
        late = "–" if timing.late_share is None else number(f"{100 * timing.late_share:.1f} %")
        outcomes = ", ".join(f"{say(OUTCOMES.get(name, name))} {count}" for name, count in line.outcomes.items())
        return [
            line.scene, line.match, members, line.frames, rtt, interval, late,
            share_of(line, line.predicted, self.voice), line.rollback, number(f"{line.stall_ms:g}"), outcomes,
            PARITIES.get(line.parity, line.parity),
        ]  # fmt: skip

    def _charts(self) -> str:
        report, say = self.report, self.voice.say
        drawings = [self._bars(Told("Round trips of the members of matches"), Counter(rtts_of(report)))]
        for pace in report.paces:
            timing = pace.timing
            between, to_picture = Told("From frame to frame"), Told("From frame to picture")
            if len(report.paces) > 1:
                scenes = ", ".join(pace.scenes)
                between = Told("From frame to frame in {scenes}", scenes=scenes)
                to_picture = Told("From frame to picture in {scenes}", scenes=scenes)
            if timing.due_ms is not None:
                due = self.voice.number(f"{timing.due_ms:.1f}")
                between = Told("{what} (the red line: when they are due, every {due} ms)", what=between, due=due)
            drawings.append(self._bars(between, timing.intervals, timing.due_ms))
            drawings.append(self._bars(to_picture, timing.to_picture))
        shown = [f"<h3>{_t(say(name))}</h3>{drawing}" for name, drawing in drawings if drawing]
        return self._part(Told("Network and timing"), *shown) if shown else ""

    def _bars(self, name: Told, values: Counter[float], mark: float | None = None) -> tuple[Told, str]:
        return name, bars_drawing(values, self.voice.say(name), mark, self.voice)

    def _payments(self) -> str:
        sums: Counter[str] = Counter()
        rows: list[list[Cell]] = []
        gone = 0
        for paid in self.report.paid:
            for payment in paid.payments:
                sums[payment.currency] += payment.amount  # type: ignore[assignment]
                rows.append([paid.session, payment.participant, self._money(payment.amount, payment.currency),
                             "; ".join(map(self.voice.say, payment.reasons))])  # fmt: skip
            for currency, amount in paid.withdrawn:
                sums[currency] += amount  # type: ignore[assignment]
                gone += 1
        if not sums:
            return self._part(Told("Payments"), self._none())
        total = ", ".join(self._money(amount, currency) for currency, amount in sorted(sums.items()))
        to = counted(len(rows) + gone, "{n} participant", "{n} participants")
        told = Told("{amount} to {participants}.", amount=total, participants=to)
        if gone:
            told = Told(
                "{amount} to {participants}, {gone} of them withdrawn.", amount=total, participants=to, gone=gone
            )
        head = (Told("Session"), Told("Participant"), Told("Amount"), Told("For"))
        return self._part(
            Told("Payments"), f"<p><b>{_t(self.voice.say(told))}</b></p>",
            self._table(head, rows, right=(2,)) if rows else "",
        )  # fmt: skip

    def _money(self, amount: float, currency: str) -> str:
        return f"{self.voice.number(f'{amount:.2f}')} {currency}".strip()

    def _records(self) -> str:
        files = self.report.files
        lines: list[list[Cell]] = [
            [Told("SHA-256 of {file}", file="manifest.json"), files.list_hash or Told("nothing was exported yet")]
        ]
        lines += [
            [Told("Code of the log of {session}", session=one.id), one.code or Told("recorded before the chain")]
            for one in self.report.sessions
        ]
        tables: list[list[Cell]] = [[name, size, digest] for name, size, digest in files.tables]
        told = Told(
            "manifest.json lists all files. All as it was when this report was made: an export writes tables anew when "
            "something was added or erased."
        )
        head = (Told("Table"), Told("Bytes"), Told("SHA-256"))
        return self._part(
            Told("Records"), self._table((Told("What"), Told("Value")), lines), self._small(told),
            self._table(head, tables, right=(1,)) if tables else "",
        )  # fmt: skip

    def _part(self, title: Told, *inside: str) -> str:
        return f"<section><h2>{_t(self.voice.say(title))}</h2>{''.join(inside)}</section>"

    def _small(self, *told: Told) -> str:
        return f'<p class="small">{_t(" ".join(map(self.voice.say, told)))}</p>'

    def _none(self) -> str:
        return f"<p>{_t(self.voice.say(Told('None.')))}</p>"

    def _table(self, head: Sequence[str], rows: Iterable[Sequence[Cell]], right: Collection[int] = ()) -> str:
        """The columns `right` are set to the right."""
        kinds = [' class="n"' if number in right else "" for number in range(len(head))]
        top = "".join(f"<th{kind}>{self._cell(title)}</th>" for title, kind in zip(head, kinds, strict=True))
        body = "".join(
            "<tr>"
            + "".join(f"<td{kind}>{self._cell(cell)}</td>" for cell, kind in zip(row, kinds, strict=True))
            + "</tr>"
            for row in rows
        )
        return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"

    def _cell(self, cell: Cell) -> str:
        """Only sentences are said: an id may be the same as some word."""
        text = _t("" if cell is None else self.voice.say(cell) if isinstance(cell, Told) else cell)
        return f"<code>{text}</code>" if isinstance(cell, str) and len(cell) >= 64 and " " not in cell else text


def _when(at: float | None) -> str:
    text = iso(at)
    return f"{text[:16].replace('T', ' ')} UTC" if text else "–"


def _t(text: object) -> str:
    return escape(str(text))
