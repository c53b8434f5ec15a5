import assert from "node:assert/strict";
import { test } from "node:test";
import { RunMetrics } from "../../../web_client/app/run_metrics.js";

/** Metrics on a clock the test moves, with what the host heard. */
function made() {
  let nowMs = 0;
  /** @type {any[]} */
  const told = [];
  const link = /** @type {any} */ ({ send: (/** @type {string} */ type, /** @type {any} */ body) => told.push([type, body]) });
  const metrics = new RunMetrics({ link, nowMs: () => nowMs }, { visit: 3, match: "m1" });
  return { metrics, told, at: (/** @type {number} */ ms) => (nowMs = ms) };
}

test("a sample a second is told five at a time, each with its age", () => {
  const { metrics, told, at } = made();
  for (let second = 0; second < 10; second++) {
    at(1000 * second);
    metrics.take({}, () => ({ fps: 30 - second }));
    at(1000 * second + 400);
    metrics.take({}, () => assert.fail("too early"));
  }
  assert.equal(told.length, 2);
  assert.deepEqual(told[1], ["metrics", { visit: 3, match: "m1", samples: [5, 6, 7, 8, 9].map((second) => ({ age_ms: 1000 * (9 - second), values: { fps: 30 - second } })) }]);
});

test("what happened is told at once, with what was measured before, and nothing twice", () => {
  const { metrics, told, at } = made();
  metrics.take({ fps: 30 });
  at(20);
  metrics.take({ event: { type: "desync" } });
  assert.deepEqual(told.map(([, body]) => body.samples.map((/** @type {any} */ one) => one.values)), [[{ fps: 30 }, { event: { type: "desync" } }]]);
  metrics.flush();
  assert.equal(told.length, 1);
});

test("of a match that is over nothing is told", () => {
  const { metrics, told } = made();
  metrics.take({ fps: 30 });
  metrics.drop();
  metrics.flush();
  assert.deepEqual(told, []);
});
