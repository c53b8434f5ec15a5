/**
 * The entry of the rollback core. See docs/rollback.md.
 * @module
 */
import { MatchRollback } from "./match_rollback.js";
import { settle } from "./options.js";
import { SoloRollback } from "./solo.js";
import { SyncTest } from "./sync_test.js";

/** @typedef {import("./options.js").RollbackOptions} RollbackOptions */
/** @typedef {import("./types.js").Rollback} Rollback */

/**
 * @param {RollbackOptions} options
 * @returns {Rollback}
 * @throws {RangeError} naming the option that is wrong
 */
export function createRollback(options) {
  const settings = settle(options);
  return settings.local.length === settings.players ? new SoloRollback(settings) : new MatchRollback(settings);
}

/**
 * For one browser: rolls back at every frame and compares; its `advance` and `ran` are used as ever.
 * @param {{players: number, depth?: number, maxSteps?: number}} options
 * @returns {SyncTest}
 */
export const createSyncTest = (options) => new SyncTest(options);
