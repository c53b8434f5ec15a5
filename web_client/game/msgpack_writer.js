/**
 * msgpack, written byte for byte as the bridge's `pack.py` writes it.
 * @module
 */

const ENCODER = new TextEncoder();
const FIRST_BYTES = 65_536;
/** A text with fewer bytes has its length in its first byte, a list or dict with fewer parts theirs. */
const SHORT_TEXT = 32;
const SHORT_LIST = 16;
const LEAST_INT32 = -(2 ** 31);
const MOST_INT32 = 2 ** 31;
/** From here on JSON tells a whole number as one that may have a fraction. */
const MOST_WHOLE = 1e21;

export class MsgpackWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  /** @returns {Uint8Array<ArrayBuffer>} what was written since the last call, a copy */
  take() {
    const taken = this.#bytes.slice(0, this.#end);
    this.#end = 0;
    return taken;
  }

  /** Nothing of what was written counts. */
  drop() {
    this.#end = 0;
  }

  /** @param {number} value */
  byte(value) {
    this.#reserve(1);
    this.#bytes[this.#end++] = value;
  }

  /**
   * A float whose bytes lie the other way round.
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  turnedFloat(bytes, at) {
    this.#reserve(9);
    const out = this.#bytes;
    let end = this.#end;
    out[end++] = 0xcb;
    for (let index = at + 7; index >= at; index--) out[end++] = bytes[index];
    this.#end = end;
  }

  /** @param {number} value a whole number of 32 bits */
  int32(value) {
    if (value >= 0 && value < 128) return this.byte(value);
    this.#reserve(5);
    this.#bytes[this.#end] = 0xd2;
    this.#view.setInt32(this.#end + 1, value);
    this.#end += 5;
  }

  /** @param {bigint} value any whole number: beyond 64 bits its digits as a text */
  whole(value) {
    if (BigInt.asIntN(32, value) === value) return this.int32(Number(value));
    const signed = BigInt.asIntN(64, value) === value;
    if (!signed && BigInt.asUintN(64, value) !== value) return this.#digits(value);
    this.#reserve(9);
    this.#bytes[this.#end] = signed ? 0xd3 : 0xcf;
    this.#view.setBigUint64(this.#end + 1, BigInt.asUintN(64, value));
    this.#end += 9;
  }

  /** @param {bigint} value */
  #digits(value) {
    const data = ENCODER.encode(String(value));
    this.#long(0xdb, data.length);
    this.#put(data);
  }

  /** @param {Uint8Array} data UTF-8 */
  text(data) {
    if (data.length < SHORT_TEXT) this.byte(0xa0 | data.length);
    else this.#long(0xdb, data.length);
    this.#put(data);
  }

  /** @param {number} count */
  list(count) {
    if (count < SHORT_LIST) this.byte(0x90 | count);
    else this.#long(0xdd, count);
  }

  /** @param {number} count */
  dict(count) {
    if (count < SHORT_LIST) this.byte(0x80 | count);
    else this.#long(0xdf, count);
  }

  /** What JSON would tell of `value`. @param {any} value */
  json(value) {
    if (typeof value === "number") this.#number(value);
    else if (value === null || value === undefined) this.byte(0xc0);
    else if (typeof value === "boolean") this.byte(value ? 0xc3 : 0xc2);
    else if (typeof value === "string") this.#string(value);
    else if (Array.isArray(value)) {
      this.list(value.length);
      for (const one of value) this.json(one);
    } else this.#object(value);
  }

  /** @param {Record<string, any>} value */
  #object(value) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    this.dict(entries.length);
    for (const [name, one] of entries) {
      this.#string(name);
      this.json(one);
    }
  }

  /** @param {number} value */
  #number(value) {
    if (Number.isInteger(value) && Math.abs(value) < MOST_WHOLE) {
      if (value >= LEAST_INT32 && value < MOST_INT32) this.int32(value);
      else this.whole(BigInt(value));
    } else if (Number.isFinite(value)) {
      this.#reserve(9);
      this.#bytes[this.#end] = 0xcb;
      this.#view.setFloat64(this.#end + 1, value);
      this.#end += 9;
    } else this.byte(0xc0);
  }

  /** @param {string} value half of a pair of code units is told as Python tells what cannot be encoded */
  #string(value) {
    this.text(ENCODER.encode(value.replaceAll(/\p{Surrogate}/gu, "?")));
  }

  /**
   * @param {number} mark
   * @param {number} length
   */
  #long(mark, length) {
    this.#reserve(5);
    this.#bytes[this.#end] = mark;
    this.#view.setUint32(this.#end + 1, length);
    this.#end += 5;
  }

  /** @param {Uint8Array} data */
  #put(data) {
    this.#reserve(data.length);
    this.#bytes.set(data, this.#end);
    this.#end += data.length;
  }

  /** @param {number} count bytes that have to fit */
  #reserve(count) {
    if (this.#end + count <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#end + count));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
