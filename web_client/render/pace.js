/**
 * Whether this computer can draw between the env's frames. Pure: it is told when and how long was drawn.
 * @module
 */

/** Half a refresh of a 60 Hz display; more leaves the page too little for everything else. */
const MOST_PAINT_MS = 8;
/** A display that shows fewer than some 33 pictures a second shows nothing between the frames of a game. */
const LONGEST_GAP_MS = 30;
const LOOKED_AT = 30;
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;

export class Pace {
  #longestGapMs;
  /** @type {number[]} */ #gaps = [];
  /** @type {number[]} */ #costs = [];
  #lastMs = -Infinity;
  #restUntilMs = -Infinity;
  #restMs = FIRST_REST_MS;
  #slow = 0;

  /** @param {number} periodMs of the env's frames */
  constructor(periodMs) {
    this.#longestGapMs = Math.max(LONGEST_GAP_MS, periodMs * 0.75);
  }

  /**
   * @param {number} nowMs
   * @returns {boolean} motion between the frames is to be drawn; otherwise one picture a frame
   */
  smooth(nowMs) {
    return nowMs >= this.#restUntilMs;
  }

  /** Motion had to be given up again after it was tried once more: fewer pixels may help. */
  get modest() {
    return this.#slow > 1;
  }

  /**
   * @param {number} beganMs
   * @param {number} tookMs
   * @param {boolean} more whether the next picture was asked for at once, so that the time up to it tells something
   */
  painted(beganMs, tookMs, more) {
    if (!this.smooth(beganMs)) return;
    if (this.#lastMs > -Infinity) this.#gaps.push(beganMs - this.#lastMs);
    this.#costs.push(tookMs);
    this.#lastMs = more ? beganMs : -Infinity;
    if (this.#costs.length < LOOKED_AT) return;
    const late = this.#gaps.length >= LOOKED_AT / 2 && median(this.#gaps) > this.#longestGapMs;
    if (late || median(this.#costs) > MOST_PAINT_MS) this.#rest(beganMs);
    this.#gaps = [];
    this.#costs = [];
  }

  /** The time since the last picture says nothing: the page was hidden. */
  interrupted() {
    this.#lastMs = -Infinity;
  }

  /** @param {number} nowMs */
  #rest(nowMs) {
    this.#slow += 1;
    this.#restUntilMs = nowMs + this.#restMs;
    this.#restMs = Math.min(LONGEST_REST_MS, this.#restMs * 2);
    this.interrupted();
  }
}

/** @param {number[]} values at least one */
const median = (values) => /** @type {number} */ ([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
