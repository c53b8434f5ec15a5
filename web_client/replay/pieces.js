/**
 * The pictures of a game that was played again on the host, piece by piece as they lie there, and any of them when asked.
 * @module
 */
import { HostPictures, inflated, parseView } from "../net/host_pictures.js";

/** @typedef {import("../net/host_pictures.js").HostPicture} HostPicture */

/** The name under which the host packs them. */
const MATCH = "replay";
const LENGTH_BYTES = 4;
/** Pieces that are held at a time; one may have 24 MB of pixels. */
const MOST_HELD = 3;
const NOTHING = JSON.stringify({ ops: [["clear"]] });

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {(data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} [inflate]
 * @returns {Promise<Pick<HostPicture, "ops"|"pixels"|"size">[]>} frame by frame; rejects for what is damaged
 */
export async function picturesOf(packed, inflate = inflated) {
  const bytes = new Uint8Array(await inflate(packed));
  const view = new DataView(bytes.buffer);
  const pictures = new HostPictures(MATCH, inflate);
  /** @type {Pick<HostPicture, "ops"|"pixels"|"size">[]} */ const found = [];
  let count = 0;
  for (let at = 0; at < bytes.length; count++) {
    const length = view.getUint32(at, true);
    at += LENGTH_BYTES + length;
    const place = count;
    if (length === 0) found[place] = { ops: NOTHING, pixels: null, size: null };
    else pictures.receive(parseView(bytes.subarray(at - length, at)), (picture) => (found[place] = picture));
  }
  await pictures.settled;
  if (found.filter(Boolean).length < count) throw new Error("The pictures of this recording are damaged.");
  return found;
}

export class Pieces {
  #fetch;
  /** The first frame of each piece. @type {number[]} */ #firsts = [];
  /** @type {Map<number, Promise<Pick<HostPicture, "ops"|"pixels"|"size">[]>>} */ #held = new Map();

  /** @param {(number: number) => Promise<Uint8Array<ArrayBuffer>>} fetchPiece */
  constructor(fetchPiece) {
    this.#fetch = fetchPiece;
  }

  /** @param {number} first the first frame of the next piece; -1 of the first one: before the first frame */
  add(first) {
    this.#firsts.push(first);
  }

  /**
   * @param {number} frame one that a piece has; -1: before the first
   * @returns {Promise<Pick<HostPicture, "ops"|"pixels"|"size">>}
   */
  async picture(frame) {
    const number = this.#firsts.findLastIndex((first) => first <= frame);
    const piece = this.#piece(number);
    // Play goes on to the next one.
    if (number + 1 < this.#firsts.length) void this.#piece(number + 1).catch(() => {});
    const found = (await piece)[frame - /** @type {number} */ (this.#firsts[number])];
    if (!found) throw new Error("The pictures of this recording are damaged.");
    return found;
  }

  /** @param {number} number */
  #piece(number) {
    const held = this.#held.get(number) ?? this.#fetch(number).then((packed) => picturesOf(packed));
    this.#held.delete(number);
    this.#held.set(number, held);
    // What failed is asked for anew.
    held.catch(() => this.#held.delete(number));
    for (const old of this.#held.keys()) {
      if (this.#held.size <= MOST_HELD) break;
      this.#held.delete(old);
    }
    return held;
  }
}
