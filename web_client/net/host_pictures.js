/**
 * Pictures of a game that runs on the host: whole ones and changes, put together again in the order they came.
 * @module
 */
import { HOST_VIEW_VERSION, VIEW_KINDS } from "../protocol/constants.js";

/**
 * @typedef {object} HostPicture
 * @property {string} match
 * @property {number} number
 * @property {number} frame -1 before the first step
 * @property {string} ops a draw list as JSON text, or ""
 * @property {Uint8ClampedArray | null} pixels RGBA
 * @property {[number, number] | null} size
 */
/** @typedef {{match: string, kind: string, number: number, frame: number, atMs: number, body: Uint8Array<ArrayBuffer>}} View */

const HEAD_BYTES = 19;
const SIZE_BYTES = 4;

/**
 * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} data
 * @returns {View | null} null for what is no picture of this version
 */
export function parseView(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  if (bytes.byteLength < HEAD_BYTES || bytes[0] !== HOST_VIEW_VERSION) return null;
  const kind = VIEW_KINDS[bytes[1] ?? -1];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nameEnd = HEAD_BYTES + view.getUint8(2);
  if (kind === undefined || nameEnd > bytes.byteLength) return null;
  const match = new TextDecoder().decode(bytes.subarray(HEAD_BYTES, nameEnd));
  return { match, kind, number: view.getUint32(3, true), frame: view.getInt32(7, true), atMs: view.getFloat64(11, true), body: bytes.subarray(nameEnd) };
}

/**
 * The draw list that `changes` makes of the last one: `["=", i, n]` are its n ops from i on, `["~", i, props]` its op i with other properties.
 * @param {any[][]} last
 * @param {any[][]} changes
 * @returns {any[][]}
 */
export function toldBy(last, changes) {
  return changes.flatMap((op) => {
    if (op[0] === "=") return last.slice(op[1], op[1] + op[2]);
    if (op[0] !== "~") return [op];
    const old = /** @type {any[]} */ (last[op[1]]);
    return [[...old.slice(0, 6), { ...old[6], ...op[2] }]];
  });
}

export class HostPictures {
  #match;
  #inflate;
  #number = -1;
  #whole = false;
  /** @type {any[][]} */ #ops = [];
  /** @type {Uint8ClampedArray<ArrayBuffer> | null} */ #pixels = null;
  #turn = Promise.resolve();

  /**
   * @param {string} match id of the match whose pictures are wanted
   * @param {(data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} inflate
   */
  constructor(match, inflate = inflated) {
    this.#match = match;
    this.#inflate = inflate;
  }

  /** Everything that was received up to now is shown, or cannot be. */
  get settled() {
    return this.#turn;
  }

  /** Changes mean nothing until the next whole picture. */
  forget() {
    this.#whole = false;
  }

  /**
   * @param {View | null} view
   * @param {(picture: HostPicture) => void} show called in the order the pictures came; not at all for what cannot be shown
   */
  receive(view, show) {
    if (!view || view.match !== this.#match || !this.#follows(view)) return;
    // Judged as they come, put together one after the other: inflating may take longer than the next one needs to come.
    this.#number = view.number;
    if (view.kind.startsWith("list")) this.#turn = this.#turn.then(() => show(this.#listed(view)));
    else this.#turn = this.#turn.then(() => this.#blitted(view)).then(show, () => this.forget());
  }

  /** @param {View} view */
  #follows({ kind, number }) {
    if (!kind.endsWith("_change")) this.#whole = true;
    else if (number !== this.#number + 1) this.#whole = false;
    return this.#whole;
  }

  /**
   * @param {View} view
   * @returns {HostPicture}
   */
  #listed({ match, number, frame, kind, body }) {
    const { ops, before = [] } = JSON.parse(new TextDecoder().decode(body));
    this.#ops = kind === "list" ? ops : toldBy(this.#ops, ops);
    return { match, number, frame, ops: JSON.stringify({ ops: [...before, ...this.#ops] }), pixels: null, size: null };
  }

  /**
   * @param {View} view
   * @returns {Promise<HostPicture>}
   */
  async #blitted({ match, number, frame, kind, body }) {
    const head = new DataView(body.buffer, body.byteOffset, SIZE_BYTES);
    /** @type {[number, number]} */
    const size = [head.getUint16(0, true), head.getUint16(2, true)];
    const packed = body.subarray(SIZE_BYTES);
    if (packed.byteLength) {
      const data = await this.#inflate(packed);
      const last = kind === "pixels" || this.#pixels?.length !== data.length ? null : this.#pixels;
      const next = new Uint8ClampedArray(data.length);
      for (let at = 0; at < data.length; at++) next[at] = /** @type {number} */ (data[at]) ^ (last?.[at] ?? 0);
      this.#pixels = next;
    }
    return { match, number, frame, ops: "", pixels: this.#pixels && this.#pixels.slice(), size };
  }
}

/** @param {Uint8Array<ArrayBuffer>} data zlib */
export async function inflated(data) {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
