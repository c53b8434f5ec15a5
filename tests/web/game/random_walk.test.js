// IGYM_WALK=5000 plays so many seeds, IGYM_WALK=700-900 those.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENTS, walk } from "./walk.js";

const [first, end] = (process.env.IGYM_WALK ?? "100").split("-").map(Number);
const [from, to] = end === undefined ? [0, first] : [first, end];

test(`${to - from} short matches with reloads, cuts, second tabs, departures and wrong clocks end by rule, identical and without a gap`, () => {
  const happened = new Set();
  for (let seed = from; seed < to; seed++) for (const event of walk(seed)) happened.add(event.split(" ")[0]);
  if (to - from >= 100) assert.deepEqual([...happened].sort(), Object.keys(EVENTS).sort(), "everything has happened");
});
