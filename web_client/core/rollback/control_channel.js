/**
 * Control messages to one peer, in order and exactly once, whatever carries them: each has a number, the other side says
 * in every packet how far it got, and what stays unanswered is sent again. So a change from a peer link to the relay loses nothing.
 * @module
 */
import { encode } from "../wire/codec.js";

/** @typedef {import("../wire/codec.js").EnvelopeMessage} Envelope */

const RESEND_AFTER_MS = 300;
const MOST_EARLY = 256;

export class ControlChannel {
  /** @param {number} incarnation 1 … 2^24 - 1, another one after a reload */
  constructor(incarnation) {
    // The low byte counts how often this side began anew because the other one did.
    this.stream = (incarnation << 8) >>> 0;
    this.nextSeq = 0;
    /** @type {{seq: number, bytes: Uint8Array, sentAtMs: number}[]} */
    this.unacknowledged = [];
    /** stream of the other side, 0 before the first message */
    this.theirStream = 0;
    this.theirNext = 0;
    /** @type {Set<number>} incarnations of the other side that are over */
    this.past = new Set();
    /** @type {Map<number, Uint8Array>} arrived before their turn */
    this.early = new Map();
  }

  /** @param {Uint8Array} body */
  send(body) {
    const seq = this.nextSeq++;
    const bytes = encode({ type: "envelope", stream: this.stream, seq, body });
    this.unacknowledged.push({ seq, bytes, sentAtMs: -Infinity });
  }

  /** @param {number} nowMs @returns {Uint8Array[]} what is to be sent now */
  due(nowMs) {
    const due = this.unacknowledged.filter((entry) => nowMs - entry.sentAtMs >= RESEND_AFTER_MS);
    for (const entry of due) entry.sentAtMs = nowMs;
    return due.map((entry) => entry.bytes);
  }

  /** @param {number} stream @param {number} next the other side has everything of this stream before this number */
  acknowledged(stream, next) {
    if (stream === this.stream) this.unacknowledged = this.unacknowledged.filter((entry) => entry.seq >= next);
  }

  /**
   * @param {Envelope} envelope
   * @returns {{bodies: Uint8Array[], restarted: boolean}} messages whose turn it is; `restarted`: the other side began anew
   */
  accept({ stream, seq, body }) {
    const restarted = this.#meet(stream, seq);
    if (stream !== this.theirStream || seq < this.theirNext || seq >= this.theirNext + MOST_EARLY) return { bodies: [], restarted };
    this.early.set(seq, body);
    const bodies = [];
    for (let next = this.early.get(this.theirNext); next; next = this.early.get(this.theirNext)) {
      bodies.push(next);
      this.early.delete(this.theirNext++);
    }
    return { bodies, restarted };
  }

  /** @param {number} stream @param {number} seq @returns {boolean} the other side began anew */
  #meet(stream, seq) {
    if (stream === this.theirStream || seq !== 0 || this.past.has(stream)) return false;
    const restarted = this.theirStream !== 0 && this.theirStream >>> 8 !== stream >>> 8;
    this.past.add(this.theirStream);
    this.theirStream = stream;
    this.theirNext = 0;
    this.early.clear();
    if (restarted) this.#beginAnew();
    return restarted;
  }

  /** What was under way was meant for somebody who is gone. */
  #beginAnew() {
    this.stream = ((this.stream & ~255) | ((this.stream + 1) & 255)) >>> 0;
    this.nextSeq = 0;
    this.unacknowledged = [];
  }
}
