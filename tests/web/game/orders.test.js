import assert from "node:assert/strict";
import { test } from "node:test";
import { createRollback } from "../../../web_client/core/rollback/rollback.js";
import { byFrame, episodeSeed, rollbackOptions } from "../../../web_client/game/match_options.js";
import { Scores } from "../../../web_client/game/scores.js";
import { encode, results } from "../../../web_client/game/orders.js";

const step = (/** @type {number} */ frame, /** @type {object} */ more = {}) => ({ type: "step", frame, inputs: [1, 2], predicted: false, checksum: false, draw: false, ...more });
const turnOf = (/** @type {any[]} */ requests, /** @type {object} */ more = {}) => /** @type {any} */ ({ requests, confirmed: null, events: [], keepFrom: 3, anchors: [], ...more });

test("a turn becomes one flat list, in its order", () => {
  const turn = turnOf([{ type: "load", frame: 4 }, step(4), { type: "save", frame: 5 }, step(5, { checksum: true, draw: true })], {
    confirmed: { first: 3, last: 4, inputs: [] },
    anchors: [1],
  });
  assert.deepEqual(encode(turn, true, true), [2, 4, 3, 4, 1, 2, 1, 5, 3, 5, 1, 2, 7, 5, 4, 4, 8, 3, 1, 1, 5, 0]);
  assert.deepEqual(encode(turn, true, false).slice(-2), [1, 1], "nothing is drawn when nobody looks");
});

test("alone nothing is kept, and sounds of a caught-up past stay silent", () => {
  const turn = turnOf([step(0), step(1), step(2, { draw: true })], { confirmed: { first: 0, last: 2, inputs: [] } });
  assert.deepEqual(encode(turn, false, true), [3, 0, 1, 2, 3, 1, 1, 2, 3, 2, 1, 2, 6, 1, 4, 2, 5, 0]);
});

test("the rollback hears of steps that ran, and of none after the end", () => {
  const turn = turnOf([step(6), step(7, { checksum: true }), step(8)]);
  const head = /** @type {any} */ ({ end: 7, reason: "terminated", confirmed: 5, rows: 0, checks: [[7, 99]] });
  assert.deepEqual(results(turn, head), [
    { frame: 6, checksum: undefined, terminal: false },
    { frame: 7, checksum: 99, terminal: "terminated" },
  ]);
});

const SPEC = /** @type {any} */ ({
  rendering: { fps: 30 },
  gameplay: { action_population: "default", max_steps: 50 },
  multiplayer: { input_delay_frames: 3, max_prediction_frames: 8, checksum_every_frames: 30, on_desync: "flag" },
});

test("one player alone has no input delay and plays by the same rules as many", () => {
  const alone = rollbackOptions(SPEC, /** @type {any} */ ({ me: 0, players: [{ player: 0 }] }), 0, null);
  assert.equal(alone.inputDelayFrames, 0);
  assert.equal(createRollback(alone).advance([2], 0).requests.length, 1);
  const two = rollbackOptions(SPEC, /** @type {any} */ ({ me: 1, players: [{ player: 0 }, { player: 1 }] }), 1, null);
  assert.deepEqual([two.inputDelayFrames, two.local, two.episode, two.rejoin], [3, [1], 1, false]);
});

test("stored inputs become frames, as many as all players have", () => {
  assert.deepEqual(byFrame({ 0: [1, 2, 3], 1: [4, 5] }, 2), [[1, 4], [2, 5]]); // prettier-ignore
  assert.deepEqual(byFrame({ 0: [1] }, 2), []);
});

test("each episode has a seed of its own, the same for all", () => {
  assert.deepEqual([0, 1].map((episode) => episodeSeed(/** @type {any} */ ({ seed: 2 ** 31 - 1 }), episode)), [2 ** 31 - 1, 0]);
});

test("scores carry over when they should, and what has not changed is not told twice", () => {
  const head = (/** @type {number} */ score) => /** @type {any} */ ({ scores: { a: score } });
  const carried = new Scores(true, { a: 10 });
  assert.deepEqual(carried.shown(head(2), 30, 30)?.scores, { a: 12 });
  assert.equal(carried.shown(head(2), 30, 30), null);
  carried.carry();
  carried.begin();
  assert.deepEqual(carried.shown(head(1), 0, 30)?.scores, { a: 13 });
  assert.deepEqual(carried.episode(), { a: 1 });
  const fresh = new Scores(false, { a: 10 });
  assert.deepEqual(fresh.shown(head(2), 0, 30)?.scores, { a: 2 });
});
