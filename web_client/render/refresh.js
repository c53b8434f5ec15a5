/**
 * How often the display of this computer shows a new picture. Pure: it is told the time of each refresh.
 * @module
 */

const LOOKED_AT = 32;
const KEPT = 64;

export class Refresh {
  /** @type {number[]} */ #gaps = [];
  #lastMs = -Infinity;

  /** So little is known yet that the next refresh is to be looked at even if there is nothing to draw. */
  get wanted() {
    return this.#gaps.length < LOOKED_AT;
  }

  /** @param {number} atMs of a refresh */
  seen(atMs) {
    if (this.#lastMs > -Infinity && atMs > this.#lastMs) this.#gaps.push(atMs - this.#lastMs);
    if (this.#gaps.length > KEPT) this.#gaps.shift();
    this.#lastMs = atMs;
  }

  /** The next refresh that is told does not follow the last one. */
  interrupted() {
    this.#lastMs = -Infinity;
  }

  /** From one refresh to the next, ms; null before enough of them were seen. A busy page misses some: those gaps are too long. */
  get ms() {
    if (this.wanted) return null;
    const sorted = [...this.#gaps].sort((a, b) => a - b);
    return Math.round(/** @type {number} */ (sorted[Math.floor(sorted.length / 4)]) * 100) / 100;
  }
}
