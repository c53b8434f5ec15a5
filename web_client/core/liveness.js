/**
 * Who is still there. WebRTC notices a dead peer after 6 to 16 seconds; here every packet is a heartbeat, and a peer that
 * has been silent for `lostAfterMs` is lost.
 * @module
 */

/** @typedef {{type: "lost" | "back", peer: number, silentMs: number}} LivenessEvent */

export class Liveness {
  /** @param {{lostAfterMs?: number}} [options] milliseconds of silence that mean "lost" (default 500) */
  constructor({ lostAfterMs = 500 } = {}) {
    if (!(lostAfterMs > 0)) throw new RangeError(`lostAfterMs must be above 0, not ${lostAfterMs}`);
    this.lostAfterMs = lostAfterMs;
    /** @type {Map<number, {heardAtMs: number, lost: boolean}>} */
    this.peers = new Map();
    /** @type {LivenessEvent[]} */
    this.pending = [];
  }

  /**
   * Start the watch over a peer that may not have sent anything yet.
   * @param {number} peer
   * @param {number} nowMs
   */
  watch(peer, nowMs) {
    if (!this.peers.has(peer)) this.peers.set(peer, { heardAtMs: nowMs, lost: false });
  }

  /** @param {number} peer it is no longer watched, and nothing more is said about it */
  forget(peer) {
    this.peers.delete(peer);
    this.pending = this.pending.filter((event) => event.peer !== peer);
  }

  /**
   * A packet of this peer arrived.
   * @param {number} peer
   * @param {number} nowMs
   */
  heard(peer, nowMs) {
    const entry = this.peers.get(peer);
    if (!entry) return;
    if (entry.lost) this.pending.push({ type: "back", peer, silentMs: nowMs - entry.heardAtMs });
    entry.lost = false;
    entry.heardAtMs = Math.max(entry.heardAtMs, nowMs);
  }

  /**
   * The watcher itself stood still (a frozen tab): silence during that time says nothing about the others.
   * @param {number} nowMs
   * @param {number} [forMs] for how long it did (default: as long as they were silent)
   */
  excuse(nowMs, forMs = Infinity) {
    for (const entry of this.peers.values()) if (!entry.lost) entry.heardAtMs = Math.min(nowMs, entry.heardAtMs + forMs);
  }

  /**
   * @param {number} nowMs
   * @returns {LivenessEvent[]} what changed since the last call, in order
   */
  check(nowMs) {
    for (const [peer, entry] of this.peers) {
      const silentMs = nowMs - entry.heardAtMs;
      if (entry.lost || silentMs < this.lostAfterMs) continue;
      entry.lost = true;
      this.pending.push({ type: "lost", peer, silentMs });
    }
    return this.pending.splice(0);
  }

  /** @param {number} peer @returns {boolean} */
  isLost(peer) {
    return this.peers.get(peer)?.lost ?? false;
  }

  /**
   * @param {number} nowMs
   * @returns {number} milliseconds until the next peer could be lost (Infinity without peers)
   */
  waitMs(nowMs) {
    const waits = [...this.peers.values()].filter((entry) => !entry.lost).map((entry) => entry.heardAtMs + this.lostAfterMs - nowMs);
    return Math.max(0, Math.min(Infinity, ...waits));
  }
}
