/**
 * A bar that tells how far loading is, by sight and to a screen reader.
 * @module
 */
import { button, el, setText, show } from "./dom.js";
import { lacksMemory } from "./memory.js";
import { numberText } from "./numbers.js";

/** @typedef {import("./text/index.js").Translate} Translate */
/** @typedef {{step: string, label: string, loaded: number, total: number, fraction: number}} Progress `fraction` of the whole way, 0–1 */

const MEGABYTE = 1_000_000;

/**
 * @param {Progress} progress
 * @param {Translate} t
 */
function amount({ loaded, total }, t) {
  if (total < MEGABYTE / 10) return "";
  const mb = (/** @type {number} */ bytes) => numberText(bytes / MEGABYTE, 1, 1);
  return t("loading.bytes", { loaded: mb(loaded), total: mb(total) });
}

/** @param {Translate} t */
export function progressBar(t) {
  const done = el("div", { class: "meter-done" });
  const meter = el("div", { class: "meter meter-unknown", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": t("loading.title") }, done);
  const what = el("span");
  const much = el("span");
  const element = el("div", { class: "loading-bar" }, meter, el("div", { class: "meter-text" }, what, much));
  /** @param {Progress | null} progress null: nobody knows yet */
  const update = (progress) => {
    const percent = progress ? Math.floor(Math.min(1, progress.fraction) * 100) : 0;
    meter.classList.toggle("meter-unknown", progress === null);
    done.style.width = progress ? `${percent}%` : "";
    if (progress) meter.setAttribute("aria-valuenow", String(percent));
    setText(what, progress ? progress.label : "");
    setText(much, progress ? amount(progress, t) || `${percent} %` : "");
  };
  return { element, update };
}

/**
 * What is said when the game could not be loaded; hidden until then.
 * @param {Translate} t
 * @param {() => void} restart
 */
export function loadingFailure(t, restart) {
  const again = el("div", { class: "actions" }, button({ label: t("button.reload"), kind: "primary", onclick: restart }));
  const text = el("p");
  const element = el("div", { class: "summary", role: "alert", hidden: true }, el("p", { class: "summary-title" }, t("loading.failed")), text, again);
  /** @param {string | null} failed why, as the researcher is told */
  const update = (failed) => {
    setText(text, t(lacksMemory(failed) ? "loading.memory" : "game.error.body"));
    show(element, failed !== null);
  };
  return { element, update };
}
