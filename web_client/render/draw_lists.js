/**
 * The draw lists of a game, as the bridge's painter sends them: whole, or as what differs from the list before.
 * @module
 */

import { unmarshal } from "./marshal.js";

export class DrawLists {
  /** @type {any[][]} */ #last = [];

  /**
   * @param {string|Uint8Array} data JSON `{ops}`, or packed: the ops; or their number, the places of those that changed, and these
   * @returns {any[][]|null} the whole list; null when it differs from one that never came: whole ones come now and then
   */
  read(data) {
    const told = typeof data === "string" ? JSON.parse(data).ops : unmarshal(data);
    const isWhole = typeof told[0] !== "number";
    if (!isWhole && told[0] !== this.#last.length) return null;
    this.#last = isWhole ? told : this.#changed(told);
    return this.#last;
  }

  /** @param {any[]} told */
  #changed([, places, changes]) {
    const ops = [...this.#last];
    for (let at = 0; at < places.length; at++) ops[places[at]] = changes[at];
    return ops;
  }
}
