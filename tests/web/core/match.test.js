import assert from "node:assert/strict";
import { test } from "node:test";
import { createRollback } from "../../../web_client/core/rollback/rollback.js";
import { decode, encode, VERSION } from "../../../web_client/core/wire/codec.js";
import { allEnded, assertParity, events, makeMatch, QUIET, run, SEED, types } from "./matches.js";
import { assertSameHistory, Browser, Match, Network, randomFrom } from "./sim.js";

test("eight players play to the end of the episode", () => {
  const match = makeMatch({ count: 8, shared: { maxSteps: 60, inputDelayFrames: 1 } });
  assert.ok(match.runUntil(allEnded(match), 10_000));
  assertParity(match);
  assert.deepEqual(match.browsers[7].ended, { type: "episode_ended", frame: 59, reason: "max_steps" });
});

test("two players at one browser, one at another", () => {
  const random = randomFrom(1);
  const own = [{ local: [0, 2] }, { local: [1] }].map((options) => ({ ...options, owners: [0, 1, 0] }));
  const browsers = own.map((options, id) => {
    const make = () => createRollback({ players: 3, maxSteps: 40, incarnation: id + 1, ...options });
    return new Browser({ id, make, seed: SEED, lastsFrom: Infinity, ringLimit: 40, input: (player, frame) => (frame + player) % 4 });
  });
  const match = new Match({ browsers, network: new Network(random, () => QUIET), fps: 30 });
  assert.ok(match.runUntil(allEnded(match), 10_000));
  assertParity(match);
  assert.equal(browsers[0].rows[10].inputs.length, 3);
});

test("nobody runs ahead farther than the window; what waits says for whom", () => {
  const match = makeMatch({ shared: { maxPredictionFrames: 5 } });
  run(match, 500);
  match.byId(1).closed = true;
  run(match, 1000);
  const { rollback } = match.byId(0);
  assert.ok(rollback.frame - rollback.confirmedFrame <= 2 * 5 + 2);
  const before = rollback.frame;
  run(match, 500);
  assert.equal(rollback.frame, before);
  const last = events(match.byId(0), "stalled").at(-1);
  assert.deepEqual([last.frame, last.reason, last.peers], [before, "inputs", [1]]);
});

test("a turn says whether it took the local inputs, so that no key stroke is lost in a stall", () => {
  const offered = [];
  const taken = [];
  const match = makeMatch({ shared: { maxPredictionFrames: 2, maxSteps: 60 }, link: { loss: 0.2, delayMs: 60, jitterMs: 40, doubles: 0 } });
  const browser = match.byId(0);
  const { advance } = browser.rollback;
  browser.rollback.advance = (_inputs, nowMs) => {
    const input = taken.length + 1;
    const turn = advance.call(browser.rollback, [input], nowMs);
    offered.push(input);
    if (turn.took) taken.push(input);
    return turn;
  };
  assert.ok(match.runUntil(allEnded(match), 20_000));
  assert.ok(offered.length > taken.length, "there were stalls");
  assert.deepEqual(match.byId(1).rows.map(({ inputs }) => inputs[0]), taken.slice(0, 60));
});

test("no more frames are replayed than the wrong guess makes necessary", () => {
  const changes = (player, frame) => (player === 1 && frame >= 30 ? 1 : 0);
  const match = makeMatch({ input: changes, shared: { maxSteps: 60 } });
  assert.ok(match.runUntil(allEnded(match), 10_000));
  const [rolledBack, ...more] = events(match.byId(0), "rolled_back");
  assert.equal(more.length, 0, "one change of input, one rollback");
  assert.equal(rolledBack.frame, 30, "the first frame that was guessed wrong");
  assert.ok(rolledBack.frames <= 2, `${rolledBack.frames} frames replayed at 20 ms`);
  assert.deepEqual(events(match.byId(1), "rolled_back"), []);
});

test("all inputs in time: nothing is guessed and hardly anything saved", () => {
  let saves = 0;
  const match = makeMatch({ shared: { maxSteps: 90, inputDelayFrames: 4 } });
  for (const browser of match.browsers) {
    const save = browser.save.bind(browser);
    browser.save = (frame) => ((saves += 1), save(frame));
  }
  assert.ok(match.runUntil(allEnded(match), 10_000));
  assert.ok(saves <= 2 * Math.ceil(90 / 8) + 8, `${saves} states saved`);
  assert.deepEqual(match.browsers.map((browser) => browser.rollback.stats().rollbacks), [0, 0]);
});

for (const timeSync of ["skip", "stretch"]) {
  test(`"${timeSync}": whoever starts first and ticks faster still keeps within a frame`, () => {
    const match = makeMatch({ shared: { timeSync }, drift: (id) => (id === 0 ? 0.99 : 1), link: { loss: 0.05, delayMs: 40, jitterMs: 20, doubles: 0 } });
    match.due[1] += 240;
    run(match, 6000);
    const before = match.byId(0).rollback.stats().skips;
    const apart = [];
    match.watch = () => apart.push(Math.abs(match.byId(0).rollback.frame - match.byId(1).rollback.frame));
    run(match, 10_000);
    const mean = apart.reduce((a, b) => a + b) / apart.length;
    apart.sort((a, b) => a - b);
    assert.ok(mean <= 1, `${mean} frames apart on average`);
    assert.ok(apart[Math.floor(apart.length * 0.95)] <= 2);
    const counts = match.browsers.map((browser) => browser.rollback.stats());
    if (timeSync === "stretch") assert.equal(counts[0].skips, before, "small leads are given back without a skipped tick");
    assert.equal(counts[1].skips, 0);
  });
}

test("the lead is shown as pace, and the pace falls back to 1", () => {
  const match = makeMatch({ shared: { timeSync: "stretch", maxPredictionFrames: 20 } });
  match.due[1] += 100;
  const paces = [];
  match.watch = () => paces.push(match.byId(0).rollback.pace);
  run(match, 8000);
  assert.ok(Math.max(...paces) > 1.02 && paces.at(-1) < 1.03);
});

test("paused peers come to rest at the same confirmed frame and go on from it", () => {
  const match = makeMatch({ count: 3, own: (id) => ({ inputDelayFrames: id }), shared: { maxSteps: 120 } });
  run(match, 1000);
  match.browsers.forEach((browser) => browser.rollback.pause());
  run(match, 600);
  const rest = match.browsers.map((browser) => browser.rollback.confirmedFrame);
  assert.deepEqual(rest, [rest[0], rest[0], rest[0]]);
  const frames = match.browsers.map((browser) => browser.rollback.frame);
  run(match, 600);
  assert.deepEqual(match.browsers.map((browser) => browser.rollback.frame), frames, "nobody moves");
  match.browsers.forEach((browser) => browser.rollback.resume());
  assert.ok(match.runUntil(allEnded(match), 10_000));
  assertParity(match);
  assert.deepEqual(types(match.byId(0)).filter((type) => ["paused", "resumed"].includes(type)), ["paused", "resumed"]);
});

test("a terminal frame that was only guessed does not end the episode", () => {
  // On a slow link the environment often ends in a guess; only the frame all agree on counts.
  const link = { loss: 0.1, delayMs: 90, jitterMs: 60, doubles: 0 };
  const random = randomFrom(3);
  const match = makeMatch({ link, lastsFrom: 20, input: () => Math.floor(random() * 6) });
  assert.ok(match.runUntil(allEnded(match), 20_000));
  assertParity(match, 20);
  assert.equal(match.byId(0).ended.reason, "terminated");
});

test("an episode that is ended on request ends for all at one frame, also before its first", () => {
  for (const afterMs of [0, 700]) {
    const match = makeMatch({ count: 3, shared: { inputDelayFrames: afterMs ? 2 : 0 } });
    if (afterMs) run(match, afterMs);
    match.byId(2).rollback.requestEnd("äbort");
    assert.ok(match.runUntil(allEnded(match), 5000));
    const ends = match.browsers.map((browser) => browser.ended);
    assert.deepEqual(ends, [ends[0], ends[0], ends[0]]);
    assert.equal(ends[0].reason, "?bort");
    assert.ok(afterMs ? ends[0].frame >= 15 : ends[0].frame <= 3);
    assertParity(match);
  }
});

test("one episode follows the other; whoever is gone stays gone, and early messages are kept", () => {
  const match = makeMatch({ count: 3, shared: { maxSteps: 40 }, link: { loss: 0.1, delayMs: 30, jitterMs: 30, doubles: 0.1 } });
  run(match, 400);
  match.byId(1).closed = true;
  [0, 2].forEach((id) => match.byId(id).rollback.declareAbsent(1));
  match.byId(0).rollback.declareAbsent(0);
  match.byId(0).rollback.declareAbsent(7);
  for (let episode = 0; episode < 3; episode++) {
    assert.ok(match.runUntil(() => [0, 2].every((id) => match.byId(id).ended), 20_000), `episode ${episode} ends`);
    const rows = [0, 2].map((id) => match.byId(id).rows);
    assert.deepEqual(rows[0], rows[1]);
    assert.equal(rows[0].length, 40 - 5 * episode);
    if (episode > 0) assert.ok(rows[0].every(({ inputs }) => inputs[1] === 0));
    for (const id of [0, 2]) {
      run(match, 150 * id);
      match.byId(id).reset(SEED + episode);
      match.byId(id).rollback.startEpisode({ maxSteps: 40 - 5 * (episode + 1) });
    }
  }
  assert.equal(match.byId(0).rollback.episode.number, 3);
});

test("a peer that stayed behind in an old episode comes to the running one", () => {
  const match = makeMatch({ count: 3, shared: { maxSteps: 50 } });
  run(match, 500);
  match.byId(2).frozenUntilMs = match.nowMs + 4000;
  [0, 1].forEach((id) => match.byId(id).rollback.declareAbsent(2));
  assert.ok(match.runUntil(() => [0, 1].every((id) => match.byId(id).ended), 10_000));
  [0, 1].forEach((id) => {
    match.byId(id).reset(SEED);
    match.byId(id).rollback.startEpisode({ maxSteps: 400 });
  });
  const late = match.byId(2);
  assert.ok(match.runUntil(() => events(late, "episode_ahead").length > 0, 10_000), "it is told that there is another one");
  late.reset(SEED);
  late.rollback.startEpisode({ maxSteps: 400, rejoin: true });
  assert.ok(match.runUntil(() => events(late, "peer_returned").length > 0, 10_000));
  assert.ok(match.runUntil(allEnded(match), 30_000));
  assertParity(match);
});

test("somebody who comes back while the others have gone on to the next episode is told so", () => {
  const match = makeMatch({ count: 2, shared: { maxSteps: 30 } });
  run(match, 400);
  match.byId(1).closed = true;
  match.byId(0).rollback.declareAbsent(1);
  assert.ok(match.runUntil(() => match.byId(0).ended, 10_000));
  match.byId(0).reset(SEED);
  match.byId(0).rollback.startEpisode({ maxSteps: 300 });
  match.byId(1).open({ rejoin: true });
  match.byId(1).closed = false;
  const late = match.byId(1);
  assert.ok(match.runUntil(() => events(late, "episode_ahead").length > 0, 5000));
  assert.deepEqual(events(late, "episode_ahead"), [{ type: "episode_ahead", episode: 1 }]);
  late.reset(SEED);
  late.rollback.startEpisode({ episode: 1, maxSteps: 300, rejoin: true });
  assert.ok(match.runUntil(allEnded(match), 30_000));
  assertParity(match);
});

test("the input delay 'auto' follows the round trip, and no press is lost when it shrinks", () => {
  let delayMs = 90;
  const presses = new Set([40, 81, 122, 163]);
  const match = makeMatch({
    link: () => ({ ...QUIET, delayMs }),
    shared: { inputDelayFrames: "auto", maxPredictionFrames: 12 },
    input: (player, frame) => (player === 0 && presses.has(frame) ? 5 : 0),
  });
  match.browsers.forEach((browser) => assert.equal(browser.rollback.inputDelayFrames, 0));
  run(match, 5000);
  assert.equal(match.byId(0).rollback.inputDelayFrames, 2);
  delayMs = 3;
  run(match, 12_000);
  assert.equal(match.byId(0).rollback.inputDelayFrames, 0);
  match.byId(0).rollback.setRtt(1, 250);
  match.byId(0).rollback.setRtt(0, 250);
  run(match, 6000);
  assert.equal(match.byId(0).rollback.inputDelayFrames, 3, "a round trip told from outside counts more");
  const pressed = match.byId(0).rows.filter(({ inputs }) => inputs[0] === 5).length;
  assert.ok(pressed >= presses.size, `${pressed} of ${presses.size} presses arrived`);
  assertSameHistory(match.browsers, SEED, Infinity);
});

test("browsers with other settings or another version do not play together, and say so", () => {
  const match = makeMatch({ own: (id) => ({ fps: 30, checksumEveryFrames: id === 0 ? 10 : 20 }) });
  run(match, 500);
  assert.deepEqual(events(match.byId(0), "incompatible"), [{ type: "incompatible", peer: 1, what: "settings", version: VERSION }]);
  assert.equal(match.byId(0).rollback.confirmedFrame, -1);
  const rollback = createRollback({ players: 2, local: [0], incarnation: 1 });
  const body = encode({ type: "hello", version: 99, players: 2, settings: 0 });
  rollback.receive(1, encode({ type: "envelope", stream: 512, seq: 0, body }), 0);
  assert.deepEqual(rollback.advance([0], 0).events.filter(({ type }) => type === "incompatible"), [{ type: "incompatible", peer: 1, what: "version", version: 99 }]);
});

test("what cannot be read is counted and dropped; the match goes on", () => {
  const match = makeMatch({ shared: { maxSteps: 60 } });
  const random = randomFrom(4);
  match.watch = () => {
    const { rollback } = match.byId(0);
    rollback.receive(1, Uint8Array.from({ length: random() * 60 }, () => random() * 256), match.nowMs);
    rollback.receive(1, "text", match.nowMs);
    rollback.receive(0, encode({ type: "ready", episode: 0, through: 1 }), match.nowMs);
    rollback.receive(6, encode({ type: "ready", episode: 0, through: 1 }), match.nowMs);
  };
  assert.ok(match.runUntil(allEnded(match), 10_000));
  assertParity(match);
  assert.ok(match.byId(0).rollback.stats().malformed > 100);
});

test("control messages inside an envelope are checked as well", () => {
  const rollback = createRollback({ players: 2, local: [0], incarnation: 1 });
  const inner = [Uint8Array.of(77), encode({ type: "envelope", stream: 5, seq: 0, body: Uint8Array.of(1) })];
  inner.forEach((body, seq) => rollback.receive(1, encode({ type: "envelope", stream: 512, seq, body }), 0));
  rollback.receive(1, encode({ type: "envelope", stream: 512, seq: 2, body: encode({ type: "ready", episode: 0, through: 3 }) }), 0);
  rollback.receive(1, encode({ type: "ready", episode: 0, through: 3 }), 0);
  assert.equal(rollback.stats().malformed, 3);
  assert.equal(decode(rollback.outgoing(0)[0].bytes).ackSeq, 3);
});

test("a packet of another episode or membership is ignored and counted", () => {
  const match = makeMatch({});
  run(match, 300);
  const { rollback } = match.byId(0);
  const packet = decode(match.byId(1).rollback.outgoing(match.nowMs).find(({ peer }) => peer === 0).bytes);
  for (const wrong of [{ episode: 9 }, { digest: 1 }]) rollback.receive(1, encode({ ...packet, ...wrong }), match.nowMs);
  assert.equal(rollback.stats().ignored, 2);
  rollback.receive(1, encode({ ...packet, players: 2, block: { first: packet.block.first, rows: [[1, 1]], marks: [] } }), match.nowMs);
  rollback.receive(1, encode({ ...packet, block: { first: 5000, rows: [[1]], marks: [] } }), match.nowMs);
  run(match, 500);
  assertSameHistory(match.browsers, SEED, Infinity);
});

test("advance refuses inputs that are none", () => {
  const rollback = createRollback({ players: 2, local: [0] });
  assert.throws(() => rollback.advance([], 0), /advance needs 1 whole numbers from 0, not \[\]/);
  assert.throws(() => rollback.advance([0.5], 0), /not \[0.5\]/);
  assert.throws(() => rollback.advance([-1], 0), RangeError);
});

test("two halves that lost each other: the lower player's half counts, the other one stops and says so", () => {
  const match = makeMatch({ count: 2, shared: { maxPredictionFrames: 4 } });
  run(match, 500);
  match.network.cut = new Set(["0>1", "1>0"]);
  match.byId(0).rollback.declareAbsent(1);
  match.byId(1).rollback.declareAbsent(0);
  run(match, 1500);
  match.network.cut = new Set();
  run(match, 1500);
  assert.deepEqual(events(match.byId(1), "split").length, 1);
  assert.deepEqual(events(match.byId(0), "split"), []);
  const { frame } = match.byId(1).rollback;
  run(match, 500);
  assert.equal(match.byId(1).rollback.frame, frame, "it does not play on");
  match.byId(1).open({ rejoin: true });
  run(match, 1500);
  assert.deepEqual(types(match.byId(1)).filter((type) => type === "peer_returned"), ["peer_returned"]);
  assertSameHistory(match.browsers, SEED, Infinity);
});

/** Whoever came back is heard by all; one of the others hears the other two no more, nor they it, and all say so. */
function comesBackBetween(returns, cutOff) {
  const match = makeMatch({ count: 4, input: (player, frame) => 1 + ((Math.floor(frame / 2) + player) % 5), shared: { maxSteps: 300 } });
  const others = [0, 1, 2, 3].filter((id) => id !== returns);
  const rest = others.filter((id) => id !== cutOff);
  const declare = (by, gone) => match.byId(by).rollback.declareAbsent(gone);
  run(match, 500);
  match.byId(returns).closed = true;
  others.forEach((id) => declare(id, returns));
  run(match, 400);
  Object.assign(match.byId(returns), { closed: false }).open({ rejoin: true });
  run(match, 30);
  match.network.cut = new Set(rest.flatMap((id) => [`${cutOff}>${id}`, `${id}>${cutOff}`]));
  match.at(100, () => rest.forEach((id) => declare(id, cutOff)));
  match.at(1600, () => rest.forEach((id) => declare(cutOff, id)));
  run(match, 4000);
  match.network.cut = new Set();
  match.watch = () => match.browsers.filter((browser) => events(browser, "split").length > 0).forEach((browser) => browser.open({ rejoin: true }));
  return match;
}

test("whoever came back and has played with two does not give way to a third whom those two had lost: what was recorded counts", () => {
  for (const [returns, cutOff] of [[3, 2], [1, 2], [0, 3], [2, 0]]) {
    const match = comesBackBetween(returns, cutOff);
    assert.ok(match.runUntil(allEnded(match), 30_000), `${returns} comes back, ${cutOff} is cut off: never ends`);
    assertParity(match);
  }
});

test("a spectator sees what was confirmed, some frames late, and holds nobody up", () => {
  const match = makeMatch({ shared: { maxSteps: 80 } });
  const make = () => createRollback({ players: 2, local: [], spectatorId: 9, fps: 30, maxSteps: 80, incarnation: 50 });
  match.browsers.push(new Browser({ id: 9, make, seed: SEED, lastsFrom: Infinity, ringLimit: 40, input: () => 0 }));
  match.due.push(match.nowMs + 900);
  match.network.cut = new Set(["9>1"]);
  assert.ok(match.runUntil(allEnded(match), 20_000));
  assertParity(match);
  assert.equal(match.byId(0).rollback.stats().stalls, 0);
});

test("the bytes a player sends stay far below 4 kB a second", () => {
  const match = makeMatch({ count: 2, link: { loss: 0.02, delayMs: 60, jitterMs: 20, doubles: 0 }, shared: { inputDelayFrames: 2 } });
  run(match, 1000);
  const before = match.network.bytes;
  run(match, 10_000);
  const perPlayer = (match.network.bytes - before) / 10 / 2;
  assert.ok(perPlayer < 3000, `${perPlayer} bytes a second`);
});
