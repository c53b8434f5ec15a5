/**
 * What the set-up makes for a quick start of Python and how damage to it is seen; `build/start_in_pyodide.mjs` writes it, `quick_start.js` reads it.
 * @module
 */

export const RECIPE = "start.json";
export const MEMORY = "start.memory.bin";
export const PACKAGES = "start.packages.bin";

/**
 * A checksum for damaged files, quick over tens of megabytes; the hash lists of the set-up guard against anything else.
 * @param {Uint8Array} bytes a multiple of four long
 * @returns {number} unsigned 32 bits
 */
export function sumOf(bytes) {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let sum = 0;
  for (let at = 0; at < words.length; at++) sum = (Math.imul(sum, 31) + words[at]) | 0;
  return sum >>> 0;
}
