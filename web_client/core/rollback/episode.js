/**
 * One episode of a match, as one browser sees it: it puts together inputs, timeline, agreement, checks and the end.
 * @module
 */
import { NEVER } from "../wire/codec.js";
import { Agreement } from "./agreement.js";
import { haveOf, takeDirect } from "./blocks.js";
import { Checks } from "./checks.js";
import { Ending } from "./ending.js";
import { InputLog } from "./input_log.js";
import { Marks } from "./marks.js";
import { Membership } from "./membership.js";
import { OwnInputs } from "./own_inputs.js";
import { emptySchedule, isAbsent } from "./schedule.js";
import { TimeSync } from "./time_sync.js";
import { Timeline } from "./timeline.js";

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Request} Request */
/** @typedef {import("../wire/codec.js").ControlMessage} ControlMessage */

/** What a peer has of us and of everybody, as it last said. */
export class Standing {
  /** last of our inputs it has */
  ack = -1;
  /** it knows all inputs up to here */
  known = -1;
  /** the newest frame it said it was about to step */
  frame = -1;
  /** our frame minus its frame when its last packet arrived */
  advantage = 0;
}

const MOST_RESYNCS = 3;
/** more ends under schedules we have not reached are no game's */
const MOST_EARLY_ENDS = 64;
/** nobody can be farther ahead than this: what claims to be is not taken */
const FARTHEST = 1024;

export class Episode {
  /**
   * @param {object} options
   * @param {import("./options.js").Settings} options.settings
   * @param {number} options.number
   * @param {number} options.maxSteps
   * @param {boolean} options.away true: we come back to a running episode, or only watch
   * @param {boolean} options.wantState
   * @param {number} options.inputDelayFrames
   * @param {import("./gone.js").Gone} options.gone
   * @param {() => number} options.due no frame after this one can have been played by now
   * @param {(event: Event) => void} options.emit
   * @param {(peer: number, message: ControlMessage) => void} options.post
   */
  constructor({ settings, number, maxSteps, away, wantState, inputDelayFrames, gone, due, emit, post }) {
    const { me, owners } = settings;
    this.settings = settings;
    this.number = number;
    this.me = me;
    this.gone = gone;
    this.due = due;
    this.emit = emit;
    this.post = post;
    /** all peers that play */
    this.peers = [...new Set(owners)].sort((a, b) => a - b);
    this.players = new Map(this.peers.map((peer) => [peer, owners.flatMap((owner, player) => (owner === peer ? [player] : []))]));
    this.remotePlayers = owners.flatMap((owner, player) => (owner === me ? [] : [player]));
    this.log = new InputLog(settings);
    this.marks = new Marks({ me, peers: this.peers, keys: settings.keys, episode: number });
    this.own = new OwnInputs(settings, this.log, inputDelayFrames);
    this.timeline = new Timeline(settings, this.log);
    this.checks = new Checks(number, (event) => this.#diverged(event));
    this.ending = new Ending(maxSteps, (event) => this.#diverged(event));
    this.sync = new TimeSync(settings.timeSync);
    this.agreement = new Agreement({
      me,
      episode: number,
      peers: this.peers,
      schedule: emptySchedule(),
      facts: { committed: () => this.own.committed, anchors: () => this.#anchors(), have: (peer) => haveOf(this, peer) },
      post,
      apply: (decided) => this.membership.apply(decided),
      giveWay: (schedule) => this.membership.comeBackTo(schedule),
    });
    this.membership = new Membership(this, { away, wantState });
    /** @type {Map<number, Standing>} */
    this.standings = new Map(this.peers.filter((peer) => peer !== me).map((peer) => [peer, new Standing()]));
    /** all peers know all inputs up to here: nothing can change any more */
    this.stable = -1;
    this.confirmedFrame = -1;
    this.paused = false;
    /** two parts of the match went on without each other, and ours is not the one that counts */
    this.halted = false;
    /** rows before this frame are not here, only a state */
    this.importedFrom = 0;
    /** @type {{peer: number, message: import("../wire/codec.js").EndMessage}[]} made under a schedule we have not reached */
    this.earlyEnds = [];
    /** a state was received and is not in the ring yet */
    this.importing = false;
    /** the local inputs of this tick were taken for a frame */
    this.took = false;
    /** @type {number | null} */
    this.inputFrame = null;
    /** @type {number | null} */
    this.loadNext = null;
    this.resyncs = 0;
    this.stalls = 0;
    this.skips = 0;
  }

  /** @returns {boolean} we are not counted on: we come back, or only watch */
  get away() {
    return this.membership.returner !== null;
  }

  /** @returns {number[]} present peers without us */
  get others() {
    return this.agreement.present.filter((peer) => peer !== this.me);
  }

  /** @returns {number} all inputs up to here are known here */
  get known() {
    const { schedule } = this.agreement;
    return this.ending.clamp(schedule, this.log.known(), this.timeline.terminalFrame);
  }

  /** @returns {number} no frame after this one may be stepped */
  get limit() {
    return this.ending.limit(this.agreement.schedule);
  }

  /** @param {number} peer not this one @returns {Standing} */
  standing(peer) {
    return /** @type {Standing} */ (this.standings.get(peer));
  }

  /** @param {ControlMessage} message to everybody who plays */
  postAll(message) {
    for (const peer of this.standings.keys()) this.post(peer, message);
  }

  /** @param {number} peer @returns {number[]} */
  playersOf(peer) {
    return this.players.get(peer) ?? [];
  }

  /** @returns {number[]} */
  #anchors() {
    const agreed = this.checks.agreed(this.others);
    return this.timeline.snapshots.anchors.filter((frame) => frame <= agreed + 1 && frame <= this.stable + 1);
  }

  /**
   * One tick.
   * @param {(number | null)[]} localInputs @param {number} nowMs @param {number | null} rttMs round trip to the farthest present peer
   * @returns {{requests: Request[], confirmed: import("./types.js").Confirmed | null, took: boolean, inputFrame: number | null}}
   */
  advance(localInputs, nowMs, rttMs) {
    /** @type {Request[]} */
    const requests = [];
    this.took = false;
    this.inputFrame = null;
    if (!this.away) this.agreement.settle();
    this.membership.ask(nowMs);
    if (!this.ending.over && !this.halted && !this.importing) {
      this.#updateStable();
      this.#repair(requests);
      this.#proceed(localInputs, rttMs, requests);
      this.membership.tellReady();
    }
    const last = requests.findLast((request) => request.type === "step");
    if (last?.type === "step") last.draw = true;
    const confirmed = this.#confirm();
    this.#finish();
    this.membership.serve();
    return { requests, confirmed, took: this.took, inputFrame: this.inputFrame };
  }

  #updateStable() {
    if (this.away) return;
    const known = this.others.map((peer) => this.standing(peer).known);
    this.stable = Math.max(this.stable, Math.min(this.known, ...known));
  }

  /** @param {Request[]} requests */
  #repair(requests) {
    const wrong = this.loadNext ?? this.timeline.firstWrong(this.confirmedFrame + 1);
    this.loadNext = null;
    if (wrong === null) return;
    const frames = this.timeline.rewind(wrong, this.stable, requests);
    this.emit({ type: "rolled_back", frame: wrong, frames });
  }

  /** @param {(number | null)[]} localInputs @param {number | null} rttMs @param {Request[]} requests */
  #proceed(localInputs, rttMs, requests) {
    const surplus = this.#surplus();
    if (surplus > 0) return this.#batch(surplus, requests);
    if (this.#isIdle()) return;
    this.own.adaptDelay(this.timeline.frame, localInputs, rttMs);
    if (this.sync.skips()) return this.#skip();
    // In lockstep the others wait for our input before we may step its frame; otherwise it is read as late as possible.
    const lockstep = this.settings.maxPredictionFrames === 0;
    if (lockstep) this.#commit(localInputs);
    if (this.#lacksInputs()) return this.#stall("inputs");
    if (!lockstep) this.#commit(localInputs);
    if (this.own.committed < this.timeline.frame) return this.#stall("agreement");
    this.timeline.step({ known: this.log.known(), stable: this.stable, last: true }, requests);
  }

  /** @param {(number | null)[]} localInputs */
  #commit(localInputs) {
    const target = Math.min(this.timeline.frame + this.own.delayFrames, this.limit);
    if (!this.agreement.voting) this.took = this.own.commit(localInputs, target);
    if (this.took) this.inputFrame = target;
  }

  #skip() {
    this.skips += 1;
    this.emit({ type: "skipped", frame: this.timeline.frame, lead: this.sync.lead });
  }

  /** @returns {number} frames whose inputs are all known although we have not come that far */
  #surplus() {
    const through = Math.min(this.log.known(), this.limit, this.timeline.terminalFrame);
    const ahead = through - this.timeline.frame + 1;
    if (this.away || this.paused || this.agreement.schedule.stopAt !== NEVER) return ahead;
    return ahead - this.own.delayFrames - 1;
  }

  /** @param {number} frames @param {Request[]} requests */
  #batch(frames, requests) {
    const count = Math.min(frames, this.settings.catchUpFrames);
    const known = this.log.known();
    for (let i = 1; i <= count; i++) this.timeline.step({ known, stable: this.stable, last: i === count }, requests);
  }

  /** @returns {boolean} there is nothing to play now, and nobody is to blame for it */
  #isIdle() {
    const { frame, terminalFrame } = this.timeline;
    return this.away || this.paused || frame > Math.min(this.limit, terminalFrame);
  }

  /** @returns {boolean} we are as far ahead as we may be */
  #lacksInputs() {
    return this.timeline.frame > this.log.known(this.remotePlayers) + this.settings.maxPredictionFrames;
  }

  /** @param {"inputs" | "agreement"} reason */
  #stall(reason) {
    // A frame that waits for moves is due when they are made, not before.
    if (this.settings.awaitInputs) return;
    this.stalls += 1;
    const through = Math.min(...this.others.map((peer) => this.log.known(this.playersOf(peer))));
    const peers = this.others.filter((peer) => this.log.known(this.playersOf(peer)) === through);
    this.emit({ type: "stalled", frame: this.timeline.frame, reason, peers });
  }

  /** @returns {import("./types.js").Confirmed | null} */
  #confirm() {
    const last = Math.min(this.stable, this.timeline.resultsThrough, this.limit);
    if (last <= this.confirmedFrame) return null;
    const first = this.confirmedFrame + 1;
    this.confirmedFrame = last;
    for (let frame = first; frame <= last; frame++) {
      const sum = this.timeline.sums.get(frame);
      if (sum !== undefined) this.check(0, frame, sum);
    }
    return { first, last, inputs: this.timeline.used.slice(first, last + 1).map((row) => row.slice()) };
  }

  /** @param {number} kind @param {number} frame @param {string} value */
  check(kind, frame, value) {
    // After a resynchronisation the chains cover rows that differed; only states can be equal again.
    if (kind === 1 && this.checks.epoch > 0) return;
    const message = this.checks.add(kind, frame, value);
    if (message) for (const peer of this.others) this.post(peer, message);
  }

  /** @param {Event} event */
  #diverged(event) {
    this.emit(event);
    if (this.ending.over || event.kind === "end" || this.away) return;
    if (this.settings.onDesync === "end") this.agreement.stop ??= "desync";
    if (this.settings.onDesync !== "resync" || event.kind !== "state" || this.resyncs >= MOST_RESYNCS) return;
    this.resyncs += 1;
    this.agreement.resync = true;
  }

  #finish() {
    const { ending, timeline, agreement } = this;
    if (ending.over) return;
    const frame = ending.final(timeline, agreement.schedule, this.log.known());
    if (frame === null) return;
    if (!this.away) this.#announceEnd(frame);
    ending.compare(frame, timeline, agreement.schedule);
    const told = ending.verdict?.frame === frame;
    const agreed = told || (!this.away && ending.agreed(frame, this.others) && !this.membership.awaitsSomebody);
    if (agreed && this.confirmedFrame >= frame) this.#conclude(frame);
  }

  /** @param {number} frame */
  #announceEnd(frame) {
    if (this.ending.said === frame) return;
    this.ending.said = frame;
    for (const peer of this.others) this.sayEnd(peer, frame, false);
  }

  /** @param {number} frame */
  #conclude(frame) {
    this.ending.over = true;
    const listeners = new Set([...this.standings.keys(), ...this.membership.sponsor.guests.keys()]);
    if (this.settings.local.length > 0) for (const peer of listeners) this.sayEnd(peer, frame, true);
    this.emit({ type: "episode_ended", frame, reason: this.ending.reason(frame, this.timeline, this.agreement.schedule) });
  }

  /** @param {number} peer @param {number} frame @param {boolean} final all agreed */
  sayEnd(peer, frame, final) {
    const { digest, schedule } = this.agreement;
    const reason = this.ending.reason(frame, this.timeline, schedule);
    this.post(peer, { type: "end", episode: this.number, digest, frame, reason, final });
  }

  /** @param {number} peer it was away when we announced the end */
  repeatEnd(peer) {
    if (this.ending.said !== null) this.sayEnd(peer, this.ending.said, false);
  }

  /** The schedule is a new one: our verdict counts under it as well, and what waited for it can be taken. */
  underNewSchedule() {
    for (const { peer, message } of this.earlyEnds.splice(0)) this.receiveEnd(peer, message);
    if (this.ending.over) this.others.forEach((peer) => this.sayEnd(peer, this.confirmedFrame, true));
  }

  /** @param {number} peer @param {import("../wire/codec.js").InputsMessage} packet of this episode, made under our schedule */
  receiveInputs(peer, packet) {
    const standing = this.standing(peer);
    standing.ack = Math.max(standing.ack, Math.min(packet.ack, this.own.committed));
    const players = this.playersOf(peer);
    if (this.agreement.shuns(peer) || packet.players !== players.length) return;
    if (packet.block.first + packet.block.rows.length <= this.timeline.frame + FARTHEST) takeDirect(this, peer, packet.block);
    standing.known = Math.max(standing.known, packet.known);
    if (packet.frame < standing.frame || this.paused || (packet.flags & 1) !== 0) return;
    standing.frame = packet.frame;
    standing.advantage = this.timeline.frame - packet.frame;
    this.sync.sample(peer, standing.advantage, packet.advantage);
  }

  /** @param {number} peer @param {import("../wire/codec.js").EndMessage} message */
  receiveEnd(peer, message) {
    const { agreement } = this;
    if (!this.standings.has(peer)) return;
    if (message.final) this.ending.finished.add(peer);
    // The verdict of those who went on without us is not ours, until we know that we were away.
    if (message.final && (this.away || message.digest === agreement.digest)) this.ending.conclude(message);
    if (message.final || isAbsent(agreement.schedule, peer)) return;
    // It may follow from a decision that has not reached us.
    if (!agreement.isAhead(message.digest)) this.#takeEnd(peer, message);
    else if (this.earlyEnds.length < MOST_EARLY_ENDS) this.earlyEnds.push({ peer, message });
  }

  /** @param {number} peer @param {import("../wire/codec.js").EndMessage} message */
  #takeEnd(peer, message) {
    this.ending.announce(peer, message);
    const standing = this.standing(peer);
    standing.known = Math.max(standing.known, message.frame);
  }

  /** @param {import("../wire/codec.js").Block} block rows of all players, final everywhere */
  feed({ first, rows, marks }) {
    if (first > this.stable + 1) return;
    rows.forEach((row, i) => {
      if (first + i <= this.stable) return;
      this.log.setRow(first + i, row);
      this.marks.keepRow(first + i, marks[i]);
    });
    this.stable = Math.max(this.stable, first + rows.length - 1);
  }

  /** @param {number} frame a state of another browser is to be the start of ours @returns {boolean} whether it can be */
  importState(frame) {
    if (frame <= this.stable || this.confirmedFrame >= this.importedFrom) return false;
    this.importedFrom = frame;
    this.log.skipTo(frame);
    this.timeline.adopt(frame);
    this.stable = frame - 1;
    this.confirmedFrame = frame - 1;
    this.importing = true;
    return true;
  }

  /** @param {number} frame the state before this frame is in the ring */
  stateLoaded(frame) {
    // A newer one may have come in the meantime.
    if (!this.importing || frame !== this.confirmedFrame + 1) return;
    this.importing = false;
    this.loadNext = frame;
  }
}
