/**
 * Marks: with each of its inputs a browser gives one number per member, which those two alone can make and check.
 * They travel with the inputs, so that whoever tells what another one did can show that it was done: after a reload our own past
 * is ours, and a third one's word is theirs, whoever hands them on.
 * @module
 */
import { sipHash } from "../siphash.js";

/** no mark: one that was never seen here */
export const UNKNOWN = 0;

/** @param {string} hex 32 digits @returns {number[]} four words */
const wordsOf = (hex) => [0, 8, 16, 24].map((at) => Number.parseInt(hex.slice(at, at + 8), 16) | 0);

export class Marks {
  /**
   * @param {object} options
   * @param {number} options.me
   * @param {number[]} options.peers who plays, ascending: marks are listed in this order
   * @param {Record<string, string> | null} options.keys per peer what it and we alone know, 32 hex digits; ours under our own number. null:
   *   nothing is marked and nothing checked
   * @param {number} options.episode
   */
  constructor({ me, peers, keys, episode }) {
    this.me = me;
    this.peers = peers;
    this.episode = episode;
    this.keys = keys && new Map(peers.map((peer) => [peer, wordsOf(keys[peer] ?? "")]));
    /** @type {Map<number, number[][]>} per other peer: by frame its marks for `peers` */
    this.kept = new Map(peers.map((peer) => [peer, []]));
  }

  /** @param {number} author @param {number} other of the two is us @param {number} frame @param {number[]} inputs of all its players */
  #make(author, other, frame, inputs) {
    const key = this.keys?.get(author === this.me ? other : author);
    if (!key) return UNKNOWN;
    const words = [this.episode * 256 + author, frame];
    for (const input of inputs) words.push(input | 0, Math.floor(input / 2 ** 32));
    return sipHash(key, words) || 1;
  }

  /** What the author itself sent. @param {number} author @param {number} frame @param {number[] | undefined} marks for `peers` */
  keep(author, frame, marks) {
    const list = this.kept.get(author);
    if (marks && list) list[frame] = marks;
  }

  /** @param {number} author @param {number} frame @param {number[]} inputs @returns {number[]} its marks for `peers` */
  of(author, frame, inputs) {
    if (author === this.me) return this.peers.map((peer) => this.#make(author, peer, frame, inputs));
    return this.kept.get(author)?.[frame] ?? this.peers.map(() => UNKNOWN);
  }

  /** What all sent, as it was handed on. @param {number} frame @param {number[] | undefined} marks for `peers`, of each of `peers` in turn */
  keepRow(frame, marks) {
    const count = this.peers.length;
    if (marks) this.peers.forEach((peer, k) => this.keep(peer, frame, marks.slice(k * count, (k + 1) * count)));
  }

  /** @param {number} author @param {number} frame @param {number[]} inputs @returns {number} its mark for us, which we can make as it can */
  forMe(author, frame, inputs) {
    return this.#make(author, author, frame, inputs);
  }

  /** @param {number} author @param {number} frame @param {number[]} inputs @param {number[]} marks for `peers`, as they were handed on to us @returns {boolean} */
  proves(author, frame, inputs, marks) {
    return this.keys === null || marks[this.peers.indexOf(this.me)] === this.forMe(author, frame, inputs);
  }
}

/** @param {Marks} marks @param {number} author another one @param {number} frame @param {number} reader @returns {boolean} we could show it what the author did */
export const isMarked = ({ kept, peers }, author, frame, reader) => (kept.get(author)?.[frame]?.[peers.indexOf(reader)] ?? UNKNOWN) !== UNKNOWN;
