/**
 * What the host hears of how a match goes on this page.
 * @module
 */

const EVERY_MS = 1000;

export class RunMetrics {
  #services;
  #links;
  #toldMs = -Infinity;

  /**
   * @param {Pick<import("./game_run.js").Services, "link" | "nowMs">} services
   * @param {import("../net/links.js").Links} links
   */
  constructor(services, links) {
    this.#services = services;
    this.#links = links;
  }

  /**
   * What happened is told each time, how play goes once in a while.
   * @param {Record<string, unknown>} values
   * @param {{visit: number, match: string}} where
   */
  tell(values, where) {
    const { link, nowMs } = this.#services;
    if (!values.event) {
      if (nowMs() - this.#toldMs < EVERY_MS / 2) return;
      this.#toldMs = nowMs();
    }
    const network = { link: this.#links.report(), bytes_out: this.#links.bytesOut(), bytes_in: this.#links.bytesIn() };
    const { offsetMs, rttMs } = link.clock;
    const clock = rttMs === null ? {} : { clock: { offset_ms: offsetMs, rtt_ms: rttMs } };
    link.send("metrics", { ...where, values: { ...values, ...network, ...clock } });
  }
}
