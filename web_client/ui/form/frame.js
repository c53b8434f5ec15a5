/**
 * Label, help and error around one question, tied together for screen readers.
 * @module
 */
import { el, freshId, setText, show } from "../dom.js";

/** @typedef {import("./rules.js").Field} Field */
/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {{help: HTMLElement | null, error: HTMLElement, describedBy: string}} Notes */

/** @param {Field} field */
const labelClass = (field) => (field.labelHidden ? "sr-only" : "field-label");

/**
 * @param {Field} field
 * @param {Translate} t
 */
export function labelParts(field, t) {
  if (!field.required) return [field.label];
  return [field.label, " ", el("span", { class: "field-mark", "aria-hidden": "true" }, "*"), el("span", { class: "sr-only" }, `(${t("form.required")})`)];
}

/**
 * @param {Field} field
 * @param {string | null} [extraHelp]
 * @returns {Notes}
 */
export function notes(field, extraHelp = null) {
  const text = [field.help, extraHelp].filter(Boolean).join(" ");
  const help = text ? el("p", { class: "field-help", id: freshId("help") }, text) : null;
  const error = el("p", { class: "field-error", id: freshId("error"), hidden: true });
  return { help, error, describedBy: [help?.id, error.id].filter(Boolean).join(" ") };
}

/**
 * @param {HTMLElement} frame
 * @param {Notes} parts
 * @param {() => Iterable<Element>} inputs
 * @returns {(problem: string | null) => void}
 */
export function problemShower(frame, parts, inputs) {
  return (problem) => {
    frame.classList.toggle("field-wrong", problem !== null);
    setText(parts.error, problem ?? "");
    show(parts.error, problem !== null);
    for (const input of inputs()) {
      if (problem === null) input.removeAttribute("aria-invalid");
      else input.setAttribute("aria-invalid", "true");
    }
  };
}

/**
 * A question with one input.
 * @param {Field} field
 * @param {HTMLElement} input
 * @param {{t: Translate, extraHelp?: string | null, after?: HTMLElement | null, body?: HTMLElement}} options `body` holds the input when it is more than itself
 */
export function singleFrame(field, input, { t, extraHelp = null, after = null, body = input }) {
  const parts = notes(field, extraHelp);
  input.id = freshId("field");
  input.setAttribute("aria-describedby", parts.describedBy);
  if (field.required) input.setAttribute("aria-required", "true");
  const element = el(
    "div",
    { class: `field field-${field.kind}`, "data-field": field.name },
    el("label", { class: labelClass(field), for: input.id }, labelParts(field, t)),
    parts.help,
    body,
    after,
    parts.error,
  );
  return { element, showProblem: problemShower(element, parts, () => [input]) };
}

/**
 * A question whose answer is picked among several inputs.
 * @param {Field} field
 * @param {HTMLElement} body
 * @param {{t: Translate, several?: boolean, extraHelp?: string | null}} options
 */
export function groupFrame(field, body, { t, several = false, extraHelp = null }) {
  const parts = notes(field, extraHelp);
  const role = several ? {} : { role: "radiogroup", "aria-required": field.required ? "true" : null };
  const element = el(
    "fieldset",
    { class: `field field-${field.kind}`, "data-field": field.name, "aria-describedby": parts.describedBy, ...role },
    el("legend", { class: labelClass(field) }, labelParts(field, t)),
    parts.help,
    body,
    parts.error,
  );
  return { element, showProblem: problemShower(element, parts, () => element.querySelectorAll("input")) };
}
