/**
 * The round trip to one peer, measured by what the packets themselves carry: the sender's time, and the last time heard
 * from the other side plus how long it lay here.
 * @module
 */
import { Rtt } from "../rtt.js";

/** Ticks of the time on the wire: tenths of a millisecond, modulo 2^32. @param {number} ms */
const toWire = (ms) => Math.floor(ms * 10) >>> 0;

export class LinkClock {
  constructor() {
    this.rtt = new Rtt();
    /** @type {number | null} told from outside: overrules our own measurement */
    this.toldMs = null;
    /** @type {{sentMs: number, atMs: number} | null} */
    this.heard = null;
  }

  /** @returns {number | null} */
  get rttMs() {
    return this.toldMs ?? this.rtt.smoothedMs;
  }

  /** @param {number} nowMs @returns {{sentMs: number, echoMs: number}} for the next packet; echoMs 0 = nothing to echo */
  stamp(nowMs) {
    const echo = this.heard ? (this.heard.sentMs + toWire(nowMs - this.heard.atMs)) >>> 0 : 0;
    return { sentMs: toWire(nowMs), echoMs: echo };
  }

  /** @param {{sentMs: number, echoMs: number}} packet @param {number} nowMs */
  receive({ sentMs, echoMs }, nowMs) {
    this.heard = { sentMs, atMs: nowMs };
    if (echoMs !== 0) this.rtt.add(((toWire(nowMs) - echoMs) >>> 0) / 10);
  }
}
