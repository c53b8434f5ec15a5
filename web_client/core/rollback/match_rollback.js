/**
 * Several browsers playing one match: packets in and out, control channels, and one episode after the other.
 * @module
 */
import { hash128 } from "../hash.js";
import { decode, encode, VERSION } from "../wire/codec.js";
import { rowMarks } from "./blocks.js";
import { holds } from "./claims.js";
import { Episode } from "./episode.js";
import { FramesDue } from "./frames_due.js";
import { Gone } from "./gone.js";
import { FLAG_APART, FLAG_AWAY, packetFor } from "./packets.js";
import { Past } from "./past.js";
import { Remote } from "./remote.js";
import { isAbsent, MOST_PEERS } from "./schedule.js";
import { Whereabouts } from "./whereabouts.js";

/** @typedef {import("./options.js").Settings} Settings */
/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Packet} Packet */
/** @typedef {import("../wire/codec.js").ControlMessage} ControlMessage */
/** @typedef {Exclude<ControlMessage, {type: "hello"}>} EpisodeMessage */

const NOTICE_EVERY_MS = 500;
const MOST_WAITING = 512;

/** @param {Settings} settings @returns {number} equal in all browsers of a match, or they cannot play together */
function settingsDigest({ players, fps, checksumEveryFrames, defaultInputs, absentInputs, onDesync, owners }) {
  const text = JSON.stringify([players, fps, checksumEveryFrames, defaultInputs, absentInputs, onDesync, owners]);
  return hash128(Uint8Array.from(text, (character) => character.charCodeAt(0) & 255))[0] >>> 0;
}

export class MatchRollback {
  /** @param {Settings} settings */
  constructor(settings) {
    this.settings = settings;
    /** @type {Event[]} */
    this.events = [];
    /** @type {Map<number, Remote>} */
    this.remotes = new Map();
    /** @type {Map<number, number>} */
    this.toldRttMs = new Map();
    this.gone = new Gone();
    /** @type {{peer: number, message: EpisodeMessage}[]} for episodes we have not begun */
    this.waiting = [];
    /** @type {{peer: number, message: ControlMessage}[]} until the first time is known */
    this.unsent = [];
    /** @type {Set<string>} peers and what they told that cannot be so */
    this.refused = new Set();
    this.nowMs = 0;
    this.framesDue = new FramesDue(settings);
    this.incarnation = settings.incarnation;
    this.malformed = 0;
    this.ignored = 0;
    this.whereabouts = new Whereabouts();
    this.past = new Past();
    const delay = settings.inputDelayFrames === "auto" ? 0 : settings.inputDelayFrames;
    this.episode = this.#begin(settings.episode, settings.maxSteps, settings.rejoin, settings.wantState, delay);
    for (const peer of new Set(settings.owners)) if (peer !== settings.me) this.#greet(peer);
  }

  /** @param {number} number @param {number} maxSteps @param {boolean} rejoin @param {boolean} wantState @param {number} inputDelayFrames */
  #begin(number, maxSteps, rejoin, wantState, inputDelayFrames) {
    const away = rejoin || this.settings.local.length === 0;
    /** @param {Event} event */
    const emit = (event) => void this.events.push(event);
    /** @param {number} peer @param {ControlMessage} message */
    const post = (peer, message) => this.#post(peer, message);
    return new Episode({ settings: this.settings, number, maxSteps, away, wantState, inputDelayFrames, gone: this.gone, due: () => this.framesDue.last, emit, post });
  }

  get frame() {
    return this.episode.timeline.frame;
  }

  get confirmedFrame() {
    return this.episode.confirmedFrame;
  }

  get ended() {
    return this.episode.ending.over;
  }

  /** The episode is over for everybody who is not gone. */
  get settled() {
    const { ending, number, standings } = this.episode;
    const isDone = (/** @type {number} */ peer) => this.gone.has(peer) || ending.finished.has(peer) || this.whereabouts.isBeyond(peer, number);
    return ending.over && [...standings.keys()].every(isDone);
  }

  /** Somebody is in a later episode already. */
  get isAwaited() {
    return this.episode.peers.some((peer) => this.whereabouts.isBeyond(peer, this.episode.number));
  }

  /** The others play a later episode without us. */
  get behind() {
    return this.whereabouts.isBehind(this.episode.number);
  }

  get pace() {
    return this.episode.sync.pace;
  }

  get inputDelayFrames() {
    return this.episode.own.delayFrames;
  }

  /** @param {(number | null)[]} localInputs @param {number} nowMs @returns {import("./types.js").Orders} */
  advance(localInputs, nowMs) {
    this.#requireInputs(localInputs);
    this.#setTime(nowMs);
    const ahead = this.whereabouts.next(this.episode, nowMs);
    if (ahead !== null) this.events.push({ type: "episode_ahead", episode: ahead });
    const { requests, confirmed, took, inputFrame } = this.episode.advance(localInputs, nowMs, this.#farthestRttMs());
    const { snapshots, resultsThrough } = this.episode.timeline;
    // What is saved in this tick may be cut off by a terminal step: only states that are surely there replace older ones.
    const keepFrom = snapshots.prune(Math.min(this.episode.stable, resultsThrough - 1));
    return { requests, confirmed, events: this.events.splice(0), took, inputFrame, keepFrom, anchors: snapshots.anchors.slice() };
  }

  /** @param {(number | null)[]} localInputs */
  #requireInputs(localInputs) {
    const { local, awaitInputs } = this.settings;
    const isInput = (/** @type {number | null} */ input) => (input === null ? awaitInputs : Number.isSafeInteger(input) && input >= 0);
    const good = localInputs.length === local.length && localInputs.every(isInput);
    if (!good) throw new RangeError(`advance needs ${local.length} whole numbers from 0, not ${JSON.stringify(localInputs)}`);
  }

  /** @param {number} nowMs */
  #setTime(nowMs) {
    this.framesDue.pass(nowMs);
    this.nowMs = this.gone.nowMs = nowMs;
    if (this.incarnation === 0) this.incarnation = 1 + (Math.floor(nowMs) % (2 ** 24 - 1));
    for (const { peer, message } of this.unsent.splice(0)) this.#post(peer, message);
  }

  /** @returns {number | null} */
  #farthestRttMs() {
    if (this.settings.inputDelayFrames !== "auto") return null;
    const all = this.episode.others.map((peer) => this.remotes.get(peer)?.clock.rttMs ?? null);
    return all.includes(null) ? null : Math.max(...all.map(Number));
  }

  /** @param {import("./types.js").StepResult[]} results */
  ran(results) {
    this.episode.timeline.ran(results);
  }

  /** @param {number} peer @returns {Remote} */
  #remote(peer) {
    const known = this.remotes.get(peer);
    if (known) return known;
    const remote = new Remote(this.incarnation);
    remote.clock.toldMs = this.toldRttMs.get(peer) ?? remote.clock.toldMs;
    this.remotes.set(peer, remote);
    return remote;
  }

  /** @param {number} peer @param {ControlMessage} message */
  #post(peer, message) {
    if (this.incarnation === 0) this.unsent.push({ peer, message });
    else this.#remote(peer).control.send(encode(message));
  }

  /** @param {number} peer */
  #greet(peer) {
    this.#post(peer, { type: "hello", version: VERSION, players: this.settings.players, settings: settingsDigest(this.settings) });
  }

  /** @param {number} peer @returns {boolean} */
  #isKnown(peer) {
    return peer !== this.settings.me && (this.settings.owners.includes(peer) || (peer >= MOST_PEERS && peer < 255));
  }

  /** @param {number} peer @param {Uint8Array} bytes @param {number} nowMs */
  receive(peer, bytes, nowMs) {
    const message = bytes instanceof Uint8Array && this.#isKnown(peer) ? decode(bytes) : null;
    if (message?.type !== "inputs" && message?.type !== "envelope") {
      this.malformed += 1;
      return;
    }
    this.#setTime(nowMs);
    this.gone.heard(peer);
    if (this.#remote(peer).control.meet(message.stream)) {
      this.episode.checks.forget(peer);
      this.#greet(peer);
    }
    if (message.type === "inputs") this.#receiveInputs(peer, message, nowMs);
    else this.#receiveEnvelope(peer, message);
  }

  /** @param {number} peer @param {import("../wire/codec.js").EnvelopeMessage} envelope */
  #receiveEnvelope(peer, envelope) {
    for (const body of this.#remote(peer).control.accept(envelope)) {
      const message = decode(body);
      if (message === null || message.type === "inputs" || message.type === "envelope") this.malformed += 1;
      else if (message.type === "hello") this.#receiveHello(peer, message);
      else this.#receiveControl(peer, message);
    }
  }

  /** @param {number} peer @param {import("../wire/codec.js").HelloMessage} hello */
  #receiveHello(peer, { version, players, settings }) {
    const what = version !== VERSION ? "version" : players !== this.settings.players || settings !== settingsDigest(this.settings) ? "settings" : null;
    this.#remote(peer).compatible = what === null;
    if (what) this.events.push({ type: "incompatible", peer, what, version });
  }

  /** @param {number} peer @param {EpisodeMessage} message */
  #receiveControl(peer, message) {
    if (message.episode === this.episode.number) return this.#dispatch(peer, message);
    if (message.episode > this.episode.number) return this.#keepForLater(peer, message);
    // Somebody is still in an episode that is over here: it comes to ours with nothing in its hands.
    if (message.type !== "rejoin") return void (this.ignored += 1);
    for (const answer of this.past.answer(message.episode, peer, message.have)) this.#post(peer, answer);
    this.#dispatch(peer, { ...message, episode: this.episode.number, have: -1 });
  }

  /** @param {number} peer @param {EpisodeMessage} message */
  #keepForLater(peer, message) {
    if (this.waiting.length < MOST_WAITING) this.waiting.push({ peer, message });
    const concerned = this.episode.away || (message.type === "schedule" && isAbsent(message.schedule, this.settings.me));
    if (concerned) this.whereabouts.goesOn(message.episode, this.episode.number, this.nowMs);
  }

  /** @param {number} peer @param {EpisodeMessage} message */
  #dispatch(peer, message) {
    const { episode } = this;
    if (!holds(episode, peer, message)) return this.#refuse(peer, message);
    /** @type {{[type: string]: (message: any) => void}} */
    const takers = {
      // Nobody compares with somebody who is away: it was said to the page that was here before.
      checksum: (m) => void (episode.away || episode.checks.receive(peer, m)),
      end: (m) => episode.receiveEnd(peer, m),
      vote: (m) => episode.agreement.receiveVote(peer, m),
      decided: (m) => episode.agreement.receiveDecided(peer, m, episode.membership.returner?.life ?? null),
      rejoin: (m) => this.#receiveRejoin(peer, m),
      ready: (m) => episode.membership.receiveReady(peer, m),
      rows: (m) => episode.membership.receiveRows(m, this.nowMs),
      schedule: (m) => episode.membership.receiveSchedule(peer, m.schedule, this.nowMs),
      state: (m) => episode.membership.receiveState(m, this.nowMs),
    };
    takers[message.type](message);
  }

  /** It tells what another one has not shown, or what cannot be. @param {number} peer @param {EpisodeMessage} message */
  #refuse(peer, { type, episode }) {
    const key = `${peer} ${type} ${episode}`;
    if (!this.refused.has(key)) this.events.push({ type: "refused", peer, what: type, episode });
    this.refused.add(key);
  }

  /** @param {number} peer @param {import("../wire/codec.js").RejoinMessage} message */
  #receiveRejoin(peer, message) {
    this.gone.comesBack(peer);
    this.episode.membership.receiveRejoin(peer, { ...message, spectator: peer >= MOST_PEERS }, this.nowMs);
  }

  /** @param {number} peer @param {import("../wire/codec.js").InputsMessage} packet @param {number} nowMs */
  #receiveInputs(peer, packet, nowMs) {
    const remote = this.#remote(peer);
    this.whereabouts.saw(peer, packet.episode);
    remote.clock.receive(packet, nowMs);
    remote.control.acknowledged(packet.ackStream, packet.ackSeq);
    if ((packet.flags & FLAG_AWAY) !== 0 || !remote.compatible) return;
    const { episode } = this;
    if (packet.stream >>> 8 === remote.control.theirIncarnation) episode.membership.isThere(peer);
    const same = packet.episode === episode.number && packet.digest === episode.agreement.digest;
    const apart = (packet.flags & FLAG_APART) !== 0 || episode.away || peer >= MOST_PEERS || isAbsent(episode.agreement.schedule, peer);
    if (same && !apart) return episode.receiveInputs(peer, packet);
    this.ignored += 1;
    this.#notice(peer, packet.episode, remote);
  }

  /** Tell somebody who does not know it that we went on without them. @param {number} peer @param {number} number @param {Remote} remote */
  #notice(peer, number, remote) {
    const { episode } = this;
    const { schedule } = episode.agreement;
    if (number > episode.number || !episode.membership.speaks || peer >= MOST_PEERS || !isAbsent(schedule, peer)) return;
    if (this.nowMs - remote.noticedAtMs < NOTICE_EVERY_MS) return;
    remote.noticedAtMs = this.nowMs;
    this.#post(peer, { type: "schedule", episode: episode.number, schedule });
  }

  /** @param {number} nowMs @returns {Packet[]} */
  outgoing(nowMs) {
    this.#setTime(nowMs);
    return [...this.remotes].map(([peer, remote]) => ({ peer, bytes: encode(packetFor(this.episode, peer, remote, nowMs)) }));
  }

  /** @returns {Packet[]} */
  outgoingReliable() {
    return [...this.remotes].flatMap(([peer, remote]) => remote.control.due(this.nowMs).map((bytes) => ({ peer, bytes })));
  }

  /** @param {number} frame @param {string} chain */
  sealed(frame, chain) {
    // A chain that began with a transferred state covers other rows than the others' chains.
    if (this.episode.importedFrom > 0) return;
    const every = this.settings.checksumEveryFrames;
    const last = this.ended && frame === this.confirmedFrame;
    if (last || (every > 0 && (frame + 1) % every === 0)) this.episode.check(1, frame, chain);
  }

  pause() {
    if (!this.episode.paused) this.events.push({ type: "paused", frame: this.frame });
    this.episode.paused = true;
  }

  resume() {
    if (this.episode.paused) this.events.push({ type: "resumed", frame: this.frame });
    this.episode.paused = false;
  }

  /** @param {string} reason ASCII; other characters become "?" */
  requestEnd(reason) {
    this.episode.agreement.stop ??= reason.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
  }

  /** @param {number} peer */
  declareAbsent(peer) {
    if (peer === this.settings.me || !this.settings.owners.includes(peer)) return;
    this.gone.add(peer);
    this.episode.agreement.leaves.add(peer);
  }

  /** @param {number} peer @param {number} rttMs */
  setRtt(peer, rttMs) {
    if (!this.#isKnown(peer)) return;
    // Often told before the first tick, when this page has no number yet: a channel made now would be that of page 0.
    this.toldRttMs.set(peer, rttMs);
    const remote = this.remotes.get(peer);
    if (remote) remote.clock.toldMs = rttMs;
  }

  /** @param {number} first @param {number[][]} inputs @param {number[][]} [marks] @param {number | null} [teller] */
  feed(first, inputs, marks = [], teller = null) {
    const block = { first, rows: inputs, marks };
    const isTrue = teller === null || holds(this.episode, teller, { type: "rows", episode: this.episode.number, known: first - 1, players: this.settings.players, block });
    if (isTrue) this.episode.feed(block);
    if (teller === null) this.episode.membership.recall(block);
  }

  /** @param {number} first @param {number} count confirmed frames @returns {number[][]} */
  marks(first, count) {
    return this.settings.keys ? Array.from({ length: count }, (_, i) => rowMarks(this.episode, first + i)) : [];
  }

  /** @param {number} frame @param {Uint8Array} bytes */
  offerState(frame, bytes) {
    this.episode.membership.sponsor.offer(this.episode.number, frame, bytes, (peer, message) => this.#post(peer, message));
  }

  /** @param {number} frame */
  stateLoaded(frame) {
    this.episode.stateLoaded(frame);
  }

  /** @param {{episode?: number, maxSteps?: number | null, rejoin?: boolean, wantState?: boolean}} [options] */
  startEpisode({ episode = this.episode.number + 1, maxSteps = this.settings.maxSteps, rejoin = false, wantState = false } = {}) {
    const { own, stalls, skips } = this.episode;
    this.past.keep(this.episode);
    if (this.episode.halted) this.gone.clear();
    this.episode = this.#begin(episode, maxSteps ?? Infinity, rejoin, wantState, own.delayFrames);
    Object.assign(this.episode, { stalls, skips });
    for (const peer of this.gone.peers) this.episode.agreement.leaves.add(peer);
    for (const { peer, message } of this.waiting.splice(0)) this.#receiveControl(peer, message);
  }

  /** @returns {import("./types.js").Stats} */
  stats() {
    const { timeline, confirmedFrame, stalls, skips } = this.episode;
    const { frame, rollbacks, rollbackFrames, rollbackFramesMax, snapshots } = timeline;
    const counts = { malformed: this.malformed, ignored: this.ignored, snapshots: snapshots.frames.length };
    return { frame, confirmed: confirmedFrame, stalls, skips, rollbacks, rollbackFrames, rollbackFramesMax, ...counts };
  }
}
