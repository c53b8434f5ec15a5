/**
 * Which episode the others are in, and what follows from it for us.
 * @module
 */

/** @typedef {import("./episode.js").Episode} Episode */

/** Whoever is asked for the rest of an episode that is over answers at once; asked is every 2 s. */
const HELP_WITHIN_MS = 3000;

export class Whereabouts {
  /** @type {Map<number, number>} peer → latest episode it was in */
  #seen = new Map();
  /** latest episode that goes on without us */
  #ahead = -1;
  #aheadSinceMs = 0;
  #told = -1;

  /** @param {number} peer @param {number} episode */
  saw(peer, episode) {
    this.#seen.set(peer, Math.max(episode, this.#seen.get(peer) ?? -1));
  }

  /** @param {number} peer @param {number} number @returns {boolean} it is in a later episode than this one, which is over for it */
  isBeyond(peer, number) {
    return (this.#seen.get(peer) ?? -1) > number;
  }

  /** @param {number} number ours @returns {boolean} a later episode goes on without us */
  isBehind(number) {
    return this.#ahead > number;
  }

  /** @param {number} episode goes on without us @param {number} number ours @param {number} nowMs */
  goesOn(episode, number, nowMs) {
    if (!this.isBehind(number)) this.#aheadSinceMs = nowMs;
    this.#ahead = Math.max(this.#ahead, episode);
  }

  /**
   * What the others give us of our episode comes first, then the next one. If nobody knows how ours ended, we go where they are.
   * @param {Episode} ours @param {number} nowMs
   * @returns {number | null} the episode to go to, told once
   */
  next({ number, ending, away }, nowMs) {
    if (!this.isBehind(number)) return null;
    const helped = away && (ending.verdict !== null || nowMs - this.#aheadSinceMs < HELP_WITHIN_MS);
    const episode = ending.over ? number + 1 : helped ? number : this.#ahead;
    if (episode <= Math.max(number, this.#told)) return null;
    this.#told = episode;
    return episode;
  }
}
