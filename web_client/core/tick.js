/**
 * Fixed-timestep ticking over a clock that is told, never read. `setInterval(1000 / 60)` truncates to 16 ms and timers
 * fire late; so a timer only asks how many ticks are due, and the schedule itself never drifts.
 * @module
 */

export class Ticker {
  /**
   * @param {object} options
   * @param {number} options.fps ticks per second, above 0
   * @param {number} [options.maxCatchUpTicks] most ticks handed out at once; what is older than that is dropped and counted
   */
  constructor({ fps, maxCatchUpTicks = 3 }) {
    if (!(fps > 0)) throw new RangeError(`fps must be above 0, not ${fps}`);
    if (!(maxCatchUpTicks >= 1)) throw new RangeError(`maxCatchUpTicks must be at least 1, not ${maxCatchUpTicks}`);
    this.periodMs = 1000 / fps;
    this.maxCatchUpTicks = Math.floor(maxCatchUpTicks);
    this.pace = 1;
    /** @type {number | null} when the next tick is due */
    this.dueAtMs = null;
    this.ticks = 0;
    /** ticks that were never handed out because the worker was frozen or too slow */
    this.droppedTicks = 0;
  }

  /** @param {number} nowMs the first tick is due at this moment (it may lie in the future) */
  start(nowMs) {
    this.dueAtMs = nowMs;
  }

  /** Nothing is due until the next `start`. */
  stop() {
    this.dueAtMs = null;
  }

  /**
   * Stretch the distance between ticks, to let the other side catch up without a visible hitch.
   * @param {number} pace 1 = as asked, 1.05 = each tick 5 % longer; clamped to 0.5 … 2
   */
  setPace(pace) {
    this.pace = Math.min(2, Math.max(0.5, pace));
  }

  /**
   * @param {number} nowMs
   * @returns {number} how many ticks to run now
   */
  due(nowMs) {
    if (this.dueAtMs === null || nowMs < this.dueAtMs) return 0;
    const step = this.periodMs * this.pace;
    const late = Math.floor((nowMs - this.dueAtMs) / step) + 1;
    const count = Math.min(late, this.maxCatchUpTicks);
    this.dueAtMs += late * step;
    this.droppedTicks += late - count;
    this.ticks += count;
    return count;
  }

  /**
   * @param {number} nowMs
   * @returns {number} whole milliseconds after which a tick is due: the delay for the next timer (Infinity when stopped)
   */
  waitMs(nowMs) {
    // Browsers cut off a delay's fraction: such a timer fires before the tick is due, and the one for the rest is held back for 4 ms.
    return this.dueAtMs === null ? Infinity : Math.ceil(Math.max(0, this.dueAtMs - nowMs));
  }
}
