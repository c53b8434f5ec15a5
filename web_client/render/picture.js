/**
 * The objects that are on the screen, as the draw lists left them. Pure: says what to show, draws nothing.
 * @module
 */

import { Motion } from "./motion.js";

/** @typedef {import("./motion.js").Props} Props */
/** @typedef {{id: string, kind: string, depth: number, order: number, persistent: boolean, motion: Motion, seen: number}} Thing */
/** @typedef {{periodMs: number, smooth: () => boolean, correctedMs: number}} Pace */

export class Picture {
  /** @type {Map<string, Thing>} */ #things = new Map();
  #pace;
  #lists = 0;
  #order = 0;

  /** @param {Pace} pace one frame's time, whether motion is smoothed now, and how long a corrected past fades */
  constructor(pace) {
    this.#pace = pace;
  }

  /** @returns {Thing[]} from back to front */
  things() {
    return [...this.#things.values()].sort((a, b) => a.depth - b.depth || a.order - b.order);
  }

  /**
   * @param {any[][]} ops a draw list's
   * @param {number} nowMs
   * @param {boolean} corrected the past it follows from was replayed
   */
  apply(ops, nowMs, corrected) {
    this.#lists += 1;
    for (const op of ops) {
      if (op[0] === "put") this.#put(op, nowMs, corrected);
      else if (op[0] === "del") this.#things.delete(op[1]);
      else if (op[0] === "clear") this.#clear();
    }
    for (const [id, thing] of this.#things) if (!thing.persistent && thing.seen !== this.#lists) this.#things.delete(id);
  }

  /** @param {number} nowMs */
  moving(nowMs) {
    for (const { motion } of this.#things.values()) if (motion.moving(nowMs)) return true;
    return false;
  }

  /** A cleared sheet starts anew: what comes next appears where it is. */
  #clear() {
    this.#things.clear();
  }

  /**
   * @param {any[]} op
   * @param {number} nowMs
   * @param {boolean} corrected
   */
  #put([, id, kind, depth, persistent, tweenMs, props], nowMs, corrected) {
    const known = this.#things.get(id);
    const kept = known?.kind === kind ? known : null;
    const thing = kept ?? { id, kind, depth, order: 0, persistent: false, motion: new Motion(props), seen: 0 };
    if (kept) {
      const { periodMs, smooth, correctedMs } = this.#pace;
      kept.motion.move(props, nowMs, { overMs: smooth() ? periodMs : 0, tweenMs, correctedMs: corrected ? correctedMs : 0 });
    }
    if (!kept || !persistent) thing.order = ++this.#order;
    Object.assign(thing, { depth, persistent: Boolean(persistent), seen: this.#lists });
    this.#things.set(id, thing);
  }
}
