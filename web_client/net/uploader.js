/**
 * Rows on their way to the host, and word of the end of their episodes: kept in the browser until the host has them, also across a
 * reload, sent in order.
 * @module
 */

import { openBatchStore } from "./batch_store.js";

/** @typedef {import("./batch_store.js").BatchStore} BatchStore */
/** @typedef {{match: string, episode: number, first: number, count: number, visit: number}} BatchKey */
/** @typedef {{ok: boolean, code?: string, text?: string}} Ack */
/** @typedef {{ask: (type: string, body: any) => Promise<Ack>}} Asker */

const MOST_WAITING_BYTES = 64 * 1024 * 1024;

/** First byte of a report, as text; rows are a map of MessagePack and never begin so. */
const REPORT = "{".charCodeAt(0);
/** Likewise of any other message, kept as `[type, body]`. */
const MESSAGE = "[".charCodeAt(0);

/**
 * What the store keeps goes to the host as the message it is.
 * @param {Asker} link
 * @returns {(bytes: Uint8Array) => Promise<Ack>}
 */
export const toHost = (link) => (bytes) => {
  if (bytes[0] !== REPORT && bytes[0] !== MESSAGE) return link.ask("rows", bytes);
  const told = JSON.parse(new TextDecoder().decode(bytes));
  return bytes[0] === REPORT ? link.ask("episode_ended", told) : link.ask(told[0], told[1]);
};

/** @param {Uint8Array} bytes what it is called in the browser's console */
const nameOf = ([first]) => (first === REPORT ? "the end of an episode" : first === MESSAGE ? "a message" : "rows");

export class Uploader {
  #send;
  #warn;
  /** @type {Promise<BatchStore>} */ #store;
  #busy = false;
  /** @type {(() => void)[]} */ #whenDrained = [];
  #adding = 0;

  /**
   * @param {{send: (bytes: Uint8Array) => Promise<Ack>, participant: string, warn: (text: string) => void, store?: Promise<BatchStore>}} options
   *   `send` goes on until the host says yes or a final no, over lost connections too (`ServerLink.ask`); `participant` keeps people who
   *   share a browser apart
   */
  constructor({ send, participant, warn, store = openBatchStore(participant, MOST_WAITING_BYTES, warn) }) {
    this.#send = send;
    this.#warn = warn;
    this.#store = store;
    // What an earlier page of this participant could not bring to the host any more goes first.
    this.#pump();
  }

  /**
   * @param {BatchKey} key
   * @param {Uint8Array} bytes
   */
  add({ match, episode, first }, bytes) {
    this.#put(`${match}\n${episode}\n${first}`, bytes);
  }

  /**
   * How an episode ended: the host hears it after its rows.
   * @param {{match: string, episode: number}} report body of the message `episode_ended`
   */
  addReport(report) {
    const bytes = new TextEncoder().encode(JSON.stringify(report));
    this.#put(`${report.match}\n${report.episode}\nend`, bytes, () => void this.#send(bytes));
  }

  /**
   * Another message that must reach the host, in its turn.
   * @param {string} key the same one again changes nothing
   * @param {string} type
   * @param {any} body
   */
  addMessage(key, type, body) {
    const bytes = new TextEncoder().encode(JSON.stringify([type, body]));
    this.#put(`${type}\n${key}`, bytes, () => void this.#send(bytes));
  }

  /**
   * @param {string} key
   * @param {Uint8Array} bytes
   * @param {() => void} [instead] when it cannot be kept
   */
  #put(key, bytes, instead = () => {}) {
    this.#adding += 1;
    void this.#store
      .then((store) => store.put(key, bytes))
      .catch((error) => {
        this.#warn(`Rows could not be kept in this browser: ${error instanceof Error ? error.message : error}`);
        instead();
      })
      .finally(() => {
        this.#adding -= 1;
        this.#pump();
      });
  }

  /** @returns {Promise<void>} resolves once everything added so far is on the host's disk */
  drained() {
    return new Promise((resolve) => {
      this.#whenDrained.push(resolve);
      this.#pump();
    });
  }

  #pump() {
    // Not only when nothing is being put away: with a slow disk, something always is.
    if (!this.#busy) void this.#work();
  }

  async #work() {
    this.#busy = true;
    try {
      const store = await this.#store;
      for (let batch = await store.oldest(); batch; batch = await store.oldest()) {
        const ack = await this.#send(batch.bytes);
        if (!ack.ok) this.#warn(`The host refused ${nameOf(batch.bytes)}: ${ack.text ?? ack.code}`);
        // Not before the answer: a page that goes meanwhile sends it again, and the host keeps the first.
        await store.remove(batch.key);
      }
      // What is still being put away comes after this, and begins the work anew.
      if (this.#adding === 0) this.#whenDrained.splice(0).forEach((done) => done());
    } finally {
      this.#busy = false;
    }
  }
}
