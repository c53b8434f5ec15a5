/**
 * The worker's beat: a drift-free schedule, woken by timers that may be late.
 * @module
 */

import { Ticker } from "../core/tick.js";

export class Beat {
  #ticker;
  #now;
  #onBeat;
  #onError;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;

  /**
   * @param {{fps: number, now: () => number, onBeat: (due: number, nowMs: number) => void, onError: (error: unknown) => void}} options
   *   `onBeat` hears how many ticks are due, never 0; `onError` takes what it throws, after which the beat has stopped
   */
  constructor({ fps, now, onBeat, onError }) {
    this.#ticker = new Ticker({ fps });
    this.#now = now;
    this.#onBeat = onBeat;
    this.#onError = onError;
  }

  /**
   * One tick falls on `atMs`.
   * @param {number} atMs
   * @param {boolean} early whether the beat begins at once, on the same grid, or waits until then
   */
  start(atMs, early) {
    const period = this.#ticker.periodMs;
    const before = early ? Math.max(0, Math.floor((atMs - this.#now()) / period)) * period : 0;
    this.#ticker.start(atMs - before);
    this.#arm();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#ticker.stop();
  }

  /** @param {number} pace length of a tick relative to 1000 / fps */
  set pace(pace) {
    this.#ticker.setPace(pace);
  }

  #arm() {
    clearTimeout(this.#timer);
    const wait = this.#ticker.waitMs(this.#now());
    if (wait < Infinity) this.#timer = setTimeout(() => this.#wake(), wait);
  }

  #wake() {
    const now = this.#now();
    const due = this.#ticker.due(now);
    try {
      if (due > 0) this.#onBeat(due, now);
    } catch (error) {
      this.stop();
      this.#onError(error);
      return;
    }
    // After the work: a beat that takes long puts the next one off, and none pile up.
    this.#arm();
  }
}
