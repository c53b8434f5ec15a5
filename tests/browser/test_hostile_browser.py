"""A hostile browser: the other person's own files hold only what they did, and it reads nobody's data."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgpack

from tests.browser.conditions import wait_until
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import episode_file, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.browser.test_two_people import meet

KEEP_SOCKETS = """
const Plain = window.WebSocket;
window.sockets = [];
window.WebSocket = class extends Plain {
  constructor(...given) { super(...given); window.sockets.push(this); }
};
"""
SEND = """
([packet, bytes]) => {
  const live = window.sockets.filter((socket) => socket.readyState === 1).at(-1);
  live.send(packet);
  live.send(Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)));
}
"""
SECOND_SOCKET = """
([packet, bytes]) => new Promise((done) => {
  const second = new WebSocket(location.origin.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket");
  second.onmessage = (message) => {
    if (String(message.data).startsWith("0")) second.send("40/participant,");
    if (String(message.data).startsWith("40/participant")) {
      second.send(packet);
      second.send(Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)));
      setTimeout(done, 300);
    }
  };
})
"""
PASS_THROUGH = """
const altered = (bytes) => (window.alter ? window.alter(bytes) : bytes);
const direct = RTCDataChannel.prototype.send;
RTCDataChannel.prototype.send = function (bytes) { direct.call(this, altered(bytes)); };
const toHost = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  const bytes = typeof data === "string" || data instanceof Blob ? null : new Uint8Array(data.buffer ?? data);
  if (bytes?.[0] !== 1) return toHost.call(this, data);
  const packet = altered(bytes.slice(2));
  toHost.call(this, Uint8Array.from([...bytes.slice(0, 2), ...packet]));
};
"""
"""Whatever goes to the partner, directly or by the host's relay (which begins with its version, 1)."""
FORGE_THE_PAST = """
async () => {
  const page = document.querySelector("script[type=module]").src;
  const modules = new URL(page.replace("/bundled/", "/"));  // beside the file they are joined into
  const { decode, encode } = await import(new URL("core/wire/codec.js", modules).href);
  window.forged = 0;
  window.alter = (bytes) => {
    const envelope = decode(new Uint8Array(bytes));
    const message = envelope?.type === "envelope" ? decode(envelope.body) : null;
    if (message?.type !== "rows" || !message.block.rows.length) return bytes;
    window.forged += message.block.rows.length;
    const rows = message.block.rows.map((row) => row.with(window.victim, 1));
    return encode({ ...envelope, body: encode({ ...message, block: { ...message.block, rows } }) });
  };
}
"""
"""Whoever reloads is told that they pressed ArrowUp all the time."""
PACKET = '451-/participant,["rows",{"_placeholder":true,"num":0}]'


def forged(match: str, first: int, count: int, episode: int = 0) -> str:
    """Both players press ArrowUp in all these frames."""
    batch: dict[str, Any] = {
        "v": 1, "scene": "play", "visit": 2, "match": match, "episode": episode, "seq": 0, "first": first,
        "count": count, "parity": {"actions.left": [1] * count, "actions.right": [1] * count}, "local": {},
        "inputs": {"0": [1] * count, "1": [1] * count}, "chain": "ab",
    }  # fmt: skip
    return base64.b64encode(msgpack.packb(batch)).decode()


def stored_frames(engine: EngineProcess, participant: str) -> int:
    return sum(batch.count for batch in engine.stored() if batch.participant == participant)


def attack(hostile: ParticipantPage, match: str, at: int) -> None:
    """Everything ahead, a little ahead, what is stored already, and another episode: from both kinds of socket."""
    for first, count in ((0, 30), (at, 30), (at + 60, 100), (0, 180)):
        for episode in (0, 1):
            for script in (SEND, SECOND_SOCKET):
                hostile.page.evaluate(script, [PACKET, forged(match, first, count, episode)])


def test_the_other_persons_files_hold_only_what_they_did(
    start_engine: StartEngine, new_participant: NewParticipant, studies: Path
) -> None:
    engine = start_engine(studies / "duet")
    honest, hostile = new_participant(engine), new_participant(engine)
    hostile.context.add_init_script(KEEP_SOCKETS)
    meet([honest, hostile])
    own = str(engine.records("joined")[0]["participant"])
    while stored_frames(engine, own) < 20:
        hostile.hold("ArrowDown", 100)
    (match,) = {batch.match for batch in engine.stored()}

    attack(hostile, match, stored_frames(engine, own))
    honest.page.reload()
    honest.sees_game()
    attack(hostile, match, stored_frames(engine, own))
    honest.sees("Goodbye")
    honest.assert_clean()
    engine.stop()

    agent = agent_of(engine, own)
    for episode in (0, 1):
        rows = read_rows(episode_file(engine.folder / "play", own, episode))
        assert [int(row["frame"]) for row in rows] == list(range(180))
        assert {row[f"actions.{agent}"] for row in rows} == {"0"}, "nobody pressed a key there"
        other = {"left": "right", "right": "left"}[agent]
        assert {row[f"actions.{other}"] for row in rows} <= {"0", "2"}, "the other one never pressed ArrowUp"


def agent_of(engine: EngineProcess, participant: str) -> str:
    (metrics,) = (engine.folder / "play").glob("*_aggregated_metrics.json")
    members = json.loads(metrics.read_text("utf-8"))["members"]
    return next(str(member["agent"]) for member in members if member["participant"] == participant)


def test_a_partner_cannot_tell_a_page_that_reloads_what_was_done_there(
    start_engine: StartEngine, new_participant: NewParticipant, studies: Path
) -> None:
    engine = start_engine(studies / "duet")
    honest, hostile = new_participant(engine), new_participant(engine)
    hostile.context.add_init_script(PASS_THROUGH)
    meet([honest, hostile])
    own = str(engine.records("joined")[0]["participant"])
    while stored_frames(engine, own) < 20:
        hostile.hold("ArrowDown", 100)
    seats = engine.records("match_formed")[0]["players"]
    victim = next(seat["player"] for seat in seats if seat["participant"] == own)
    hostile.page.evaluate(f"() => {{ window.victim = {victim}; }}")
    hostile.page.evaluate(FORGE_THE_PAST)

    honest.page.reload()
    wait_until(honest, lambda: "'refused'" in str(engine.records("metrics")), "word of what was not believed")

    assert hostile.page.evaluate("() => window.forged") > 0
    mine = [batch for batch in engine.batches() if batch.participant == own and batch.episode == 0]
    agents = {seat["agent"]: seat["participant"] == own for seat in seats}
    assert sorted(batch.first for batch in mine)[0] == 0 and sum(batch.count for batch in mine) >= 20
    for agent, is_own in agents.items():
        acted = {action for batch in mine for action in batch.rows["parity"][f"actions.{agent}"]}
        assert acted == {0} if is_own else acted <= {0, 2}, f"{agent} never pressed ArrowUp"


READ = """
async (names) => {
  const told = {};
  for (const name of names) {
    const answer = await fetch("/assets/" + name.split("/").map(encodeURIComponent).join("/"));
    told[name] = [answer.status, await answer.text()];
  }
  return told;
}
"""


def reader(person: ParticipantPage) -> ParticipantPage:
    person.only_reads()
    return person


def test_a_page_reads_nothing_of_other_sessions_whose_data_lie_in_the_studys_folder(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    study = study_copy(tmp_path, "solo")
    (study / "secret.txt").write_text("secret")
    (study / "assets").mkdir()
    (study / "assets" / "logo.svg").write_text("<svg/>")
    earlier, parallel = (EngineProcess(study, study / place) for place in ("assets/runs", "pages"))
    try:
        for other in (earlier.start(), parallel.start()):
            reader(new_participant(other)).join()
        earlier.stop()
        engine = start_engine(study)
        hostile = reader(new_participant(engine))
        hostile.join()
        hostile.sees("Hello there")
        held = [path for place in ("assets/runs", "pages") for path in (study / place).rglob("*") if path.is_file()]
        names = {path.relative_to(study).as_posix() for path in held} | {"secret.txt", "experiment.py"}
        assert {"participants.csv", "payments.csv", "manifest.json", "engine.json"} <= {path.name for path in held}

        told = hostile.page.evaluate(READ, sorted(names))

        assert {name: status for name, (status, _) in told.items() if status != 404} == {}
        token = json.loads(next((study / "pages").rglob("engine.json")).read_text("utf-8"))["control_token"]
        assert not [name for name, (_, text) in told.items() if "secret" in text or token in text]
        assert hostile.page.evaluate(READ, ["assets/logo.svg"]) == {"assets/logo.svg": [200, "<svg/>"]}
        copied = {path.name for path in (engine.folder / "experiment" / engine.session / "sources").rglob("*")}
        assert not copied & {"participants.csv", "session.sqlite3", "engine.json", "manifest.json"}
    finally:
        for other in (earlier, parallel):
            other.stop()
