/**
 * Matches for tests that look at one thing.
 */
import { createRollback } from "../../../web_client/core/rollback/rollback.js";
import assert from "node:assert/strict";
import { assertSameHistory, Browser, keysOf, Match, Network, randomFrom } from "./sim.js";

export const SEED = 11;
export const QUIET = { loss: 0, delayMs: 20, jitterMs: 0, doubles: 0 };

/** A match of `count` browsers; `own(id)` gives options of one of them. */
export function makeMatch({ count = 2, link = QUIET, own = () => ({}), shared = {}, lastsFrom = Infinity, input, drift, fps = 30 }) {
  const random = randomFrom(SEED);
  let incarnation = 1;
  const browsers = Array.from({ length: count }, (_, id) => {
    const make = (more) => createRollback({ players: count, local: [id], fps, incarnation: incarnation++, keys: keysOf(id, Array.from({ length: count }, (_, peer) => peer)), ...shared, ...own(id), ...more });
    return new Browser({ id, make, seed: SEED, lastsFrom, ringLimit: 40, input: input ?? ((_player, frame) => Math.floor(frame / 5) % 3) });
  });
  const network = new Network(random, typeof link === "function" ? link : () => link);
  return new Match({ browsers, network, fps, drift });
}

export const types = (browser) => browser.events.map(({ type }) => type);
export const events = (browser, type) => browser.events.filter((event) => event.type === type);
export const allEnded = (match) => () => match.browsers.every((browser) => browser.ended);
export const run = (match, ms) => match.runUntil(() => false, ms);

/** Everybody's rows and chains are the same, and what a serial replay gives. */
export function assertParity(match, lastsFrom = Infinity) {
  assertSameHistory(match.browsers, SEED, lastsFrom);
  for (const browser of match.browsers) assert.equal(browser.chain.hex(), match.browsers[0].chain.hex());
}
