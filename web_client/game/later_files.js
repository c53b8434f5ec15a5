/**
 * Files of Python that hardly any game reads. From the start they are there by name and size; their contents come afterwards, and whoever reads
 * one before that waits for them.
 * @module
 */

import { checkPart, wholePart } from "./whole_part.js";

/** @typedef {import("./whole_part.js").Part} Part */
/** @typedef {any} FileSystem Emscripten's */
/** @typedef {[from: number, bytes: Uint8Array]} Piece */

/** Emscripten's number of an input/output error. */
const EIO = 29;

/** One file on the host that holds the contents of some or many. */
export class Later {
  /** @type {Uint8Array | null} */
  #bytes = null;
  /** @type {AbortController | null} */
  #coming = null;
  #url;
  #part;

  /**
   * @param {string} url
   * @param {Part} part
   */
  constructor(url, part) {
    this.#url = url;
    this.#part = part;
  }

  /** Bytes. */
  get size() {
    return this.#part.bytes;
  }

  get isHere() {
    return this.#bytes !== null;
  }

  /** Brings it while nobody waits for it. Rejects when it does not come whole; whoever reads then asks again. */
  async bring() {
    if (this.#bytes) return;
    const { signal } = (this.#coming = new AbortController());
    const bytes = await wholePart(this.#url, this.#part, () => {}, { priority: "low", signal });
    this.#bytes ??= bytes;
  }

  /** All of it, at once: Python does not wait for promises. @throws {Error} */
  get bytes() {
    if (!this.#bytes) this.#coming?.abort();
    return (this.#bytes ??= fetchedNow(this.#url, this.#part));
  }
}

/**
 * Under an address of its own: browsers let a request wait while another one brings the same file into their cache, and that
 * one stands still as long as this worker does.
 * @param {string} url
 * @param {Part} part
 */
function fetchedNow(url, part) {
  const request = new XMLHttpRequest();
  request.open("GET", `${url}?now`, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`The host did not send ${url} (${request.status}).`);
  return checkPart(url, new Uint8Array(request.response), part);
}

/**
 * Makes a file of Python's one whose contents come later.
 * @param {FileSystem} FS
 * @param {any} node the file
 * @param {number} size bytes
 * @param {Later} later
 * @param {number} from where in `later` its contents begin
 * @param {Piece[]} [pieces] what is here of it already
 */
export function lend(FS, node, size, later, from, pieces = []) {
  const { stream_ops: stream, node_ops: own } = node;
  const whole = () => {
    if (node.stream_ops === stream) return;
    try {
      node.contents = later.bytes.subarray(from, from + size);
    } catch {
      throw new FS.ErrnoError(EIO);
    }
    Object.assign(node, { stream_ops: stream, node_ops: own });
  };
  /** @type {(ops: any, name: string) => any} */
  const first = (ops, name) => (/** @type {any[]} */ ...given) => (whole(), ops[name](...given));
  node.usedBytes = size;
  node.node_ops = { ...own, setattr: first(own, "setattr") };
  node.stream_ops = { ...stream, write: first(stream, "write"), mmap: first(stream, "mmap"), msync: first(stream, "msync") };
  node.stream_ops.read = (/** @type {any} */ file, /** @type {Uint8Array} */ into, /** @type {number} */ offset, /** @type {number} */ length, /** @type {number} */ position) => {
    if (position >= node.usedBytes) return 0;
    const piece = later.isHere ? undefined : pieces.find(([at, bytes]) => at <= position && position < at + bytes.length);
    if (!piece) return whole(), stream.read(file, into, offset, length, position);
    // Fewer bytes than were asked for: readers go on where these end.
    const part = piece[1].subarray(position - piece[0], position - piece[0] + length);
    into.set(part, offset);
    return part.length;
  };
}
