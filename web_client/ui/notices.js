/**
 * Messages from the person running the study, and warnings; each stays until it is closed or expires.
 * @module
 */
import { button, el } from "./dom.js";

/** @typedef {import("./text/index.js").Translate} Translate */
/** @typedef {{id: string, level: "info" | "warning", text: string, expires_ms: number | null}} Notice */

export class Notices {
  /** @type {Map<string, () => void>} */
  #shown = new Map();
  #holder;
  #t;
  #hostNowMs;

  /**
   * @param {HTMLElement} holder
   * @param {Translate} t
   * @param {() => number} hostNowMs
   */
  constructor(holder, t, hostNowMs) {
    this.#holder = holder;
    this.#t = t;
    this.#hostNowMs = hostNowMs;
  }

  /** @param {Notice} notice */
  add(notice) {
    this.#shown.get(notice.id)?.();
    const leftMs = notice.expires_ms == null ? null : notice.expires_ms - this.#hostNowMs();
    if (leftMs !== null && leftMs <= 0) return;
    const close = () => {
      clearTimeout(timer);
      this.#shown.delete(notice.id);
      card.remove();
    };
    const title = this.#t(notice.level === "warning" ? "notice.warning" : "notice.from");
    const card = el(
      "section",
      { class: `notice notice-${notice.level}` },
      el("div", { class: "notice-words" }, el("strong", null, title), el("p", null, notice.text)),
      button({ label: this.#t("button.close"), kind: "quiet", onclick: close }),
    );
    const timer = leftMs === null ? undefined : setTimeout(close, leftMs);
    this.#shown.set(notice.id, close);
    this.#holder.append(card);
  }

  clear() {
    for (const close of [...this.#shown.values()]) close();
  }
}
