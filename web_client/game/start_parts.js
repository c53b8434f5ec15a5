/**
 * What the set-up makes for a quick start of Python and how damage to it is seen; `build/start_in_pyodide.mjs` writes it, `quick_start.js` reads it.
 * @module
 */

/** Of these files; others belong to another version. */
export const FORM = 4;
export const RECIPE = "start.json";
export const MEMORY = "start.memory.bin";
/** What every start reads of the core packages and of the standard library. */
export const PACKAGES = "start.packages.bin";
/** The core packages' other files, which hardly any game reads. */
export const REST = "start.rest.bin";
export const LIBRARY = "python_stdlib.zip";
/** Where our own modules lie in Python's file system. */
export const HOME = "/igym";

/**
 * A checksum for damaged files, quick over tens of megabytes; the hash lists of the set-up guard against anything else.
 * @param {Uint8Array} bytes at the beginning of their buffer, or four bytes after something
 * @returns {number} unsigned 32 bits
 */
export function sumOf(bytes) {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  let sum = 0;
  for (let at = 0; at < words.length; at++) sum = (Math.imul(sum, 31) + /** @type {number} */ (words[at])) | 0;
  for (const byte of bytes.subarray(words.length * 4)) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum >>> 0;
}
