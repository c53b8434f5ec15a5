/**
 * The links from this player to all others of a match.
 * @module
 */
import { RELAY_VERSION } from "../protocol/constants.js";
import { Pair } from "./pair.js";
import { PeerLink } from "./peer_link.js";

/** @typedef {import("./peer_link.js").Channel} Channel */
/** @typedef {import("./pair.js").State} State */
/** @typedef {import("./pair.js").Transport} Transport */
/** @typedef {{id: string, me: number, players: {player: number}[], transport: "auto" | "p2p" | "relay", ice: import("./peer_link.js").Ice}} LinkedMatch */
/**
 * @typedef {object} LinksWiring
 * @property {(type: string, body: any) => boolean} send to the host
 * @property {(peer: number, channel: Channel, bytes: Uint8Array<ArrayBuffer>) => void} onPacket
 * @property {(peer: number, state: State, transport: Transport, rttMs: number | null) => void} onState
 * @property {(peer: number, state: State, transport: Transport, rttMs: number | null) => void} onRtt
 * @property {() => number} nowMs
 * @property {(beat: () => void) => (() => void)} everyBeat calls ten times a second, hidden or not; returns how to stop it
 * @property {(config: RTCConfiguration) => RTCPeerConnection} makeConnection
 * @property {() => string} drawTag
 */

const RTT_EVERY_MS = 1000;

export class Links {
  /** @type {Map<number, Pair>} */
  #pairs = new Map();
  #match;
  #wiring;
  #rttMs;
  #stopBeat;

  /**
   * @param {LinkedMatch} match
   * @param {LinksWiring} wiring
   */
  constructor(match, wiring) {
    this.#match = match;
    this.#wiring = wiring;
    this.#rttMs = wiring.nowMs();
    const tag = wiring.drawTag();
    const others = match.players.map(({ player }) => player).filter((player) => player !== match.me);
    for (const peer of others) this.#pairs.set(peer, this.#pair(peer, tag));
    this.#stopBeat = others.length ? wiring.everyBeat(() => this.#beat()) : () => {};
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  receive(type, body) {
    if (type === "signal_in" && body.match === this.#match.id) this.#pairs.get(body.from_player)?.signal(body.data);
    else if (type === "relay_in") this.#relayed(new Uint8Array(body));
    else if (type === "match_state" && body.match === this.#match.id && body.reason === "use_relay") for (const pair of this.#pairs.values()) pair.useRelay();
  }

  /**
   * @param {number} peer
   * @param {Channel} channel
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  send(peer, channel, bytes) {
    this.#pairs.get(peer)?.send(channel, bytes);
  }

  /** @returns {Record<string, {rtt_ms: number | null, transport: string, state: string}>} */
  report() {
    return Object.fromEntries([...this.#pairs].map(([peer, { rttMs, transport, state }]) => [String(peer), { rtt_ms: rttMs, transport, state }]));
  }

  allUp() {
    return [...this.#pairs.values()].every((pair) => pair.state === "up");
  }

  /** A link that was up carries nothing now. */
  get isCut() {
    return [...this.#pairs.values()].some((pair) => pair.state === "lost");
  }

  /** This player has finished the match; the others may not have. */
  finish() {
    for (const pair of this.#pairs.values()) pair.finish();
  }

  /** How the links are and what went over them so far, as the host hears of it. */
  measured() {
    return { link: this.report(), bytes_out: this.#sum("bytesOut"), bytes_in: this.#sum("bytesIn") };
  }

  close() {
    this.#stopBeat();
    for (const pair of this.#pairs.values()) pair.close();
  }

  /** @param {"bytesIn" | "bytesOut"} what */
  #sum(what) {
    return [...this.#pairs.values()].reduce((sum, pair) => sum + pair[what], 0);
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes one byte version, one byte source, packet */
  #relayed(bytes) {
    if (bytes.byteLength < 3 || bytes[0] !== RELAY_VERSION) return;
    this.#pairs.get(Number(bytes[1]))?.fromRelay(bytes.slice(2));
  }

  /**
   * @param {number} peer
   * @param {string} tag
   */
  #pair(peer, tag) {
    const { send, onPacket, onState, nowMs, makeConnection } = this.#wiring;
    const { id, me, transport, ice } = this.#match;
    const direct =
      transport === "relay"
        ? null
        : new PeerLink({
            offers: me < peer,
            ice,
            tag,
            makeConnection,
            nowMs,
            signal: (data) => send("signal", { match: id, to: peer, data }),
            onPacket: (channel, bytes) => pair.fromDirect(channel, bytes),
            onChange: () => pair.directChanged(),
          });
    /** @type {Pair} */
    const pair = new Pair({
      transport,
      direct,
      nowMs,
      relay: (bytes) => send("relay", relayed(peer, bytes)),
      onPacket: (channel, bytes) => onPacket(peer, channel, bytes),
      onState: (state, way, rttMs) => onState(peer, state, way, rttMs),
    });
    return pair;
  }

  #beat() {
    const now = this.#wiring.nowMs();
    for (const pair of this.#pairs.values()) pair.beat();
    if (now - this.#rttMs < RTT_EVERY_MS) return;
    this.#rttMs = now;
    for (const [peer, { state, transport, rttMs }] of this.#pairs) if (state === "up") this.#wiring.onRtt(peer, state, transport, rttMs);
  }
}

/**
 * @param {number} to player
 * @param {Uint8Array} packet
 */
export function relayed(to, packet) {
  const bytes = new Uint8Array(packet.byteLength + 2);
  bytes.set([RELAY_VERSION, to]);
  bytes.set(packet, 2);
  return bytes;
}
