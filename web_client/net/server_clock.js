/**
 * The host's clock as seen from this page: of the recent exchanges, the one with the shortest round trip is believed.
 * @module
 */

const KEPT = 24;
/** Clocks of computers run apart by less than this; an older exchange is worth so much less. */
const DRIFT = 1e-4;

/** @typedef {{atMs: number, offsetMs: number, rttMs: number}} Sample `atMs`: page clock */

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
    const sample = { atMs: t3, offsetMs: (t1 - t0 + (t2 - t3)) / 2, rttMs: Math.max(0, t3 - t0 - (t2 - t1)) };
    // The true offset lies within half a round trip of each: where two cannot both be right, a clock was set or a computer slept.
    this.#samples = this.#samples.filter((older) => Math.abs(older.offsetMs - sample.offsetMs) <= uncertainty(older, t3) + uncertainty(sample, t3));
    this.#samples.push(sample);
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

  /** As the host hears of it; nothing before the first exchange. */
  measured() {
    const best = this.#best();
    return best ? { clock: { offset_ms: best.offsetMs, rtt_ms: best.rttMs } } : {};
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
    const newestMs = this.#samples.at(-1)?.atMs ?? 0;
    return this.#samples.reduce(
      (best, sample) => (best && uncertainty(best, newestMs) < uncertainty(sample, newestMs) ? best : sample),
      /** @type {Sample | undefined} */ (undefined),
    );
  }
}

/**
 * How far off an exchange's offset may be, ms.
 * @param {Sample} sample
 * @param {number} nowMs
 */
const uncertainty = ({ atMs, rttMs }, nowMs) => rttMs / 2 + Math.max(0, nowMs - atMs) * DRIFT;
