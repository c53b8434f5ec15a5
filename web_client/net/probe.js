/**
 * Measures the way to another waiting browser, over the same kind of link the game would use.
 * @module
 */
import { decodeLinkPacket, encodeLinkPacket } from "./link_packets.js";
import { PeerLink } from "./peer_link.js";

/** @typedef {import("../protocol/server_messages.js").ProbeStart} ProbeStart */
/**
 * @typedef {object} ProbeWiring
 * @property {(type: string, body: any) => void} send to the host
 * @property {() => number} nowMs
 * @property {(run: () => void, delayMs: number) => unknown} later
 * @property {(config: RTCConfiguration) => RTCPeerConnection} makeConnection
 * @property {() => string} drawTag
 */

const GAP_MS = 60;
/** The other side may still be measuring when this one is done. */
const LINGER_MS = 3000;

class Probe {
  /** @type {number[]} */
  #rttsMs = [];
  #sent = 0;
  #reported = false;
  #start;
  #wiring;
  #link;

  /**
   * @param {ProbeStart} start
   * @param {ProbeWiring} wiring
   */
  constructor(start, wiring) {
    this.#start = start;
    this.#wiring = wiring;
    const { probe, initiator, ice } = start;
    this.#link = new PeerLink({
      offers: initiator,
      ice,
      tag: wiring.drawTag(),
      makeConnection: wiring.makeConnection,
      nowMs: wiring.nowMs,
      signal: (data) => wiring.send("signal", { match: probe, to: initiator ? 1 : 0, data }),
      onPacket: (_channel, bytes) => this.#arrived(bytes),
      onChange: () => this.#link.isOpen && this.#sent === 0 && this.#ping(),
    });
    this.#link.start();
    wiring.later(() => this.#report("failed"), start.connect_ms);
  }

  /** @param {any} data */
  signal(data) {
    this.#link.receive(data);
  }

  close() {
    this.#reported = true;
    this.#link.close();
  }

  #ping() {
    if (this.#reported) return;
    this.#link.send("inputs", encodeLinkPacket({ type: "ping", hears: true, n: this.#sent++, sentMs: this.#wiring.nowMs() }));
    this.#wiring.later(() => this.#ping(), GAP_MS);
  }

  /** @param {Uint8Array} bytes */
  #arrived(bytes) {
    const packet = decodeLinkPacket(bytes);
    if (packet?.type === "ping") this.#link.send("inputs", encodeLinkPacket({ ...packet, type: "pong" }));
    if (packet?.type !== "pong" || this.#reported) return;
    this.#rttsMs.push(Math.max(0, this.#wiring.nowMs() - packet.sentMs));
    if (this.#rttsMs.length >= this.#start.pings) this.#report("connected");
  }

  /** @param {"connected" | "failed"} state */
  #report(state) {
    if (this.#reported) return;
    this.#reported = true;
    const { probe, peer } = this.#start;
    this.#wiring.send("probe", { probe, peer, state, rtt_ms: this.#rttsMs });
    this.#wiring.later(() => this.#link.close(), LINGER_MS);
  }
}

export class Probes {
  /** @type {Map<string, Probe>} */
  #running = new Map();
  #wiring;

  /** @param {ProbeWiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  receive(type, body) {
    if (type === "probe_start") this.#begin(body);
    else if (type === "signal_in") this.#running.get(body.match)?.signal(body.data);
    else if (type === "closed" || (type === "scene" && body.match)) this.#end();
  }

  /** @param {ProbeStart} start */
  #begin(start) {
    this.#running.get(start.probe)?.close();
    this.#running.set(start.probe, new Probe(start, this.#wiring));
  }

  #end() {
    for (const probe of this.#running.values()) probe.close();
    this.#running.clear();
  }
}
