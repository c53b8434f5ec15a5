/**
 * Leaving a match that is complete: the others may still need what only this browser can tell.
 * @module
 */

/** Whoever cannot be reached is waited for so long: less than a match may stand still. */
const STAYS_MS = 8000;

export class Farewell {
  #leave;
  /** @type {number|null} */ #byMs = null;

  /** @param {() => void} leave */
  constructor(leave) {
    this.#leave = leave;
  }

  /** @param {number} nowMs */
  begin(nowMs) {
    this.#byMs = nowMs + STAYS_MS;
  }

  /**
   * @param {number} nowMs
   * @param {boolean} settled the match is complete for everybody who is not gone
   */
  check(nowMs, settled) {
    if (settled || nowMs >= (this.#byMs ?? Infinity)) this.end();
  }

  /** Leave now, if that is still to come. */
  end() {
    if (this.#byMs === null) return;
    this.#byMs = null;
    this.#leave();
  }
}
