import assert from "node:assert/strict";
import test from "node:test";

import { Pace } from "../../../web_client/watch/pace.js";

/**
 * Plays for `seconds` while rows arrive in bundles; returns what was played and the longest backlog.
 * @param {{fps: number, seconds: number, everyMs: number, start?: number}} options
 */
function watch({ fps, seconds, everyMs, start = 0 }) {
  const pace = new Pace(fps);
  let waiting = start;
  let played = 0;
  let most = 0;
  let drawn = 0;
  let sinceMs = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 30) {
    sinceMs += 30;
    if (sinceMs >= everyMs) {
      waiting += Math.round((fps * sinceMs) / 1000);
      sinceMs = 0;
    }
    const turn = pace.due(30, waiting);
    assert.ok(turn.play >= 0 && turn.play <= waiting);
    waiting -= turn.play;
    played += turn.play;
    drawn += Number(turn.draw);
    if (ms > seconds * 500) most = Math.max(most, waiting);
  }
  return { waiting, played, most, drawn };
}

test("rows that come once a second are played evenly and never pile up", () => {
  const { most, drawn } = watch({ fps: 30, seconds: 60, everyMs: 1000 });
  assert.ok(most <= 90, `${most} frames behind`);
  assert.ok(drawn > 600, `${drawn} pictures in a minute`);
});

test("a watcher who comes late catches up with a long match, then is live", () => {
  const { most, played } = watch({ fps: 30, seconds: 60, everyMs: 1000, start: 50_000 });
  assert.ok(played > 50_000);
  assert.ok(most < 6 * 30);
});

test("while it catches up most frames are not drawn", () => {
  const pace = new Pace(30);
  assert.deepEqual(pace.due(30, 10_000), { play: 90, draw: false, catchingUp: true });
});

test("nothing confirmed, nothing played", () => {
  const pace = new Pace(30);
  for (let turn = 0; turn < 100; turn++) assert.equal(pace.due(30, 0).play, 0);
});
