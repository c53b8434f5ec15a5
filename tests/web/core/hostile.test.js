/** A partner whose page was changed: whatever it sends, the other one's rows hold what each of the honest did, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FramesDue } from "../../../web_client/core/rollback/frames_due.js";
import { Marks } from "../../../web_client/core/rollback/marks.js";
import { createRollback } from "../../../web_client/core/rollback/rollback.js";
import { sipHash } from "../../../web_client/core/siphash.js";
import { decode, encode, NEVER } from "../../../web_client/core/wire/codec.js";
import { assertParity, events, makeMatch, run } from "./matches.js";
import { keysOf } from "./sim.js";

const ABSENT = 99;
const FORGED = 7;
/** What each honest player presses; nobody ever presses FORGED. */
const pressed = (player, frame) => 1 + ((frame + player) % 5);

/** Browser 0 is honest, `liar` sends `change(message)` instead of each control message. */
function matchWith({ count = 2, liar = 1, change = (message) => message, shared = {} } = {}) {
  const match = makeMatch({ count, input: pressed, shared: { absentInputs: new Array(count).fill(ABSENT), ...shared } });
  const { rollback } = match.byId(liar);
  const honest = rollback.outgoingReliable.bind(rollback);
  rollback.outgoingReliable = () => honest().map(({ peer, bytes }) => ({ peer, bytes: altered(bytes, change) }));
  return match;
}

function altered(bytes, change) {
  const envelope = decode(bytes);
  return encode({ ...envelope, body: encode(change(decode(envelope.body))) });
}

/** The same in one message besides. */
function say(match, from, to, message) {
  match.byId(from).rollback.remotes.get(to).control.send(encode(message));
}

const reload = (match, who, options = {}) => match.byId(who).open({ rejoin: true, ...options });

/** Every honest player's own column says what it pressed, or that it was away. */
function assertOwnWord(browser, honest) {
  browser.rows.forEach(({ inputs }, i) => {
    const frame = browser.firstFrame + i;
    for (const player of honest) assert.ok([pressed(player, frame), ABSENT].includes(inputs[player]), `frame ${frame}: player ${player} did not press ${inputs[player]}`);
  });
}

const refused = (browser) => events(browser, "refused").map(({ peer, what }) => `${peer} ${what}`);

test("the hash is SipHash-2-4", () => {
  // The reference's key and inputs 00, 01, 02 …; of its results the low four bytes.
  const key = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c];
  assert.equal(sipHash(key, []), 0xdd0e0e31);
  assert.equal(sipHash(key, [0x03020100, 0x07060504]), 0x9a932462);
});

test("a mark is one author's, one reader's, one frame's and one input's", () => {
  const peers = [0, 1, 2];
  const [a, b, c] = peers.map((me) => new Marks({ me, peers, keys: keysOf(me, peers), episode: 4 }));
  const marks = a.of(0, 12, [3]);
  assert.ok(b.proves(0, 12, [3], marks) && c.proves(0, 12, [3], marks) && a.proves(0, 12, [3], marks));
  assert.equal(new Set(marks).size, 3);
  for (const [author, frame, inputs] of [[0, 13, [3]], [0, 12, [4]], [1, 12, [3]], [0, 12, [3 + 2 ** 32]], [0, 12, [3, 0]]]) assert.ok(!c.proves(author, frame, inputs, marks));
  assert.ok(!c.proves(0, 12, [3], []), "no mark proves nothing");
  assert.ok(!new Marks({ me: 1, peers, keys: keysOf(1, peers), episode: 5 }).proves(0, 12, [3], marks), "nor one of another episode");
  assert.throws(() => createRollback({ players: 2, local: [0], keys: { 0: "5".repeat(32), 1: "5" } }), /keys needs 32 hex digits for peer 1/);
});

test("an honest partner gives who reloads their own past back, as it was", () => {
  const match = matchWith();
  run(match, 3000);
  reload(match, 0);
  run(match, 3000);
  assert.ok(match.byId(0).rows.length > 150);
  assertOwnWord(match.byId(0), [0, 1]);
  assertParity(match);
  assert.deepEqual(match.browsers.flatMap(refused), []);
});

const forge = (player, more = {}) => (message) => {
  if (message.type !== "rows") return message;
  const rows = message.block.rows.map((row) => row.with(player, FORGED));
  return { ...message, block: { ...message.block, rows, ...more } };
};

test("a partner cannot tell who reloads what they did before", () => {
  for (const change of [forge(0), forge(0, { marks: [] }), (m) => (m.type === "rows" ? { ...forge(0)(m), block: { ...forge(0)(m).block, marks: m.block.marks.map((list) => [list[3], list[3], list[3], list[3]]) } } : m)]) {
    const match = matchWith({ change });
    run(match, 3000);
    reload(match, 0);
    run(match, 3000);
    assertOwnWord(match.byId(0), [0]);
    assert.deepEqual(refused(match.byId(0)), ["1 rows"], "told once, with whose word it was");
  }
});

test("an input is no word for another frame, though it was made", () => {
  const shift = (m) => (m.type === "rows" ? { ...m, block: { ...m.block, rows: [...m.block.rows.slice(1), ...m.block.rows.slice(0, 1)], marks: [...m.block.marks.slice(1), ...m.block.marks.slice(0, 1)] } } : m);
  const match = matchWith({ change: shift });
  run(match, 3000);
  reload(match, 0);
  run(match, 2000);
  assertOwnWord(match.byId(0), [0]);
});

test("a partner cannot tell what a third one did, and the third one's own word is taken from whoever hands it on", () => {
  for (const [liar, who] of [[0, 1], [0, 2]]) {
    const third = 3 - who;
    const match = matchWith({ count: 3, liar, change: forge(third) });
    run(match, 3000);
    reload(match, who);
    run(match, 3000);
    assertOwnWord(match.byId(who), [who, third]);
    assert.deepEqual(refused(match.byId(who)), ["0 rows"]);
  }
});

test("what leaving ones did is their word, not the voters'", () => {
  const lie = (m) => (["vote", "decided"].includes(m.type) ? { ...m, haves: m.haves.map((have) => ({ ...have, block: { ...have.block, rows: [...have.block.rows, [FORGED]], marks: [...have.block.marks, [1, 2, 3]] } })) } : m);
  const match = matchWith({ count: 3, liar: 1, change: lie });
  run(match, 1000);
  match.byId(2).closed = true;
  for (const id of [0, 1]) match.byId(id).rollback.declareAbsent(2);
  run(match, 3000);
  assertOwnWord(match.byId(0), [0, 2]);
  assert.ok(refused(match.byId(0)).every((told) => told.startsWith("1 ")) && refused(match.byId(0)).length > 0);
});

test("frames that the match cannot have come to are not taken, wherever they are named", () => {
  const far = 500_000;
  const absences = (list) => Array.from({ length: 8 }, (_, peer) => (peer === 0 ? list : []));
  const schedule = (more) => ({ version: 9, lives: new Array(8).fill(0), absences: absences([{ from: 3, to: NEVER }]), stopAt: NEVER, stopReason: "", epoch: 0, resyncFrom: -1, cleanFrom: 0, ...more });
  const base = { episode: 0, base: 0, leaves: 0, returns: 0, haves: [] };
  const lies = [
    { type: "rows", episode: 0, known: far, players: 2, block: { first: 0, rows: [], marks: [] } },
    { type: "rows", episode: 0, known: 5, players: 2, block: { first: far, rows: [[1, 1]], marks: [] } },
    { type: "rows", episode: 0, known: 5, players: 1, block: { first: 2, rows: [[1]], marks: [] } },
    { type: "schedule", episode: 0, schedule: schedule({ absences: absences([{ from: far, to: NEVER }]) }) },
    { type: "schedule", episode: 0, schedule: schedule({ absences: absences([{ from: 1, to: far }, { from: far, to: NEVER }]) }) },
    { type: "schedule", episode: 0, schedule: schedule({ absences: absences([{ from: 9, to: 12 }, { from: 3, to: NEVER }]) }) },
    { type: "schedule", episode: 0, schedule: schedule({ stopAt: far }) },
    { type: "vote", ...base, lives: new Array(8).fill(0), resync: false, stop: false, stopReason: "", committed: far, anchors: [] },
    { type: "end", episode: 0, digest: 0, frame: far, reason: "terminated", final: true },
    { type: "checksum", episode: 0, epoch: 0, kind: 0, frame: far, value: "x" },
    { type: "ready", episode: 0, life: 3, through: far },
    { type: "state", episode: 0, frame: 2, total: 2 ** 28, offset: 0, bytes: new Uint8Array(4) },
  ];
  for (const lie of lies) {
    const match = matchWith();
    run(match, 1000);
    say(match, 1, 0, lie);
    run(match, 1000);
    assert.deepEqual(refused(match.byId(0)), [`1 ${lie.type}`], JSON.stringify(lie));
    assert.ok(match.byId(0).rollback.confirmedFrame > 40, "play goes on");
    assertOwnWord(match.byId(0), [0, 1]);
  }
});

test("nobody decides alone: neither that we are gone, nor an end, nor a state to go back to", () => {
  const made = (rollback, more) => {
    const { agreement } = rollback.episode;
    const absences = agreement.schedule.absences.map((list, peer) => more.absences?.[peer] ?? list);
    return { type: "decided", episode: 0, base: agreement.digest, leaves: 0, returns: 0, haves: [], ...more.head, schedule: { ...agreement.schedule, version: agreement.schedule.version + 1, ...more.schedule, absences } };
  };
  const lies = [
    { head: { leaves: 1 }, absences: { 0: [{ from: 3, to: NEVER }] } },
    { schedule: { stopAt: 4, stopReason: "x" } },
    { schedule: { epoch: 1, resyncFrom: 3, cleanFrom: 9 } },
    { absences: { 0: [{ from: 2, to: 20 }] } },
    { head: { leaves: 1, haves: [{ peer: 0, players: 1, block: { first: 20, rows: [[FORGED], [FORGED]], marks: [] } }] } },
  ];
  for (const lie of lies) {
    const match = matchWith();
    run(match, 1000);
    say(match, 1, 0, made(match.byId(0).rollback, lie));
    run(match, 1000);
    assert.deepEqual(refused(match.byId(0)), ["1 decided"], JSON.stringify(lie));
    assert.ok(match.byId(0).rollback.confirmedFrame > 40);
    assertOwnWord(match.byId(0), [0, 1]);
  }
});

test("a decision is what was voted for: of a bargain about others nothing can be added", () => {
  const lies = [
    (schedule) => ({ ...schedule, absences: schedule.absences.map((list, peer) => (peer === 0 ? [{ from: 2, to: 9 }] : list)) }),
    (schedule) => ({ ...schedule, absences: schedule.absences.map((list, peer) => (peer === 2 ? [{ from: 1, to: NEVER }] : list)) }),
    (schedule) => ({ ...schedule, version: schedule.version + 5 }),
    (schedule) => ({ ...schedule, epoch: schedule.epoch + 1, resyncFrom: 4 }),
  ];
  for (const lie of lies) {
    const match = matchWith({ count: 3, change: (m) => (m.type === "decided" ? { ...m, schedule: lie(m.schedule) } : m) });
    run(match, 1000);
    match.byId(2).closed = true;
    for (const id of [0, 1]) match.byId(id).rollback.declareAbsent(2);
    run(match, 3000);
    assertOwnWord(match.byId(0), [0, 2]);
    // It comes to the same decision by itself; whichever was first, the false one is not taken.
    assert.ok(refused(match.byId(0)).every((told) => told === "1 decided"));
    assert.ok(match.byId(0).rollback.episode.agreement.schedule.absences[0].length === 0);
  }
});

test("rows that nobody asked for add nothing to what we do", () => {
  const match = matchWith();
  run(match, 1000);
  const { rollback } = match.byId(0);
  const first = rollback.episode.own.committed + 1;
  say(match, 1, 0, { type: "rows", episode: 0, known: first + 3, players: 2, block: { first, rows: [[FORGED, 1], [FORGED, 1], [FORGED, 1]], marks: [] } });
  run(match, 2000);
  assertOwnWord(match.byId(0), [0]);
});

test("votes, ends and page numbers that lead nowhere are not kept for ever", () => {
  const match = matchWith();
  run(match, 500);
  const vote = { type: "vote", episode: 0, leaves: 0, returns: 0, lives: new Array(8).fill(0), resync: false, stop: false, stopReason: "", committed: 1, anchors: [], haves: [] };
  for (let i = 1; i <= 500; i++) {
    say(match, 1, 0, { ...vote, base: i });
    say(match, 1, 0, { type: "end", episode: 0, digest: i, frame: 3, reason: "x", final: false });
  }
  run(match, 3000);
  const { episode, remotes } = match.byId(0).rollback;
  assert.ok(episode.agreement.early.length <= 64 && episode.earlyEnds.length <= 64);
  const { control } = remotes.get(1);
  for (let i = 1; i <= 2000; i++) control.meet(i << 8);
  assert.ok(control.past.size <= 256);
});

test("how far a match can have come follows the time that passed, whatever the clock is set to", () => {
  const due = new FramesDue({ dueFrames: 0, fps: 30 });
  due.pass(1_000_000);
  const { last } = due;
  due.pass(1_000_000 - 3_600_000);
  assert.equal(due.last, last, "set back");
  due.pass(1_000_000 - 3_600_000 + 10_000);
  assert.ok(due.last >= last + 300 && due.last < last + 340, "ten seconds later");
  assert.equal(new FramesDue({ dueFrames: Infinity, fps: 30 }).last, NEVER - 1);
});

test("who comes back knows from the host how far the match can be", () => {
  const match = matchWith({ change: (m) => (m.type === "rows" ? { ...m, known: m.known + 900 } : m) });
  run(match, 2000);
  reload(match, 0, { dueFrames: 60 });
  run(match, 2000);
  assert.deepEqual(refused(match.byId(0)), ["1 rows"]);
});
