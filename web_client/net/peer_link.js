/**
 * One WebRTC connection to another player with two channels. It only connects, sends and receives; whether it is alive is judged by `pair.js`.
 * The player with the lower number makes the offers, so two offers never meet.
 * @module
 */

/** @typedef {"inputs" | "control"} Channel */
/**
 * @typedef {{kind: "hello" | "offer" | "answer" | "candidate" | "restart", tag: string, to?: string, build?: number, sdp?: string, candidate?: any, reachable?: any}} SignalData
 * `build` counts the connections the offering side has made; `reachable`: the same candidate with the address at which the host sees the sender, when the browser hides it
 */
/** @typedef {import("../protocol/server_messages.js").Ice} Ice */
/**
 * @typedef {object} PeerWiring
 * @property {boolean} offers whether this side makes the offers
 * @property {Ice} ice
 * @property {string} tag tells this page from one that was loaded before it
 * @property {(data: SignalData) => void} signal
 * @property {(channel: Channel, bytes: Uint8Array<ArrayBuffer>) => void} onPacket
 * @property {() => void} onChange a channel opened or closed
 * @property {(config: RTCConfiguration) => RTCPeerConnection} makeConnection
 * @property {() => number} nowMs
 */

/** How long a new connection may take before it is given up for another one. */
const CONNECT_MS = 6000;
/** The offering side tries by itself; it is asked only when nothing came from it for so long. */
const ASK_AFTER_MS = 5000;
/** A peer asleep must find fresh inputs when it wakes, not a queue of old ones. */
const MOST_CONTROL_BYTES = 256 * 1024;
/** Signals with which a page nobody has heard of may begin. */
const OPENING = new Set(["hello", "offer", "restart"]);

/** @param {Ice} ice */
function iceServers({ stun, turn }) {
  const servers = [];
  if (stun) servers.push({ urls: stun.startsWith("stun:") ? stun : `stun:${stun}` });
  if (turn) servers.push(/** @type {RTCIceServer} */ (turn));
  return servers;
}

export class PeerLink {
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  /** @type {Partial<Record<Channel, RTCDataChannel>>} */
  #channels = {};
  /** @type {any[]} */
  #earlyCandidates = [];
  #theirTag = "";
  #build = 0;
  #offeredMs = -Infinity;
  #closed = false;
  #wiring;
  /** Signals are handled one after the other. */
  #turn = Promise.resolve();

  /** @param {PeerWiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
  }

  get isOpen() {
    return this.#channels.inputs?.readyState === "open" && this.#channels.control?.readyState === "open";
  }

  /** Begins, or begins anew when there is nothing to restart. */
  start() {
    this.#wiring.signal({ kind: "hello", tag: this.#wiring.tag });
    if (this.#wiring.offers) this.#later(() => this.#offer(false, false));
  }

  /**
   * Looks for another way to the same peer; a connection that is only just being made is left alone.
   * @param {boolean} anew builds a new connection instead
   */
  restart(anew) {
    const { offers, signal, tag, nowMs } = this.#wiring;
    const waitedMs = nowMs() - this.#offeredMs;
    if (this.#closed) return;
    if (!offers) {
      if (waitedMs >= ASK_AFTER_MS) signal({ kind: "restart", tag });
    } else if (this.isOpen || waitedMs >= CONNECT_MS || this.#connection?.connectionState === "failed") {
      this.#later(() => this.#offer(!anew, anew || !this.isOpen));
    }
  }

  /**
   * @param {Channel} name
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @returns {boolean} whether it left
   */
  send(name, bytes) {
    const channel = this.#channels[name];
    if (channel?.readyState !== "open") return false;
    if (channel.bufferedAmount > (name === "inputs" ? 0 : MOST_CONTROL_BYTES)) return false;
    try {
      channel.send(bytes);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {SignalData} data from the other side; malformed ones change nothing */
  receive(data) {
    this.#later(() => this.#handle(data));
  }

  /** @returns {Promise<boolean>} whether the packets go through a TURN server */
  async isTurned() {
    const report = await this.#connection?.getStats().catch(() => null);
    const entries = new Map();
    report?.forEach((/** @type {any} */ entry) => entries.set(entry.id, entry));
    const pair = [...entries.values()].find((entry) => entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded");
    return [pair?.localCandidateId, pair?.remoteCandidateId].some((id) => entries.get(id)?.candidateType === "relay");
  }

  close() {
    this.#closed = true;
    this.#drop();
  }

  /** @param {() => Promise<unknown> | unknown} act */
  #later(act) {
    this.#turn = this.#turn
      .then(() => (this.#closed ? undefined : act()))
      .then(() => {})
      // A description that does not fit (the other side began anew meanwhile) is answered by the next offer.
      .catch(() => {});
  }

  /** @param {SignalData} data */
  async #handle(data) {
    if (!this.#isForUs(data)) return;
    const fresh = data.tag !== this.#theirTag;
    if (fresh && !OPENING.has(data.kind)) return;
    if (fresh) this.#meet(data.tag);
    await this.#acts[data.kind]?.(data, fresh);
  }

  /** @param {SignalData} data */
  #isForUs(data) {
    return typeof data?.tag === "string" && (data.to === undefined || data.to === this.#wiring.tag);
  }

  /** @type {Record<SignalData["kind"], (data: SignalData, fresh: boolean) => Promise<void>>} */
  #acts = {
    offer: (data) => this.#answer(data),
    answer: (data) => this.#accept(data),
    candidate: async ({ candidate, reachable, build }) => {
      if (build !== this.#build) return;
      await this.#addCandidate(candidate);
      if (reachable) await this.#addCandidate(reachable);
    },
    hello: async () => {
      if (this.#wiring.offers) await this.#offer(false, false);
    },
    restart: async (_data, fresh) => {
      if (this.#wiring.offers) await this.#offer(!fresh, !fresh && !this.isOpen);
    },
  };

  /** Another page than before: nothing of the old connection is of use. @param {string} tag */
  #meet(tag) {
    if (this.#theirTag !== "") this.#drop();
    this.#theirTag = tag;
  }

  /**
   * @param {boolean} again with new candidates for the present connection
   * @param {boolean} anew with a new connection
   */
  async #offer(again, anew) {
    if (anew) this.#drop();
    if (!this.#connection) this.#build += 1;
    const connection = this.#connected();
    // Before the waiting below, in which a restart must find that an offer is under way.
    this.#offeredMs = this.#wiring.nowMs();
    await connection.setLocalDescription(await connection.createOffer({ iceRestart: again && !anew }));
    this.#wiring.signal({ kind: "offer", tag: this.#wiring.tag, build: this.#build, sdp: connection.localDescription?.sdp });
  }

  /** @param {SignalData} data */
  async #answer(data) {
    if (data.build !== this.#build) this.#drop();
    this.#build = Number(data.build);
    this.#offeredMs = this.#wiring.nowMs();
    const connection = this.#connected();
    await connection.setRemoteDescription({ type: "offer", sdp: data.sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    this.#wiring.signal({ kind: "answer", tag: this.#wiring.tag, to: data.tag, build: this.#build, sdp: connection.localDescription?.sdp });
    await this.#addEarly();
  }

  /** @param {SignalData} data */
  async #accept(data) {
    const connection = this.#connection;
    // An answer to an offer that was replaced meanwhile says nothing about the present one.
    if (data.build !== this.#build || connection?.signalingState !== "have-local-offer") return;
    await connection.setRemoteDescription({ type: "answer", sdp: data.sdp });
    await this.#addEarly();
  }

  /** @param {any} candidate */
  async #addCandidate(candidate) {
    // Candidates overtake descriptions: a browser takes them only after those.
    if (!this.#connection?.remoteDescription) this.#earlyCandidates.push(candidate);
    else await this.#connection.addIceCandidate(candidate).catch(() => {});
  }

  async #addEarly() {
    for (const candidate of this.#earlyCandidates.splice(0)) await this.#addCandidate(candidate);
  }

  #connected() {
    if (this.#connection) return this.#connection;
    const { ice, tag, signal, makeConnection, onChange } = this.#wiring;
    const connection = makeConnection({ iceServers: iceServers(ice) });
    const build = this.#build;
    this.#connection = connection;
    connection.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.candidate && connection === this.#connection) signal({ kind: "candidate", tag, build, candidate: candidate.toJSON() });
    });
    connection.addEventListener("connectionstatechange", onChange);
    this.#open(connection, "inputs", { ordered: false, maxRetransmits: 0, negotiated: true, id: 0 });
    this.#open(connection, "control", { ordered: true, negotiated: true, id: 1 });
    return connection;
  }

  /**
   * @param {RTCPeerConnection} connection
   * @param {Channel} name
   * @param {RTCDataChannelInit} options
   */
  #open(connection, name, options) {
    const channel = connection.createDataChannel(name, options);
    channel.binaryType = "arraybuffer";
    this.#channels[name] = channel;
    channel.addEventListener("message", ({ data }) => data instanceof ArrayBuffer && this.#wiring.onPacket(name, new Uint8Array(data)));
    channel.addEventListener("open", this.#wiring.onChange);
    channel.addEventListener("close", this.#wiring.onChange);
  }

  #drop() {
    this.#connection?.close();
    this.#connection = null;
    this.#channels = {};
    this.#earlyCandidates = [];
  }
}
