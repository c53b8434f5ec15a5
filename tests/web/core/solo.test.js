import assert from "node:assert/strict";
import { test } from "node:test";
import { createRollback } from "../../../web_client/core/rollback/rollback.js";

/** Play ticks; returns every confirmed row. */
function play(rollback, inputs, terminalAt = Infinity) {
  const rows = [];
  const events = [];
  for (const input of inputs) {
    const turn = rollback.advance([input], 0);
    events.push(...turn.events);
    const results = [];
    for (const request of turn.requests) {
      const terminal = request.frame === terminalAt;
      results.push({ frame: request.frame, terminal });
      if (terminal) break;
    }
    rollback.ran(results);
    if (turn.confirmed) turn.confirmed.inputs.forEach((row, i) => rows.push([turn.confirmed.first + i, ...row]));
  }
  return { rows, events };
}

test("alone, each tick is one step, confirmed at once, without a snapshot", () => {
  const rollback = createRollback({ players: 1, local: [0], fps: 30 });
  const turn = rollback.advance([4], 0);
  assert.deepEqual(turn.requests, [{ type: "step", frame: 0, inputs: [4], predicted: false, checksum: false, draw: true }]);
  assert.deepEqual(turn.confirmed, { first: 0, last: 0, inputs: [[4]] });
  assert.deepEqual(turn.events, []);
  assert.deepEqual([rollback.outgoing(0), rollback.outgoingReliable()], [[], []]);
});

test("the input delay shifts inputs and starts with the default action", () => {
  const rollback = createRollback({ players: 1, local: [0], inputDelayFrames: 2, defaultInputs: [9] });
  const { rows } = play(rollback, [1, 2, 3, 4]);
  assert.deepEqual(rows, [[0, 9], [1, 9], [2, 1], [3, 2]]);
});

test("a terminal frame ends the episode, and the next one starts at frame 0", () => {
  const rollback = createRollback({ players: 1, local: [0] });
  const { rows, events } = play(rollback, [1, 1, 1, 1, 1], 2);
  assert.equal(rows.length, 3);
  assert.deepEqual(events, [{ type: "episode_ended", frame: 2, reason: "terminated" }]);
  assert.ok(rollback.ended);
  rollback.startEpisode();
  assert.deepEqual([rollback.frame, rollback.ended, rollback.episode], [0, false, 1]);
  assert.equal(play(rollback, [5]).rows[0][1], 5);
});

test("maxSteps ends the episode by itself", () => {
  const rollback = createRollback({ players: 1, local: [0], maxSteps: 3 });
  const { rows, events } = play(rollback, [1, 1, 1, 1, 1]);
  assert.equal(rows.length, 3);
  assert.deepEqual(events, [{ type: "episode_ended", frame: 2, reason: "max_steps" }]);
});

test("pause yields no frame; resume goes on from the same one", () => {
  const rollback = createRollback({ players: 1, local: [0] });
  play(rollback, [1, 2]);
  rollback.pause();
  rollback.pause();
  const { rows, events } = play(rollback, [3, 3]);
  assert.deepEqual([rows.length, events.map((event) => event.type)], [0, ["paused"]]);
  rollback.resume();
  rollback.resume();
  const after = play(rollback, [4]);
  assert.deepEqual([after.rows, after.events.map((event) => event.type)], [[[2, 4]], ["resumed"]]);
});

test("inputs fed after a reload are stepped in batches without drawing", () => {
  const rollback = createRollback({ players: 1, local: [0], catchUpFrames: 3, maxSteps: 6 });
  rollback.feed(0, [[1], [2], [3], [4]]);
  rollback.feed(2, [[3], [4], [5]]);
  const first = rollback.advance([0], 0);
  assert.deepEqual(first.requests.map((request) => [request.frame, request.draw]), [[0, false], [1, false], [2, false]]);
  const second = rollback.advance([0], 0);
  assert.deepEqual(second.requests.map((request) => [request.inputs[0], request.draw]), [[4, false], [5, true]]);
  assert.deepEqual(second.events, [{ type: "caught_up", frame: 4 }]);
  assert.throws(() => rollback.feed(7, [[1]]), /frame 7.*frame 5/);
  rollback.feed(5, [[6], [7]]);
  assert.equal(rollback.advance([0], 0).requests.length, 1, "never past maxSteps");
});

test("a terminal frame inside fed inputs ends the episode there", () => {
  const rollback = createRollback({ players: 1, local: [0] });
  rollback.feed(0, [[1], [2], [3], [4]]);
  const turn = rollback.advance([0], 0);
  rollback.ran([{ frame: 0 }, { frame: 1, terminal: "truncated" }]);
  assert.equal(turn.requests.length, 4);
  assert.deepEqual(rollback.advance([0], 0).events, [{ type: "caught_up", frame: 3 }, { type: "episode_ended", frame: 1, reason: "truncated" }].slice(1));
});

test("an end on request keeps what was played", () => {
  const rollback = createRollback({ players: 1, local: [0] });
  play(rollback, [1, 2]);
  rollback.requestEnd("partial");
  assert.deepEqual(rollback.advance([3], 0).events, [{ type: "episode_ended", frame: 1, reason: "partial" }]);
  assert.deepEqual(rollback.stats().confirmed, 1);
});

test("what concerns peers has no effect on a browser alone", () => {
  const rollback = createRollback({ players: 2, local: [0, 1], inputDelayFrames: "auto", defaultInputs: [3, 4] });
  rollback.receive(1, Uint8Array.of(1), 0);
  rollback.sealed(0, "");
  rollback.declareAbsent(1);
  rollback.setRtt(1, 5);
  rollback.offerState(0, new Uint8Array());
  rollback.stateLoaded(0);
  assert.deepEqual(rollback.advance([1], 0).confirmed, { first: 0, last: 0, inputs: [[1, 4]] });
  rollback.startEpisode({ episode: 7, maxSteps: null });
  assert.deepEqual([rollback.episode, rollback.maxSteps, rollback.pace], [7, Infinity, 1]);
});

test("a frame that waits for a move comes when there is one", () => {
  const rollback = createRollback({ players: 1, local: [0], awaitInputs: true, maxPredictionFrames: 0 });
  const { rows } = play(rollback, [null, null, 3, null, 0, null]);
  assert.deepEqual(rows, [[0, 3], [1, 0]]);
  assert.throws(() => createRollback({ players: 2, local: [0], awaitInputs: true, inputDelayFrames: 2, maxPredictionFrames: 0 }), /awaitInputs needs/);
  const clocked = createRollback({ players: 2, local: [0] });
  assert.throws(() => clocked.advance([null], 0), /whole numbers/);
});
