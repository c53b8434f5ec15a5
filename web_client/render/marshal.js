/**
 * Reads what Python's `marshal` writes in version 4: None, booleans, numbers, texts, lists, tuples and dicts.
 * @module
 */

import { DICT, END, FALSE, FLOAT, INT, LIST, LONG, NONE, TEXT, TRUE, TUPLE } from "../core/marshal_types.js";

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Longer texts are quicker through the decoder. */
const SHORT = 24;
const DIGIT = 2 ** 15;
/** Set in the type of what may be meant again. */
const AGAIN = 0x80;
/** And t, a and A: as UTF-8 or ASCII, seen once or kept by Python as one object. */
const TEXTS = [TEXT, 0x74, 0x61, 0x41];

class Reader {
  #bytes;
  #view;
  #at = 0;
  /** What was told once and may be meant again. @type {any[]} */ #told = [];

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done() {
    return this.#at === this.#bytes.length;
  }

  /** @returns {any} `undefined` at the end of a dict */
  value() {
    const type = this.#bytes[this.#at++];
    if (!(type & AGAIN)) return this.#one(type);
    const place = this.#told.push(undefined) - 1;
    return (this.#told[place] = this.#one(type & ~AGAIN));
  }

  /** @param {number} type */
  #one(type) {
    switch (type) {
      case 0x72: // r
        return this.#again(this.#int());
      case 0x7a: // z
      case 0x5a: // Z
        return this.#text(this.#bytes[this.#at++]);
      case FLOAT:
        return this.#float();
      case INT:
        return this.#int();
      case LIST:
      case TUPLE:
        return this.#list(this.#int());
      case DICT:
        return this.#dict();
      case NONE:
        return null;
      default:
        return this.#rare(type);
    }
  }

  /** @param {number} type */
  #rare(type) {
    if (type === END) return undefined;
    if (type === TRUE || type === FALSE) return type === TRUE;
    if (type === LONG) return this.#long(this.#int());
    if (type === 0x29) return this.#list(this.#bytes[this.#at++]); // )
    if (TEXTS.includes(type)) return this.#text(this.#int());
    throw new Error(type === undefined ? "A picture ends too early." : `A picture holds a value that cannot be drawn (type ${type}).`);
  }

  /** @param {number} place */
  #again(place) {
    if (!(place in this.#told)) throw new Error("A picture means something that it did not tell.");
    return this.#told[place];
  }

  #int() {
    const found = this.#view.getInt32(this.#at, true);
    this.#at += 4;
    return found;
  }

  #float() {
    const found = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    if (!Number.isFinite(found)) throw new Error(`A picture holds the number ${found}, which cannot be drawn.`);
    return found;
  }

  /** @param {number} digits of 15 bits; negative for a negative number */
  #long(digits) {
    let found = 0;
    for (let digit = 0, worth = 1; digit < Math.abs(digits); digit++, worth *= DIGIT, this.#at += 2) found += this.#view.getUint16(this.#at, true) * worth;
    return digits < 0 ? -found : found;
  }

  /** @param {number} length in bytes */
  #text(length) {
    const bytes = this.#bytes;
    const end = this.#at + length;
    if (end > bytes.length) throw new Error("A picture ends too early.");
    if (length <= SHORT) {
      let text = "";
      for (let at = this.#at; at < end && bytes[at] < 128; at++) text += String.fromCharCode(bytes[at]);
      if (text.length === length) return (this.#at = end) && text;
    }
    const text = DECODER.decode(bytes.subarray(this.#at, end));
    this.#at = end;
    return text;
  }

  /** @param {number} count */
  #list(count) {
    const found = [];
    for (let index = 0; index < count; index++) found.push(this.value());
    return found;
  }

  #dict() {
    /** @type {Record<string, any>} */ const found = {};
    for (let key = this.value(); key !== undefined; key = this.value()) found[key] = this.value();
    return found;
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {any}
 */
export function unmarshal(bytes) {
  const reader = new Reader(bytes);
  const found = reader.value();
  if (!reader.done) throw new Error("A picture is longer than it says.");
  return found;
}
