/**
 * Measures the way to another seat, over the same links a game would use.
 * @module
 */
import { Links } from "../net/links.js";

/** @typedef {import("../protocol/lab_server_messages.js").PairStart} PairStart */
/** @typedef {Omit<import("../net/links.js").LinksWiring, "onPacket" | "onState" | "onRtt">} Linking */
/** @typedef {Linking & {later: (run: () => void, delayMs: number) => unknown, webrtc: boolean}} PairWiring */

const LOOK_EVERY_MS = 100;
/** So long a relayed link is given the chance to become a direct one. */
const DIRECT_CHANCE_MS = 5000;
const LIMIT_MS = 20_000;
/** The other side may still be measuring when this one is done. */
const LINGER_MS = 3000;

class PairProbe {
  #start;
  #wiring;
  #links;
  #startMs;
  /** @type {number[]} */
  #rttsMs = [];
  #way = "";
  #over = false;

  /**
   * @param {PairStart} start
   * @param {PairWiring} wiring
   */
  constructor(start, wiring) {
    this.#start = start;
    this.#wiring = wiring;
    this.#startMs = wiring.nowMs();
    const match = { id: start.pair, me: start.me, players: [{ player: 0 }, { player: 1 }], ice: start.ice, transport: /** @type {"auto" | "relay"} */ (wiring.webrtc ? "auto" : "relay") };
    this.#links = new Links(match, { ...wiring, onPacket: () => {}, onState: () => {}, onRtt: () => {} });
    this.#look();
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  receive(type, body) {
    this.#links.receive(type, body);
  }

  close() {
    this.#over = true;
    this.#links.close();
  }

  #look() {
    if (this.#over) return;
    const sinceMs = this.#wiring.nowMs() - this.#startMs;
    const link = this.#links.report()[String(1 - this.#start.me)];
    if (link?.state === "up" && link.rtt_ms !== null && (link.transport !== "relay" || !this.#wiring.webrtc || sinceMs > DIRECT_CHANCE_MS)) this.#note(link.transport, link.rtt_ms);
    if (this.#rttsMs.length >= this.#start.pings) this.#report("connected", this.#way);
    else if (sinceMs > LIMIT_MS) this.#report("failed", null);
    else this.#wiring.later(() => this.#look(), LOOK_EVERY_MS);
  }

  /**
   * @param {string} transport
   * @param {number} rttMs
   */
  #note(transport, rttMs) {
    if (transport !== this.#way) this.#rttsMs = [];
    this.#way = transport;
    this.#rttsMs.push(rttMs);
  }

  /**
   * @param {"connected" | "failed"} state
   * @param {string | null} transport
   */
  #report(state, transport) {
    this.#wiring.send("pair_measured", { pair: this.#start.pair, state, transport, rtt_ms: state === "connected" ? this.#rttsMs : [] });
    this.#wiring.later(() => this.close(), LINGER_MS);
  }
}

export class Pairs {
  /** @type {Map<string, PairProbe>} */
  #running = new Map();
  #wiring;

  /** @param {PairWiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
  }

  /** @param {PairStart} start */
  begin(start) {
    this.#running.get(start.pair)?.close();
    this.#running.set(start.pair, new PairProbe(start, this.#wiring));
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  receive(type, body) {
    for (const probe of this.#running.values()) probe.receive(type, body);
  }

  /** Nothing of earlier measurements goes on. */
  close() {
    for (const probe of this.#running.values()) probe.close();
    this.#running.clear();
  }
}
