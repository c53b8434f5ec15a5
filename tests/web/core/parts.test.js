import assert from "node:assert/strict";
import { test } from "node:test";
import { Agreement } from "../../../web_client/core/rollback/agreement.js";
import { Checks } from "../../../web_client/core/rollback/checks.js";
import { ControlChannel } from "../../../web_client/core/rollback/control_channel.js";
import { InputLog } from "../../../web_client/core/rollback/input_log.js";
import { LinkClock } from "../../../web_client/core/rollback/link_clock.js";
import { settle } from "../../../web_client/core/rollback/options.js";
import { copySchedule, emptySchedule, digestOf, maskOf, peersOf } from "../../../web_client/core/rollback/schedule.js";
import { Snapshots } from "../../../web_client/core/rollback/snapshots.js";
import { TimeSync } from "../../../web_client/core/rollback/time_sync.js";
import { decode, encode, NEVER } from "../../../web_client/core/wire/codec.js";

const log = (predict = "previous") => new InputLog({ defaultInputs: [7, 8], predict, owners: [0, 1] });

test("a missing input is taken for the previous one, or for the default", () => {
  for (const [predict, guess] of [["previous", 3], ["default", 8]]) {
    const inputs = log(predict);
    assert.deepEqual(inputs.row(0), { inputs: [7, 8], predicted: true });
    inputs.push(0, 0, 1);
    inputs.push(1, 0, 3);
    assert.deepEqual(inputs.row(0), { inputs: [1, 3], predicted: false });
    inputs.push(0, 1, 2);
    assert.deepEqual(inputs.row(1), { inputs: [2, guess], predicted: true });
  }
});

test("inputs are taken once and in order", () => {
  const inputs = log();
  inputs.push(0, 1, 5);
  inputs.push(0, 0, 4);
  inputs.push(0, 0, 9);
  assert.deepEqual([inputs.through(0), inputs.value(0, 0), inputs.value(0, 1), inputs.known()], [0, 4, undefined, -1]);
});

test("the absent act the default action from the agreed frame on, until they are back", () => {
  const inputs = log();
  for (let frame = 0; frame < 6; frame++) inputs.push(1, frame, 3);
  inputs.useAbsences([[], [{ from: 4, to: NEVER }]]);
  assert.deepEqual([inputs.through(1), inputs.value(1, 3), inputs.value(1, 4), inputs.value(1, 999)], [NEVER, 3, 8, 8]);
  inputs.push(1, 4, 5);
  assert.equal(inputs.value(1, 4), 8, "whoever is absent says nothing");
  inputs.useAbsences([[], [{ from: 4, to: 6 }]]);
  assert.deepEqual([inputs.through(1), inputs.value(1, 6)], [5, undefined]);
  inputs.push(1, 6, 2);
  assert.equal(inputs.value(1, 6), 2);
});

test("an absence that begins after a gap does not hide the gap", () => {
  const inputs = log();
  inputs.push(1, 0, 3);
  inputs.setRow(0, [1, 3]);
  inputs.useAbsences([[], [{ from: 3, to: NEVER }]]);
  assert.deepEqual([inputs.through(1), inputs.value(1, 1), inputs.value(1, 3)], [0, undefined, 8]);
  inputs.setRow(1, [1, 4]);
  inputs.setRow(2, [1, 4]);
  assert.equal(inputs.through(1), NEVER);
  inputs.skipTo(10);
  assert.deepEqual([inputs.columns[1].length, inputs.columns[0].length], [10, 10]);
  assert.equal(inputs.through(1), NEVER, "nothing more is waited for");
});

test("'every' saves before a guess, 'sparse' only behind the last known frame, both now and then", () => {
  const settings = { maxPredictionFrames: 8, checksumEveryFrames: 30, onDesync: "flag" };
  const about = { predicted: true, known: 4, stable: 2, last: false };
  for (const [saveMode, wanted] of [["every", [true, true, true]], ["sparse", [false, true, false]]]) {
    const snapshots = new Snapshots({ ...settings, saveMode });
    assert.ok(snapshots.wants(0, about), "the first state is always saved");
    snapshots.add(0);
    assert.deepEqual([4, 5, 6].map((frame) => snapshots.wants(frame, about)), wanted);
    assert.ok(snapshots.wants(8, { ...about, predicted: false }), "nobody goes back farther than this");
    assert.ok(!snapshots.wants(7, { ...about, predicted: false }));
    assert.deepEqual([false, true].map((last) => snapshots.wants(20, { predicted: false, known: 99, stable: 99, last })), [false, true]);
  }
});

test("snapshots that cannot be asked for are forgotten, anchors are kept", () => {
  const snapshots = new Snapshots({ maxPredictionFrames: 8, checksumEveryFrames: 10, onDesync: "resync", saveMode: "every" });
  for (let frame = 0; frame <= 155; frame += 5) snapshots.add(frame);
  snapshots.add(155);
  assert.deepEqual(snapshots.anchors, [60, 90, 120, 150]);
  assert.equal(snapshots.prune(151), 150);
  assert.deepEqual(snapshots.frames, [60, 90, 120, 150, 155]);
  snapshots.dropAfter(120);
  assert.deepEqual([snapshots.frames, snapshots.anchors, snapshots.base(500), snapshots.base(59)], [[60, 90, 120], [60, 90, 120], 120, -1]);
  assert.equal(new Snapshots({ maxPredictionFrames: 8, checksumEveryFrames: 0, onDesync: "resync", saveMode: "every" }).anchorEvery, 0);
});

test("the side that leads gives ticks back, spread out; the other does nothing", () => {
  const ahead = new TimeSync("skip");
  for (let i = 0; i < 60; i++) ahead.sample(1, 6, 2);
  assert.ok(Math.abs(ahead.lead - 2) < 0.01);
  const skipped = [];
  for (let tick = 0; tick < 24; tick++) if (ahead.skips()) skipped.push(tick);
  assert.deepEqual(skipped, [3, 11], "two frames are given back in two ticks, not at once");
  const behind = new TimeSync("skip");
  behind.sample(1, 2, 6);
  assert.deepEqual([behind.lead, behind.skips(), behind.pace], [0, false, 1]);
});

test("stretching gives the lead back without a skipped tick, unless it is far ahead", () => {
  const near = new TimeSync("stretch");
  near.sample(1, 3, 1);
  assert.ok(near.pace > 1.03 && near.pace <= 1.08);
  assert.ok(!Array.from({ length: 20 }, () => near.skips()).includes(true));
  const far = new TimeSync("stretch");
  far.sample(1, 12, 0);
  assert.deepEqual([far.skips(), far.skips()], [false, true]);
  far.forget(1);
  assert.deepEqual([far.lead, far.pace], [0, 1]);
  const off = new TimeSync("off");
  off.sample(1, 12, 0);
  assert.deepEqual([off.lead, off.pace, off.skips()], [0, 1, false]);
});

const open = (bytes) => decode(bytes);
const talk = (channel, ...texts) => texts.forEach((text) => channel.send(new TextEncoder().encode(text)));
const heard = (bodies) => bodies.map((body) => new TextDecoder().decode(body));
const deliver = (channel, packets) => heard(packets.flatMap((bytes) => (channel.meet(open(bytes).stream), channel.accept(open(bytes)))));

test("control messages arrive once and in order, whatever the channel does", () => {
  const [one, two] = [new ControlChannel(1), new ControlChannel(2)];
  talk(one, "a", "b", "c");
  const packets = one.due(0);
  assert.deepEqual(deliver(two, [packets[2], packets[0], packets[2]]), ["a"]);
  assert.deepEqual(one.due(299), [], "not again so soon");
  one.acknowledged(two.theirStream, two.theirNext);
  one.acknowledged(12345, 99);
  const again = one.due(300);
  assert.equal(again.length, 2);
  assert.deepEqual(deliver(two, again), ["b", "c"]);
  assert.deepEqual(deliver(two, packets), [], "what was heard is not heard twice");
});

test("a page that was loaded anew is noticed, and the other side begins anew for it", () => {
  const [one, two] = [new ControlChannel(1), new ControlChannel(2)];
  talk(one, "a");
  deliver(two, one.due(0));
  const old = two.stream;
  talk(two, "for the old page");
  const reloaded = new ControlChannel(9);
  assert.ok(two.meet(reloaded.stream));
  assert.ok(!two.meet(reloaded.stream), "told once");
  assert.ok(!two.meet(one.stream), "late packets of the old page change nothing");
  assert.equal(two.stream, old + 1);
  assert.deepEqual(two.due(0), []);
  talk(two, "for the new page");
  assert.deepEqual(deliver(reloaded, two.due(0)), ["for the new page"]);
  talk(one, "from the old page");
  assert.deepEqual(deliver(two, one.due(999)), []);
  assert.ok(!new ControlChannel(3).meet(two.stream), "the first page is no reload");
});

test("the round trip comes out of the packets themselves, or is told", () => {
  const [here, there] = [new LinkClock(), new LinkClock()];
  assert.deepEqual([here.rttMs, here.stamp(1000).echoMs], [null, 0]);
  there.receive(here.stamp(1000), 5040);
  here.receive(there.stamp(5060), 1100);
  assert.ok(Math.abs((here.rttMs ?? 0) - 80) < 0.2, `${here.rttMs}`);
  here.toldMs = 12;
  assert.equal(here.rttMs, 12);
});

test("checksums are compared whoever is first, and each difference is told once", () => {
  const events = [];
  const checks = new Checks(0, (event) => events.push(event));
  const theirs = (frame, value, epoch = 0) => checks.receive(1, { type: "checksum", episode: 0, epoch, kind: 0, frame, value });
  assert.equal(checks.agreed([1]), -1);
  theirs(9, "a");
  assert.equal(checks.add(0, 9, "a")?.value, "a");
  assert.equal(checks.add(0, 9, "a"), null, "nothing new to say");
  assert.equal(checks.agreed([1]), 9);
  checks.add(0, 19, "b");
  theirs(19, "x");
  theirs(29, "y");
  checks.add(0, 29, "c");
  assert.deepEqual(events, [{ type: "desync", kind: "state", frame: 19, peer: 1, mine: "b", theirs: "x", equalThrough: 9 }]);
  checks.restart(1, 40);
  assert.equal(checks.add(0, 39, "d"), null, "before the repair nothing counts");
  theirs(49, "z", 0);
  checks.add(0, 49, "e");
  assert.equal(events.length, 1, "what was sent before the repair is not compared");
  theirs(59, "z", 1);
  checks.add(0, 59, "e");
  assert.equal(events.length, 2);
});

test("options are checked early, in words", () => {
  const good = { players: 2, local: [0] };
  assert.equal(settle(good).maxSteps, Infinity);
  assert.deepEqual(settle({ ...good, players: 3, local: [2, 1] }).owners, [0, 1, 1]);
  for (const [wrong, words] of [
    [{ players: 9 }, /players must be a whole number from 1 to 8, not 9/],
    [{ local: [2] }, /a local player must be a whole number from 0 to 1, not 2/],
    [{ local: [0, 0] }, /names a player twice/],
    [{ local: 0 }, /local must be a list/],
    [{ local: [] }, /spectatorId/],
    [{ fps: 0 }, /fps must be above 0/],
    [{ inputDelayFrames: 16 }, /inputDelayFrames must be a whole number from 0 to 15/],
    [{ inputDelayFrames: "some" }, /inputDelayFrames/],
    [{ predict: "next" }, /predict must be one of "previous", "default", not "next"/],
    [{ defaultInputs: [0] }, /one input for each of the 2 players/],
    [{ defaultInputs: [0, -1] }, /an input of defaultInputs/],
    [{ absentInputs: [0] }, /absentInputs needs one input/],
    [{ maxSteps: 0 }, /maxSteps/],
    [{ owners: [0] }, /owners needs one peer for each/],
    [{ owners: [0, 0] }, /player 1 must be both local and owned/],
    [{ owners: [0, 12] }, /an owner must be a whole number from 0 to 7/],
    [{ incarnation: -1 }, /incarnation/],
  ]) {
    assert.throws(() => settle({ ...good, ...wrong }), words);
  }
});

test("equal schedules have equal digests, others do not", () => {
  const [one, two] = [emptySchedule(), emptySchedule()];
  assert.equal(digestOf(one), digestOf(two));
  two.absences[3].push({ from: 4, to: NEVER });
  assert.notEqual(digestOf(one), digestOf(two));
  assert.deepEqual(peersOf(maskOf([5, 0, 7])), [0, 5, 7]);
});

/** Player 2 of three, before anything was decided. */
function agreement(changes = {}) {
  const [posted, applied, given] = [[], [], []];
  const facts = { committed: () => 9, anchors: () => [], have: () => null };
  const made = new Agreement({ me: 2, episode: 0, peers: [0, 1, 2], schedule: emptySchedule(), facts, post: (peer, message) => posted.push([peer, message]), apply: (decided) => applied.push(decided), giveWay: (other) => given.push(other) });
  const schedule = { ...copySchedule(made.schedule), version: 1, ...changes };
  return { made, posted, applied, given, decided: { type: "decided", episode: 0, base: made.digest, leaves: 0, returns: 4, schedule, haves: [] } };
}

test("who hears a decision passes it on once to those whom its teller may not reach any more", () => {
  const { made, posted, applied, decided } = agreement();
  made.receiveDecided(0, decided, null);
  made.receiveDecided(1, decided, null);
  assert.deepEqual([posted, applied], [[[1, decided]], [decided]]);
});

test("of two decisions that end the same absence neither does: whoever was brought back by them gives way", () => {
  const lives = Array.from({ length: 8 }, (_, peer) => (peer === 2 ? 70 : 0));
  const { made, applied, given, decided } = agreement({ lives });
  const elsewhere = copySchedule(decided.schedule);
  elsewhere.absences[0].push({ from: 5, to: NEVER });
  const other = { ...decided, leaves: 1, schedule: elsewhere };
  made.receiveDecided(0, decided, 70);
  made.receiveDecided(1, decided, null);
  made.receiveDecided(1, { ...other, schedule: { ...elsewhere, lives: lives.map((life) => life && 69) } }, null);
  made.receiveDecided(1, { ...other, schedule: { ...elsewhere, version: 0 } }, null);
  assert.deepEqual([applied, given], [[decided], []]);
  made.receiveDecided(1, other, null);
  assert.deepEqual([applied, given], [[decided], [elsewhere]]);
});

test("what is known of those who leave goes on from what is stable, not from what somebody who has just come back still lacks", () => {
  for (const [rows, from, first] of [[[], 31, 31], [[[3], [3], [4]], 34, 31]]) {
    const applied = [];
    const lacking = { peer: 2, players: 1, block: { first: 22, rows: [], marks: [] } };
    const facts = { committed: () => 39, anchors: () => [], have: () => ({ peer: 2, players: 1, block: { first: 31, rows, marks: [] } }) };
    const made = new Agreement({ me: 1, episode: 0, peers: [0, 1, 2], schedule: emptySchedule(), facts, post: () => {}, apply: (decided) => applied.push(decided), giveWay: () => {} });
    made.leaves.add(2);
    const vote = { type: "vote", episode: 0, base: made.digest, leaves: 4, returns: 0, lives: new Array(8).fill(0), resync: false, stop: false, stopReason: "", committed: 33, anchors: [], haves: [lacking] };
    made.receiveVote(0, vote);
    made.settle();
    const [decided] = applied;
    assert.deepEqual(decided.schedule.absences[2], [{ from, to: NEVER }]);
    assert.deepEqual([decided.haves[0].block.first, decided.haves[0].block.rows], [first, rows]);
    assert.deepEqual(decode(encode(decided)), { ...decided, haves: decided.haves.map((have) => ({ ...have, block: { ...have.block, marks: rows.map(() => []) } })) });
  }
});

test("whoever came back does not give way to those without whom it has played since", () => {
  const lives = Array.from({ length: 8 }, (_, peer) => (peer === 2 ? 70 : 0));
  const { made, given, decided } = agreement({ lives });
  const without = (peer) => {
    const schedule = copySchedule(decided.schedule);
    schedule.absences[peer].push({ from: 5, to: NEVER });
    return { ...decided, leaves: 1 << peer, schedule };
  };
  made.receiveDecided(0, without(1), 70);
  made.receiveDecided(1, without(0), null);
  assert.deepEqual(given, []);
});

test("a page is welcomed for the absence it asked to end itself, not for that of the page before it", () => {
  const lives = Array.from({ length: 8 }, (_, peer) => (peer === 2 ? 70 : 0));
  const { made, applied, decided } = agreement({ lives });
  made.receiveDecided(0, decided, 71);
  assert.deepEqual(applied, []);
  made.receiveDecided(0, decided, 70);
  assert.deepEqual(applied, [decided]);
});
