import assert from "node:assert/strict";
import { test } from "node:test";
import { Refresh } from "../../../web_client/render/refresh.js";

/** @param {Refresh} refresh @param {number} count @param {number} gapMs */
function watch(refresh, count, gapMs, fromMs = 0) {
  for (let n = 0; n < count; n++) refresh.seen(fromMs + n * gapMs);
}

test("the display's refresh is known after a moment of looking, and not before", () => {
  const refresh = new Refresh();
  watch(refresh, 20, 1000 / 144);
  assert.equal(refresh.ms, null);
  assert.ok(refresh.wanted);
  watch(refresh, 20, 1000 / 144, 1000);
  assert.equal(refresh.ms, 6.94);
  assert.ok(!refresh.wanted, "nothing is drawn for its sake any more");
});

test("refreshes that a busy page missed do not count, and neither does a pause", () => {
  const refresh = new Refresh();
  let atMs = 0;
  for (let n = 0; n < 40; n++) refresh.seen((atMs += n % 2 ? 16.67 : 33.33));
  refresh.interrupted();
  refresh.seen(atMs + 60_000);
  assert.equal(refresh.ms, 16.67);
});
