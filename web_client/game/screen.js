/**
 * What a tick brings to the page: the picture, the sounds and the numbers above them.
 * @module
 */

import { Scores } from "./scores.js";
import { shown } from "./shown.js";

/** @typedef {import("./env_link.js").Answer} Answer */
/** @typedef {import("./messages.js").FromWorker} FromWorker */

export class Screen {
  #env;
  #fps;
  #post;
  #now;
  #episode = 0;

  /**
   * @param {{env: import("./env_link.js").EnvLink, rendering: import("./messages.js").GymSpec["rendering"], scores: Record<string, number>,
   *   post: (message: FromWorker, transfer?: Transferable[]) => void, now: () => number}} options `scores`: of earlier episodes
   */
  constructor({ env, rendering, scores, post, now }) {
    this.#env = env;
    this.#fps = rendering.fps;
    this.#post = post;
    this.#now = now;
    this.scores = new Scores(rendering.carry_score_over, scores);
  }

  /**
   * @param {number} episode
   * @param {Answer} answer of its reset
   */
  begin(episode, answer) {
    this.#episode = episode;
    this.scores.begin();
    this.show(answer, -1, false);
  }

  /**
   * @param {Answer} answer
   * @param {number} frame
   * @param {boolean} corrected whether the past it follows from was just replayed
   * @returns {boolean} whether the page has something to draw
   */
  show({ head, picture }, frame, corrected) {
    if (head.sounds) this.#post({ type: "sounds", names: head.sounds });
    const numbers = this.scores.shown(head, Math.max(0, frame), this.#fps);
    if (numbers) this.#post({ type: "hud", episode: this.#episode, ...numbers });
    if (!picture) return false;
    const { shown: drawn, transfer } = shown(this.#env, picture);
    this.#post({ type: "draw", episode: this.#episode, frame, ...drawn, frameAtMs: this.#now(), corrected }, transfer);
    return true;
  }
}
