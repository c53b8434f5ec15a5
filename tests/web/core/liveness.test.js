import assert from "node:assert/strict";
import { test } from "node:test";
import { Liveness } from "../../../web_client/core/liveness.js";
import { delayForRtt, Rtt } from "../../../web_client/core/rtt.js";

test("500 ms of silence is a loss, told once; the next packet brings the peer back, told once", () => {
  const liveness = new Liveness();
  liveness.watch(1, 0);
  liveness.watch(1, 400);
  liveness.heard(1, 100);
  assert.deepEqual(liveness.check(599), []);
  assert.equal(liveness.waitMs(599), 1);
  assert.deepEqual(liveness.check(600), [{ type: "lost", peer: 1, silentMs: 500 }]);
  assert.deepEqual(liveness.check(700), []);
  assert.ok(liveness.isLost(1));
  liveness.heard(1, 900);
  assert.deepEqual(liveness.check(900), [{ type: "back", peer: 1, silentMs: 800 }]);
  assert.ok(!liveness.isLost(1));
});

test("a forgotten peer and an unknown one say nothing", () => {
  const liveness = new Liveness({ lostAfterMs: 100 });
  liveness.watch(1, 0);
  liveness.check(100);
  liveness.heard(1, 200);
  liveness.forget(1);
  liveness.heard(2, 0);
  assert.deepEqual(liveness.check(9000), []);
  assert.deepEqual([liveness.isLost(1), liveness.waitMs(0)], [false, Infinity]);
});

test("whoever was frozen itself does not take the others for lost", () => {
  const liveness = new Liveness();
  liveness.watch(1, 0);
  liveness.watch(2, 0);
  liveness.check(500);
  liveness.heard(2, 500);
  liveness.excuse(6000);
  assert.deepEqual(liveness.check(6000), [{ type: "back", peer: 2, silentMs: 500 }]);
  assert.ok(liveness.isLost(1), "who was lost before stays lost");
  liveness.excuse(6700, 450);
  assert.equal(liveness.waitMs(6700), 250, "for as long as it was frozen, and no longer");
  assert.throws(() => new Liveness({ lostAfterMs: 0 }), /lostAfterMs/);
});

test("the round trip is smoothed, and what is no measurement is not counted", () => {
  const rtt = new Rtt();
  rtt.add(-1);
  rtt.add(NaN);
  rtt.add(1e9);
  assert.deepEqual([rtt.smoothedMs, rtt.samples], [null, 0]);
  rtt.add(100);
  assert.deepEqual([rtt.smoothedMs, rtt.deviationMs], [100, 50]);
  for (let i = 0; i < 100; i++) rtt.add(40);
  assert.ok(Math.abs((rtt.smoothedMs ?? 0) - 40) < 0.1 && rtt.deviationMs < 1 && rtt.minMs === 40);
});

test("the automatic delay hides the way but one frame, within bounds", () => {
  assert.deepEqual([1, 60, 120, 200, 400].map((ms) => delayForRtt(ms, 30, 4)), [0, 0, 1, 2, 4]);
  assert.equal(delayForRtt(1000, 60, 3), 3);
});
