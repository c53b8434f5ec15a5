/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012), the low 32 bits: whoever lacks the key can neither foresee nor forge them.
 * Written out on 32-bit words, as the browser's own cryptography exists on https pages only.
 * @module
 */

/** "somepseudorandomlygeneratedbytes", low and high word of v0 … v3 */
const START = [0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462];

/** @param {Int32Array} v @param {number} to @param {number} from word indices: v[to] += v[from], 64 bits */
function add(v, to, from) {
  const low = (v[to] >>> 0) + (v[from] >>> 0);
  v[to + 1] = v[to + 1] + v[from + 1] + (low > 0xffffffff ? 1 : 0);
  v[to] = low;
}

/** @param {Int32Array} v @param {number} at @param {number} bits below 32 @param {number} other */
function rotateAndMix(v, at, bits, other) {
  const low = v[at];
  const high = v[at + 1];
  v[at] = ((low << bits) | (high >>> (32 - bits))) ^ v[other];
  v[at + 1] = ((high << bits) | (low >>> (32 - bits))) ^ v[other + 1];
}

/** @param {Int32Array} v @param {number} at both halves change places */
function swap(v, at) {
  const low = v[at];
  v[at] = v[at + 1];
  v[at + 1] = low;
}

/** @param {Int32Array} v @param {number} rounds */
function mix(v, rounds) {
  for (let i = 0; i < rounds; i++) {
    add(v, 0, 2);
    rotateAndMix(v, 2, 13, 0);
    swap(v, 0);
    add(v, 4, 6);
    rotateAndMix(v, 6, 16, 4);
    add(v, 0, 6);
    rotateAndMix(v, 6, 21, 0);
    add(v, 4, 2);
    rotateAndMix(v, 2, 17, 4);
    swap(v, 4);
  }
}

/** @param {Int32Array} v @param {number} low @param {number} high */
function absorb(v, low, high) {
  v[6] ^= low;
  v[7] ^= high;
  mix(v, 2);
  v[0] ^= low;
  v[1] ^= high;
}

/**
 * @param {ArrayLike<number>} key four 32-bit words, the lowest first
 * @param {number[]} words 32 bits each, an even number of them
 * @returns {number} unsigned 32-bit
 */
export function sipHash(key, words) {
  const v = new Int32Array(START);
  for (let i = 0; i < v.length; i++) v[i] ^= key[i & 3];
  for (let i = 0; i < words.length; i += 2) absorb(v, words[i], words[i + 1]);
  absorb(v, 0, (words.length * 4) << 24);
  v[4] ^= 0xff;
  mix(v, 4);
  return (v[0] ^ v[2] ^ v[4] ^ v[6]) >>> 0;
}
