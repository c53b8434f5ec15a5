"""A match of two browsers is played again exactly, from its files alone; what was changed is found and named."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.browser.test_two_people import meet, play
from tests.browser.wrong_clock import shift_clock

LIMIT_MS = 120_000
CHANGED_FRAME = 57
FRAMES = 120
"""Of each of the two recorded episodes: four seconds."""
SKEWS_MS = (2 * 3_600_000.0, -41 * 60_000.0)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The data folder of a duet between two browsers with wrong clocks, moved away from where it was recorded."""
    root = tmp_path_factory.mktemp("recorded")
    study = study_copy(root, "duet", **{'"frames": 180': f'"frames": {FRAMES}'})
    engine = EngineProcess(study, root / "data").start()
    people = [ParticipantPage(browser, engine.url) for _ in range(2)]
    for person, skew_ms in zip(people, SKEWS_MS, strict=True):
        shift_clock(person.context, skew_ms)
    try:
        meet(people)
        play(people, engine, 60)
        for person in people:
            person.sees("Goodbye")
    finally:
        for person in people:
            person.context.close()
        engine.stop()
    assert_parity(engine.folder / "play", members=2, episodes=2)
    moved = root / "elsewhere" / "a copy"
    moved.parent.mkdir()
    return Path(shutil.move(engine.folder, moved))


@pytest.fixture
def copied(recorded: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(recorded, tmp_path / "copy"))


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}


def verified(folder: Path, *options: str) -> dict[str, Any]:
    """What `igym verify` says at its end, with its exit code; no engine runs and no network is needed."""
    argv = [sys.executable, "-m", "igym.cli", "verify", str(folder), "--json", *options]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment())
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines, done.stderr
    progress = [line for line in lines if line["event"] == "progress"]
    assert [line["done"] for line in progress] == sorted(line["done"] for line in progress)
    assert progress[-1]["done"] == progress[-1]["total"]
    return {**lines[-1], "code": done.returncode}


def change_an_input(folder: Path) -> Path:
    """Another key of player 1 in one frame of the second episode."""
    (path,) = (folder / "replays").glob("*_ep1.igr.json")
    body = json.loads(path.read_text("utf-8"))
    body["inputs"]["1"][CHANGED_FRAME] = (body["inputs"]["1"][CHANGED_FRAME] + 1) % 3
    path.write_text(json.dumps(body), "utf-8")
    return path


def test_a_match_of_two_browsers_goes_again_as_recorded(recorded: Path) -> None:
    told = verified(recorded, "--browser", "none")
    assert [episode["result"] for episode in told["episodes"]] == ["identical", "identical"]
    assert {episode["frames"] for episode in told["episodes"]} == {FRAMES}
    assert told["manifest"]["changed"] == told["manifest"]["missing"] == []
    assert told["ok"] and told["code"] == 0
    listed = json.loads((recorded / "manifest.json").read_text("utf-8"))["files"]
    assert any(name.endswith("sources/env.py") for name in listed)
    for path in (recorded / "replays").iterdir():
        body = json.loads(path.read_text("utf-8"))
        members = body["recorded"]
        assert len(members) == 2 and len({member["chain"] for member in members}) == 1
        assert sum(len(member.get("checks", "")) for member in members) == 8 * FRAMES
        assert body["game"]["env"] == "env.py" and body["packages"]


def test_rows_and_keys_of_wrong_clocks_lie_on_the_hosts_axis(recorded: Path) -> None:
    """Hours of error leave less than a few seconds: no more than a busy computer is late."""
    files = sorted(recorded.glob("play/*_ep0.csv"))
    rows = [read_rows(path) for path in files]
    started, ended = session_times(recorded)
    for own in rows:
        times = [float(row["local.timestamp_ms"]) / 1000 for row in own]
        assert times == sorted(times)
        assert started <= times[0] and times[-1] <= ended
        pressed = [float(row["local.input_event_ms"]) / 1000 for row in own if row["local.input_event_ms"]]
        assert pressed and all(started <= at <= ended for at in pressed)
        # Each frame was run, then seen, and was final after it was run; the last leaves unseen.
        seen = [(row, float(row["local.shown_ms"]) / 1000) for row in own[:-1] if row["local.shown_ms"]]
        assert len(seen) > len(own) / 2, "a page in front shows most frames, however busy the computer is"
        assert all(float(row["local.timestamp_ms"]) / 1000 <= at <= ended for row, at in seen)
        assert all(float(row["local.confirmed_ms"]) >= float(row["local.timestamp_ms"]) for row, _ in seen)
        assert any(4 < float(row["local.refresh_ms"]) < 1000 for row, _ in seen if row["local.refresh_ms"])
    apart = [abs(float(a["local.timestamp_ms"]) - float(b["local.timestamp_ms"])) for a, b in zip(*rows, strict=True)]
    assert max(apart) < 30_000
    for path, skew_ms in zip(files, skews_of(recorded, files), strict=True):
        name = path.name.replace("_ep0.csv", "_multiplayer_metrics.json")
        told = json.loads(path.with_name(name).read_text("utf-8"))
        assert told["clock"], "the history of the clock is kept"
        assert all(abs(entry["offset_ms"] + skew_ms) < 30_000 for entry in told["clock"])
        assert all(started - 1 <= entry["at"] <= ended + 1 and entry["rtt_ms"] >= 0 for entry in told["clock"])


def session_times(folder: Path) -> tuple[float, float]:
    """When the first participant joined and the last one was done, on the host's clock, unix seconds."""
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_bytes().split(b"\n") if line]
    times = [float(line["at"]) for line in lines]
    return min(times), max(times)


def skews_of(folder: Path, files: list[Path]) -> list[float]:
    """Who joined first had the first clock."""
    order = [row["participant"] for row in read_rows(folder / "participants.csv")]
    return [SKEWS_MS[order.index(path.name.removesuffix("_ep0.csv"))] for path in files]


def test_an_altered_input_is_found_at_its_frame(copied: Path, chromium: str) -> None:
    path = change_an_input(copied)
    doubtful = verified(copied, "--browser", "none")
    assert doubtful["manifest"]["changed"] == [f"replays/{path.name}"]
    assert [episode["result"] for episode in doubtful["episodes"]] == ["identical", "unsure"]
    assert doubtful["episodes"][1]["frame"] == CHANGED_FRAME
    assert doubtful["code"] == 1
    certain = verified(copied, "--browser", chromium)
    assert [episode["result"] for episode in certain["episodes"]] == ["identical", "differs"]
    assert certain["episodes"][1]["frame"] == CHANGED_FRAME
    assert certain["episodes"][1]["by"] == "browser"
    assert f"frame {CHANGED_FRAME}" in certain["episodes"][1]["text"]


def test_a_changed_byte_and_a_changed_env_are_named(copied: Path) -> None:
    (source,) = copied.glob("experiment/*/sources/env.py")
    source.write_text(source.read_text("utf-8").replace("MOVES[action]", "MOVES[action] * 0.8"), "utf-8")
    rows = next(copied.glob("play/*_ep0.csv"))
    data = bytearray(rows.read_bytes())
    data[len(data) // 2] ^= 1
    rows.write_bytes(data)
    told = verified(copied, "--browser", "none")
    assert told["manifest"]["changed"] == sorted([f"play/{rows.name}", source.relative_to(copied).as_posix()])
    assert [episode["result"] for episode in told["episodes"]] == ["differs", "differs"]
    assert all("env.py was changed after the match" in episode["text"] for episode in told["episodes"])
    assert told["code"] == 1


@contextmanager
def replay_page(browser: Browser, where: Path) -> Iterator[Page]:
    """The page of `igym replay`, in a browser that must ask nobody else for anything."""
    argv = [sys.executable, "-m", "igym.cli", "replay", str(where), "--json"]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        assert process.stdout
        ready = json.loads(process.stdout.readline())
        assert ready["event"] == "ready", ready
        own = ready["url"].split("/replay")[0]
        strays: list[str] = []
        errors: list[str] = []
        context.on("request", lambda r: r.url.startswith((own, "data:", "blob:")) or strays.append(r.url))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(ready["url"])
        yield page
        assert not strays and not errors
    finally:
        context.close()
        process.communicate(timeout=120)
    assert process.returncode == 0


def place(page: Page) -> str:
    return page.locator("#place").inner_text()


def test_the_page_plays_scrubs_and_verifies(recorded: Path, copied: Path, browser: Browser) -> None:
    with replay_page(browser, recorded) as page:
        expect(page.locator("#play")).to_be_enabled(timeout=LIMIT_MS)
        expect(page.locator("#list button")).to_have_count(2, timeout=LIMIT_MS)
        page.keyboard.press("Space")
        expect(page.locator("#play")).to_have_text("Pause", timeout=LIMIT_MS)
        page.wait_for_function("Number(document.querySelector('#scrubber').value) > 5", timeout=LIMIT_MS)
        page.keyboard.press("Space")
        page.keyboard.press("End")
        expect(page.locator("#place")).to_have_text("Frame 119 of 119 · 0:04.00", timeout=LIMIT_MS)
        shown_at(page, recorded, 119)
        page.locator("#scrubber").fill("90")
        expect(page.locator("#place")).to_have_text("Frame 90 of 119 · 0:03.03", timeout=LIMIT_MS)
        page.locator("h1").click()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Shift+ArrowLeft")
        expect(page.locator("#place")).to_have_text("Frame 59 of 119 · 0:02.00", timeout=LIMIT_MS)
        shown_at(page, recorded, 59)
        page.get_by_role("button", name="Verify").click()
        expect(page.locator("#verdict")).to_have_text(f"All {FRAMES} frames are as recorded.", timeout=LIMIT_MS)
    path = change_an_input(copied)
    with replay_page(browser, path) as page:
        expect(page.locator("#play")).to_be_enabled(timeout=LIMIT_MS)
        page.keyboard.press("v")
        differs = f"The first frame that differs from the recording is frame {CHANGED_FRAME}."
        expect(page.locator("#verdict")).to_have_text(differs, timeout=LIMIT_MS)
        expect(page.locator("#place")).to_contain_text(f"Frame {CHANGED_FRAME} of 119", timeout=LIMIT_MS)


def shown_at(page: Page, folder: Path, frame: int) -> None:
    """The table shows this frame's actions as they were recorded."""
    row = read_rows(next(folder.glob("play/*_ep0.csv")))[frame]
    for number, agent in enumerate(("left", "right")):
        cells = page.locator("#agents tr").nth(number).locator("td")
        expect(cells.nth(0)).to_have_text(agent, timeout=LIMIT_MS)
        expect(cells.nth(3)).to_have_text(row[f"actions.{agent}"], timeout=LIMIT_MS)
        expect(cells.nth(4)).to_have_text(row[f"rewards.{agent}"], timeout=LIMIT_MS)


RATING = """
from igym import EndScene, Experiment, OptionBoxField, ReplayScene, Stager

experiment = Experiment(
    id="rating", title="Rating",
    stager=Stager([
        ReplayScene("which").display(
            source="pool", pool="kept", compare=2, speed=4,
            questions=[OptionBoxField("better", "Who played better?", choices=["A", "B"])],
        ),
        EndScene("bye").display(header="Goodbye"),
    ]),
)
"""
NOT_BLANK = "document.querySelectorAll('.replay-stage canvas').length === 2"


def test_a_preference_study_shows_two_replays_and_keeps_the_choice(
    recorded: Path, browser: Browser, tmp_path: Path
) -> None:
    study = tmp_path / "rating"
    study.mkdir()
    (study / "experiment.py").write_text(RATING, "utf-8")
    for part in ("replays", "experiment"):
        shutil.copytree(recorded / part, study / "kept" / part)
    engine = EngineProcess(study, tmp_path / "data").start()
    person = ParticipantPage(browser, engine.url)
    try:
        person.join()
        page = person.page
        play = page.get_by_role("button", name="Play", exact=True)
        expect(play).to_be_enabled(timeout=LIMIT_MS)
        page.wait_for_function(NOT_BLANK, timeout=LIMIT_MS)
        first = [shot.screenshot() for shot in page.locator(".replay-stage").all()]
        play.click()
        expect(page.locator(".replay-place")).to_have_text("4.0 s of 4.0 s", timeout=LIMIT_MS)
        last = [shot.screenshot() for shot in page.locator(".replay-stage").all()]
        assert all(before != after for before, after in zip(first, last, strict=True)), "both have moved"
        page.get_by_text("B", exact=True).click()
        page.get_by_role("button", name="Continue").click()
        person.sees("Goodbye")
        person.assert_clean()
    finally:
        person.context.close()
        engine.stop()
    shown = read_rows(engine.folder / "replays.csv")
    assert sorted(row["of_episode"] for row in shown) == ["0", "1"]
    assert {(row["frames"], row["plays"], row["watched_s"]) for row in shown} == {("120", "1", "4.0")}
    assert [row["value"] for row in read_rows(engine.folder / "answers.csv")] == ["B"]


MIDDLES = """["main", ".replay-stage canvas"].map((found) => {
    const { left, right } = document.querySelector(found).getBoundingClientRect();
    return (left + right) / 2;
})"""
RECALL = """
from igym import EndScene, Experiment, GymScene, Human, OptionBoxField, ReplayScene, Stager, StartScene

experiment = Experiment(
    id="recall", title="Recall",
    stager=Stager([
        StartScene("hello").display(header="Hello there"),
        GymScene("drive")
        .environment(file="env.py", seed=3)
        .rendering(fps=30, width=300, height=200)
        .policies({"agent_0": Human})
        .gameplay(
            action_mapping={"ArrowLeft": 0, "ArrowRight": 2}, default_action=1, num_episodes=1, max_steps=90,
            countdown_s=0,
        )
        .content(header="Drive now", body="<p>Use the arrow keys.</p>", start_label="Go"),
        ReplayScene("own").display(
            source="own_last", pause_at=(1, 2, 60), button_label="That was it",
            questions=[OptionBoxField("felt", "How was this?", choices=["Calm", "Tense"])],
        ),
        ReplayScene("given").display(
            source="file", files="FILE", speed=8, may_rewatch=False,
            questions=[OptionBoxField("fair", "Was it fair?", choices=["Yes", "No"])],
        ),
        EndScene("bye").display(header="Goodbye"),
    ]),
)
"""


def test_a_person_recalls_their_own_game_and_rates_one_from_a_file(
    recorded: Path, browser: Browser, tmp_path: Path
) -> None:
    study = Path(shutil.copytree(Path(__file__).parent / "studies" / "solo", tmp_path / "recall"))
    for part in ("replays", "experiment"):
        shutil.copytree(recorded / part, study / "kept" / part)
    file = min((study / "kept" / "replays").glob("*_ep1.igr.json")).relative_to(study).as_posix()
    (study / "experiment.py").write_text(RECALL.replace("FILE", file), "utf-8")
    engine = EngineProcess(study, tmp_path / "data").start()
    person = ParticipantPage(browser, engine.url)
    page, place = person.page, person.page.locator(".replay-place")
    try:
        person.join()
        person.press("Start")
        person.press("Go")
        person.sees_game()
        person.hold("ArrowRight", 700)

        person.sees("of 3.0 s")
        page.locator(".replay-stage canvas").wait_for(timeout=LIMIT_MS)
        person.press("Play")
        for at, said, leads_on in (("1.0", "Calm", "Continue"), ("2.0", "Tense", "That was it")):
            person.sees("How was this?")
            of_page, of_picture = page.evaluate(MIDDLES)
            assert abs(of_page - of_picture) <= 1, "the picture stands in the middle"
            assert place.inner_text() == f"{at} s of 3.0 s", "it stands still while it is asked about"
            page.get_by_text(said, exact=True).click()
            person.press(leads_on)

        person.sees("of 4.0 s")
        assert page.get_by_text("Was it fair?").count() == 0, "it is asked at the end"
        person.press("Play")
        person.sees("Was it fair?")
        expect(place).to_have_text("4.0 s of 4.0 s")
        assert page.get_by_role("button", name="Watch again").count() == 0
        page.get_by_text("No", exact=True).click()
        person.press("Continue")
        person.sees("Goodbye")
        person.assert_clean()
    finally:
        person.context.close()
        engine.stop()
    assert_parity(engine.folder / "drive", members=1, episodes=1)
    own, given = read_rows(engine.folder / "replays.csv")
    match = read_rows(engine.folder / "matches.csv")[0]["match"]
    assert (own["source"], own["of_match"], own["frames"], own["watched_s"]) == ("own_last", match, "90", "2.0")
    assert (given["source"], given["file"], given["frames"], given["plays"]) == ("file", file, "120", "1")
    assert given["watched_s"] == "4.0" and own["problem"] == given["problem"] == ""
    answers = [(row["scene"], row["field"], row["value"]) for row in read_rows(engine.folder / "answers.csv")]
    # The third stop lies behind the end of what was played: its question was not asked.
    asked = [("own", "felt_1", "Calm"), ("own", "felt_2", "Tense"), ("own", "felt_3", ""), ("given", "fair", "No")]
    assert answers == asked
    moments = [row["video_s"] for row in read_rows(engine.folder / "answers.csv")]
    assert [float(at) for at in moments[:2]] == [1.0, 2.0]


BEACON_ENV = """
import beacon_engine
import numpy as np
from gymnasium.spaces import Discrete

class Beacon:
    action_space = Discrete(2)

    def reset(self, seed=None, options=None):
        self.steps = 0
        return 0, {}

    def step(self, action):
        self.steps += 1
        return action, float(action), False, False, {}

    def render(self):
        return np.full((80, 120, 3), (beacon_engine.STRENGTH * self.steps, 60, 200), np.uint8)

env = Beacon()
"""
BEACON = """
from igym import EndScene, Experiment, GymScene, Human, ReplayScene, Stager

experiment = Experiment(
    id="beacon", title="Beacon",
    stager=Stager([
        GymScene("play").environment(file="env.py", seed=5).policies({"agent_0": Human})
            .rendering(fps=30, width=120, height=80).runtime(where="host")
            .gameplay(action_mapping={"ArrowUp": 1}, default_action=0, max_steps=90, countdown_s=0),
        ReplayScene("watch").display(source="own_last", speed=4),
        EndScene("bye").display(header="Goodbye"),
    ]),
)
"""


def beacon(folder: Path) -> Path:
    """A study whose game runs on the host, with a package that is in its own `site-packages` alone."""
    (folder / "site-packages").mkdir(parents=True)
    (folder / "site-packages" / "beacon_engine.py").write_text("STRENGTH = 2\n", "utf-8")
    (folder / "env.py").write_text(BEACON_ENV, "utf-8")
    (folder / "experiment.py").write_text(BEACON, "utf-8")
    return folder


def red(place: Locator) -> int:
    with Image.open(io.BytesIO(place.screenshot())) as picture:
        return int(picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))[0])


def turns_red(place: Locator, frame: int) -> None:
    """The picture there becomes the one after this frame; -1: the one before the first."""
    for _ in range(LIMIT_MS // 100):
        if abs(red(place) - 2 * (frame + 1)) <= 1:
            return
        place.page.wait_for_timeout(100)
    raise AssertionError(f"frame {frame} is not shown: {red(place)}")


def test_a_game_that_only_the_host_can_run_is_watched_replayed_and_filmed(
    browser: Browser, chromium: str, tmp_path: Path
) -> None:
    engine = EngineProcess(beacon(tmp_path / "beacon"), tmp_path / "data").start()
    person = ParticipantPage(browser, engine.url)
    try:
        person.join()
        play = person.page.get_by_role("button", name="Play", exact=True)
        expect(play).to_be_enabled(timeout=LIMIT_MS)
        stage = person.page.locator(".replay-stage")
        turns_red(stage, -1)
        play.click()
        expect(person.page.locator(".replay-place")).to_have_text("3.0 s of 3.0 s", timeout=LIMIT_MS)
        turns_red(stage, 89)
        person.page.get_by_role("button", name="Continue").click()
        person.sees("Goodbye")
        person.assert_clean()
    finally:
        person.context.close()
        engine.stop()
    assert_parity(engine.folder / "play", members=1, episodes=1)
    shutil.rmtree(tmp_path / "beacon")
    with replay_page(browser, engine.folder) as page:
        expect(page.locator("#play")).to_be_enabled(timeout=LIMIT_MS)
        page.keyboard.press("End")
        expect(page.locator("#place")).to_contain_text("Frame 89 of 89", timeout=LIMIT_MS)
        for frame in (89, 31, 32, 0, 64):
            page.locator("#scrubber").fill(str(frame))
            turns_red(page.locator("#stage"), frame)
        page.get_by_role("button", name="Verify").click()
        expect(page.locator("#verdict")).to_have_text("All 90 frames are as recorded.", timeout=LIMIT_MS)
        page.get_by_role("button", name="Play", exact=True).click()
        turns_red(page.locator("#stage"), 89)
    strip, video = tmp_path / "three.png", tmp_path / "all.webm"
    options = ["--strip", str(strip), "--at", "0", "40", "89", "--video", str(video), "--browser", chromium]
    igym_says("replay", str(engine.folder), *options)
    with Image.open(strip) as drawn:
        found = [drawn.convert("RGB").getpixel((place * 128 + 60, 40))[0] for place in range(3)]
    assert found == pytest.approx([2, 82, 180], abs=1)
    assert video.read_bytes().count(b"\xa3\x01") >= 90


READ_VIDEO = """async ({ data, fps, at }) => {
  const video = document.createElement("video");
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  video.src = URL.createObjectURL(new Blob([bytes], { type: "video/webm" }));
  video.muted = true;
  document.body.append(video);
  await new Promise((done, failed) => Object.assign(video, { onloadeddata: done, onerror: () => failed(video.error) }));
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const pen = canvas.getContext("2d");
  const pictures = [];
  for (const frame of at) {
    video.currentTime = (frame + 0.5) / fps;
    await new Promise((done) => (video.onseeked = done));
    pen.drawImage(video, 0, 0);
    pictures.push([...pen.getImageData(0, 0, canvas.width, canvas.height).data]);
  }
  return { width: video.videoWidth, height: video.videoHeight, duration: video.duration, pictures };
}"""
READ_STRIP = """async ({ data }) => {
  const image = new Image();
  image.src = `data:image/png;base64,${data}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  return [3, 0].map((place) => [...pen.getImageData(place * 408, 0, 400, 240).data]);
}"""


def mean_difference(one: list[int], other: list[int]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def test_a_video_has_every_frame_and_the_pictures_of_the_replay(
    recorded: Path, chromium: str, browser: Browser, tmp_path: Path
) -> None:
    video, strip = tmp_path / "film" / "duel.webm", tmp_path / "film" / "duel.png"
    video.parent.mkdir()
    (wanted,) = (path for path in (recorded / "replays").glob("*_ep1.igr.json"))
    argv = ["replay", str(recorded), "--id", wanted.name.removesuffix(".igr.json"), "--browser", chromium]
    argv += ["--video", str(video), "--strip", str(strip), "--pictures", "4", "--speed", "2"]
    assert igym_says(*argv).splitlines() == [str(video), str(strip)]
    assert video.read_bytes().count(b"\xa3\x01") >= FRAMES, "a block for each frame"
    page = browser.new_page()
    seen = page.evaluate(
        READ_VIDEO, {"data": base64.b64encode(video.read_bytes()).decode(), "fps": 60, "at": [FRAMES - 1, 0]}
    )
    assert (seen["width"], seen["height"]) == (400, 240)
    assert abs(seen["duration"] - 2.0) < 0.05, "120 frames at twice their speed"
    drawn = page.evaluate(READ_STRIP, {"data": base64.b64encode(strip.read_bytes()).decode()})
    page.close()
    for in_video, in_replay, other in zip(seen["pictures"], drawn, reversed(drawn), strict=True):
        own = mean_difference(in_video, in_replay)
        assert own < 3.0 and own < mean_difference(in_video, other), "this frame's picture and not the other's"


def igym_says(*argv: str) -> str:
    command = [sys.executable, "-m", "igym.cli", *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_recorded_game_becomes_a_video_a_gif_and_a_strip(copied: Path, tmp_path: Path) -> None:
    """Of the session, as the Data page asks for it; a part of one recording and chosen frames, as a paper needs it."""
    lines = igym_says("export", str(copied), "--json", *("--format", "gif", "--format", "strip", "--format", "video"))
    told = [json.loads(line) for line in lines.splitlines()]
    assert told[-1] | {"files": 6} == told[-1], "three files for each of two episodes"
    assert [line["done"] for line in told[:-1]] == [1, 2] * 3
    (session,) = (copied / "exports").iterdir()
    films = sorted(path.relative_to(session).as_posix() for path in session.rglob("*.*"))
    assert [name.partition("/")[0] for name in films] == ["gif", "gif", "strip", "strip", "video", "video"]
    for path in session.rglob("*.webm"):
        assert path.read_bytes().count(b"\xa3\x01") >= FRAMES
    for path in session.rglob("*.gif"):
        strip = Image.open(next(session.rglob(f"{path.stem}.png"))).convert("RGB")
        with Image.open(path) as moving:
            assert shown_s(moving) == 4.0 and moving.size == (400, 240)
            moving.seek(0)
            assert difference(moving, strip.crop((0, 0, 400, 240))) < 0.1
    part, three = tmp_path / "part.gif", tmp_path / "three.png"
    options = ["--first", "30", "--last", "89", "--gif", str(part), "--strip", str(three), "--at", "30", "88", "119"]
    igym_says("replay", str(copied), "--id", next(session.rglob("*.gif")).stem, *options)
    chosen = Image.open(three).convert("RGB")
    assert chosen.size == (3 * 400 + 2 * 8, 240)
    with Image.open(part) as moving:
        assert shown_s(moving) == 2.0, "60 frames"
        last = chosen.crop((408, 0, 808, 240))
        assert difference(moving, last) < 0.1 < difference(moving, chosen.crop((816, 0, 1216, 240)))


def shown_s(moving: Image.Image) -> float:
    """How long a GIF takes; its last picture is open then."""
    frames = getattr(moving, "n_frames", 1)
    total = 0.0
    for number in range(frames):
        moving.seek(number)
        total += float(moving.info["duration"])
    return total / 1000


def difference(one: Image.Image, other: Image.Image) -> float:
    return mean_difference(list(one.convert("RGB").tobytes()), list(other.tobytes()))


def test_without_a_browser_a_video_is_refused_in_words(recorded: Path, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "igym.cli", "replay", str(recorded), "--video", str(tmp_path / "a.webm")]
    which = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment())
    assert which.returncode == 1 and "--id" in which.stderr and "_ep1" in which.stderr
    (wanted,) = (path for path in (recorded / "replays").glob("*_ep0.igr.json"))
    argv += ["--id", wanted.name.removesuffix(".igr.json"), "--browser", "none"]
    none = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment())
    assert none.returncode == 1 and "Chromium, Chrome or Edge" in none.stderr
    beyond = subprocess.run([*argv, "--last", "120"], capture_output=True, text=True, check=False, env=environment())
    assert beyond.returncode == 1 and "has the frames 0 to 119" in beyond.stderr
