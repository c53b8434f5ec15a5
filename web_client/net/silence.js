/**
 * For how long nothing has come of what should come again and again.
 * @module
 */

export class Silence {
  #sinceMs = -Infinity;
  #excusedMs = 0;

  /** Something has come before. */
  get isKnown() {
    return this.#sinceMs > -Infinity;
  }

  /** Something came. @param {number} nowMs */
  broken(nowMs) {
    this.#sinceMs = nowMs;
    this.#excusedMs = 0;
  }

  /**
   * This page itself stood still. Of one silence only the first such time is excused: a page that is slow all the while would else never notice it.
   * @param {number} gapMs
   * @param {number} nowMs
   * @returns {boolean} whether it is excused
   */
  excuse(gapMs, nowMs) {
    if (this.#excusedMs > 0) return false;
    this.#excusedMs = Math.min(gapMs, nowMs - this.#sinceMs);
    return true;
  }

  /** @param {number} nowMs @returns {number} its milliseconds as they were; Infinity before anything came */
  lengthMs(nowMs) {
    return nowMs - this.#sinceMs;
  }

  /** @param {number} nowMs @returns {number} those that say something about the other side */
  tellingMs(nowMs) {
    return this.lengthMs(nowMs) - this.#excusedMs;
  }
}
