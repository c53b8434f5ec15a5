/**
 * Questions answered by typing: text, long text, number, date.
 * @module
 */
import { el, setText, show } from "../dom.js";
import { singleFrame } from "./frame.js";

/** @typedef {import("./control.js").MakeControl} MakeControl */
/** @typedef {import("./control.js").ControlContext} ControlContext */
/** @typedef {import("./rules.js").Field} Field */
/** @typedef {import("../text/index.js").Translate} Translate */

/** A limit so small that one writes towards it; a larger one is only told when it comes near. */
const SMALL = 300;
const NEAR = 0.8;

/**
 * @param {Field} field
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {Translate} t
 */
function lengthCounter(field, input, t) {
  if (field.maxLength == null && field.minLength == null) return null;
  const { minLength, maxLength } = field;
  const counter = el("p", { class: "field-count", "aria-hidden": "true" });
  const tell = () => {
    const n = [...input.value].length;
    const short = minLength != null && n < minLength;
    show(counter, short || (maxLength != null && (maxLength <= SMALL || n > maxLength * NEAR)));
    setText(counter, short || maxLength == null ? t("form.length.min", { min: minLength ?? 0, n }) : t("form.length", { n, max: maxLength }));
  };
  input.addEventListener("input", tell);
  tell();
  return { counter, tell };
}

/**
 * @param {Field} field
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {ControlContext} context
 * @returns {import("./control.js").Control}
 */
function typed(field, input, { t, changed }) {
  const counter = field.kind === "multiline" || field.maxLength != null ? lengthCounter(field, input, t) : null;
  const frame = singleFrame(field, input, { t, after: counter?.counter ?? null });
  input.addEventListener("input", changed);
  return {
    ...frame,
    read: () => (input.value.trim() === "" ? null : input.value),
    write: (answer) => {
      input.value = answer == null ? "" : String(answer);
      counter?.tell();
    },
    focus: () => input.focus(),
  };
}

/** @type {MakeControl} */
export function textControl(field, context) {
  const input = el("input", { type: "text", class: "input", name: field.name, placeholder: field.placeholder, autocomplete: "off" });
  return typed(field, input, context);
}

/** @type {MakeControl} */
export function multilineControl(field, context) {
  const input = el("textarea", { class: "input input-long", name: field.name, rows: 5, placeholder: field.placeholder });
  return typed(field, input, context);
}

/**
 * @param {Field} field
 * @param {Translate} t
 */
function rangeHelp({ min, max }, t) {
  if (min != null && max != null) return t("form.range", { min, max });
  if (min != null) return t("form.range.min", { min });
  return max != null ? t("form.range.max", { max }) : null;
}

/**
 * `"3,5"` is a number too; what cannot be read stays text, so that the rules can say so.
 * @param {string} text
 */
export function readNumber(text) {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return null;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : text;
}

/** @type {MakeControl} */
export function numberControl(field, { t, changed }) {
  const input = el("input", {
    type: "text",
    inputmode: field.integer && Number(field.min ?? -1) >= 0 ? "numeric" : "decimal",
    class: "input input-number",
    name: field.name,
    placeholder: field.placeholder,
    autocomplete: "off",
  });
  const body = field.unit ? el("div", { class: "input-line" }, input, el("span", { class: "input-unit" }, field.unit)) : input;
  const frame = singleFrame(field, input, { t, body, extraHelp: rangeHelp(field, t) });
  input.addEventListener("input", changed);
  return {
    ...frame,
    read: () => readNumber(input.value),
    write: (answer) => void (input.value = answer == null ? "" : String(answer)),
    focus: () => input.focus(),
  };
}

/** @type {MakeControl} */
export function dateControl(field, { t, changed }) {
  const input = el("input", { type: "date", class: "input input-date", name: field.name, min: field.min, max: field.max });
  const frame = singleFrame(field, input, { t });
  input.addEventListener("input", changed);
  return {
    ...frame,
    read: () => input.value || null,
    write: (answer) => void (input.value = answer == null ? "" : String(answer)),
    focus: () => input.focus(),
  };
}
