/**
 * What the rollback has to say to the others, on its way to the page that holds the links.
 * @module
 */

export class Packets {
  #rollback;
  #stats;
  #post;

  /**
   * @param {import("../core/rollback/types.js").Rollback} rollback
   * @param {import("./play_stats.js").PlayStats} stats
   * @param {(message: import("./messages.js").FromWorker) => void} post
   */
  constructor(rollback, stats, post) {
    this.#rollback = rollback;
    this.#stats = stats;
    this.#post = post;
  }

  /** @param {number} nowMs */
  flush(nowMs) {
    this.#rollback.outgoingReliable().forEach(({ peer, bytes }) => this.send("control", peer, bytes));
    this.#rollback.outgoing(nowMs).forEach(({ peer, bytes }) => this.send("inputs", peer, bytes));
  }

  /**
   * @param {"inputs"|"control"} channel
   * @param {number} peer
   * @param {Uint8Array} bytes
   */
  send(channel, peer, bytes) {
    this.#stats.sent(bytes.byteLength);
    this.#post({ type: "send", peer, channel, bytes });
  }
}
