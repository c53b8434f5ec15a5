/**
 * The numbers above the game: confirmed scores, carried over the episodes if the researcher wants that.
 * @module
 */

/** @typedef {import("./env_link.js").Head} Head */

export class Scores {
  #carries;
  /** @type {Record<string, number>} */ #base;
  /** @type {Record<string, number|string>} */ #episode = {};
  #text = "";
  #told = "";

  /**
   * @param {boolean} carries
   * @param {Record<string, number>} base scores of earlier episodes
   */
  constructor(carries, base) {
    this.#carries = carries;
    this.#base = carries ? { ...base } : {};
  }

  /** A new episode starts at zero. */
  begin() {
    this.#episode = {};
    this.#told = "";
  }

  /** @returns {Record<string, number>} of this episode alone */
  episode() {
    return Object.fromEntries(Object.entries(this.#episode).map(([agent, score]) => [agent, Number(score)]));
  }

  /** The episode is over; what it brought counts on. */
  carry() {
    if (this.#carries) this.#base = this.#totals();
  }

  /**
   * What the page should show, or null if nothing of it has changed.
   * @param {Head} head
   * @param {number} frame
   * @param {number} fps
   */
  shown(head, frame, fps) {
    if (head.scores) this.#episode = head.scores;
    if (head.hud !== undefined) this.#text = head.hud;
    const timeS = Math.floor(frame / fps);
    const shown = { scores: this.#totals(), text: this.#text || null, frame, timeS };
    const key = JSON.stringify(shown);
    if (key === this.#told) return null;
    this.#told = key;
    return shown;
  }

  /** @returns {Record<string, number>} */
  #totals() {
    const agents = Object.entries(this.#episode);
    return Object.fromEntries(agents.map(([agent, score]) => [agent, Number(score) + (this.#base[agent] ?? 0)]));
  }
}
