/**
 * Agreeing on who is absent from which frame on, who is back, on a resynchronisation and on an early end.
 *
 * A round: whoever learns of a change votes, and thereby stops committing inputs and stops taking inputs of those who leave.
 * A vote carries how far its voter committed and what it has of the leaving. Votes for different changes flow together
 * into their union. Once all who stay have voted for the same changes, each can work out the same decision; the first to do so
 * tells everybody, so a voter that dies in between cannot leave the others divided.
 * @module
 */
import { NEVER } from "../wire/codec.js";
import { absentFrom, copySchedule, digestOf, isAbsent, maskOf, MOST_PEERS, peersOf } from "./schedule.js";

/** @typedef {import("../wire/codec.js").Schedule} Schedule */
/** @typedef {import("../wire/codec.js").VoteMessage} VoteMessage */
/** @typedef {import("../wire/codec.js").DecidedMessage} DecidedMessage */
/** @typedef {import("../wire/codec.js").Have} Have */

/**
 * What a vote is made of.
 * @typedef {object} Facts
 * @property {() => number} committed last frame with an own input
 * @property {() => number[]} anchors states we have that everybody agreed on
 * @property {(peer: number) => Have} have inputs of this peer from the first frame that anybody may lack
 */

/** @typedef {Pick<VoteMessage, "leaves" | "returns" | "resync" | "stop">} Changes */
/** @param {Changes} vote @returns {string} the changes it is for */
const changesOf = (vote) => [vote.leaves, vote.returns, vote.resync, vote.stop].join();

/**
 * Everything the voters have of a leaving peer, without gaps. Who has just come back may lack frames that the others know to
 * be stable and no longer vote with: it is sent those as rows, so they are none that could be missing here.
 * @param {VoteMessage[]} votes @param {number} peer @returns {Have}
 */
function unite(votes, peer) {
  const haves = votes.flatMap((vote) => vote.haves.filter((have) => have.peer === peer));
  const end = Math.max(...haves.map(({ block }) => block.first + block.rows.length));
  /** @type {Map<number, {row: number[], marks: number[]}>} */
  const known = new Map();
  for (const { block } of haves) block.rows.forEach((row, i) => known.set(block.first + i, { row, marks: block.marks[i] }));
  /** @type {import("../wire/codec.js").Block} */
  const block = { first: end, rows: [], marks: [] };
  for (let found = known.get(end - 1); found; found = known.get(block.first - 1)) {
    block.first -= 1;
    block.rows.unshift(found.row);
    block.marks.unshift(found.marks);
  }
  return { peer, players: haves[0].players, block };
}

/** more votes for schedules we have not reached are no game's */
const MOST_EARLY = 64;

export class Agreement {
  /**
   * @param {object} options
   * @param {number} options.me
   * @param {number} options.episode
   * @param {number[]} options.peers all peers that play, with me
   * @param {Schedule} options.schedule
   * @param {Facts} options.facts
   * @param {(peer: number, message: VoteMessage | DecidedMessage) => void} options.post
   * @param {(decided: DecidedMessage) => void} options.apply
   * @param {(schedule: Schedule) => void} options.giveWay to this one, which brought us back as ours did: we come back anew
   */
  constructor({ me, episode, peers, schedule, facts, post, apply, giveWay }) {
    this.me = me;
    this.episode = episode;
    this.peers = peers;
    this.facts = facts;
    this.post = post;
    this.apply = apply;
    this.giveWay = giveWay;
    /** @type {Set<number>} */
    this.leaves = new Set();
    /** @type {Map<number, number>} peer → what it calls its absence */
    this.returns = new Map();
    this.resync = false;
    /** @type {string | null} */
    this.stop = null;
    /** @type {Map<number, VoteMessage>} for the present schedule */
    this.votes = new Map();
    /** @type {Set<string>} what we voted for under the present schedule */
    this.cast = new Set();
    /** @type {{peer: number, vote: VoteMessage}[]} votes for a schedule we have not reached */
    this.early = [];
    /** @type {Map<number, DecidedMessage>} by the digest it was based on */
    this.history = new Map();
    this.schedule = schedule;
    this.digest = digestOf(schedule);
  }

  /** @returns {number[]} peers that are not absent */
  get present() {
    return this.peers.filter((peer) => !isAbsent(this.schedule, peer));
  }

  /** @returns {number[]} who has to vote */
  get #voters() {
    return this.present.filter((peer) => !this.leaves.has(peer));
  }

  /** @returns {boolean} we voted: no own input may be committed */
  get voting() {
    return this.votes.has(this.me);
  }

  /** @param {number} digest @returns {boolean} of a schedule that has not reached us */
  isAhead(digest) {
    return digest !== this.digest && !this.history.has(digest);
  }

  /** @param {Changes} changes @returns {boolean} */
  votedFor(changes) {
    return this.cast.has(changesOf(changes));
  }

  /** @param {number} peer @returns {boolean} its inputs are not to be taken */
  shuns(peer) {
    return this.voting && this.leaves.has(peer);
  }

  /** @returns {boolean} a change is wished for that is not agreed yet */
  get #pending() {
    return this.present.some((peer) => this.leaves.has(peer)) || this.#returning().length > 0 || this.resync || this.stop !== null;
  }

  /** @returns {number[]} */
  #returning() {
    return [...this.returns.keys()].filter((peer) => isAbsent(this.schedule, peer));
  }

  /** Vote and decide as far as possible now. */
  settle() {
    while (this.#round());
  }

  /** @returns {boolean} something was decided */
  #round() {
    if (!this.#pending || !this.#voters.includes(this.me)) return false;
    const vote = this.#makeVote();
    const mine = this.votes.get(this.me);
    if (!mine || changesOf(mine) !== changesOf(vote)) this.#cast(vote);
    const votes = this.#voters.map((peer) => this.votes.get(peer));
    if (!votes.every((other) => other && changesOf(other) === changesOf(vote))) return false;
    const decided = this.#decide(/** @type {VoteMessage[]} */ (votes));
    const listeners = [...this.#voters, ...this.#returning()].filter((peer) => peer !== this.me);
    for (const peer of listeners) this.post(peer, decided);
    this.adopt(decided);
    return true;
  }

  /** @param {VoteMessage} vote */
  #cast(vote) {
    this.votes.set(this.me, vote);
    this.cast.add(changesOf(vote));
    for (const peer of this.#voters) if (peer !== this.me) this.post(peer, vote);
  }

  /** @returns {VoteMessage} */
  #makeVote() {
    const leaving = this.present.filter((peer) => this.leaves.has(peer));
    return {
      type: "vote",
      episode: this.episode,
      base: this.digest,
      leaves: maskOf(leaving),
      returns: maskOf(this.#returning()),
      lives: Array.from({ length: MOST_PEERS }, (_, peer) => this.returns.get(peer) ?? 0),
      resync: this.resync,
      stop: this.stop !== null,
      stopReason: this.stop ?? "",
      committed: this.facts.committed(),
      anchors: this.facts.anchors(),
      haves: leaving.map((peer) => this.facts.have(peer)),
    };
  }

  /** @param {VoteMessage[]} votes of all voters, ascending by peer @returns {DecidedMessage} */
  #decide(votes) {
    const { base, leaves, returns, resync, stop } = votes[0];
    const schedule = copySchedule(this.schedule);
    schedule.version += 1;
    const committed = Math.max(...votes.map((vote) => vote.committed));
    const haves = peersOf(leaves).map((peer) => unite(votes, peer));
    for (const { peer, block } of haves) schedule.absences[peer].push({ from: block.first + block.rows.length, to: NEVER });
    for (const peer of peersOf(returns)) {
      const absence = schedule.absences[peer][schedule.absences[peer].length - 1];
      absence.to = Math.max(committed + 1, absence.from);
      schedule.lives[peer] = Math.max(...votes.map((vote) => vote.lives[peer]));
    }
    if (stop && schedule.stopAt === NEVER) {
      schedule.stopAt = committed;
      schedule.stopReason = votes.map((vote) => vote.stopReason).find((reason) => reason !== "") ?? "";
    }
    if (resync) {
      schedule.epoch += 1;
      schedule.resyncFrom = votes[0].anchors.filter((anchor) => votes.every((vote) => vote.anchors.includes(anchor))).at(-1) ?? -1;
      schedule.cleanFrom = committed + 1;
    }
    return { type: "decided", episode: this.episode, base, leaves, returns, schedule, haves };
  }

  /** @param {number} peer @param {VoteMessage} vote */
  receiveVote(peer, vote) {
    if (vote.base === this.digest) return this.#takeVote(peer, vote);
    const decided = this.history.get(vote.base);
    // Whoever left by it is told by the schedule that they are absent: this is none they could have voted for.
    const left = decided !== undefined && (decided.leaves & (1 << peer)) !== 0;
    if (decided && !left) this.post(peer, decided);
    if (!decided && this.early.length < MOST_EARLY) this.early.push({ peer, vote });
  }

  /** @param {number} peer @param {VoteMessage} vote */
  #takeVote(peer, vote) {
    if (!this.#voters.includes(peer)) return;
    for (const leaving of peersOf(vote.leaves)) if (leaving !== this.me) this.leaves.add(leaving);
    for (const returning of peersOf(vote.returns)) this.returns.set(returning, Math.max(this.returns.get(returning) ?? 0, vote.lives[returning]));
    this.resync ||= vote.resync;
    if (vote.stop) this.stop ??= vote.stopReason;
    this.votes.set(peer, vote);
  }

  /** @param {number} teller @param {DecidedMessage} decided of somebody who was first @param {number | null} life what we call our absence, if we come back */
  receiveDecided(teller, decided, life) {
    if (life === null && this.contradicts(decided)) return this.giveWay(decided.schedule);
    // Who comes back may not have heard of what was decided before; an earlier page of ours may have been meant.
    const isWelcome = decided.schedule.version > this.schedule.version && (decided.returns & (1 << this.me)) !== 0 && decided.schedule.lives[this.me] === life;
    if (life === null ? decided.base !== this.digest : !isWelcome) return;
    // Whoever decided it may be gone before all have heard it: those who missed it would decide something else.
    const others = this.peers.filter((peer) => peer !== this.me && peer !== teller && !isAbsent(decided.schedule, peer));
    for (const peer of others) this.post(peer, decided);
    this.adopt(decided);
  }

  /**
   * Those who brought us back told us alone, and left: who stays has not heard of it, and brought us back by another decision.
   * Nobody can have confirmed a frame under ours if one of those who decided otherwise plays by it: that takes their inputs.
   * If all of them left by ours, it was played without them, and what was recorded then counts.
   * @param {DecidedMessage} decided @returns {boolean}
   */
  contradicts({ schedule, returns }) {
    const { me } = this;
    const isOurReturn = (returns & (1 << me)) !== 0 && schedule.lives[me] === this.schedule.lives[me];
    const isOther = schedule.version === this.schedule.version && digestOf(schedule) !== this.digest;
    const isPlayedWithout = !this.present.some((peer) => (returns & (1 << peer)) === 0 && !isAbsent(schedule, peer));
    return isOurReturn && isOther && !isPlayedWithout;
  }

  /** @param {DecidedMessage} decided */
  adopt(decided) {
    this.history.set(decided.base, decided);
    const resynced = decided.schedule.epoch !== this.schedule.epoch;
    this.#enter(decided.schedule);
    if (resynced) this.resync = false;
    this.apply(decided);
    const early = this.early.splice(0);
    for (const { peer, vote } of early) this.receiveVote(peer, vote);
  }

  /** @param {Schedule} schedule told by somebody who stayed while we were absent */
  replaceSchedule(schedule) {
    this.#enter(schedule);
    this.early = [];
  }

  /** @param {Schedule} schedule */
  #enter(schedule) {
    this.schedule = schedule;
    this.digest = digestOf(schedule);
    this.votes.clear();
    this.cast.clear();
    for (const peer of this.leaves) if (absentFrom(schedule, peer) !== NEVER) this.leaves.delete(peer);
    for (const peer of this.returns.keys()) if (absentFrom(schedule, peer) === NEVER) this.returns.delete(peer);
    if (schedule.stopAt !== NEVER) this.stop = null;
  }
}
