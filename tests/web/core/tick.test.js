import assert from "node:assert/strict";
import { test } from "node:test";
import { Ticker } from "../../../web_client/core/tick.js";

test("a timer that fires late and every whole millisecond still gives the asked rate", () => {
  const ticker = new Ticker({ fps: 60 });
  ticker.start(0);
  let count = 0;
  for (let now = 0; now < 10_000; now += 16) count += ticker.due(now + (now % 3));
  assert.ok(Math.abs(count - 600) <= 1, `${count} ticks in ten seconds`);
  assert.equal(ticker.droppedTicks, 0);
});

test("after a freeze a few ticks are made up for, the rest is dropped and counted, and the schedule holds", () => {
  const ticker = new Ticker({ fps: 10, maxCatchUpTicks: 3 });
  ticker.start(0);
  assert.equal(ticker.due(0), 1);
  assert.equal(ticker.due(1050), 3);
  assert.equal(ticker.droppedTicks, 7);
  assert.equal(ticker.waitMs(1050), 50);
  assert.equal(ticker.due(1099), 0);
  assert.equal(ticker.due(1100), 1);
  assert.equal(ticker.ticks, 5);
});

test("nothing is due before the start, and nothing after a stop", () => {
  const ticker = new Ticker({ fps: 10 });
  assert.deepEqual([ticker.due(5), ticker.waitMs(5)], [0, Infinity]);
  ticker.start(100);
  assert.deepEqual([ticker.due(50), ticker.waitMs(50)], [0, 50]);
  assert.equal(ticker.due(100), 1);
  ticker.stop();
  assert.deepEqual([ticker.due(900), ticker.waitMs(900)], [0, Infinity]);
});

test("a timer set for the next tick finds it due, also on a clock with fractions: nobody waits for it twice", () => {
  for (const fps of [7, 30, 60, 144]) {
    for (const fromMs of [0, 1_000_000 - 3_600_000 / 7, 1_700_000_000_000.3]) {
      const ticker = new Ticker({ fps });
      ticker.start(fromMs);
      let now = fromMs;
      for (let woken = 1; woken <= 2000; woken++) {
        assert.ok(ticker.due(now) >= 1, `woken ${woken} times at ${fps} ticks a second from ${fromMs} on, too early at ${now}`);
        // What a browser makes of a delay.
        const delayMs = Math.trunc(ticker.waitMs(now));
        assert.ok(delayMs === ticker.waitMs(now) && delayMs < 1000 / fps + 1);
        now += delayMs;
      }
    }
  }
});

test("the pace stretches the distance between ticks within bounds", () => {
  const ticker = new Ticker({ fps: 10 });
  ticker.start(0);
  ticker.setPace(1.05);
  ticker.due(0);
  assert.equal(ticker.waitMs(0), 105);
  ticker.setPace(100);
  assert.equal(ticker.pace, 2);
  ticker.setPace(0);
  assert.equal(ticker.pace, 0.5);
});

test("impossible options are refused", () => {
  assert.throws(() => new Ticker({ fps: 0 }), /fps must be above 0, not 0/);
  assert.throws(() => new Ticker({ fps: 30, maxCatchUpTicks: 0 }), /maxCatchUpTicks/);
});
