/**
 * Rows on their way to the host: kept in the browser until the host has them on disk, also across a reload, sent in order.
 * @module
 */

import { openBatchStore } from "./batch_store.js";

/** @typedef {import("./batch_store.js").BatchStore} BatchStore */
/** @typedef {{match: string, episode: number, first: number, count: number, visit: number}} BatchKey */
/** @typedef {{ok: boolean, code?: string, text?: string}} Ack */

const MOST_WAITING_BYTES = 64 * 1024 * 1024;
const RETRY_MS = [250, 500, 1000, 2000, 4000];
/** Answers after which sending the same batch again is of no use. */
const FINAL_CODES = new Set(["malformed", "unknown_message", "wrong_type", "oversized", "not_yours", "out_of_state"]);

export class Uploader {
  #send;
  #later;
  #warn;
  /** @type {Promise<BatchStore>} */ #store;
  #online = false;
  #busy = false;
  #failures = 0;
  /** @type {(() => void)[]} */ #whenDrained = [];
  #adding = 0;

  /**
   * @param {{send: (bytes: Uint8Array) => Promise<Ack>, participant: string, later: (run: () => void, delayMs: number) => unknown,
   *   warn: (text: string) => void, store?: Promise<BatchStore>}} options
   *   `send` rejects, or never settles, while the connection is lost; `participant` keeps people who share a browser apart
   */
  constructor({ send, participant, later, warn, store = openBatchStore(participant, MOST_WAITING_BYTES) }) {
    this.#send = send;
    this.#later = later;
    this.#warn = warn;
    this.#store = store;
  }

  /**
   * @param {BatchKey} key
   * @param {Uint8Array} bytes
   */
  add(key, bytes) {
    this.#adding += 1;
    void this.#store
      .then((store) => store.put(`${key.match}\n${key.episode}\n${key.first}`, bytes))
      .catch((error) => this.#warn(`Rows could not be kept in this browser: ${error instanceof Error ? error.message : error}`))
      .finally(() => {
        this.#adding -= 1;
        this.#pump();
      });
  }

  /** @param {boolean} online */
  connectionChanged(online) {
    this.#online = online;
    this.#failures = 0;
    this.#pump();
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
        if (!this.#online) return;
        if (!(await this.#delivered(batch.bytes))) return;
        await store.remove(batch.id);
      }
      if (this.#adding === 0) this.#whenDrained.splice(0).forEach((done) => done());
    } finally {
      this.#busy = false;
    }
  }

  /**
   * @param {Uint8Array} bytes
   * @returns {Promise<boolean>} whether the batch can be forgotten
   */
  async #delivered(bytes) {
    const ack = await this.#send(bytes).catch(() => null);
    if (ack?.ok) {
      this.#failures = 0;
      return true;
    }
    if (ack?.code && FINAL_CODES.has(ack.code)) {
      this.#warn(`The host refused rows: ${ack.text ?? ack.code}`);
      return true;
    }
    const delay = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#later(() => this.#pump(), delay);
    return false;
  }
}
