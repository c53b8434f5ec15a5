/**
 * How play goes in this browser, told to the page once a second.
 * @module
 */

/** @typedef {import("../core/rollback/types.js").Orders} Orders */

export class PlayStats {
  #waits;
  #reportedAtMs = 0;
  /** @type {number[]} */ #intervals = [];
  /** @type {number[]} */ #costs = [];
  #lastFrameAtMs = 0;
  #frames = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  /** @type {Record<string, object>} */ #links = {};
  /** @type {Record<string, number>} */ #events = {};

  /** @param {boolean} [waits] whether frames wait for the players' moves */
  constructor(waits = false) {
    this.#waits = waits;
  }

  /** @param {number} bytes */
  received(bytes) {
    this.#bytesIn += bytes;
  }

  /** @param {number} bytes */
  sent(bytes) {
    this.#bytesOut += bytes;
  }

  /**
   * @param {number} peer
   * @param {object} state
   */
  link(peer, state) {
    this.#links[peer] = state;
  }

  /** @param {{type: string}} event */
  event({ type }) {
    this.#events[type] = (this.#events[type] ?? 0) + 1;
  }

  /**
   * A tick that brought frames.
   * @param {Orders} _orders
   * @param {number} nowMs
   * @param {number} costMs
   */
  ran(_orders, nowMs, costMs) {
    if (this.#lastFrameAtMs) this.#intervals.push(nowMs - this.#lastFrameAtMs);
    this.#lastFrameAtMs = nowMs;
    this.#costs.push(costMs);
    this.#frames += 1;
  }

  /** @param {number} nowMs a tick that brought none */
  idle(nowMs) {
    this.#events.idle = (this.#events.idle ?? 0) + 1;
    if (!this.#waits) return;
    // Where frames wait for moves, the rate of the ticks tells how well the game runs here.
    if (this.#lastFrameAtMs) this.#intervals.push(nowMs - this.#lastFrameAtMs);
    this.#lastFrameAtMs = nowMs;
    this.#frames += 1;
  }

  /**
   * @param {number} nowMs
   * @param {number} periodMs
   * @returns {number} how much later than due this frame comes, ms
   */
  stallMs(nowMs, periodMs) {
    if (!this.#lastFrameAtMs) return 0;
    const late = nowMs - this.#lastFrameAtMs - periodMs;
    return late < periodMs / 2 ? 0 : Math.round(late * 10) / 10;
  }

  /**
   * @param {number} nowMs
   * @param {(values: Record<string, any>) => void} tell
   */
  report(nowMs, tell) {
    if (!this.#reportedAtMs) this.#reportedAtMs = nowMs;
    const seconds = (nowMs - this.#reportedAtMs) / 1000;
    if (seconds < 1) return;
    tell({
      fps: Math.round((this.#frames / seconds) * 10) / 10,
      frame_ms_p50: quantile(this.#intervals, 0.5),
      frame_ms_p99: quantile(this.#intervals, 0.99),
      step_ms_p50: quantile(this.#costs, 0.5),
      step_ms_p99: quantile(this.#costs, 0.99),
      bytes_in: this.#bytesIn,
      bytes_out: this.#bytesOut,
      link: this.#links,
      events: this.#events,
    });
    this.#reportedAtMs = nowMs;
    this.#frames = 0;
    this.#intervals = [];
    this.#costs = [];
  }
}

/**
 * @param {number[]} values
 * @param {number} share
 */
function quantile(values, share) {
  if (!values.length) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] * 100) / 100;
}
