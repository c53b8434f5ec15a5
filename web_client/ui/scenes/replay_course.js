/**
 * How far recordings that are watched together have come, and where they stand still for questions. Knows no clock and no page.
 * @module
 */

/** @typedef {{at_s: number | null, fields: string[]}} Stop `at_s`: seconds of the recording; null: its end */
/** @typedef {{frames: number, fps: number}} Length */

export class Course {
  playing = false;
  /** Seconds of the recordings. */
  position = 0;
  /** It was watched to the end once. */
  ended = false;
  #lengths;
  #speed;
  /** @type {Stop[]} those that the recordings come to */
  #stops;
  #next;

  /**
   * @param {{shown: Length[], stops: Stop[], speed: number, answered?: number}} options `answered`: stops that were
   *   answered before the page was loaded again; it goes on from the last of them
   */
  constructor({ shown, stops, speed, answered = 0 }) {
    this.#lengths = shown;
    this.#speed = speed;
    this.#stops = stops.filter(({ at_s }) => at_s === null || at_s < this.length);
    this.#next = Math.min(answered, this.#stops.length);
    this.position = this.#stops[this.#next - 1]?.at_s ?? 0;
  }

  /** Seconds of the longest recording. */
  get length() {
    return Math.max(0, ...this.#lengths.map(({ frames, fps }) => frames / fps));
  }

  /** The stop whose questions are open now. @returns {Stop | null} */
  get stop() {
    const stop = this.#stops[this.#next];
    if (!stop) return null;
    const reached = stop.at_s === null ? this.ended : this.position >= stop.at_s;
    return reached ? stop : null;
  }

  /** Nothing is left to be asked. */
  get allAnswered() {
    return this.#next >= this.#stops.length;
  }

  /** The last question asked on this page belongs to the stop that is open. */
  get isLastStop() {
    return this.#next === this.#stops.length - 1;
  }

  /** Playing would show something new: it is not held by questions. */
  get mayPlay() {
    return this.stop === null || this.ended;
  }

  toggle() {
    if (this.playing) this.playing = false;
    else if (this.mayPlay) {
      if (this.position >= this.length) this.position = 0;
      this.playing = true;
    }
  }

  /** The open stop's questions are answered: on to the next. */
  answered() {
    this.#next += 1;
  }

  /**
   * @param {number} elapsedMs since the last call
   * @param {number} ready seconds that can be shown yet; what is not there is waited for
   * @returns {"stop" | "end" | null} what it came to
   */
  pass(elapsedMs, ready) {
    if (!this.playing) return null;
    const wanted = this.position + (elapsedMs / 1000) * this.#speed;
    const due = this.#stops[this.#next]?.at_s ?? null;
    const limit = this.ended || due === null ? this.length : due;
    this.position = Math.max(this.position, Math.min(wanted, ready, limit));
    if (this.position < limit) return null;
    this.playing = false;
    if (limit < this.length) return "stop";
    this.ended = true;
    return "end";
  }

  /**
   * The frame of a recording that is shown; -1: before the first.
   * @param {number} number of the recording
   */
  frame(number) {
    const { frames, fps } = /** @type {Length} */ (this.#lengths[number]);
    return Math.min(frames, Math.floor(this.position * fps + 1e-6)) - 1;
  }

  /** It cannot be watched to the end, or need not: everything counts as shown. */
  skip() {
    const due = this.#stops[this.#next]?.at_s ?? null;
    this.playing = false;
    this.position = due ?? this.length;
    if (due === null) this.ended = true;
  }
}
