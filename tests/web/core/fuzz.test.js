import assert from "node:assert/strict";
import { test } from "node:test";
import { createRollback } from "../../../web_client/core/rollback/rollback.js";
import { converge, crowded, playSeed, waiting } from "./fuzz.js";

const MATCHES = 2000;

test(`${MATCHES} seeded matches: all peers agree with a serial replay of the confirmed inputs`, () => {
  const stories = new Map();
  for (let seed = 0; seed < MATCHES; seed++) {
    const { settings } = playSeed(seed, createRollback);
    stories.set(settings.story, (stories.get(settings.story) ?? 0) + 1);
  }
  for (const [story, count] of stories) assert.ok(count >= 50, `only ${count} matches of the kind "${story}"`);
});

test("300 seeded matches whose frames wait for every player's move", () => {
  for (let seed = 0; seed < 300; seed++) {
    const { browsers } = playSeed(seed, createRollback, waiting);
    const stalled = browsers.flatMap(({ events }) => events).filter(({ type }) => type === "stalled");
    assert.deepEqual(stalled, [], "who thinks is no stall");
  }
});

test("who comes back, and hears it from a schedule alone, gets what those did who left in the same decision", () => {
  for (const seed of [99, 172, 185]) playSeed(seed, createRollback, crowded);
});

test("who was brought back by two decisions, of those who left at once and of the one who stayed, comes back anew", () => {
  playSeed(102, createRollback, crowded);
});

test("a page that loads anew accuses nobody of a decision that the page before it was to hear", () => {
  playSeed(1139, createRollback, crowded);
});

test("who has just come back, and still lacks what the others know, agrees with them on who leaves", () => {
  playSeed(600, createRollback, crowded);
});

test("matches with a rare order of events", () => {
  // An end that is announced before the decision it follows from; a reloaded page that comes back before its own past.
  for (const seed of [26_261, 1049]) playSeed(seed, createRollback);
});

test("the frame advantage converges on every link", () => {
  for (let seed = 0; seed < 20; seed++) converge(seed, createRollback);
});
