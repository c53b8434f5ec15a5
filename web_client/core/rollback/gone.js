/**
 * Peers that are not waited for, because the host says so. One that asks to come back is, as long as anything is heard of it.
 * @module
 */

/** Whoever comes back asks again every 2 s and sends in every tick. */
const SILENT_MS = 5000;

export class Gone {
  /** @type {Map<number, number>} peer → when it was last heard since it asked to come back */
  #peers = new Map();
  nowMs = 0;

  /** @param {number} peer */
  add(peer) {
    this.#peers.set(peer, -Infinity);
  }

  /** @param {number} peer */
  has(peer) {
    const heardAtMs = this.#peers.get(peer);
    return heardAtMs !== undefined && this.nowMs - heardAtMs > SILENT_MS;
  }

  /** @param {number} peer wants to play again */
  comesBack(peer) {
    if (this.#peers.has(peer)) this.#peers.set(peer, this.nowMs);
  }

  /** @param {number} peer */
  heard(peer) {
    if ((this.#peers.get(peer) ?? -Infinity) > -Infinity) this.#peers.set(peer, this.nowMs);
  }

  /** @param {number} peer all agree that it plays again */
  isBack(peer) {
    this.#peers.delete(peer);
  }

  /** Ours is not the part of the match that counts: whom we held for gone are those who stayed. */
  clear() {
    this.#peers.clear();
  }

  get peers() {
    return [...this.#peers.keys()].filter((peer) => this.has(peer));
  }
}
