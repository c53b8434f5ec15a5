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
