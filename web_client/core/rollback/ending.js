/**
 * The end of an episode: the last frame is known here, then by all, and only then the episode is over.
 * @module
 */
import { NEVER } from "../wire/codec.js";

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("../wire/codec.js").Schedule} Schedule */
/** @typedef {import("./timeline.js").Timeline} Timeline */

export class Ending {
  /** @param {number} maxSteps @param {(event: Event) => void} emit */
  constructor(maxSteps, emit) {
    this.maxSteps = maxSteps;
    this.emit = emit;
    /** @type {Map<number, {frame: number, reason: string}>} what each peer takes for the last frame */
    this.announced = new Map();
    /** @type {{frame: number, reason: string} | null} somebody knows that all agreed */
    this.verdict = null;
    /** @type {number | null} the last frame we announced */
    this.said = null;
    this.told = false;
    /** @type {Set<number>} peers for which the episode is over */
    this.finished = new Set();
    this.over = false;
  }

  /** @returns {{frame: number, reason: string} | null} the earliest end a peer announced */
  #earliest() {
    const all = [...this.announced.values(), ...(this.verdict ? [this.verdict] : [])];
    return all.length === 0 ? null : all.reduce((first, end) => (end.frame < first.frame ? end : first));
  }

  /** @param {Schedule} schedule @returns {number} no frame after this one may be stepped */
  limit(schedule) {
    return Math.min(this.maxSteps - 1, schedule.stopAt, this.#earliest()?.frame ?? Infinity);
  }

  /**
   * @param {Timeline} timeline @param {Schedule} schedule @param {number} known
   * @returns {number | null} the last frame, when it has been stepped with inputs that are all known
   */
  final(timeline, schedule, known) {
    const frame = Math.min(timeline.terminalFrame, this.limit(schedule));
    return frame <= known && frame <= timeline.resultsThrough ? frame : null;
  }

  /** @param {number} frame @param {Timeline} timeline @param {Schedule} schedule @returns {string} */
  reason(frame, timeline, schedule) {
    if (this.verdict?.frame === frame) return this.verdict.reason;
    const own = timeline.terminals.get(frame);
    if (own) return own;
    if (frame === this.maxSteps - 1) return "max_steps";
    return frame === schedule.stopAt ? schedule.stopReason : (this.#earliest()?.reason ?? "terminated");
  }

  /** @param {number} peer @param {{frame: number, reason: string}} end */
  announce(peer, { frame, reason }) {
    this.announced.set(peer, { frame, reason });
  }

  /** @param {{frame: number, reason: string}} end */
  conclude({ frame, reason }) {
    this.verdict = { frame, reason };
  }

  /**
   * Peers that saw another end than we did have left the common path.
   * @param {number} frame our last frame
   * @param {Timeline} timeline
   * @param {Schedule} schedule
   */
  compare(frame, timeline, schedule) {
    if (this.told) return;
    const ordered = timeline.terminals.has(frame) || frame === schedule.stopAt || frame === this.maxSteps - 1;
    const other = [...this.announced].find(([, end]) => end.frame !== frame || !ordered);
    if (!other) return;
    this.told = true;
    this.emit({ type: "desync", kind: "end", frame: Math.min(frame, other[1].frame), peer: other[0], mine: ordered ? frame : null, theirs: other[1].frame });
  }

  /** @param {number} frame ours @param {number[]} peers present, without us @returns {boolean} all agree */
  agreed(frame, peers) {
    return this.verdict?.frame === frame || peers.every((peer) => this.announced.get(peer)?.frame === frame);
  }

  /** @param {Schedule} schedule @param {number} known @param {number} terminalFrame @returns {number} how far we may say that we know */
  clamp(schedule, known, terminalFrame) {
    return Math.min(known, this.limit(schedule), terminalFrame, NEVER - 1);
  }
}
