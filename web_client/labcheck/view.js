/**
 * What a seat's screen shows during the lab check: which seat it is, how far it is, and what was found.
 * @module
 */
import { button, el, fill } from "../ui/dom.js";

/** @typedef {import("../ui/text/index.js").Translate} Translate */
/** @typedef {import("../ui/text/index.js").TextKey} TextKey */
/** @typedef {import("../protocol/lab_server_messages.js").SeatResult} SeatResult */
/** @typedef {import("../protocol/lab_server_messages.js").Finding} Finding */
/** @typedef {{seat: string, step: string, percent: number | null, result: SeatResult | null, online: boolean}} Shown */

const MARKS = { go: "✓", warning: "!", stop: "✕", open: "…" };

/**
 * @param {HTMLElement} root
 * @param {Translate} t
 * @param {string} usual what this computer was called last time
 * @param {(seat: string) => void} chosen
 */
export function askSeat(root, t, usual, chosen) {
  const field = el("input", { id: "lab-seat", class: "lab-input", maxlength: 40, value: usual, autocomplete: "off", "aria-describedby": "lab-problem" });
  const problem = el("p", { id: "lab-problem", class: "lab-problem", role: "alert" });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const seat = field.value.trim();
    if (/^[\p{L}\p{N}_ .-]{1,40}$/u.test(seat)) chosen(seat);
    else problem.textContent = t(seat ? "lab.seat.invalid" : "lab.seat.empty");
  };
  const form = el("form", { class: "lab-form", onsubmit: submit }, el("label", { for: "lab-seat" }, t("lab.seat.label")), field, problem, button({ label: t("lab.seat.start"), kind: "primary", type: "submit" }));
  fill(root, card(el("h1", null, t("lab.title")), el("p", null, t("lab.what")), form));
  field.focus();
}

/**
 * @param {HTMLElement} root
 * @param {Translate} t
 * @param {Shown} shown
 */
export function showSeat(root, t, { seat, step, percent, result, online }) {
  const verdict = result?.verdict ?? "open";
  const pairs = result && result.pairs ? el("p", { class: "lab-pairs" }, t("lab.pairs", { done: result.pairs_done, all: result.pairs })) : null;
  const doing = online ? step && stepText(t, step, percent) : t("lab.offline");
  fill(
    root,
    card(
      el("p", { class: "lab-eyebrow" }, t("lab.title")),
      el("h1", { class: "lab-seat" }, seat),
      el("p", { class: `lab-verdict lab-${verdict}`, role: "status" }, el("span", { class: "lab-mark", "aria-hidden": "true" }, MARKS[verdict]), t(/** @type {TextKey} */ (`lab.verdict.${verdict}`))),
      doing ? el("p", { class: "lab-step" }, doing) : null,
      pairs,
      el("ul", { class: "lab-findings" }, (result?.findings ?? []).map((finding) => findingItem(t, finding))),
      el("p", { class: "lab-quiet" }, t("lab.keep_open")),
    ),
  );
}

/**
 * @param {HTMLElement} root
 * @param {Translate} t
 * @param {"taken_over" | "ended"} reason
 * @param {() => void} again
 */
export function showClosed(root, t, reason, again) {
  fill(root, card(el("h1", null, t(`lab.${reason}.title`)), el("p", null, t(`lab.${reason}.body`)), button({ label: t("lab.here"), kind: "primary", onclick: again })));
}

/** @param {...import("../ui/dom.js").Child} children */
const card = (...children) => el("section", { class: "lab-card" }, ...children);

/**
 * @param {Translate} t
 * @param {string} step
 * @param {number | null} percent
 */
function stepText(t, step, percent) {
  const text = t(/** @type {TextKey} */ (`lab.step.${step}`));
  return percent === null ? text : `${text} ${percent} %`;
}

/**
 * @param {Translate} t
 * @param {Finding} finding
 */
function findingItem(t, { code, level, values }) {
  const words = t(/** @type {TextKey} */ (`lab.finding.${code}`), /** @type {Record<string, string | number>} */ (values));
  return el("li", { class: `lab-${level}` }, el("span", { class: "lab-mark", "aria-hidden": "true" }, MARKS[level]), el("span", null, words));
}
