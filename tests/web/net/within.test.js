import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "../../../web_client/net/within.js";

const HOUR_MS = 3_600_000;
const clocks = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

test("work that is done in time leaves no clock running", async () => {
  const before = clocks();
  await within(HOUR_MS, Promise.resolve());
  await assert.rejects(within(HOUR_MS, Promise.reject(new Error("no"))), /no/);
  assert.equal(clocks(), before);
});

test("work that never ends is waited for so long", async () => {
  await within(1, new Promise(() => {}));
});
