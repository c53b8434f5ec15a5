/**
 * The entry of the rollback core. See docs/rollback.md.
 * @module
 */
import { MatchSession } from "./match_session.js";
import { settle } from "./options.js";
import { SoloSession } from "./solo.js";
import { SyncTestSession } from "./sync_test.js";

/** @typedef {import("./options.js").SessionOptions} SessionOptions */
/** @typedef {import("./types.js").Session} Session */

/**
 * @param {SessionOptions} options
 * @returns {Session}
 * @throws {RangeError} naming the option that is wrong
 */
export function createSession(options) {
  const settings = settle(options);
  return settings.local.length === settings.players ? new SoloSession(settings) : new MatchSession(settings);
}

/**
 * A session for one browser that rolls back at every frame and compares; its `advance` and `ran` are used like a session's.
 * @param {{players: number, depth?: number, maxSteps?: number}} options
 * @returns {SyncTestSession}
 */
export const createSyncTest = (options) => new SyncTestSession(options);
