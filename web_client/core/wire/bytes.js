/**
 * Little-endian writing and reading with every length checked.
 * @module
 */

/** What arrived cannot be read. It never leaves `decode`. */
export class Malformed extends Error {}

const LONGEST_TEXT = 255;

export class Writer {
  constructor() {
    this.bytes = new Uint8Array(64);
    this.view = new DataView(this.bytes.buffer);
    this.length = 0;
  }

  /** @param {number} more @returns {number} where to write */
  #room(more) {
    const at = this.length;
    this.length += more;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  /** @param {number} value */
  u8(value) {
    const at = this.#room(1);
    this.view.setUint8(at, value);
  }

  /** @param {number} value */
  i16(value) {
    const at = this.#room(2);
    this.view.setInt16(at, value, true);
  }

  /** @param {number} value */
  u16(value) {
    const at = this.#room(2);
    this.view.setUint16(at, value, true);
  }

  /** @param {number} value */
  i32(value) {
    const at = this.#room(4);
    this.view.setInt32(at, value, true);
  }

  /** @param {number} value */
  u32(value) {
    const at = this.#room(4);
    this.view.setUint32(at, value >>> 0, true);
  }

  /** @param {number} value a whole number from 0 to 2^53 - 1, seven bits a byte */
  varint(value) {
    let rest = value;
    while (rest >= 128) {
      this.u8((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest);
  }

  /** @param {string} text cut to 255 bytes of ASCII; other characters become "?" */
  text(text) {
    const ascii = text.slice(0, LONGEST_TEXT).replace(/[^\x20-\x7e]/g, "?");
    this.u8(ascii.length);
    for (let i = 0; i < ascii.length; i++) this.u8(ascii.charCodeAt(i));
  }

  /** @param {Uint8Array} bytes */
  raw(bytes) {
    const at = this.#room(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** @returns {Uint8Array} a copy of what was written */
  done() {
    return this.bytes.slice(0, this.length);
  }
}

export class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} count @returns {number} where to read */
  #take(count) {
    const at = this.at;
    if (at + count > this.bytes.length) throw new Malformed("too short");
    this.at += count;
    return at;
  }

  u8() {
    return this.bytes[this.#take(1)];
  }

  i16() {
    return (this.u16() << 16) >> 16;
  }

  u16() {
    const at = this.#take(2);
    return this.bytes[at] | (this.bytes[at + 1] << 8);
  }

  i32() {
    const at = this.#take(4);
    return this.bytes[at] | (this.bytes[at + 1] << 8) | (this.bytes[at + 2] << 16) | (this.bytes[at + 3] << 24);
  }

  u32() {
    return this.i32() >>> 0;
  }

  varint() {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 127) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new Malformed("a number is too large");
      if (byte < 128) return value;
      factor *= 128;
    }
  }

  /** @returns {string} */
  text() {
    const length = this.u8();
    const at = this.#take(length);
    return String.fromCharCode(...this.bytes.subarray(at, at + length));
  }

  /** @param {number} length @returns {Uint8Array} a copy */
  raw(length) {
    const at = this.#take(length);
    return this.bytes.slice(at, at + length);
  }

  /** @param {number} value @param {number} low @param {number} high @returns {number} the value when it is inside */
  within(value, low, high) {
    if (value < low || value > high) throw new Malformed(`${value} is not from ${low} to ${high}`);
    return value;
  }

  /** Nothing may follow. */
  end() {
    if (this.at !== this.bytes.length) throw new Malformed("too long");
  }
}
