/**
 * Draws what `overlay_choice` chose.
 * @module
 */
import { el, fill, setText, show } from "../dom.js";
import { progressBar } from "../progress_bar.js";
import { wholeSeconds } from "../time.js";

/** @typedef {import("./overlay_choice.js").Overlay} Overlay */
/** @typedef {import("../progress_bar.js").Progress} Progress */
/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {{t: Translate, nowMs: () => number, hostNowMs: () => number}} Clocks */

export class GameOverlay {
  #shown = "";
  /** @type {Overlay | null} */
  #overlay = null;
  #clocks;

  /** @param {Clocks} clocks */
  constructor(clocks) {
    const { t } = clocks;
    this.#clocks = clocks;
    this.title = el("h2");
    this.text = el("p");
    this.number = el("div", { class: "big-number", "aria-hidden": "true" });
    this.limit = el("p", { class: "game-limit" });
    this.bar = progressBar(t);
    this.element = el("div", { class: "game-overlay", hidden: true }, el("div", { role: "status" }, this.title, this.text), this.number, this.limit, this.bar.element);
  }

  /**
   * @param {Overlay | null} overlay
   * @param {Progress | null} progress
   */
  show(overlay, progress) {
    this.#overlay = overlay;
    show(this.element, overlay !== null);
    if (!overlay) return;
    const shown = JSON.stringify(overlay);
    if (shown !== this.#shown) this.#fill(overlay);
    this.#shown = shown;
    if (overlay.kind === "loading") this.bar.update(progress);
    this.tick();
  }

  /** The numbers that run. */
  tick() {
    const overlay = this.#overlay;
    if (!overlay) return;
    const { t, nowMs, hostNowMs } = this.#clocks;
    const leftMs = overlay.untilMs == null ? 0 : overlay.untilMs - nowMs();
    show(this.number, overlay.kind === "number" && leftMs > 0);
    setText(this.number, leftMs > 0 ? String(wholeSeconds(leftMs)) : "");
    const limited = overlay.limitHostMs != null;
    show(this.limit, limited);
    setText(this.limit, limited ? t("game.paused.limit", { n: wholeSeconds(Number(overlay.limitHostMs) - hostNowMs()) }) : "");
  }

  /** @param {Overlay} overlay */
  #fill(overlay) {
    const { t } = this.#clocks;
    const error = overlay.kind === "error";
    const title = error ? "game.error.title" : overlay.kind === "loading" ? "loading.game" : overlay.title;
    const text = overlay.ownText || (overlay.text ? t(overlay.text) : "");
    fill(this.title, title ? t(title) : "");
    fill(this.text, text);
    show(this.text, text !== "");
    show(this.bar.element, overlay.kind === "loading");
    this.element.className = overlay.kind === "focus" ? "game-overlay game-overlay-light" : "game-overlay";
  }
}
