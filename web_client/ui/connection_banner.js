/**
 * Tells that the connection is away, for how long, and that nothing is lost.
 * @module
 */
import { setText, show } from "./dom.js";
import { clockText, repeat } from "./time.js";

/** @typedef {import("./text/index.js").Translate} Translate */

/** A blink of the network is not worth a word. */
const QUIET_MS = 900;
const LONG_MS = 20_000;
const BACK_MS = 2500;

export class ConnectionBanner {
  #element;
  #t;
  #nowMs;
  #told = false;
  #stop = () => {};

  /**
   * @param {HTMLElement} element
   * @param {Translate} t
   * @param {() => number} nowMs
   */
  constructor(element, t, nowMs) {
    this.#element = element;
    this.#t = t;
    this.#nowMs = nowMs;
  }

  lost() {
    this.#stop();
    const sinceMs = this.#nowMs();
    this.#stop = repeat(() => this.#tellLost(this.#nowMs() - sinceMs));
  }

  back() {
    this.#stop();
    if (!this.#told) {
      show(this.#element, false);
      return;
    }
    this.#told = false;
    setText(this.#element, this.#t("connection.back"));
    this.#element.classList.add("banner-good");
    const timer = setTimeout(() => show(this.#element, false), BACK_MS);
    this.#stop = () => clearTimeout(timer);
  }

  gone() {
    this.#stop();
    this.#told = false;
    show(this.#element, false);
  }

  /** @param {number} awayMs */
  #tellLost(awayMs) {
    if (awayMs < QUIET_MS) return;
    this.#told = true;
    this.#element.classList.remove("banner-good");
    // The time is written once a minute only: a status that changes each second would be read out each second.
    const minute = Math.floor(awayMs / 60_000) * 60_000;
    const text = awayMs < LONG_MS ? this.#t("connection.lost") : this.#t("connection.lost.long", { time: clockText(Math.max(LONG_MS, minute)) });
    setText(this.#element, text);
    show(this.#element, true);
  }
}
