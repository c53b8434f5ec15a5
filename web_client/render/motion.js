/**
 * How a drawn object gets from one picture to the next. Pure: times are told, nothing is drawn.
 * @module
 */

/** @typedef {Record<string, any>} Props what a draw list says about an object */

/** Numbers that move; everything else changes at once. */
const MOVING = ["x", "y", "w", "h", "r", "rx", "ry", "radius", "angle", "start", "end", "size", "alpha", "line_width", "width"];
const COLOURS = ["fill", "stroke", "color"];
/** An object this far from its place, in units of the game's picture, stands in its place for every eye. */
const UNSEEN = 0.01;

/**
 * @param {Props} from
 * @param {Props} to
 * @param {number} share 0–1
 * @returns {Props}
 */
export function between(from, to, share) {
  if (share >= 1) return to;
  const now = { ...to };
  const mix = (/** @type {number} */ one, /** @type {number} */ other) => one + (other - one) * share;
  for (const name of MOVING) if (isNumber(from[name]) && isNumber(to[name])) now[name] = mix(from[name], to[name]);
  for (const name of COLOURS) if (from[name] && to[name]) now[name] = mixed(from[name], to[name], share);
  if (to.points) now.points = midway(from.points, to.points, mix);
  return now;
}

/**
 * @param {number[]|undefined} from
 * @param {number[]|undefined} to
 * @param {(one: number, other: number) => number} mix
 */
const midway = (from, to, mix) => (from?.length === to?.length ? to?.map((value, index) => mix(from?.[index] ?? value, value)) : to);

/** @param {unknown} value */
const isNumber = (value) => typeof value === "number";

/**
 * @param {string} from #rrggbb
 * @param {string} to #rrggbb
 * @param {number} share 0–1
 */
export function mixed(from, to, share) {
  if (from === to) return to;
  const part = (/** @type {string} */ colour, /** @type {number} */ at) => parseInt(colour.slice(at, at + 2), 16);
  const mix = (/** @type {number} */ at) => Math.round(part(from, at) + (part(to, at) - part(from, at)) * share);
  return "#" + [1, 3, 5].map((at) => mix(at).toString(16).padStart(2, "0")).join("");
}

/** One object's way through the pictures. */
export class Motion {
  #from;
  #to;
  #startMs = 0;
  #overMs = 0;
  #tweening = false;
  /** Where the object stood against where it should have, when the past was corrected; fades. */
  #error = { x: 0, y: 0, sinceMs: 0, overMs: 0 };
  #step = { x: 0, y: 0 };

  /** @param {Props} props */
  constructor(props) {
    this.#from = props;
    this.#to = props;
  }

  /** What the last draw list said. */
  get target() {
    return this.#to;
  }

  /**
   * A new picture puts the object elsewhere.
   * @param {Props} props
   * @param {number} nowMs
   * @param {{overMs: number, tweenMs: number, correctedMs: number}} how `overMs`: one frame's time (0: no smoothing);
   *   `tweenMs`: the researcher's; `correctedMs`: over which a corrected past fades, 0 if it was not corrected
   */
  move(props, nowMs, { overMs, tweenMs, correctedMs }) {
    if (tweenMs > 0) {
      this.#tween(props, nowMs, tweenMs);
      return;
    }
    if (!this.moving(nowMs) && sameProps(props, this.#to)) {
      this.#step = { x: 0, y: 0 };
      return;
    }
    const shown = this.at(nowMs);
    this.#from = shown;
    if (correctedMs > 0) this.#forgive(shown, props, nowMs, correctedMs);
    this.#step = { x: distance(props.x, this.#to.x), y: distance(props.y, this.#to.y) };
    this.#to = props;
    this.#startMs = nowMs;
    this.#overMs = overMs;
    this.#tweening = false;
  }

  /**
   * @param {number} nowMs
   * @returns {Props} what to show now
   */
  at(nowMs) {
    const share = this.#overMs > 0 ? (nowMs - this.#startMs) / this.#overMs : 1;
    const now = between(this.#from, this.#to, Math.max(0, share));
    const { x, y, sinceMs, overMs } = this.#error;
    const left = overMs > 0 ? 1 - (nowMs - sinceMs) / overMs : 0;
    return left > 0 && (x !== 0 || y !== 0) ? { ...now, x: now.x + x * left, y: now.y + y * left } : now;
  }

  /** @param {number} nowMs */
  moving(nowMs) {
    return nowMs < this.#startMs + this.#overMs || nowMs < this.#error.sinceMs + this.#error.overMs;
  }

  /**
   * @param {Props} props
   * @param {number} nowMs
   * @param {number} tweenMs
   */
  #tween(props, nowMs, tweenMs) {
    // The same goal again is the same tween, not a new one.
    if (this.#tweening && sameProps(props, this.#to)) return;
    this.#from = this.at(nowMs);
    this.#to = props;
    this.#startMs = nowMs;
    this.#overMs = tweenMs;
    this.#tweening = true;
  }

  /**
   * Start from where the corrected object would have been, and add what is seen of the old past as a fading error.
   * @param {Props} shown
   * @param {Props} props
   * @param {number} nowMs
   * @param {number} correctedMs
   */
  #forgive(shown, props, nowMs, correctedMs) {
    if (typeof props.x !== "number" || typeof shown.x !== "number") return;
    const start = { ...props, x: props.x - this.#step.x, y: props.y - this.#step.y };
    const [x, y] = [shown.x - start.x, shown.y - start.y];
    // What was guessed right has nothing to fade: the display need not be asked for pictures in between.
    const seen = Math.hypot(x, y) > UNSEEN;
    this.#error = { x, y, sinceMs: nowMs, overMs: seen ? correctedMs : 0 };
    this.#from = start;
  }
}

/**
 * @param {unknown} to
 * @param {unknown} from
 */
function distance(to, from) {
  return typeof to === "number" && typeof from === "number" ? to - from : 0;
}

/**
 * @param {Props} one
 * @param {Props} other
 */
export function sameProps(one, other) {
  if (one === other) return true;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => sameValue(one[name], other[name]));
}

/**
 * @param {any} one
 * @param {any} other
 */
function sameValue(one, other) {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
