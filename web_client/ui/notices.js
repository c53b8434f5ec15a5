/**
 * Messages from the person running the study, and warnings; each stays until it is closed or expires.
 * @module
 */
import { button, el } from "./dom.js";

/** @typedef {import("./text/index.js").Translate} Translate */
/** @typedef {import("../protocol/server_messages.js").Notice} Notice */
/** @typedef {{text: string, close: () => void, timer: ReturnType<typeof setTimeout> | undefined}} Shown */

export class Notices {
  /** @type {Map<string, Shown>} */
  #shown = new Map();
  #holder;
  #t;
  #hostNowMs;
  #read;

  /**
   * @param {HTMLElement} holder
   * @param {Translate} t
   * @param {() => number} hostNowMs
   * @param {(id: string) => void} read somebody pressed OK on one that wants to know
   */
  constructor(holder, t, hostNowMs, read) {
    this.#read = read;
    this.#holder = holder;
    this.#t = t;
    this.#hostNowMs = hostNowMs;
  }

  /**
   * The same notice again only stays longer.
   * @param {Notice} notice
   */
  add(notice) {
    const leftMs = notice.expires_ms == null ? null : notice.expires_ms - this.#hostNowMs();
    const known = this.#shown.get(notice.id);
    if (known && (known.text !== notice.text || (leftMs !== null && leftMs <= 0))) known.close();
    if (leftMs !== null && leftMs <= 0) return;
    const shown = this.#shown.get(notice.id) ?? this.#show(notice);
    clearTimeout(shown.timer);
    if (leftMs !== null) shown.timer = setTimeout(shown.close, leftMs);
  }

  /**
   * @param {Notice} notice
   * @returns {Shown}
   */
  #show({ id, level, text, receipt }) {
    const close = () => {
      clearTimeout(shown.timer);
      this.#shown.delete(id);
      card.remove();
      this.#measure();
    };
    const byHand = () => {
      close();
      if (receipt) this.#read(id);
    };
    /** @type {Shown} */
    const shown = { text, close, timer: undefined };
    const title = this.#t(level === "warning" ? "notice.warning" : "notice.from");
    const words = el("div", { class: "notice-words" }, el("strong", null, title), el("p", null, text));
    const card = el("section", { class: `notice notice-${level}` }, words, button({ label: this.#t(receipt ? "button.ok" : "button.close"), kind: "quiet", onclick: byHand }));
    this.#shown.set(id, shown);
    this.#holder.append(card);
    this.#measure();
    return shown;
  }

  /** In a game they stand above it, never on it: it takes the room that is left. */
  #measure() {
    document.documentElement.style.setProperty("--notices", `${this.#holder.offsetHeight}px`);
  }

  clear() {
    for (const { close } of [...this.#shown.values()]) close();
  }
}
