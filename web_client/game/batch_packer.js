/**
 * A batch of rows as msgpack, from what Python's `marshal` wrote of it in version 2: numbers go over as the bytes they are.
 * @module
 */

import { DICT, END, FALSE, FLOAT, INT, LIST, LONG, NONE, TEXT, TRUE, TUPLE } from "../core/marshal_types.js";
import { MsgpackWriter } from "./msgpack_writer.js";

const UNKNOWN = -1;
/** Type → msgpack's byte for a value that is told by its type alone. */
const BARE = table([[TRUE, 0xc3], [FALSE, 0xc2], [NONE, 0xc0]]); // prettier-ignore
/** Type → bytes behind the type, where all its values are as wide. */
const WIDTHS = table([[FLOAT, 8], [INT, 4], [TRUE, 0], [FALSE, 0], [NONE, 0]]); // prettier-ignore
const DIGIT_BITS = 15n;
const DECODER = new TextDecoder();
/** In UTF-8, half of a pair of code units, which only Python's way of writing has. */
const HALF = 0xed;
const HALVES_FROM = 0xa0;

/** Python wrote something that only Python's own packing can tell. */
class OtherKindError extends Error {}

export class BatchPacker {
  #out = new MsgpackWriter();
  /** @type {Uint8Array} */ #bytes = new Uint8Array();
  /** @type {DataView} */ #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /**
   * @param {Uint8Array} bytes marshal of a list of a batch's names, each with its value behind it; `parity` are the columns, or a tuple of their names and the rows
   * @param {Record<string, any[]>} local columns of this browser, which stand under `local`
   * @returns {Uint8Array<ArrayBuffer>|null} as the bridge's `take_batch` packs it; null where a value is of another kind than rows have
   */
  pack(bytes, local) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = 0;
    this.#out.drop();
    try {
      this.#batch(local);
    } catch (error) {
      if (error instanceof OtherKindError || error instanceof RangeError) return null;
      throw error;
    }
    return this.#at === bytes.length ? this.#out.take() : null;
  }

  /** @param {Record<string, any[]>} local */
  #batch(local) {
    this.#expect(LIST);
    const count = this.#int() / 2;
    this.#out.dict(count);
    for (let index = 0; index < count; index++) {
      const name = DECODER.decode(this.#name());
      if (name === "local") {
        this.#skip();
        this.#out.json(local);
      } else if (name === "parity" && this.#bytes[this.#at] === TUPLE) this.#columns();
      else this.#value();
    }
  }

  /** Names and rows, told as columns. */
  #columns() {
    this.#expect(TUPLE);
    if (this.#int() !== 2) throw new OtherKindError();
    this.#expect(LIST);
    const names = Array.from({ length: this.#int() }, () => this.#skip());
    this.#expect(LIST);
    const count = this.#int();
    const width = names.length;
    const places = new Int32Array(count * width);
    for (let row = 0; row < count; row++) {
      this.#expect(LIST);
      if (this.#int() !== width) throw new OtherKindError();
      for (let column = 0; column < width; column++) places[column * count + row] = this.#skip();
    }
    const end = this.#at;
    this.#out.dict(width);
    for (let column = 0; column < width; column++) {
      this.#at = names[column];
      this.#name();
      this.#out.list(count);
      for (let place = column * count; place < (column + 1) * count; place++) {
        this.#at = places[place];
        this.#value();
      }
    }
    this.#at = end;
  }

  /** A text, as what stands before a value. */
  #name() {
    this.#expect(TEXT);
    return this.#text();
  }

  #value() {
    const type = this.#bytes[this.#at++];
    if (type === FLOAT) this.#out.turnedFloat(this.#bytes, this.#move(8));
    else if (type === INT) this.#out.int32(this.#int());
    else if (BARE[type] >= 0) this.#out.byte(BARE[type]);
    else if (type === TEXT) this.#text();
    else this.#rareValue(type);
  }

  /** @param {number} type */
  #rareValue(type) {
    if (type === LIST) this.#list();
    else if (type === DICT) this.#dict();
    else if (type === LONG) this.#out.whole(this.#long());
    else throw new OtherKindError();
  }

  #list() {
    const count = this.#int();
    this.#out.list(count);
    for (let index = 0; index < count; index++) this.#value();
  }

  #dict() {
    this.#out.dict(this.#countOfDict());
    while (this.#bytes[this.#at] !== END) {
      this.#name();
      this.#value();
    }
    this.#at++;
  }

  /** How many names the dict has whose first one stands here. */
  #countOfDict() {
    const start = this.#at;
    let count = 0;
    for (; this.#bytes[this.#at] !== END; count++) {
      this.#skip();
      this.#skip();
    }
    this.#at = start;
    return count;
  }

  /** Pass over a value. @returns {number} where it begins */
  #skip() {
    const start = this.#at;
    const type = this.#bytes[this.#at++];
    if (WIDTHS[type] >= 0) this.#move(WIDTHS[type]);
    else if (type === TEXT) this.#move(this.#int());
    else if (type === LONG) this.#move(2 * Math.abs(this.#int()));
    else if (type === LIST) for (let count = this.#int(); count > 0; count--) this.#skip();
    else if (type === DICT) {
      while (this.#bytes[this.#at] !== END) this.#skip();
      this.#at++;
    } else throw new OtherKindError();
    return start;
  }

  /** Writes the text whose length stands here. @returns {Uint8Array} it */
  #text() {
    const length = this.#int();
    const start = this.#move(length);
    const data = whole(this.#bytes.subarray(start, start + length));
    this.#out.text(data);
    return data;
  }

  #int() {
    const found = this.#view.getInt32(this.#at, true);
    this.#at += 4;
    return found;
  }

  #long() {
    const digits = this.#int();
    const start = this.#move(2 * Math.abs(digits));
    let found = 0n;
    for (let at = this.#at - 2; at >= start; at -= 2) found = (found << DIGIT_BITS) | BigInt(this.#view.getUint16(at, true));
    return digits < 0 ? -found : found;
  }

  /**
   * @param {number} count bytes further
   * @returns {number} where these bytes begin
   */
  #move(count) {
    const start = this.#at;
    this.#at += count;
    if (count < 0 || this.#at > this.#bytes.length) throw new RangeError("a batch ends too early");
    return start;
  }

  /** @param {number} type */
  #expect(type) {
    if (this.#bytes[this.#at++] !== type) throw new OtherKindError();
  }
}

/** @param {[number, number][]} known byte → number; `UNKNOWN` for all others */
function table(known) {
  const found = new Int16Array(256).fill(UNKNOWN);
  for (const [byte, value] of known) found[byte] = value;
  return found;
}

/**
 * @param {Uint8Array} text as Python writes it
 * @returns {Uint8Array} as UTF-8, with a question mark for what is no character
 */
function whole(text) {
  let place = text.indexOf(HALF);
  while (place >= 0 && !(text[place + 1] >= HALVES_FROM)) place = text.indexOf(HALF, place + 1);
  if (place < 0) return text;
  /** @type {number[]} */ const found = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === HALF && text[at + 1] >= HALVES_FROM) {
      found.push(0x3f);
      at += 2;
    } else found.push(text[at]);
  }
  return Uint8Array.from(found);
}
