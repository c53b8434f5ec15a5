/**
 * A 128-bit non-cryptographic hash (MurmurHash3, x86 128-bit variant) and the row chain built on it.
 * It tells whether two browsers recorded the same rows; it is no protection against somebody who wants a collision.
 * @module
 */

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/** @param {number} word @param {number} bits @returns {number} */
const rotate = (word, bits) => (word << bits) | (word >>> (32 - bits));

/** @param {number} word @param {number} first @param {number} bits @param {number} second @returns {number} */
const scramble = (word, first, bits, second) => Math.imul(rotate(Math.imul(word, first), bits), second);

/** @param {number} word @returns {number} */
function avalanche(word) {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** @param {Uint8Array} bytes @param {number} at @param {number} end @returns {number} little-endian word, missing bytes are 0 */
function wordAt(bytes, at, end) {
  let word = 0;
  for (let i = Math.min(end, at + 4) - 1; i >= at; i--) word = (word << 8) | bytes[i];
  return word;
}

/** @param {Int32Array} h @param {Uint8Array} bytes @param {number} blocks */
function mixBlocks(h, bytes, blocks) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [a, b, c, d] = h;
  for (let at = 0; at < blocks * 16; at += 16) {
    a ^= scramble(view.getInt32(at, true), C1, 15, C2);
    a = (Math.imul((rotate(a, 19) + b) | 0, 5) + 0x561ccd1b) | 0;
    b ^= scramble(view.getInt32(at + 4, true), C2, 16, C3);
    b = (Math.imul((rotate(b, 17) + c) | 0, 5) + 0x0bcaa747) | 0;
    c ^= scramble(view.getInt32(at + 8, true), C3, 17, C4);
    c = (Math.imul((rotate(c, 15) + d) | 0, 5) + 0x96cd1c35) | 0;
    d ^= scramble(view.getInt32(at + 12, true), C4, 18, C1);
    d = (Math.imul((rotate(d, 13) + a) | 0, 5) + 0x32ac3b17) | 0;
  }
  h.set([a, b, c, d]);
}

/** @param {Int32Array} h @param {Uint8Array} bytes @param {number} from */
function mixTail(h, bytes, from) {
  const end = bytes.length;
  h[3] ^= scramble(wordAt(bytes, from + 12, end), C4, 18, C1);
  h[2] ^= scramble(wordAt(bytes, from + 8, end), C3, 17, C4);
  h[1] ^= scramble(wordAt(bytes, from + 4, end), C2, 16, C3);
  h[0] ^= scramble(wordAt(bytes, from, end), C1, 15, C2);
}

/** @param {Int32Array} h each word takes from all the others */
function spread(h) {
  h[0] += h[1] + h[2] + h[3];
  for (let i = 1; i < 4; i++) h[i] += h[0];
}

/**
 * Hash bytes, starting from four seed words.
 * @param {Uint8Array} bytes
 * @param {ArrayLike<number>} [seed] four 32-bit words (default 0)
 * @returns {Int32Array} four 32-bit words
 */
export function hash128(bytes, seed = [0, 0, 0, 0]) {
  const h = Int32Array.from(seed);
  const blocks = bytes.length >>> 4;
  mixBlocks(h, bytes, blocks);
  mixTail(h, bytes, blocks * 16);
  for (let i = 0; i < 4; i++) h[i] ^= bytes.length;
  spread(h);
  for (let i = 0; i < 4; i++) h[i] = avalanche(h[i]);
  spread(h);
  return h;
}

/**
 * @param {ArrayLike<number>} words four 32-bit words
 * @returns {string} 32 lower-case hexadecimal digits
 */
export function toHex(words) {
  return Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/**
 * @param {string} hex 32 hexadecimal digits
 * @returns {Int32Array} four 32-bit words
 * @throws {TypeError} when it is not 32 hexadecimal digits
 */
export function fromHex(hex) {
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new TypeError(`a row chain has 32 hexadecimal digits, not ${JSON.stringify(hex)}`);
  return Int32Array.from({ length: 4 }, (_, i) => parseInt(hex.slice(i * 8, i * 8 + 8), 16));
}

/**
 * The chained row hash: each row's hash starts from the one before, so the last value covers every row and their order.
 */
export class RowChain {
  /** @param {string} [hex] continue from this value; the empty chain is 32 zeros */
  constructor(hex = "0".repeat(32)) {
    this.words = fromHex(hex);
    /** rows added to this object */
    this.count = 0;
  }

  /**
   * @param {Uint8Array} row the canonical bytes of one confirmed row
   * @returns {this}
   */
  add(row) {
    this.words = hash128(row, this.words);
    this.count += 1;
    return this;
  }

  /** @returns {string} 32 hexadecimal digits */
  hex() {
    return toHex(this.words);
  }
}
