/**
 * One episode of a match, as one browser sees it: it puts together inputs, timeline, agreement, checks and the end.
 * @module
 */
import { delayForRtt } from "../rtt.js";
import { NEVER } from "../wire/codec.js";
import { Agreement } from "./agreement.js";
import { Returner, Sponsor } from "./catch_up.js";
import { Checks } from "./checks.js";
import { Ending } from "./ending.js";
import { InputLog } from "./input_log.js";
import { emptySchedule, isAbsent } from "./schedule.js";
import { TimeSync } from "./time_sync.js";
import { Timeline } from "./timeline.js";

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Request} Request */
/** @typedef {import("../wire/codec.js").ControlMessage} ControlMessage */

/** What a peer has of us and of everybody, as it last said. */
class Standing {
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
   * @param {(event: Event) => void} options.emit
   * @param {(peer: number, message: ControlMessage) => void} options.post
   */
  constructor({ settings, number, maxSteps, away, wantState, inputDelayFrames, emit, post }) {
    const { me, owners } = settings;
    this.settings = settings;
    this.number = number;
    this.me = me;
    this.emit = emit;
    this.post = post;
    this.inputDelayFrames = inputDelayFrames;
    /** all peers that play */
    this.peers = [...new Set(owners)].sort((a, b) => a - b);
    this.players = new Map(this.peers.map((peer) => [peer, owners.flatMap((owner, player) => (owner === peer ? [player] : []))]));
    this.remotePlayers = owners.flatMap((owner, player) => (owner === me ? [] : [player]));
    this.log = new InputLog(settings);
    this.timeline = new Timeline(settings, this.log);
    this.checks = new Checks(number, (event) => this.#diverged(event));
    this.ending = new Ending(maxSteps, (event) => this.#diverged(event));
    this.sync = new TimeSync(settings.timeSync);
    this.sponsor = new Sponsor();
    this.returner = away ? new Returner({ spectator: settings.local.length === 0, wantState }) : null;
    this.agreement = new Agreement({
      me,
      episode: number,
      peers: this.peers,
      schedule: emptySchedule(),
      facts: { committed: () => this.committed, anchors: () => this.#anchors(), have: (peer) => this.#have(peer) },
      post,
      apply: (decided) => this.#apply(decided),
    });
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
    /** a state was received and is not in the ring yet */
    this.importing = false;
    /** @type {number | null} */
    this.loadNext = null;
    this.resyncs = 0;
    this.stalls = 0;
    this.skips = 0;
    this.delayChangedAt = 0;
  }

  /** @returns {number} last frame our own inputs are fixed for, -1 before the first */
  get committed() {
    const [first] = this.settings.local;
    return first === undefined ? -1 : this.log.columns[first].length - 1;
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

  /** @returns {boolean} the lowest of those who are present speaks for all */
  get speaks() {
    return this.returner === null && this.agreement.present[0] === this.me;
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

  /** @param {number} peer @returns {import("../wire/codec.js").Have} */
  #have(peer) {
    const players = this.playersOf(peer);
    const first = this.stable + 1;
    const end = this.log.columns[players[0]].length;
    const rows = Array.from({ length: Math.max(0, end - first) }, (_, i) => players.map((player) => this.log.columns[player][first + i]));
    return { peer, players: players.length, block: { first, rows } };
  }

  /**
   * One tick.
   * @param {number[]} localInputs @param {number} nowMs @param {number | null} rttMs round trip to the farthest present peer
   * @returns {{requests: Request[], confirmed: import("./types.js").Confirmed | null}}
   */
  advance(localInputs, nowMs, rttMs) {
    /** @type {Request[]} */
    const requests = [];
    if (!this.returner) this.agreement.settle();
    this.#ask(nowMs);
    if (!this.ending.over && !this.halted && !this.importing) {
      this.#updateStable();
      this.#repair(requests);
      this.#proceed(localInputs, rttMs, requests);
    }
    const last = requests.findLast((request) => request.type === "step");
    if (last?.type === "step") last.draw = true;
    const confirmed = this.#confirm();
    this.#finish();
    this.#serve();
    return { requests, confirmed };
  }

  #updateStable() {
    if (this.returner) return;
    const known = this.others.map((peer) => /** @type {Standing} */ (this.standings.get(peer)).known);
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

  /** @param {number[]} localInputs @param {number | null} rttMs @param {Request[]} requests */
  #proceed(localInputs, rttMs, requests) {
    const surplus = this.#surplus();
    if (surplus > 0) return this.#batch(surplus, requests);
    if (this.#isIdle()) return;
    if (!this.paused) this.#adaptDelay(localInputs, rttMs);
    if (!this.paused && this.sync.skips()) {
      this.skips += 1;
      this.emit({ type: "skipped", frame: this.timeline.frame, lead: this.sync.lead });
      return;
    }
    const lockstep = this.settings.maxPredictionFrames === 0;
    if (lockstep) this.#commit(localInputs);
    if (this.#lacksInputs()) return this.#stall("inputs");
    if (!lockstep) this.#commit(localInputs);
    if (this.committed < this.timeline.frame) return this.#stall("agreement");
    this.timeline.step({ known: this.log.known(), stable: this.stable, last: true }, requests);
  }

  /** @returns {number} frames whose inputs are all known although we have not come that far */
  #surplus() {
    const through = Math.min(this.log.known(), this.limit, this.timeline.terminalFrame);
    const ahead = through - this.timeline.frame + 1;
    if (this.returner || this.paused || this.agreement.schedule.stopAt !== NEVER) return ahead;
    return ahead - this.inputDelayFrames - 1;
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
    return this.returner !== null || this.paused || frame > Math.min(this.limit, terminalFrame);
  }

  /** @returns {boolean} we are as far ahead as we may be */
  #lacksInputs() {
    return this.timeline.frame > this.log.known(this.remotePlayers) + this.settings.maxPredictionFrames;
  }

  /** @param {"inputs" | "agreement"} reason */
  #stall(reason) {
    this.stalls += 1;
    const through = Math.min(...this.others.map((peer) => this.log.known(this.playersOf(peer))));
    const peers = this.others.filter((peer) => this.log.known(this.playersOf(peer)) === through);
    this.emit({ type: "stalled", frame: this.timeline.frame, reason, peers });
  }

  /** @param {number[]} localInputs in the order of `local` */
  #commit(localInputs) {
    if (this.agreement.voting || this.#lacksOwnPast()) return;
    const target = Math.min(this.timeline.frame + this.inputDelayFrames, this.limit);
    if (target <= this.committed) return;
    this.settings.local.forEach((player, i) => {
      this.#fillOwn(player, target);
      this.log.push(player, target, localInputs[i]);
    });
  }

  /** @returns {boolean} after a reload: what we did before is still on its way to us, and must not be made up */
  #lacksOwnPast() {
    return this.committed + 1 < (this.agreement.schedule.absences[this.me].at(-1)?.from ?? 0);
  }

  /** Frames between two inputs repeat the one before. @param {number} player @param {number} end */
  #fillOwn(player, end) {
    const column = this.log.columns[player];
    const input = column.at(-1) ?? this.settings.defaultInputs[player];
    while (column.length < end) this.log.push(player, column.length, input);
  }

  /**
   * A longer delay takes effect at once; a shorter one waits for a tick at which no input is lost by it.
   * @param {number[]} localInputs @param {number | null} rttMs
   */
  #adaptDelay(localInputs, rttMs) {
    const { inputDelayFrames, fps, autoDelayMaxFrames, local } = this.settings;
    const { frame } = this.timeline;
    if (inputDelayFrames !== "auto" || rttMs === null || (frame > 0 && frame < this.delayChangedAt + fps)) return;
    const wanted = delayForRtt(rttMs, fps, autoDelayMaxFrames);
    if (wanted === this.inputDelayFrames) return;
    const steady = local.every((player, i) => this.log.columns[player].at(-1) === localInputs[i]);
    if (wanted < this.inputDelayFrames && frame > 0 && !steady) return;
    this.inputDelayFrames = frame === 0 ? wanted : this.inputDelayFrames + Math.sign(wanted - this.inputDelayFrames);
    this.delayChangedAt = frame;
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
    const message = this.checks.add(kind, frame, value);
    if (message) for (const peer of this.others) this.post(peer, message);
  }

  /** @param {Event} event */
  #diverged(event) {
    this.emit(event);
    if (this.ending.over || event.kind === "end" || this.returner) return;
    if (this.settings.onDesync === "end") this.agreement.stop ??= "desync";
    if (this.settings.onDesync !== "resync" || this.resyncs >= MOST_RESYNCS) return;
    this.resyncs += 1;
    this.agreement.resync = true;
  }

  #finish() {
    if (this.ending.over) return;
    const { schedule } = this.agreement;
    const frame = this.ending.final(this.timeline, schedule, this.log.known());
    if (frame === null) return;
    const reason = this.ending.reason(frame, this.timeline, schedule);
    if (this.ending.said !== frame && !this.returner) {
      this.ending.said = frame;
      for (const peer of this.others) this.#sayEnd(peer, frame, false);
    }
    this.ending.compare(frame, this.timeline, schedule);
    const agreed = this.returner ? this.ending.verdict?.frame === frame : this.ending.agreed(frame, this.others);
    if (!agreed || this.confirmedFrame < frame) return;
    this.ending.over = true;
    const listeners = new Set([...this.standings.keys(), ...this.sponsor.guests.keys()]);
    if (!this.returner) for (const peer of listeners) this.#sayEnd(peer, frame, true);
    this.emit({ type: "episode_ended", frame, reason });
  }

  /** @param {number} peer @param {number} frame @param {boolean} final all agreed */
  #sayEnd(peer, frame, final) {
    const { digest, schedule } = this.agreement;
    const reason = this.ending.reason(frame, this.timeline, schedule);
    this.post(peer, { type: "end", episode: this.number, digest, frame, reason, final });
  }

  /** @param {number} nowMs */
  #ask(nowMs) {
    const { returner } = this;
    if (!returner || this.halted || this.ending.over) return;
    const question = returner.question(nowMs, this.stable);
    if (question) for (const peer of this.standings.keys()) this.post(peer, { type: "rejoin", episode: this.number, ...question });
    if (!returner.becomesReady(this.timeline.frame)) return;
    this.emit({ type: "caught_up", frame: this.timeline.frame - 1 });
    const through = this.stable;
    for (const peer of this.standings.keys()) this.post(peer, { type: "ready", episode: this.number, through });
  }

  #serve() {
    if (this.returner || this.#lacksOwnPast()) return;
    for (const [peer, guest] of this.sponsor.guests) {
      const back = !guest.spectator && !isAbsent(this.agreement.schedule, peer);
      if (back && this.#lacksNothing(peer)) this.sponsor.dismiss(peer);
      // Whoever spoke for all while it was away may not do so now: so everybody helps with the little it still lacks.
      else if (back || this.speaks) this.#serveGuest(peer, back);
    }
  }

  /** @param {number} peer @param {boolean} back it counts again: what is known here cannot change without it any more */
  #serveGuest(peer, back) {
    const { schedule, digest } = this.agreement;
    const from = {
      episode: this.number,
      schedule,
      digest,
      through: back ? this.known : Math.min(this.stable, this.confirmedFrame),
      start: this.importedFrom,
      rows: (/** @type {number} */ first, /** @type {number} */ end) => Array.from({ length: end - first }, (_, i) => this.log.row(first + i).inputs),
      // Only a state that was surely saved: what this turn asks for may be cut short by a terminal step.
      base: this.timeline.snapshots.base(Math.min(this.stable + 1, this.timeline.resultsThrough)),
    };
    this.sponsor.serve(peer, from, (message) => this.post(peer, message), this.emit);
  }

  /** @param {number} peer @returns {boolean} it plays again and lacks nothing that only we could tell */
  #lacksNothing(peer) {
    const absence = this.agreement.schedule.absences[peer].at(-1);
    return absence !== undefined && /** @type {Standing} */ (this.standings.get(peer)).known >= absence.to - 1;
  }

  /** @param {import("../wire/codec.js").DecidedMessage} decided */
  #apply(decided) {
    const { schedule } = decided;
    for (const { peer, block } of decided.haves) {
      block.rows.forEach((row, i) => this.playersOf(peer).forEach((player, k) => this.log.push(player, block.first + i, row[k])));
    }
    this.#useSchedule(schedule);
    for (const { peer } of decided.haves) {
      this.sync.forget(peer);
      this.ending.announced.delete(peer);
      this.emit({ type: "peer_absent", peer, players: this.playersOf(peer), from: schedule.absences[peer].at(-1)?.from });
    }
    for (const peer of this.peers.filter((other) => decided.returns & (1 << other))) this.#welcome(peer);
    if (schedule.stopAt !== NEVER) this.settings.local.forEach((player) => this.#stopOwn(player, schedule.stopAt));
    // Our verdict counts under the new schedule as well.
    if (this.ending.over) this.others.forEach((peer) => this.#sayEnd(peer, this.confirmedFrame, true));
  }

  /** No input is waited for any more at the end. @param {number} player @param {number} stopAt */
  #stopOwn(player, stopAt) {
    const column = this.log.columns[player];
    while (column.length <= stopAt && this.log.through(player) !== NEVER) this.log.push(player, column.length, this.settings.defaultInputs[player]);
  }

  /** @param {import("../wire/codec.js").Schedule} schedule */
  #useSchedule(schedule) {
    this.log.useAbsences(schedule.absences);
    if (schedule.epoch === this.checks.epoch) return;
    this.checks.restart(schedule.epoch, schedule.cleanFrom);
    const possible = schedule.resyncFrom >= 0 && this.returner === null;
    if (possible) this.loadNext = schedule.resyncFrom;
    this.emit({ type: possible ? "resynced" : "resync_failed", from: schedule.resyncFrom, cleanFrom: schedule.cleanFrom });
  }

  /** @param {number} peer is back */
  #welcome(peer) {
    const from = this.agreement.schedule.absences[peer].at(-1)?.to ?? 0;
    if (peer === this.me) {
      this.returner = null;
      for (const standing of this.standings.values()) Object.assign(standing, { ack: from - 1, known: this.stable, frame: -1 });
    } else {
      const standing = /** @type {Standing} */ (this.standings.get(peer));
      Object.assign(standing, { ack: standing.known, frame: -1 });
      this.sponsor.skipTo(peer, standing.known);
    }
    this.emit({ type: "peer_returned", peer, players: this.playersOf(peer), from });
    if (this.ending.said !== null && peer !== this.me) this.#sayEnd(peer, this.ending.said, false);
  }

  /**
   * @param {number} peer @param {import("../wire/codec.js").InputsMessage} packet of this episode, made under our schedule
   */
  receiveInputs(peer, packet) {
    const standing = /** @type {Standing} */ (this.standings.get(peer));
    standing.ack = Math.max(standing.ack, Math.min(packet.ack, this.committed));
    const players = this.playersOf(peer);
    if (this.agreement.shuns(peer) || packet.players !== players.length) return;
    const { first, rows } = packet.block;
    const farthest = this.timeline.frame + FARTHEST;
    rows.forEach((row, i) => {
      if (first + i <= farthest) players.forEach((player, k) => this.log.push(player, first + i, row[k]));
    });
    standing.known = Math.max(standing.known, packet.known);
    if (packet.frame < standing.frame || this.paused || (packet.flags & 1) !== 0) return;
    standing.frame = packet.frame;
    standing.advantage = this.timeline.frame - packet.frame;
    this.sync.sample(peer, standing.advantage, packet.advantage);
  }

  /** @param {number} peer @param {import("../wire/codec.js").RejoinMessage} message */
  receiveRejoin(peer, message) {
    this.sponsor.ask(peer, message);
    if (!message.spectator && !isAbsent(this.agreement.schedule, peer)) this.agreement.leaves.add(peer);
    if (this.ending.over) this.#sayEnd(peer, this.confirmedFrame, true);
  }

  /** @param {number} peer @param {number} through it has stepped all rows up to here */
  receiveReady(peer, through) {
    const standing = this.standings.get(peer);
    if (!standing || !isAbsent(this.agreement.schedule, peer)) return;
    standing.known = through;
    this.agreement.returns.add(peer);
  }

  /** @param {number} peer @param {import("../wire/codec.js").EndMessage} message */
  receiveEnd(peer, message) {
    const standing = this.standings.get(peer);
    if (!standing) return;
    if (message.final) {
      // The verdict of those who went on without us is not ours, until we know that we were away.
      if (this.returner || message.digest === this.agreement.digest) this.ending.conclude(message);
    } else if (!isAbsent(this.agreement.schedule, peer)) {
      this.ending.announce(peer, message);
      standing.known = Math.max(standing.known, message.frame);
    }
  }

  /** @param {number} first @param {number[][]} rows final everywhere */
  feed(first, rows) {
    if (first > this.stable + 1) return;
    rows.forEach((row, i) => {
      if (first + i > this.stable) this.log.setRow(first + i, row);
    });
    this.stable = Math.max(this.stable, first + rows.length - 1);
  }

  /** @param {import("../wire/codec.js").RowsMessage} message @param {number} nowMs */
  receiveRows({ known, block }, nowMs) {
    if (!this.returner) {
      // We are back, and lack what was sent before others had to send it to us.
      block.rows.forEach((row, i) => row.forEach((input, player) => this.log.push(player, block.first + i, input)));
      return;
    }
    this.returner.progress(nowMs);
    this.returner.announced = Math.max(known, this.returner.announced);
    this.feed(block.first, block.rows);
  }

  /** @param {number} peer @param {import("../wire/codec.js").Schedule} schedule @param {number} nowMs */
  receiveSchedule(peer, schedule, nowMs) {
    const absent = this.settings.local.length === 0 || isAbsent(schedule, this.me);
    if (!absent || this.#isStale(peer, schedule)) return;
    if (!this.returner) {
      this.#leftBehind(/** @type {number} */ (schedule.absences[this.me].at(-1)?.from));
    }
    const { returner } = this;
    if (!returner) return;
    returner.informed = true;
    returner.progress(nowMs);
    this.agreement.replaceSchedule(schedule);
    this.#useSchedule(schedule);
  }

  /** @param {number} peer @param {import("../wire/codec.js").Schedule} schedule @returns {boolean} we know better */
  #isStale(peer, schedule) {
    if (schedule.version < this.agreement.schedule.version) return true;
    // Two halves of a match hold each other for absent: the lower player's half counts.
    return this.returner === null && this.me < peer && isAbsent(this.agreement.schedule, peer);
  }

  /** @param {number} from the others went on without us */
  #leftBehind(from) {
    this.returner = new Returner({ spectator: false, wantState: false });
    this.halted = this.confirmedFrame >= from;
    this.emit({ type: this.halted ? "split" : "left_behind", from, confirmed: this.confirmedFrame });
  }

  /** @param {import("../wire/codec.js").StateMessage} message @param {number} nowMs */
  receiveState(message, nowMs) {
    this.returner?.progress(nowMs);
    const state = this.returner?.take(message);
    if (!state || state.frame <= this.stable || this.confirmedFrame >= this.importedFrom) return;
    this.importedFrom = state.frame;
    this.log.skipTo(state.frame);
    this.timeline.adopt(state.frame);
    this.stable = state.frame - 1;
    this.confirmedFrame = state.frame - 1;
    this.importing = true;
    this.emit({ type: "state_received", ...state });
  }

  /** @param {number} frame the state before this frame is in the ring */
  stateLoaded(frame) {
    // A newer one may have come in the meantime.
    if (!this.importing || frame !== this.confirmedFrame + 1) return;
    this.importing = false;
    this.loadNext = frame;
  }
}
