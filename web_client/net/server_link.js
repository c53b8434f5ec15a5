/**
 * The socket to the host: says hello on every (re)connection, keeps acknowledged messages until they are acknowledged, answers pings.
 * @module
 */
import { RETRY_CODES } from "../protocol/constants.js";
import { ServerClock } from "./server_clock.js";

/** @typedef {{ok: boolean, code?: string, text?: string, [field: string]: any}} Ack */
/** @typedef {"connecting" | "online" | "offline" | "closed"} LinkState */
/**
 * The part of socket.io-client's Socket that is used.
 * @typedef {object} SocketLike
 * @property {(event: string, listener: (...args: any[]) => void) => unknown} on
 * @property {(listener: (event: string, ...args: any[]) => void) => unknown} onAny
 * @property {(event: string, ...args: any[]) => unknown} emit
 * @property {() => unknown} connect
 * @property {() => unknown} disconnect
 * @property {boolean} connected
 * @property {boolean} active
 */
/** @typedef {{type: string, body: any}} Posted */
/** @typedef {{type: string, body: any, settle: (ack: Ack) => void, sent: boolean, tries: number}} Pending */
/**
 * @typedef {object} Wiring
 * @property {SocketLike} socket made with `autoConnect: false`
 * @property {() => Record<string, unknown>} hello fields of the hello message, asked at every connection
 * @property {(type: string, body: any) => void} onMessage
 * @property {(state: LinkState) => void} onState
 * @property {(ack: Ack) => void} onRefusedHello
 * @property {(code: string) => void} onUnknownParticipant the host does not accept this page's cookie
 * @property {(text: string, againMs: number) => void} onHeldOff the host lets this page in again in so long, and says why
 * @property {() => void} onHeld the host asks to send something again later; it is kept here meanwhile
 * @property {() => number} nowMs unix ms
 * @property {(run: () => void, delayMs: number) => unknown} later
 */

const RETRY_CLOSED_MS = 1000;
const CLOCK_BURST = 5;
const CLOCK_GAP_MS = 150;
const CLOCK_EVERY_MS = 10_000;
const RETRY_BUSY_MS = 1000;
/** As long as a dead line takes to be noticed after the hello: a host with much to do may need seconds. */
const GREETED_WITHIN_MS = 15_000;
/** One lost answer must not hold up what comes after it: what is asked changes nothing at the host when it comes twice. */
const ANSWERED_WITHIN_MS = 6000;

/** Bytes that came to the host as something else, or in part, are sent again: so often, because they may really be wrong. */
const MOST_TRIES = 5;
const MIXED_UP = ["wrong_type", "malformed"];

/** @param {Pending} pending @param {string | undefined} code of a refusal */
const isWorthAnotherTry = ({ body, tries }, code = "") => RETRY_CODES.includes(code) || (MIXED_UP.includes(code) && ArrayBuffer.isView(body) && tries < MOST_TRIES);

export class ServerLink {
  /** @type {Pending[]} */
  #outbox = [];
  /** @type {LinkState} */
  #state = "connecting";
  /** @type {Posted[]} */
  #posted = [];
  #greeted = false;
  #connection = 0;
  #wiring;
  #socket;

  /** @param {Wiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
    this.#socket = wiring.socket;
    this.clock = new ServerClock(wiring.nowMs);
    this.#listen();
  }

  get state() {
    return this.#state;
  }

  open() {
    this.#socket.connect();
  }

  /** Ends the link for good: a closed page does not come back by itself. */
  close() {
    this.#setState("closed");
    this.#socket.disconnect();
  }

  /**
   * Fire and forget; dropped while offline, because the host asks for the whole view again on the next hello.
   * @param {string} type
   * @param {any} body dict of the declared fields, or bytes
   * @returns {boolean} whether it left
   */
  send(type, body) {
    if (!this.#greeted) return false;
    this.#socket.emit(type, body);
    return true;
  }

  /**
   * Sent now, and again at each new connection until the host has taken it: for what is true later, too. On a line that is dead
   * without anybody knowing, or that breaks, the host may get it twice.
   * @param {string} type
   * @param {any} body
   */
  post(type, body) {
    const posted = { type, body };
    this.#posted.push(posted);
    if (this.#greeted) this.#put(posted);
  }

  /** @param {Posted} posted */
  #put(posted) {
    this.#socket.emit(posted.type, posted.body, (/** @type {Ack | undefined} */ ack) => {
      // It came to a connection that the host had given up already.
      if (ack?.code !== "closed") this.#posted = this.#posted.filter((other) => other !== posted);
    });
  }

  /**
   * Sent until acknowledged, over reconnections too, and again when a living connection brings no answer.
   * @param {string} type
   * @param {any} body
   * @returns {Promise<Ack>}
   */
  ask(type, body) {
    return new Promise((settle) => {
      const pending = { type, body, settle, sent: false, tries: 0 };
      this.#outbox.push(pending);
      if (this.#greeted) this.#deliver(pending);
    });
  }

  /** Messages the host has not yet confirmed. */
  get unacknowledged() {
    return this.#outbox.length;
  }

  /** The host has taken everything that was told and asked. */
  get isQuiet() {
    return this.#greeted && this.#outbox.length === 0 && this.#posted.length === 0;
  }

  #listen() {
    this.#socket.on("connect", () => this.#greet());
    this.#socket.on("disconnect", (reason) => this.#lost(String(reason)));
    this.#socket.on("connect_error", (error) => this.#failed(error));
    this.#socket.onAny((type, body) => this.#received(type, body));
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  #received(type, body) {
    // Before anything else: the host measures the way, not what this page does with a message.
    if (type === "ping") {
      this.#socket.emit("pong", { n: body?.n });
      return;
    }
    if (typeof body?.server_ms === "number") this.clock.hint(body.server_ms);
    this.#wiring.onMessage(type, body);
  }

  #greet() {
    const connection = ++this.#connection;
    this.#wiring.later(() => this.#anew(connection), GREETED_WITHIN_MS);
    this.#socket.emit("hello", this.#wiring.hello(), (/** @type {Ack | undefined} */ ack) => {
      if (connection !== this.#connection) return;
      if (ack?.ok) this.#welcomed(connection);
      else if (!ack || RETRY_CODES.includes(ack.code ?? "")) this.#wiring.later(() => this.#anew(connection), RETRY_BUSY_MS);
      else this.#turnedAway(ack);
    });
  }

  /** @param {number} connection */
  #welcomed(connection) {
    this.#greeted = true;
    this.#setState("online");
    for (const posted of this.#posted) this.#put(posted);
    for (const pending of this.#outbox) this.#deliver(pending);
    this.#measureClock(connection, CLOCK_BURST);
  }

  /** @param {Ack} ack */
  #turnedAway(ack) {
    this.close();
    this.#wiring.onRefusedHello(ack);
  }

  /**
   * Another connection in place of one over which nobody answers: its line may be dead in one direction.
   * @param {number} connection the one whose hello has no answer
   */
  #anew(connection) {
    // Called by clocks that run on when their connection is gone or was greeted.
    if (connection !== this.#connection || this.#greeted || this.#state === "closed") return;
    this.#socket.disconnect();
    this.#setState("offline");
    this.#socket.connect();
  }

  /** @param {Pending} pending */
  #deliver(pending) {
    if (pending.sent) return;
    pending.sent = true;
    pending.tries += 1;
    const connection = this.#connection;
    this.#remind(pending, pending.tries);
    this.#socket.emit(pending.type, pending.body, (/** @type {Ack} */ ack) => {
      if (connection === this.#connection) this.#acknowledged(pending, ack ?? { ok: true });
    });
  }

  /**
   * @param {Pending} pending
   * @param {number} tries as it was sent for the last time
   */
  #remind(pending, tries) {
    this.#wiring.later(() => {
      if (!this.#greeted || !pending.sent || pending.tries !== tries || !this.#outbox.includes(pending)) return;
      pending.sent = false;
      this.#deliver(pending);
    }, ANSWERED_WITHIN_MS);
  }

  /**
   * @param {Pending} pending
   * @param {Ack} ack
   */
  #acknowledged(pending, ack) {
    // Answered already: it was sent twice.
    if (!this.#outbox.includes(pending)) return;
    if (!ack.ok && isWorthAnotherTry(pending, ack.code)) {
      pending.sent = false;
      if (ack.code === "storage") this.#wiring.onHeld();
      this.#wiring.later(() => this.#greeted && this.#outbox.includes(pending) && this.#deliver(pending), RETRY_BUSY_MS);
      return;
    }
    this.#outbox = this.#outbox.filter((other) => other !== pending);
    pending.settle(ack);
  }

  /** @param {string} reason */
  #lost(reason) {
    // Answers that are still to come belong to the connection that is gone.
    this.#connection++;
    this.#greeted = false;
    for (const pending of this.#outbox) pending.sent = false;
    if (this.#state === "closed") return;
    this.#setState("offline");
    // Socket.IO comes back by itself except when the host itself hung up.
    if (reason === "io server disconnect") this.#wiring.later(() => this.#state !== "closed" && this.#socket.connect(), RETRY_CLOSED_MS);
  }

  /** @param {any} error */
  #failed(error) {
    const { code, text, again_s } = error?.data ?? {};
    if (code === "unknown_participant" || code === "no_cookie") {
      this.close();
      this.#wiring.onUnknownParticipant(code);
      return;
    }
    if (this.#state === "online") this.#setState("offline");
    const againMs = Math.max(RETRY_CLOSED_MS, 1000 * (Number(again_s) || 0));
    if (text) this.#wiring.onHeldOff(String(text), againMs);
    if (!this.#socket.active) this.#wiring.later(() => this.#state !== "closed" && this.#socket.connect(), againMs);
  }

  /**
   * @param {number} connection
   * @param {number} left exchanges still to come in this burst
   */
  #measureClock(connection, left) {
    if (connection !== this.#connection || !this.#greeted) return;
    const t0 = this.#wiring.nowMs();
    this.#socket.emit("clock", { t0_ms: t0, ...this.#estimate(left) }, (/** @type {Ack} */ ack) => {
      if (connection === this.#connection && ack?.ok) this.clock.add(t0, ack.t1_ms, ack.t2_ms, this.#wiring.nowMs());
    });
    const delayMs = left > 1 ? CLOCK_GAP_MS : CLOCK_EVERY_MS;
    this.#wiring.later(() => this.#measureClock(connection, left > 1 ? left - 1 : CLOCK_BURST), delayMs);
  }

  /**
   * What the last burst gave goes along with the first question of the next one: the host keeps its history.
   * @param {number} left
   */
  #estimate(left) {
    const { rttMs, offsetMs } = this.clock;
    return left === CLOCK_BURST && rttMs !== null ? { offset_ms: offsetMs, rtt_ms: rttMs } : {};
  }

  /** @param {LinkState} state */
  #setState(state) {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    this.#wiring.onState(state);
  }
}
