/**
 * The entry of the rollback core. See docs/rollback.md.
 * @module
 */
import { MatchSession } from "./match_session.js";
import { settle } from "./options.js";
import { SoloSession } from "./solo.js";

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
