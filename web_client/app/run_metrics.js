/**
 * What the host hears of how a match goes on this page.
 * @module
 */

const EVERY_MS = 1000;
const TELL_EVERY_MS = 5000;

/**
 * Gathers what was measured, a sample a second, and tells some seconds of it at once: of a thousand pages the host
 * would hear of little else.
 */
export class RunMetrics {
  #services;
  #where;
  /** @type {{atMs: number, values: Record<string, unknown>}[]} */
  #samples = [];
  #takenMs = -Infinity;

  /**
   * @param {Pick<import("./game_run.js").Services, "link" | "nowMs">} services
   * @param {{visit: number, match: string}} where
   */
  constructor(services, where) {
    this.#services = services;
    this.#where = where;
  }

  /**
   * A sample, unless less than a second has passed since the last one.
   * @param {Record<string, unknown>} values what was measured; with `event` something happened: taken and told at once
   * @param {() => Record<string, unknown>} more asked only when the sample is taken
   */
  take(values, more = () => ({})) {
    const atMs = this.#services.nowMs();
    // Half of it is enough to tell a second's sample from one that came early.
    if (!values.event && atMs - this.#takenMs < EVERY_MS / 2) return;
    if (!values.event) this.#takenMs = atMs;
    this.#samples.push({ atMs, values: { ...values, ...more() } });
    if (values.event || atMs - this.#samples[0].atMs >= TELL_EVERY_MS - EVERY_MS) this.flush();
  }

  /** Tell what there is: before the host hears of anything after which it would not belong to the match any more. */
  flush() {
    const nowMs = this.#services.nowMs();
    const samples = this.#samples.splice(0).map(({ atMs, values }) => ({ age_ms: Math.max(0, nowMs - atMs), values }));
    if (samples.length) this.#services.link.send("metrics", { ...this.#where, samples });
  }

  /** The host takes nothing of this match any more. */
  drop() {
    this.#samples = [];
  }
}
