/**
 * One tick's way into Python and back through memory that both sides see: requests go in as numbers, a picture comes out as bytes, and so does a batch of rows.
 * @module
 */

import { BatchPacker } from "./batch_packer.js";

export class SharedTick {
  #bridge;
  #tick;
  #layBatch;
  /** @type {any} */ #inbox = null;
  /** @type {any} */ #sheet = null;
  /** @type {any} */ #scores = null;
  /** @type {string[]} */ #agents;
  #packer = new BatchPacker();

  /** @param {any} bridge */
  constructor(bridge) {
    this.#bridge = bridge;
    this.#tick = bridge.tick;
    this.#layBatch = bridge.lay_batch;
    this.#agents = JSON.parse(bridge.agents());
  }

  /**
   * @param {number[]} requests flat
   * @returns {import("./env_link.js").Answer}
   */
  run(requests) {
    const inbox = this.#numbers();
    if (requests.length > inbox.length) return parsed(this.#bridge.run(JSON.stringify(requests)));
    inbox.set(requests);
    const text = this.#tick(requests.length);
    const numbers = this.#numbers();
    const bytes = numbers[3];
    /** @type {import("./env_link.js").Head} */ const head = { end: numbers[0], confirmed: numbers[1], rows: numbers[2] };
    if (numbers[4]) head.scores = this.#told();
    const told = text ? parsed(text) : null;
    return { head: told ? Object.assign(head, told.head) : head, picture: bytes > 0 ? this.#laidDown(bytes) : (told?.picture ?? "") };
  }

  /**
   * @param {Record<string, any>} head
   * @param {Record<string, any[]>} local
   * @param {number} [count] all rows if it is left out
   * @returns {Uint8Array<ArrayBuffer>} what the bridge's `take_batch` gives
   */
  batch(head, local, count) {
    const size = this.#layBatch(JSON.stringify(head), count);
    const packed = size > 0 ? this.#packer.pack(this.#lying(size), local) : null;
    return packed ?? this.#laidDown(this.#bridge.lay_packed(JSON.stringify(local)));
  }

  /** A view on Python's memory is empty once that memory has grown: it is then asked for again. @returns {Int32Array} */
  #numbers() {
    if (!this.#inbox?.data.length) this.#inbox = this.#view("inbox", "i32", this.#inbox);
    return this.#inbox.data;
  }

  /**
   * @param {number} size bytes that Python left in its sheet
   * @returns {Uint8Array<ArrayBuffer>} a copy of it
   */
  #laidDown(size) {
    return this.#lying(size).slice();
  }

  /**
   * @param {number} size bytes that Python left in its sheet
   * @returns {Uint8Array<ArrayBuffer>} where they lie: they stay until the next call
   */
  #lying(size) {
    if (!this.#sheet || this.#sheet.data.length < size) this.#sheet = this.#view("sheet", "u8", this.#sheet);
    return this.#sheet.data.subarray(0, size);
  }

  #told() {
    if (!this.#scores?.data.length) this.#scores = this.#view("scores", "f64", this.#scores);
    const { data } = this.#scores;
    return Object.fromEntries(this.#agents.map((agent, place) => [agent, data[place]]));
  }

  close() {
    this.#scores?.release();
    this.#inbox?.release();
    this.#sheet?.release();
    this.#tick.destroy();
    this.#layBatch.destroy();
  }

  /**
   * @param {"inbox"|"sheet"|"scores"} name
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

/**
 * @param {string} text a head as JSON, a newline, and the picture's text
 * @returns {{head: any, picture: string}}
 */
export function parsed(text) {
  const cut = text.indexOf("\n");
  return { head: JSON.parse(text.slice(0, cut)), picture: text.slice(cut + 1) };
}
