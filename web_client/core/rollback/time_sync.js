/**
 * Who is ahead. Each side measures how far it is before what it last heard of the other; half the difference of the two
 * measurements is the true lead, because the way there and back cancels out. The side that leads gives the time back in small portions.
 * @module
 */

const GAIN = 1 / 12;
const SKIP_FROM = 0.75;
const STRETCH_FROM = 0.15;
/** a lead that stretching alone would take too long to give back */
const FAR_AHEAD = 3;

export class TimeSync {
  /** @param {"skip" | "stretch" | "off"} mode */
  constructor(mode) {
    this.mode = mode;
    /** @type {Map<number, number>} frames we are ahead of a peer, smoothed */
    this.leads = new Map();
    this.ticksSinceSkip = 0;
  }

  /**
   * @param {number} peer
   * @param {number} ours our frame minus the peer's frame when its packet arrived
   * @param {number} theirs the same, as the peer measured it
   */
  sample(peer, ours, theirs) {
    const lead = (ours - theirs) / 2;
    const before = this.leads.get(peer) ?? lead;
    this.leads.set(peer, before + (lead - before) * GAIN);
  }

  /** @param {number} peer */
  forget(peer) {
    this.leads.delete(peer);
  }

  /** @returns {number} frames we are ahead of the slowest */
  get lead() {
    return this.mode === "off" ? 0 : Math.max(0, ...this.leads.values());
  }

  /** @returns {number} length of a tick relative to its nominal length */
  get pace() {
    return this.mode === "stretch" && this.lead > STRETCH_FROM ? 1 + Math.min(0.08, this.lead * 0.04) : 1;
  }

  /** @returns {boolean} whether to give this tick away */
  skips() {
    this.ticksSinceSkip += 1;
    const lead = this.lead;
    if (lead < (this.mode === "stretch" ? FAR_AHEAD : SKIP_FROM)) return false;
    const spacing = lead >= 4 ? 2 : lead >= 2 ? 4 : 8;
    if (this.ticksSinceSkip < spacing) return false;
    this.ticksSinceSkip = 0;
    for (const [peer, value] of this.leads) this.leads.set(peer, value - 1);
    return true;
  }
}
