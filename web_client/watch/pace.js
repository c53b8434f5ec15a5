/**
 * How many confirmed frames a watcher plays now, so that the picture runs evenly and never falls far behind.
 * @module
 */

/** What is played at its own speed; beyond it, the watcher hurries. Rows arrive about once a second. */
const CALM_S = 2.5;
/** Beyond this nothing is drawn until most is caught up with. */
const HURRY_S = 6;
const FASTER = 1.25;
const AT_ONCE = 90;

export class Pace {
  #fps;
  #due = 0;
  #hurrying = true;

  /** @param {number} fps of the game */
  constructor(fps) {
    this.#fps = fps;
  }

  /**
   * @param {number} elapsedMs since the last call
   * @param {number} waiting confirmed frames that were not played yet
   * @returns {{play: number, draw: boolean, catchingUp: boolean}}
   */
  due(elapsedMs, waiting) {
    if (waiting > HURRY_S * this.#fps) this.#hurrying = true;
    if (this.#hurrying) {
      const left = Math.max(0, waiting - Math.round(this.#fps));
      this.#due = 0;
      this.#hurrying = left > 0;
      return { play: Math.min(left, AT_ONCE), draw: left <= AT_ONCE, catchingUp: left > 0 };
    }
    const speed = waiting > CALM_S * this.#fps ? FASTER : 1;
    this.#due = Math.min(this.#due + (elapsedMs / 1000) * this.#fps * speed, this.#fps);
    const play = Math.min(Math.floor(this.#due), waiting);
    this.#due -= play;
    if (play === waiting) this.#due = Math.min(this.#due, 1);
    return { play, draw: play > 0, catchingUp: false };
  }
}
