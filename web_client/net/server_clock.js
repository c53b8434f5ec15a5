/**
 * The host's clock as seen from this page: the sample with the shortest round trip of the recent ones is believed.
 * @module
 */

const KEPT = 12;

/** @typedef {{offsetMs: number, rttMs: number}} Sample */

export class ServerClock {
  /** @type {Sample[]} */
  #samples = [];
  #coarseMs = 0;
  #nowMs;

  /** @param {() => number} nowMs this page's clock, unix ms */
  constructor(nowMs) {
    this.#nowMs = nowMs;
  }

  /**
   * One exchange: sent at t0, received by the host at t1, answered at t2, back here at t3 (ms; t0 and t3 on this page's clock).
   * @param {number} t0
   * @param {number} t1
   * @param {number} t2
   * @param {number} t3
   */
  add(t0, t1, t2, t3) {
    this.#samples.push({ offsetMs: (t1 - t0 + (t2 - t3)) / 2, rttMs: Math.max(0, t3 - t0 - (t2 - t1)) });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /**
   * A time stamp that came with some message: good enough until the first exchange.
   * @param {number} serverMs
   */
  hint(serverMs) {
    this.#coarseMs = serverMs - this.#nowMs();
  }

  /** Host clock minus page clock, ms. */
  get offsetMs() {
    return this.#best()?.offsetMs ?? this.#coarseMs;
  }

  /** Shortest recent round trip, ms; null before the first exchange. */
  get rttMs() {
    return this.#best()?.rttMs ?? null;
  }

  /** Unix ms on the host's clock. */
  now() {
    return this.#nowMs() + this.offsetMs;
  }

  /** @param {number} serverMs */
  toPage(serverMs) {
    return serverMs - this.offsetMs;
  }

  /** @returns {Sample | undefined} */
  #best() {
    return this.#samples.reduce(
      (best, sample) => (best && best.rttMs <= sample.rttMs ? best : sample),
      /** @type {Sample | undefined} */ (undefined),
    );
  }
}
