"""The report says what the tables say: who took part and who did not, network and timing, payments, hashes."""

from __future__ import annotations

import hashlib
import re
import shutil
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import igym
from igym import cli
from igym.core.user_agents import browser_on_system
from igym.host.base.errors import HostError
from igym.host.children import browsers
from igym.host.export.exporter import Exporter
from igym.host.files.export_formats import write_format
from igym.host.files.made_exports import made_exports
from igym.host.report import paper
from igym.host.report.drawing import bars_drawing
from igym.host.report.facts import Report, read_report
from igym.host.report.timing import Timing, paces_of, quantile
from igym.host.report.words import rtts_of
from igym.host.store.store_reader import StoreReader
from igym.protocol.told import Told, with_table
from tests.host.export.store_builder import Row, StoreBuilder
from tests.host.export.test_exporter import read_csv

DUEL = {"id": "duel", "kind": "gym", "rendering": {"fps": 50}}
PAIRS = {"m1": ("ann", "bob"), "m2": ("cem", "dot"), "m3": ("eva", "fay"), "m4": ("gus", "hal")}
ENDS = {
    "ann": ("finished", "end"), "bob": ("finished", "end"), "cem": ("finished", "end"),
    "dot": ("dropped", "connection lost"), "eva": ("finished", "end"), "fay": ("finished", "end"),
    "gus": ("finished", "end"), "hal": ("withdrawn", "told the <lab> why"),
    "ida": ("screened_out", "screening: <phone>"), "kim": ("timed_out", "timeout"),
    "jon": ("excluded", Told("by the experimenter: {reason}", reason="fell asleep")),
    "lea": ("unfinished", "session ended"),
}  # fmt: skip
EARNED = {"ann": 4.5, "bob": 5.25, "hal": 3.0}


def rows(rtt: float, late: bool) -> list[Row]:
    """Ten frames, 20 ms each but for a late one; two of them were guessed."""
    at = [1_700_000_000_000.0 + 20 * n + (60 if late and n >= 5 else 0) for n in range(10)]
    return [
        ({"rewards.a0": 1.0}, {"timestamp_ms": at[n], "shown_ms": at[n] + 7, "rtt_ms": rtt, "predicted.1": n < 2,
                               "rollback_frames": int(n < 1), "stall_ms": 0.5}) for n in range(10)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve join; four pairs play: one whole, one broken off, one recorded differently, one half withdrawn."""
    where = tmp_path_factory.mktemp("data")
    builder = StoreBuilder(where).session("s1", [DUEL])
    for who in ENDS:
        builder.record("joined", who, label=who)
        builder.record("scene_entered", who, scene="duel", visit=1, scene_id="duel")
    for number, (match, pair) in enumerate(PAIRS.items()):
        players = [{"player": n, "agent": f"a{n}", "participant": who} for n, who in enumerate(pair)]
        builder.record("match_formed", None, match, "duel", players=players, bots=[], seed=5)
        for place, who in enumerate(pair):
            if who != "hal":  # erased
                builder.play(who, match, "duel", rows(10.0 + number * 2 + place, late=match == "m2"))
            builder.record("episode_ended", who, match, "duel", episode=0, frames=10, reason="terminated",
                           scores={"a0": 10.0}, partial=False)  # fmt: skip
        reason = "connection lost" if match == "m2" else "complete"
        builder.record("match_ended", None, match, "duel", reason=reason, who=["dot"] if match == "m2" else [])
        builder.record("parity", None, match, "duel", episode=0, result="differs" if match == "m3" else "identical")
    for who, (state, reason) in ENDS.items():
        builder.record(state, who, **with_table({"reason": reason}), scene="duel", erase=state == "withdrawn")
    for who, amount in EARNED.items():
        builder.record("earnings", who, amount=amount, currency="EUR", reasons=["play"])
    builder.close()
    with StoreReader(builder.path) as reader:
        Exporter(reader, where, "s1").export_all()
    # That the browsers of m3 told of a difference is of the log; the rows here are alike.
    assert set(igym.load(where).comparisons["parity"]) <= {"identical", "missing: hal"}
    return where


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return read_report(folder)


def test_everybody_who_joined_is_counted_once_as_in_participants(folder: Path, report: Report) -> None:
    people, flow = read_csv(folder / "participants.csv"), report.flow
    assert flow.joined == len(people) == len(ENDS)
    told = {"screened_out": flow.screened_out.total(), "finished": flow.finished}
    told |= {state: reasons.total() for state, reasons in flow.ended.items() if reasons}
    assert told == {state: sum(line["status"] == state for line in people) for state in told}
    assert sum(told.values()) == flow.joined
    assert flow.ended["excluded"] == {"by the experimenter: fell asleep": 1}
    # Ann and Bob, and Gus, whose partner withdrew after they had played.
    assert (flow.complete, flow.incomplete.total()) == (3, 3)
    assert flow.incomplete["recordings of a match differ"] == 2


def test_matches_add_up_to_their_lines(folder: Path, report: Report) -> None:
    table = [line for line in read_csv(folder / "matches.csv") if line["participant"] != "hal"]
    assert [line.match for line in report.matches] == list(PAIRS)
    for found in report.matches:
        lines = [line for line in table if line["match"] == found.match]
        assert found.rtts_ms == tuple(sorted(float(line["rtt_ms"]) for line in lines))
        assert found.frames == sum(int(line["frames"]) for line in lines)
        assert found.predicted == sum(int(line["predicted_frames"]) for line in lines)
        assert found.rollback == sum(int(line["rollback_frames"]) for line in lines)
        assert found.stall_ms == sum(float(line["stall_ms"]) for line in lines)
        assert {found.parity} == {line["parity"] for line in lines}
    assert [line.withdrawn for line in report.matches] == [0, 0, 0, 1]
    assert sorted(rtts_of(report)) == sorted(float(line["rtt_ms"]) for line in table)


def test_frame_timing_is_that_of_the_rows(report: Report) -> None:
    first, second = report.matches[0].timing, report.matches[1].timing
    assert (first.due_ms, first.intervals, first.to_picture) == (20.0, {20.0: 18}, {7.0: 20})
    assert second.intervals == {20.0: 16, 80.0: 2} and second.late_share == pytest.approx(1 / 9)
    assert (quantile(second.intervals, 0.5), quantile(second.intervals, 0.95)) == (20.0, 80.0)
    [pace] = report.paces
    assert pace.scenes == ("duel",) and pace.timing.intervals.total() == 9 * 7


def test_games_of_different_rates_are_not_thrown_together() -> None:
    def timing(due: float | None, after: float) -> Timing:
        return Timing(due, Counter({after: 10}), Counter({5.0: 10}), Counter({16.7: 10}))

    paces = paces_of([("slow", timing(50.0, 50.5)), ("fast", timing(20.0, 20.1)), ("turns", timing(None, 900.0)),
                      ("fast", timing(20.0, 41.0)), ("quick", timing(20.0, 20.1))])  # fmt: skip
    assert [pace.scenes for pace in paces] == [("fast", "quick"), ("slow",), ("turns",)]
    assert paces[0].timing.intervals == {20.1: 20, 41.0: 10} and paces[0].timing.late_share == pytest.approx(1 / 3)
    assert paces[2].timing.late_share is None


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 "
         "Safari/537.36 Edg/148.0.0.0", "Edge 148 on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 "
         "Safari/537.36", "Chrome 156 on Linux"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 "
         "Safari/605.1.15", "Safari 18 on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
         "Version/18.0 Mobile/15E148 Safari/604.1", "Safari 18 on iOS"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Mobile "
         "Safari/537.36", "Chrome 147 on Android"),
        ("curl/8", "?"),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_name_it(agent: str, words: str) -> None:
    assert browser_on_system(agent) == words


def test_bars_have_round_edges_and_none_is_lost() -> None:
    values = Counter({19.3: 2, 33.4: 700, 35.8: 90, 50.0: 300, 51.2: 5, 2111.9: 1})
    drawing = bars_drawing(values, "Frame intervals", mark=33.3)
    told = re.findall(r"<title>([\d.]+) ms(?: and above)?: (\d+)</title>", drawing)
    edges = [float(edge) for edge, _ in told]
    assert sum(int(count) for _, count in told) == values.total() and len(told) <= 25
    assert edges[:3] == [18, 20, 22] and edges[-1] == 52, (
        "2 ms a bar; what lies beyond the 99th percentile is in the last"
    )
    assert ">700</text>" in drawing.replace(",", "") and "stroke-dasharray" in drawing
    alone = bars_drawing(Counter({7.0: 9}), "One value")
    assert re.findall(r">([\d.]+) ms: 9<", alone) == ["7"]


def test_the_page_is_whole_and_brings_everything_along(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert cli.main(["report", str(folder), "--out", str(out)]) == 0
    html = out.read_text("utf-8")
    parser = Balanced()
    parser.feed(html)
    assert parser.open == []
    assert not re.search(r"(src|href)=|url\(|@import", html)
    for drawing in re.findall(r"<svg.*?</svg>", html, re.S):
        ET.fromstring(drawing)
    assert html.count("<svg") == 4  # flow, round trips, frame intervals, pictures
    for part in (
        "Joined (n = 12)", "Screened out (n = 1)", "screening: &lt;phone&gt;", "Excluded (n = 1)", "Withdrawn (n = 1)",
        "Dropped out (n = 1)", "Timed out (n = 1)", "Finished (n = 6)", "for the analysis (n = 3)",
        "identical in 3 of 4 matches, different in 1, not compared in 0",
        "12.75 EUR", "to 3 participants, 1 of them withdrawn", "(due every 20.0 ms)",
    ):  # fmt: skip
        assert part in html, part


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("de", ("Dazugekommen (n = 12)", "Nicht zugelassen (n = 1)", "Verbindung verloren: 1", "(fällig alle 20,0 ms)",
                "12,75 EUR", "an 3 Personen, davon zurückgezogen: 1.", "von 4 Partien in 3 gleich", "nicht verglichen",
                "durch die Versuchsleitung: fell asleep", "16,5 ms und mehr")),
        ("fr", ("Arrivés (n = 12)", "connexion perdue\u00a0: 1", "(attendues toutes les 20,0\u00a0ms)", "12,75 EUR",
                "par l’expérimentateur\u00a0: fell asleep")),
    ],
)  # fmt: skip
def test_a_report_speaks_another_language_when_asked(
    folder: Path, tmp_path: Path, language: str, parts: Sequence[str]
) -> None:
    out = tmp_path / "report.html"
    assert cli.main(["report", str(folder), "--language", language, "--out", str(out)]) == 0
    html = out.read_text("utf-8")
    assert f'<html lang="{language}">' in html
    for part in parts:
        assert escape(part) in html, part
    # Nothing is left in English but ids, names of files and what researchers wrote.
    english = (" the ", " of ", " joined", "withdrawn", "Round trip", "frames", "Screened", "Outcome", ".0 ms")
    assert [word for word in english if word in re.sub(r"<style.*?</style>", "", html, flags=re.S)] == []
    assert "screening: &lt;phone&gt;" in html and "SHA-256" in html


def test_a_report_written_again_keeps_its_language(folder: Path, tmp_path: Path) -> None:
    """As after a withdrawal."""
    copy = Path(shutil.copytree(folder, tmp_path / "data"))
    place = copy / "exports" / "s1" / "report" / "report.html"
    assert cli.main(["export", str(copy), "--session", "s1", "--format", "report", "--language", "de"]) == 0
    assert "Dazugekommen (n = 12)" in place.read_text("utf-8")
    with StoreReader(copy / "session.sqlite3") as reader:
        exporter = Exporter(reader, copy, "s1")
        made = made_exports(exporter)
        shutil.rmtree(place.parent)
        made.write_again(exporter)
    assert '<html lang="de">' in place.read_text("utf-8")


def test_who_withdrew_is_only_counted(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    cli.main(["report", str(folder), "--out", str(out)])
    html = out.read_text("utf-8")
    assert "hal" not in re.findall(r"\w+", re.sub(r"<style.*?</style>", "", html, flags=re.S))
    assert "told the" not in html


def test_sums_and_hashes_are_those_of_the_files(folder: Path, report: Report) -> None:
    [paid] = report.paid
    owed = {
        line["participant"]: float(line["earnings"]) for line in read_csv(folder / "payments.csv") if line["earnings"]
    }
    assert {each.participant: each.amount for each in paid.payments} == {who: owed[who] for who in ("ann", "bob")}
    assert paid.withdrawn == (("EUR", owed["hal"]),)
    assert report.files.list_hash == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    hashes = {name: digest for name, _, digest in report.files.tables}
    assert hashes["matches.csv"] == hashlib.sha256((folder / "matches.csv").read_bytes()).hexdigest()


def test_one_session_is_written_among_its_other_formats(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = folder / "exports" / "s1" / "report" / "report.html"
    assert cli.main(["report", str(folder), "--session", "s1"]) == 0
    assert capsys.readouterr().out.strip() == str(place) and "Joined (n = 12)" in place.read_text("utf-8")
    with StoreReader(folder / "session.sqlite3") as reader:
        assert write_format(Exporter(reader, folder, "s1"), "report") == [place]
    assert cli.main(["report", str(folder), "--session", "s9"]) == 1
    assert "There is no session s9 here. There are: s1." in capsys.readouterr().err
    assert cli.main(["report", str(folder), "--kind", "pilot"]) == 1
    assert "No session here is a pilot" in capsys.readouterr().err


def test_a_study_without_matches_and_payments_has_a_report(tmp_path: Path) -> None:
    StoreBuilder(tmp_path).session("s1").record("joined", "ann").close()
    assert cli.main(["report", str(tmp_path)]) == 0
    [page] = (tmp_path / "exports" / "all-sessions").rglob("*.html")
    html = page.read_text("utf-8")
    assert "Still taking part (n = 1)" in html and "nothing was exported yet" in html and html.count("<svg") == 1
    assert bars_drawing(Counter(), "none") == "" and read_report(tmp_path).paces == ()


def test_a_pdf_without_a_browser_says_what_to_do(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", str(folder), "--out", str(tmp_path / "r.pdf"), "--browser", "none"]) == 1
    assert "A PDF is printed by a browser, and there is no Chromium" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


async def test_a_browser_prints_the_page_and_one_that_prints_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, Sequence[str]]] = []
    written = b"%PDF-1.4"

    class Ended:
        returncode = 0

        async def wait(self) -> int:
            return 0

    async def start(browser: Path, profile: str, url: str, more: Sequence[str]) -> Ended:
        started.append((url, more))
        Path(more[0].removeprefix("--print-to-pdf=")).write_bytes(written)
        return Ended()

    monkeypatch.setattr(browsers, "start_browser", start)
    await paper.print_pdf(Path("chromium"), "<p>é", tmp_path / "r.pdf")
    assert (tmp_path / "r.pdf").read_bytes() == written and started[0][0].startswith("file:")
    written = b""
    with pytest.raises(HostError, match="chromium wrote no PDF"):
        await paper.print_pdf(Path("chromium"), "<p>", tmp_path / "s.pdf")
    assert [file.name for file in tmp_path.iterdir()] == ["r.pdf"]


class Balanced(HTMLParser):
    """Every element that is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
