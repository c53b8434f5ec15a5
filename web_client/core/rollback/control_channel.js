/**
 * Control messages to one peer, in order and exactly once, whatever carries them: each has a number, the other side says
 * in every packet how far it got, and what stays unanswered is sent again. So a change from a peer link to the relay loses nothing.
 * @module
 */
import { encode } from "../wire/codec.js";

/** @typedef {import("../wire/codec.js").EnvelopeMessage} Envelope */

const RESEND_AFTER_MS = 300;
const MOST_EARLY = 256;
const MOST_PAST = 256;

export class ControlChannel {
  /** @param {number} incarnation 1 … 2^24 - 1, another one after a reload */
  constructor(incarnation) {
    // The low byte counts how often this side began anew because the other one did.
    this.stream = (incarnation << 8) >>> 0;
    this.nextSeq = 0;
    /** @type {{seq: number, bytes: Uint8Array, sentAtMs: number}[]} */
    this.unacknowledged = [];
    /** incarnation of the other side, 0 before anything was heard of it */
    this.theirIncarnation = 0;
    /** @type {Set<number>} incarnations of the other side that are over */
    this.past = new Set();
    /** stream of the other side, 0 before its first message */
    this.theirStream = 0;
    this.theirNext = 0;
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
   * @returns {Uint8Array[]} messages whose turn it is
   */
  accept({ stream, seq, body }) {
    if (stream >>> 8 !== this.theirIncarnation) return [];
    if (stream > this.theirStream) this.#listenTo(stream);
    if (stream !== this.theirStream || seq < this.theirNext || seq >= this.theirNext + MOST_EARLY) return [];
    this.early.set(seq, body);
    const bodies = [];
    for (let next = this.early.get(this.theirNext); next; next = this.early.get(this.theirNext)) {
      bodies.push(next);
      this.early.delete(this.theirNext++);
    }
    return bodies;
  }

  /**
   * Every packet says whose it is.
   * @param {number} stream
   * @returns {boolean} the other side is a page that was loaded anew
   */
  meet(stream) {
    const incarnation = stream >>> 8;
    if (incarnation === this.theirIncarnation || this.past.has(incarnation)) return false;
    const restarted = this.theirIncarnation !== 0;
    this.past.add(this.theirIncarnation);
    // Nobody reloads so often: only one that makes up numbers fills this.
    if (this.past.size > MOST_PAST) this.past.delete(this.past.values().next().value ?? 0);
    this.theirIncarnation = incarnation;
    this.#listenTo(0);
    if (restarted) this.#beginAnew();
    return restarted;
  }

  /** @param {number} stream */
  #listenTo(stream) {
    this.theirStream = stream;
    this.theirNext = 0;
    this.early.clear();
  }

  /** What was under way was meant for somebody who is gone. */
  #beginAnew() {
    this.stream = ((this.stream & ~255) | ((this.stream + 1) & 255)) >>> 0;
    this.nextSeq = 0;
    this.unacknowledged = [];
  }
}
