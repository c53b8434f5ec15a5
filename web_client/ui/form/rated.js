/**
 * Questions answered on a scale: points to pick (Likert) and sliders.
 * @module
 */
import { el, freshId, setText, show } from "../dom.js";
import { numberText } from "../numbers.js";
import { groupFrame, singleFrame } from "./frame.js";

/** @typedef {import("./control.js").MakeControl} MakeControl */
/** @typedef {import("./rules.js").Field} Field */

/** @param {Field} field */
function points(field) {
  const min = Number(field.min ?? 1);
  const max = Number(field.max ?? 7);
  const step = field.step || 1;
  const count = Math.floor((max - min) / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => Number((min + index * step).toFixed(9)));
}

/**
 * @param {string[]} labels
 * @param {number} count
 * @returns {"all" | "ends" | "none"} whether words stand at each point or at the ends
 */
const wording = (labels, count) => (labels.length === count && count > 2 ? "all" : labels.length >= 2 ? "ends" : "none");

/**
 * @param {number} value
 * @param {string} spoken
 * @param {string | null} written
 * @param {string} group
 */
function point(value, spoken, written, group) {
  const input = el("input", { type: "radio", name: group, value, class: "scale-input", "aria-label": spoken });
  const label = el(
    "label",
    { class: "scale-point" },
    input,
    el("span", { class: "scale-dot", dir: "ltr", "aria-hidden": "true" }, value),
    written === null ? null : el("span", { class: "scale-word", "aria-hidden": "true" }, written),
  );
  return { input, label };
}

/** @type {MakeControl} */
export function scaleControl(field, { t, changed }) {
  const values = points(field);
  const labels = field.labels ?? [];
  const words = wording(labels, values.length);
  const group = freshId(field.name);
  const last = values.length - 1;
  const spoken = (/** @type {number} */ index) => {
    const word = words === "all" ? labels[index] : index === 0 ? labels[0] : index === last ? labels[labels.length - 1] : "";
    return word ? `${values[index]}: ${word}` : String(values[index]);
  };
  const made = values.map((value, index) => point(value, spoken(index), words === "all" ? (labels[index] ?? "") : null, group));
  const row = el("div", { class: `scale-points scale-worded-${words}`, style: `--points: ${values.length}` }, made.map(({ label }) => label));
  const ends = words === "ends" ? el("div", { class: "scale-ends", "aria-hidden": "true" }, endWords(labels)) : null;
  const body = el("div", { class: "scale" }, row, ends);
  body.addEventListener("change", changed);
  const inputs = made.map(({ input }) => input);
  return {
    ...groupFrame(field, body, { t }),
    read: () => values[inputs.findIndex((input) => input.checked)] ?? null,
    write: (answer) => inputs.forEach((input, index) => (input.checked = values[index] === answer)),
    focus: () => (inputs.find((input) => input.checked) ?? inputs[0])?.focus(),
  };
}

/** @param {string[]} labels */
const endWords = (labels) => labels.map((label) => el("span", null, label));

/**
 * A slider has no answer until it was touched: a position nobody chose is not data.
 * @type {MakeControl}
 */
export function sliderControl(field, { t, changed }) {
  const min = Number(field.min ?? 0);
  const max = Number(field.max ?? 100);
  const input = el("input", { type: "range", class: "slider slider-unset", name: field.name, min, max, step: field.step || "any" });
  input.value = String((min + max) / 2);
  const value = el("output", { class: "slider-value", dir: "ltr", "aria-hidden": "true" });
  const hint = el("p", { class: "field-help slider-hint" }, t("form.slider.unset"));
  let answered = false;
  const tell = () => {
    input.classList.toggle("slider-unset", !answered);
    input.style.setProperty("--filled", `${((Number(input.value) - min) / (max - min || 1)) * 100}%`);
    input.setAttribute("aria-valuetext", answered ? input.value : t("form.slider.unset"));
    setText(value, answered ? numberText(Number(input.value), 4) : "");
    show(hint, !answered);
  };
  const answer = () => {
    answered = true;
    tell();
    changed();
  };
  // A press on the very middle moves nothing and must count; keys that only move the focus must not.
  for (const kind of ["input", "pointerup"]) input.addEventListener(kind, answer);
  const labels = field.labels ?? [];
  const ends = labels.length ? el("div", { class: "scale-ends", id: freshId("ends") }, endWords(labels)) : null;
  const body = el("div", { class: "slider-body" }, el("div", { class: "slider-line" }, input, value), ends, hint);
  const frame = singleFrame(field, input, { t, body });
  if (ends) input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby")} ${ends.id}`);
  tell();
  return {
    ...frame,
    read: () => (answered ? Number(input.value) : null),
    write: (given) => {
      answered = typeof given === "number";
      input.value = String(answered ? given : (min + max) / 2);
      tell();
    },
    focus: () => input.focus(),
  };
}
