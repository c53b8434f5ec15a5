/**
 * One other player: the direct way, the way through the host, and which of the two carries packets now.
 * @module
 */
import { Liveness } from "../core/liveness.js";
import { Rtt } from "../core/rtt.js";
import { decodeLinkPacket, encodeLinkPacket } from "./link_packets.js";
import { Silence } from "./silence.js";

/** @typedef {import("./peer_link.js").Channel} Channel */
/** @typedef {"p2p" | "relay" | "turn"} Transport */
/** @typedef {"up" | "lost" | "down"} State */
/**
 * The direct way, as it is used here.
 * @typedef {object} Direct
 * @property {boolean} isOpen
 * @property {() => void} start
 * @property {(anew: boolean) => void} restart
 * @property {(channel: Channel, bytes: Uint8Array<ArrayBuffer>) => boolean} send
 * @property {(data: any) => void} receive
 * @property {() => Promise<boolean>} isTurned
 * @property {() => void} close
 */
/**
 * @typedef {object} PairWiring
 * @property {"auto" | "p2p" | "relay"} transport
 * @property {Direct | null} direct null when only the relay is to be used
 * @property {(bytes: Uint8Array<ArrayBuffer>) => boolean} relay through the host; false while that connection is away
 * @property {(channel: Channel, bytes: Uint8Array<ArrayBuffer>) => void} onPacket of the game
 * @property {(state: State, transport: Transport, rttMs: number | null) => void} onState
 * @property {() => number} nowMs
 */

const LOST_MS = 500;
/** After such a silence the way through the host is asked whether the other side is there at all. */
const SUSPECT_MS = 250;
/** How long it must have spoken alone before it takes over: a page that stood still speaks both ways again at once. */
const ALONE_MS = 200;
/** A gap between two beats that means this page itself stood still. */
const FROZEN_MS = 400;
/** The way through the host has the host's own hiccups in it. */
const RELAY_LOST_MS = 800;
/** Where only the way through the host speaks and does not answer, the other page does not stand still: it would be lost on both ways by then. */
const DOUBT_MS = LOST_MS + 2 * RELAY_LOST_MS;
/** While it only stands by, it is tried once a second. */
const STANDBY_LOST_MS = 3000;
/** How long the direct way may take before the host helps out. */
const HEAD_START_MS = 3000;
const DIRECT_PING_MS = 100;
const RELAY_PING_MS = 100;
const STANDBY_PING_MS = 1000;
const RESTART_MS = [0, 1500, 3000, 6000];
/** A way over the TURN server works, but the straight one may be there again: looked for so often. */
const TURNED_RETRY_MS = 10_000;
const MOST_RETRY_MS = 120_000;
/** After so many restarts the connection is built anew. */
const RESTARTS = 2;
const PEER = 0;

export class Pair {
  #wiring;
  #direct = way(LOST_MS);
  #relayed = way(STANDBY_LOST_MS);
  #standsBy = true;
  /** The other side gets what we send the direct way. */
  #heardThere = false;
  /** Since the other side last answered the direct way. */
  #unanswered = new Silence();
  /** When the other side last spoke after a silence. */
  #againMs = -Infinity;
  /** Since when it has answered through the host while the direct way was silent. @type {number | null} */
  #aloneMs = null;
  #startMs;
  #beatMs;
  #n = 0;
  #restarts = 0;
  #restartAtMs = Infinity;
  #turned = false;
  #askedTurnedMs = Infinity;
  #straightenMs = TURNED_RETRY_MS;
  #relayWanted = false;
  #finished = false;
  /** @type {State | "new"} */
  #state = "new";
  /** @type {Transport} */
  #transport = "p2p";
  bytesOut = 0;
  bytesIn = 0;

  /** @param {PairWiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
    this.#startMs = this.#beatMs = wiring.nowMs();
    this.#relayWanted = wiring.transport === "relay" || wiring.direct === null;
    this.#direct.live.watch(PEER, this.#startMs);
    this.#relayed.live.watch(PEER, this.#startMs);
    this.#restartAtMs = this.#startMs + HEAD_START_MS;
    wiring.direct?.start();
  }

  get state() {
    return this.#state;
  }

  get transport() {
    return this.#transport;
  }

  get rttMs() {
    const { rtt } = this.#transport === "relay" ? this.#relayed : this.#direct;
    return rtt.smoothedMs;
  }

  /** Do not wait for the direct way any longer. */
  useRelay() {
    this.#relayWanted = true;
  }

  /** @param {any} data */
  signal(data) {
    this.#wiring.direct?.receive(data);
  }

  /**
   * @param {Channel} channel
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  send(channel, bytes) {
    const now = this.#wiring.nowMs();
    const left = this.#directWorks(now) ? Boolean(this.#wiring.direct?.send(channel, bytes)) : this.#maySendByRelay(now) && this.#wiring.relay(bytes);
    if (left) this.bytesOut += bytes.byteLength;
  }

  /**
   * @param {Channel} channel
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  fromDirect(channel, bytes) {
    this.#arrived(this.#direct, channel, bytes, (answer) => this.#wiring.direct?.send(channel, answer));
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  fromRelay(bytes) {
    this.#arrived(this.#relayed, "inputs", bytes, (answer) => this.#wiring.relay(answer));
  }

  /** A channel opened or closed. */
  directChanged() {
    if (!this.#wiring.direct?.isOpen) return;
    // Validation: a ping over the reliable channel, both ways.
    this.#ping(this.#direct, (bytes) => this.#wiring.direct?.send("control", bytes));
  }

  /** This side is done: the other may still need an answer, but a link that breaks now is neither mended nor told about. */
  finish() {
    this.#finished = true;
  }

  /** To be called at least every 100 ms. */
  beat() {
    const now = this.#wiring.nowMs();
    this.#excuse(now);
    this.#beatMs = now;
    // In this order: how long the way through the host may be silent depends on whether it only stands by.
    this.#direct.live.check(now);
    this.#standBy(this.#directWorks(now), now);
    this.#relayed.live.check(now);
    this.#keepInTouch(now);
    if (this.#finished) return;
    this.#mend(now);
    this.#judge(now);
  }

  close() {
    this.#wiring.direct?.close();
    this.#tell("down", this.#transport);
  }

  /**
   * Where the page itself stood still, silence during that time says nothing about the other side. What the other side is told stays as it is.
   * @param {number} now
   */
  #excuse(now) {
    const gapMs = now - this.#beatMs;
    if (gapMs <= FROZEN_MS) return;
    for (const { live, silence } of [this.#direct, this.#relayed]) if (silence.excuse(gapMs, now)) live.excuse(now, gapMs);
    this.#unanswered.excuse(gapMs, now);
  }

  /**
   * The way through the host is believed in when it is needed, and then has to prove itself quickly.
   * @param {boolean} standsBy
   * @param {number} now
   */
  #standBy(standsBy, now) {
    if (standsBy === this.#standsBy) return;
    this.#standsBy = standsBy;
    this.#relayed.live.lostAfterMs = standsBy ? STANDBY_LOST_MS : RELAY_LOST_MS;
    if (!standsBy) this.#relayed.live.excuse(now);
  }

  /** @param {number} now */
  #keepInTouch(now) {
    const { direct, relay } = this.#wiring;
    if (direct?.isOpen && now - this.#direct.pingMs >= DIRECT_PING_MS) this.#ping(this.#direct, (bytes) => direct.send("inputs", bytes));
    if (!this.#mayRelay(now) || (this.#finished && !this.#usesRelay(now))) return;
    const everyMs = this.#directWorks(now) && !this.#isSilent(SUSPECT_MS, now) ? STANDBY_PING_MS : RELAY_PING_MS;
    if (now - this.#relayed.pingMs >= everyMs) this.#ping(this.#relayed, relay);
  }

  /** Tries to get the direct way (back). @param {number} now */
  #mend(now) {
    const { direct } = this.#wiring;
    if (!direct) return;
    if (this.#directWorks(now)) {
      this.#restarts = 0;
      this.#restartAtMs = Infinity;
      this.#straighten(direct, now);
      return;
    }
    if (this.#state === "up" && this.#isInDoubt(now)) return;
    if (this.#restartAtMs === Infinity) this.#restartAtMs = now + Number(RESTART_MS[0]);
    if (now < this.#restartAtMs) return;
    direct.restart(this.#restarts >= RESTARTS);
    this.#restarts += 1;
    this.#restartAtMs = now + Number(RESTART_MS[Math.min(this.#restarts, RESTART_MS.length - 1)]);
  }

  /** Over TURN: look whether it still is, and now and then for the straight way. @param {Direct} direct @param {number} now */
  #straighten(direct, now) {
    if (!this.#turned || now - this.#askedTurnedMs < this.#straightenMs) return;
    this.#askedTurnedMs = now;
    this.#straightenMs = Math.min(2 * this.#straightenMs, MOST_RETRY_MS);
    direct.restart(false);
    void this.#askIfTurned();
  }

  /** @param {number} now */
  #judge(now) {
    if (this.#directWorks(now)) this.#tell("up", this.#turned ? "turn" : "p2p");
    else if (this.#relayWorks(now) && !this.#isInDoubt(now)) this.#tell("up", "relay");
    else if (this.#state !== "new" && !this.#isInDoubt(now)) this.#tell("lost", this.#transport);
  }

  /**
   * @param {State} state
   * @param {Transport} transport
   */
  #tell(state, transport) {
    if (state === this.#state && transport === this.#transport) return;
    const toDirect = state === "up" && transport !== "relay" && (this.#state !== "up" || this.#transport === "relay");
    this.#state = state;
    this.#transport = transport;
    this.#wiring.onState(state, transport, this.rttMs);
    if (toDirect) void this.#askIfTurned();
  }

  async #askIfTurned() {
    this.#turned = Boolean(await this.#wiring.direct?.isTurned());
    if (this.#askedTurnedMs === Infinity) this.#askedTurnedMs = this.#wiring.nowMs();
  }

  /** @param {number} now */
  #directWorks(now) {
    return Boolean(this.#wiring.direct?.isOpen) && this.#direct.valid && this.#heardThere && !this.#direct.live.isLost(PEER) && now >= this.#startMs;
  }

  /** @param {number} now */
  #relayWorks(now) {
    return this.#mayRelay(now) && this.#relayed.valid && !this.#relayed.live.isLost(PEER);
  }

  /**
   * Nothing comes the direct way, which may be the way's fault or the other page's, which stands still: then nothing comes through the host either.
   * When it speaks again, it says at first that it has heard nothing.
   * @param {number} now
   */
  #isInDoubt(now) {
    if (!this.#relayWorks(now) || !this.#wiring.direct?.isOpen) return false;
    if (now - this.#againMs < ALONE_MS) return true;
    if (!this.#isSilent(LOST_MS, now)) return false;
    return this.#aloneMs === null ? !this.#isSilent(DOUBT_MS, now) : now - this.#aloneMs < ALONE_MS;
  }

  /** The direct way, which has spoken before. @param {number} forMs @param {number} now */
  #isSilent(forMs, now) {
    const { silence } = this.#direct;
    return silence.isKnown && silence.tellingMs(now) >= forMs;
  }

  /** @param {number} now */
  #maySendByRelay(now) {
    return this.#finished ? this.#usesRelay(now) : this.#relayWorks(now);
  }

  /** @param {number} now */
  #usesRelay(now) {
    return this.#relayWorks(now) && !this.#directWorks(now) && this.#transport === "relay";
  }

  /** @param {number} now */
  #mayRelay(now) {
    if (this.#wiring.transport === "p2p") return false;
    return this.#relayWanted || this.#state !== "new" || now - this.#startMs >= HEAD_START_MS;
  }

  /**
   * @param {Way} from
   * @param {(bytes: Uint8Array<ArrayBuffer>) => unknown} send
   */
  #ping(from, send) {
    const now = this.#wiring.nowMs();
    from.pingMs = now;
    send(encodeLinkPacket({ type: "ping", hears: this.#hearsDirect(now), n: this.#n++, sentMs: now }));
  }

  /** @param {number} now */
  #hearsDirect(now) {
    return this.#direct.silence.lengthMs(now) < LOST_MS;
  }

  /**
   * @param {Way} from
   * @param {Channel} channel
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {(answer: Uint8Array<ArrayBuffer>) => unknown} answer
   */
  #arrived(from, channel, bytes, answer) {
    const now = this.#wiring.nowMs();
    // What waited while this page stood still may come before its next beat does.
    this.#excuse(now);
    this.#spoke(from, now);
    from.live.heard(PEER, now);
    from.silence.broken(now);
    this.bytesIn += bytes.byteLength;
    const packet = decodeLinkPacket(bytes);
    if (!packet) {
      this.#wiring.onPacket(channel, bytes);
      return;
    }
    const isAnswered = packet.type === "pong" && from === this.#direct;
    if (isAnswered) this.#unanswered.broken(now);
    this.#heardThere = packet.hears || isAnswered || (this.#heardThere && !this.#isBelieved(from, now));
    if (packet.type === "ping") answer(encodeLinkPacket({ ...packet, type: "pong", hears: this.#hearsDirect(now) }));
    else this.#answered(from, packet.sentMs, now);
  }

  /** Something is coming. @param {Way} from @param {number} now */
  #spoke(from, now) {
    const isDirect = from === this.#direct;
    if (isDirect) this.#aloneMs = null;
    if (isDirect ? this.#isSilent(SUSPECT_MS, now) : from.live.isLost(PEER)) this.#againMs = now;
  }

  /**
   * The other side says that it hears nothing. That may have been true long ago, when it left; while it answers, it hears us.
   * And a page that stood still has not looked at the direct way yet.
   * @param {Way} from
   * @param {number} now
   */
  #isBelieved(from, now) {
    return this.#unanswered.tellingMs(now) >= LOST_MS && (from === this.#direct || !this.#isSilent(SUSPECT_MS, now));
  }

  /**
   * @param {Way} from
   * @param {number} sentMs
   * @param {number} now
   */
  #answered(from, sentMs, now) {
    from.rtt.add(now - sentMs);
    from.valid = true;
    if (from === this.#relayed && this.#isSilent(SUSPECT_MS, sentMs)) this.#aloneMs ??= now;
    if (!this.#finished) this.#judge(now);
  }
}

/** @typedef {{live: Liveness, rtt: Rtt, valid: boolean, pingMs: number, silence: Silence}} Way */

/**
 * @param {number} lostAfterMs
 * @returns {Way}
 */
const way = (lostAfterMs) => ({ live: new Liveness({ lostAfterMs }), rtt: new Rtt(), valid: false, pingMs: -Infinity, silence: new Silence() });
