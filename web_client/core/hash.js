/**
 * A 128-bit non-cryptographic hash (MurmurHash3, x86 128-bit variant).
 * It tells whether two browsers agree; it is no protection against somebody who wants a collision.
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
 * @param {Uint8Array} bytes
 * @returns {Int32Array} four 32-bit words
 */
export function hash128(bytes) {
  const h = new Int32Array(4);
  const blocks = bytes.length >>> 4;
  mixBlocks(h, bytes, blocks);
  mixTail(h, bytes, blocks * 16);
  for (let i = 0; i < 4; i++) h[i] ^= bytes.length;
  spread(h);
  for (let i = 0; i < 4; i++) h[i] = avalanche(h[i]);
  spread(h);
  return h;
}
