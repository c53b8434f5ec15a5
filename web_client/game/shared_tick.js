/**
 * One tick's way into Python and back through memory that both sides see: requests go in as numbers, a picture comes out as bytes.
 * @module
 */

export class SharedTick {
  #bridge;
  #tick;
  /** @type {any} */ #inbox = null;
  /** @type {any} */ #sheet = null;

  /** @param {any} bridge */
  constructor(bridge) {
    this.#bridge = bridge;
    this.#tick = bridge.tick;
  }

  /**
   * @param {number[]} requests flat
   * @returns {string} the head as JSON, a newline, and the picture unless it is in memory
   */
  run(requests) {
    // A view on Python's memory is empty once that memory has grown: it is then asked for again.
    if (!this.#inbox?.data.length) this.#inbox = this.#view("inbox", "i32", this.#inbox);
    if (requests.length > this.#inbox.data.length) return this.#bridge.run(JSON.stringify(requests));
    this.#inbox.data.set(requests);
    return this.#tick(requests.length);
  }

  /**
   * @param {number} size bytes of the picture that the last tick left
   * @returns {Uint8Array<ArrayBuffer>} a copy of it
   */
  picture(size) {
    if (!this.#sheet || this.#sheet.data.length < size) this.#sheet = this.#view("sheet", "u8", this.#sheet);
    return this.#sheet.data.slice(0, size);
  }

  close() {
    this.#inbox?.release();
    this.#sheet?.release();
    this.#tick.destroy();
  }

  /**
   * @param {"inbox"|"sheet"} name
   * @param {string} type
   * @param {any} old
   */
  #view(name, type, old) {
    old?.release();
    const memory = this.#bridge[name];
    const view = memory.getBuffer(type);
    memory.destroy();
    return view;
  }
}
