/**
 * The scene's sounds, decoded before play and heard as soon as the browser allows it.
 * @module
 */

import { wholeAgain } from "../net/again.js";

export class Sounds {
  /** @type {AudioContext|null} */ #context = null;
  /** @type {Map<string, AudioBuffer>} */ #buffers = new Map();
  #ending = new AbortController();
  /** @type {string[]} */ missing = [];

  /**
   * @param {Record<string, string>} urls name → address
   * @param {(loaded: number, total: number) => void} report
   */
  async load(urls, report) {
    const wanted = Object.entries(urls ?? {});
    if (!wanted.length) return;
    const context = (this.#context = new AudioContext());
    this.#awaitGesture(context);
    let loaded = 0;
    const one = async (/** @type {[string, string]} */ [name, url]) => {
      try {
        const { status, body } = await wholeAgain(url, (answer) => answer.arrayBuffer());
        if (!body) throw new Error(String(status));
        this.#buffers.set(name, await context.decodeAudioData(body));
      } catch {
        this.missing.push(`The sound ${name} (${url}) could not be loaded.`);
      }
      report(++loaded, wanted.length);
    };
    await Promise.all(wanted.map(one));
  }

  /** @param {string[]} names */
  play(names) {
    const context = this.#context;
    if (!context || context.state !== "running") return;
    for (const name of names) {
      const buffer = this.#buffers.get(name);
      if (!buffer) continue;
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(context.destination);
      source.start();
    }
  }

  destroy() {
    this.#ending.abort();
    void this.#context?.close();
    this.#context = null;
  }

  /** Browsers keep audio silent until the person has done something on the page. */
  #awaitGesture(/** @type {AudioContext} */ context) {
    const wake = () => {
      if (context.state === "suspended") void context.resume();
    };
    for (const name of ["pointerdown", "keydown", "touchend"]) window.addEventListener(name, wake, { signal: this.#ending.signal });
    wake();
  }
}
