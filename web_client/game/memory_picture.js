/**
 * A picture of Python's memory as a file: its head, what is loaded in it, and the memory without its stretches of zeros, which are two fifths of it.
 * @module
 */

/** @typedef {import("./linking.js").Linked} Linked */
/** `pieces`: [where in memory, its bytes]. @typedef {{bytes: number, linked: Linked, head: Uint8Array, pieces: [from: number, bytes: Uint8Array][]}} Picture */

const PAGE = 4096;
/** Shorter stretches of zeros cost less than a piece more. */
const FEWEST_PAGES = 16;

/**
 * @param {Uint8Array} memory
 * @returns {[from: number, size: number][]} where it holds anything else than zeros
 */
function filledParts(memory) {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.byteLength >> 2);
  const isEmpty = (/** @type {number} */ at) => words.subarray(at >> 2, (at + PAGE) >> 2).every((word) => word === 0);
  /** @type {[number, number][]} */
  const parts = [];
  for (let at = 0; at < memory.length; at += PAGE) {
    if (isEmpty(at)) continue;
    const last = parts.at(-1);
    if (last && at - (last[0] + last[1]) < FEWEST_PAGES * PAGE) last[1] = at + PAGE - last[0];
    else parts.push([at, PAGE]);
  }
  return parts;
}

/**
 * @param {Uint8Array} snapshot as Pyodide makes it: the second of its words says where the memory begins
 * @param {Linked} linked
 * @returns {Uint8Array} length of the list (4 bytes), the list as JSON, the head, the pieces
 */
export function packPicture(snapshot, linked) {
  const begins = headOf(snapshot);
  const memory = snapshot.slice(begins);
  const parts = filledParts(memory);
  const list = new TextEncoder().encode(JSON.stringify({ bytes: memory.length, linked, head: begins, parts }));
  const contents = [new Uint8Array(Uint32Array.of(list.length).buffer), list, snapshot.subarray(0, begins), ...parts.map(([from, size]) => memory.subarray(from, from + size))];
  const whole = new Uint8Array(contents.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of contents) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} snapshot */
const headOf = ({ buffer, byteOffset }) => new DataView(buffer, byteOffset).getUint32(4, true);

/**
 * @param {Uint8Array} packed
 * @returns {Picture} parts of `packed`
 */
export function readPicture(packed) {
  const start = 4 + new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  const { bytes, linked, head, parts } = JSON.parse(new TextDecoder().decode(packed.subarray(4, start)));
  let at = start;
  const next = (/** @type {number} */ size) => packed.subarray(at, (at += size));
  return { bytes, linked, head: next(head).slice(), pieces: parts.map((/** @type {[number, number]} */ [from, size]) => [from, next(size)]) };
}

/**
 * @param {Uint8Array} memory at least as large as the picture
 * @param {Picture} picture
 */
export function fillFrom(memory, { pieces }) {
  let at = 0;
  for (const [from, bytes] of pieces) {
    memory.fill(0, at, from).set(bytes, from);
    at = from + bytes.length;
  }
  memory.fill(0, at);
}
