/**
 * The picture of a replay: a new one for each env, and what was sent while it was made is drawn in order.
 * @module
 */

import { createRenderer } from "../render/renderer.js";

/** @typedef {import("../render/renderer.js").Renderer} Renderer */
/** @typedef {import("./messages.js").GameBundle} GameBundle */
/** @typedef {Extract<import("./messages.js").FromReplayWorker, {type: "picture"}>} Picture */

export class Canvas {
  #stage;
  #vendor;
  #warn;
  /** @type {Renderer|null} */ #renderer = null;
  /** @type {Picture[]} */ #waiting = [];
  #number = 0;

  /**
   * @param {HTMLElement} stage
   * @param {string} vendor
   * @param {(text: string) => void} warn
   */
  constructor(stage, vendor, warn) {
    this.#stage = stage;
    this.#vendor = vendor;
    this.#warn = warn;
  }

  /** @param {GameBundle} bundle */
  async begin({ spec }) {
    const number = ++this.#number;
    this.#renderer?.destroy();
    this.#renderer = null;
    this.#waiting = [];
    const quiet = { ...spec, rendering: { ...spec.rendering, smooth_motion: false, rollback_smoothing_ms: 0 } };
    const renderer = await createRenderer({ stage: this.#stage, spec: quiet, vendor: this.#vendor, report: () => {}, warn: this.#warn });
    if (number !== this.#number) {
      renderer.destroy();
      return;
    }
    this.#renderer = renderer;
    for (const picture of this.#waiting.splice(0)) this.draw(picture);
  }

  /** Whether there is something to draw on. */
  get isReady() {
    return this.#renderer !== null;
  }

  /** The picture drawn last, whole, to be read at once. */
  still() {
    if (!this.#renderer) throw new Error("There is no picture yet.");
    return this.#renderer.still();
  }

  close() {
    this.#number += 1;
    this.#renderer?.destroy();
    this.#renderer = null;
  }

  /** @param {Picture} picture */
  draw(picture) {
    if (this.#renderer) this.#renderer.draw({ ...picture, episode: 0, corrected: false });
    else this.#waiting.push(picture);
  }
}
