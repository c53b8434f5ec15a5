import assert from "node:assert/strict";
import { test } from "node:test";
import { createSyncTest } from "../../../web_client/core/rollback/rollback.js";
import { Browser } from "./sim.js";

/** Run a sync test over an environment; returns its events. */
function check({ disturb, frames = 60, depth = 3, lastsFrom = Infinity, maxSteps = Infinity }) {
  const browser = new Browser({ id: 0, seed: 5, lastsFrom, input: () => 0, ringLimit: depth + 1, make: () => ({ sealed() {} }) });
  browser.disturb = disturb;
  const rollback = createSyncTest({ players: 2, depth, maxSteps });
  const events = [];
  for (let i = 0; i < frames; i++) {
    const turn = rollback.advance([i % 3, i % 5]);
    rollback.ran(browser.run(turn.requests));
    for (const frame of browser.ring.keys()) if (frame < turn.keepFrom) browser.ring.delete(frame);
    assert.ok(browser.ring.size <= depth + 1);
    events.push(...turn.events);
  }
  return { rollback, events, browser };
}

test("an exact environment passes, and every frame is replayed", () => {
  const { rollback, events } = check({});
  assert.deepEqual([events, rollback.firstDivergence, rollback.frame], [[], -1, 60]);
});

test("the first frame that is not repeated exactly is named", () => {
  let hidden = 0;
  const { rollback, events } = check({
    disturb(env, request) {
      hidden += 1;
      if (request.frame >= 17) env.state ^= hidden;
    },
  });
  assert.equal(rollback.firstDivergence, 17);
  assert.deepEqual(events.map(({ type, kind, frame }) => [type, kind, frame]), [["desync", "state", 17]]);
});

test("the last frame is replayed too, then the episode ends", () => {
  for (const options of [{ lastsFrom: 20 }, { maxSteps: 25 }]) {
    const { rollback, events } = check(options);
    assert.ok(rollback.ended);
    assert.deepEqual(events.map(({ type }) => type), ["episode_ended"]);
    assert.equal(events[0].frame, rollback.frame - 1);
    assert.equal(events[0].reason, options.maxSteps ? "max_steps" : "terminated");
  }
});

test("an episode that ends only in the replay is a divergence", () => {
  const rollback = createSyncTest({ players: 1, depth: 2 });
  rollback.advance([0]);
  rollback.ran([{ frame: 0, checksum: 1 }]);
  rollback.advance([0]);
  rollback.ran([{ frame: 0, checksum: 1, terminal: "truncated" }]);
  assert.equal(rollback.frame, 1);
  const { events } = rollback.advance([0]);
  assert.deepEqual(events.map(({ type, kind, frame }) => [type, kind, frame]), [["desync", "end", 0], ["episode_ended", undefined, 0]]);
  assert.deepEqual(rollback.advance([0]).requests, []);
  assert.throws(() => createSyncTest({ players: 1, depth: 0 }), /depth/);
});
