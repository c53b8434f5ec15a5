/**
 * Comparing states and recorded rows with the other peers, by frame.
 * @module
 */

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("../wire/codec.js").ChecksumMessage} ChecksumMessage */

export const KINDS = ["state", "rows"];

export class Checks {
  /** @param {number} episode @param {(event: Event) => void} emit */
  constructor(episode, emit) {
    this.episode = episode;
    this.emit = emit;
    this.epoch = 0;
    this.cleanFrom = 0;
    /** @type {Map<number, string>[]} per kind: ours by frame, of confirmed frames only */
    this.ours = [new Map(), new Map()];
    /** @type {Map<number, Map<number, string>[]>} per peer and kind */
    this.theirs = new Map();
    /** @type {Map<number, number>} per peer: last frame after which the states were equal */
    this.equalThrough = new Map();
    /** @type {Set<string>} differences already told */
    this.told = new Set();
  }

  /**
   * @param {number} kind 0 state, 1 rows
   * @param {number} frame confirmed
   * @param {string} value
   * @returns {ChecksumMessage | null} what to tell everybody, null when it is known or does not count
   */
  add(kind, frame, value) {
    if (frame < this.cleanFrom || this.ours[kind].get(frame) === value) return null;
    this.ours[kind].set(frame, value);
    for (const peer of this.theirs.keys()) this.#compare(peer, kind, frame);
    return { type: "checksum", episode: this.episode, epoch: this.epoch, kind, frame, value };
  }

  /** Its page was loaded anew: what the one before had is no word of this one. @param {number} peer */
  forget(peer) {
    this.theirs.delete(peer);
  }

  /** @param {number} peer @param {ChecksumMessage} message */
  receive(peer, { epoch, kind, frame, value }) {
    if (epoch !== this.epoch) return;
    const maps = this.theirs.get(peer) ?? [new Map(), new Map()];
    this.theirs.set(peer, maps);
    maps[kind].set(frame, value);
    this.#compare(peer, kind, frame);
  }

  /** @param {number} peer @param {number} kind @param {number} frame */
  #compare(peer, kind, frame) {
    const mine = this.ours[kind].get(frame);
    const theirs = this.theirs.get(peer)?.[kind].get(frame);
    if (mine === undefined || theirs === undefined) return;
    if (mine === theirs) {
      if (kind === 0) this.equalThrough.set(peer, Math.max(frame, this.equalThrough.get(peer) ?? -1));
      return;
    }
    const key = `${this.epoch}/${peer}/${kind}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.emit({ type: "desync", kind: KINDS[kind], frame, peer, mine, theirs, equalThrough: this.equalThrough.get(peer) ?? -1 });
  }

  /** @param {number[]} peers @returns {number} last frame after which the states of all of them were equal to ours, -1 at first */
  agreed(peers) {
    return Math.min(...peers.map((peer) => this.equalThrough.get(peer) ?? -1));
  }

  /** @param {number} epoch @param {number} cleanFrom after a resynchronisation: what was compared before counts no more */
  restart(epoch, cleanFrom) {
    this.epoch = epoch;
    this.cleanFrom = cleanFrom;
    this.ours = [new Map(), new Map()];
    this.theirs.clear();
  }
}
