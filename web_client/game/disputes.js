/**
 * When two browsers' states differ they show each other what they hold, so that the difference gets a name.
 * @module
 */

import { sentence, toldAs } from "./env_error.js";

/** @typedef {import("./env_link.js").EnvLink} EnvLink */
/** @typedef {{frame: number, peer: number, attributes: string[]}} Finding */

/** First byte of a dispute; the rollback's own messages never begin with it. */
export const DISPUTE = 0xd5;
const MOST_BYTES = 200_000;

export class Disputes {
  #env;
  #send;
  #found;
  /** @type {Set<string>} frames and peers that were told already */ #told = new Set();

  /**
   * @param {EnvLink} env
   * @param {(peer: number, bytes: Uint8Array) => void} send over the reliable channel
   * @param {(finding: Finding) => void} found
   */
  constructor(env, send, found) {
    this.#env = env;
    this.#send = send;
    this.#found = found;
  }

  /**
   * The states after `frame` differ: tell the other what ours is.
   * @param {number} peer
   * @param {number} frame
   */
  open(peer, frame) {
    const table = this.#env.stateTable(frame);
    const body = new TextEncoder().encode(JSON.stringify({ frame, table }));
    if (table === "{}" || body.byteLength > MOST_BYTES) return;
    const bytes = new Uint8Array(body.byteLength + 1);
    bytes[0] = DISPUTE;
    bytes.set(body, 1);
    this.#send(peer, bytes);
  }

  /**
   * @param {number} peer
   * @param {Uint8Array} bytes what `open` sent there
   */
  receive(peer, bytes) {
    const said = read(bytes);
    if (!said || this.#told.has(`${peer} ${said.frame}`)) return;
    if (this.#env.stateTable(said.frame) === "{}") return;
    this.#told.add(`${peer} ${said.frame}`);
    const attributes = this.#env.differingAttributes(said.frame, said.table);
    if (attributes.length) this.#found({ frame: said.frame, peer, attributes });
  }
}

/** @param {Uint8Array} bytes */
function read(bytes) {
  try {
    const { frame, table } = JSON.parse(new TextDecoder().decode(bytes.subarray(1)));
    const good = Number.isInteger(frame) && typeof table === "string" && typeof JSON.parse(table) === "object";
    return good ? { frame: Number(frame), table: String(table) } : null;
  } catch {
    return null;
  }
}

/**
 * What the page hears of a difference that was found.
 * @param {Finding} finding
 * @param {number} me
 * @param {import("./messages.js").GymSpec} spec
 * @returns {import("./messages.js").FromWorker[]}
 */
export function disputeNews({ frame, peer, attributes }, me, { environment }) {
  const said = sentence("The game went apart between players {one} and {other} by frame {frame}: {attributes}.", {
    one: me,
    other: peer,
    frame,
    attributes: attributes.join(", "),
  });
  return [
    { type: "stats", values: { event: { type: "desync_named", frame, peer, attributes } } },
    { type: "error", phase: "desync", message: said.text, traceback: "", file: environment.file ?? null, line: null, fatal: false, ...toldAs(said, "message") },
  ];
}
