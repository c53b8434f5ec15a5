/**
 * Questions answered by picking: choices, boxes, drop-downs, consent.
 * @module
 */
import { el, freshId } from "../dom.js";
import { groupFrame, labelParts, notes, problemShower, singleFrame } from "./frame.js";

/** @typedef {import("./control.js").MakeControl} MakeControl */
/** @typedef {import("./control.js").ControlContext} ControlContext */
/** @typedef {import("./rules.js").Field} Field */
/** @typedef {import("./rules.js").Option} Option */
/** @typedef {import("./rules.js").Answer} Answer */

/**
 * @param {Option} option
 * @param {HTMLInputElement} input
 * @param {boolean} boxed
 */
function optionLabel(option, input, boxed) {
  return el(
    "label",
    { class: boxed || option.image ? "option option-box" : "option" },
    input,
    option.image ? el("img", { class: "option-image", src: option.image, alt: "", draggable: "false" }) : null,
    el("span", { class: "option-text" }, option.label),
  );
}

/** Rows that are full: four are two and two, not three and one. @param {number} count */
const columnsFor = (count) => (count <= 3 ? count : count === 4 ? 2 : 3);

/**
 * @param {Field} field
 * @param {ControlContext} context
 * @param {{several: boolean, boxed: boolean}} look
 * @returns {import("./control.js").Control}
 */
function optionList(field, context, { several, boxed }) {
  const options = field.options ?? [];
  const group = freshId(field.name);
  const inputs = options.map((_, index) => el("input", { type: several ? "checkbox" : "radio", name: group, value: index }));
  const pictures = options.some((option) => option.image);
  const body = el(
    "div",
    { style: `--columns: ${columnsFor(options.length)}`, class: pictures ? "options options-pictures" : boxed ? "options options-boxes" : "options" },
    options.map((option, index) => optionLabel(option, /** @type {HTMLInputElement} */ (inputs[index]), boxed)),
  );
  body.addEventListener("change", context.changed);
  const chosen = () => options.filter((_, index) => inputs[index]?.checked).map((option) => option.value);
  return {
    ...groupFrame(field, body, { t: context.t, several, extraHelp: several ? context.t("form.choices.many") : null }),
    read: () => (several ? chosen() : (chosen()[0] ?? null)),
    write: (answer) => {
      const values = Array.isArray(answer) ? answer : [answer];
      inputs.forEach((input, index) => (input.checked = values.includes(options[index]?.value ?? null)));
    },
    focus: () => (inputs.find((input) => input.checked) ?? inputs[0])?.focus(),
  };
}

/** @type {MakeControl} */
export const choiceControl = (field, context) => optionList(field, context, { several: false, boxed: false });

/** @type {MakeControl} */
export const choicesControl = (field, context) => optionList(field, context, { several: true, boxed: false });

/** @type {MakeControl} */
export const boxesControl = (field, context) => optionList(field, context, { several: field.several ?? false, boxed: true });

/** @type {MakeControl} */
export function dropdownControl(field, { t, changed }) {
  const options = field.options ?? [];
  const input = el(
    "select",
    { class: "input input-select", name: field.name },
    el("option", { value: "" }, t("form.dropdown")),
    options.map((option, index) => el("option", { value: index }, option.label)),
  );
  input.addEventListener("change", changed);
  return {
    ...singleFrame(field, input, { t }),
    read: () => (input.value === "" ? null : (options[Number(input.value)]?.value ?? null)),
    write: (answer) => {
      const index = options.findIndex((option) => option.value === answer);
      input.value = index < 0 ? "" : String(index);
    },
    focus: () => input.focus(),
  };
}

/** @type {MakeControl} */
export function consentControl(field, { t, changed }) {
  const parts = notes(field);
  const input = el("input", { type: "checkbox", name: field.name, "aria-describedby": parts.describedBy, "aria-required": field.required ? "true" : null });
  input.addEventListener("change", changed);
  const element = el(
    "div",
    { class: "field field-consent", "data-field": field.name },
    el("label", { class: "option" }, input, el("span", { class: "option-text" }, labelParts(field, t))),
    parts.help,
    parts.error,
  );
  return {
    element,
    showProblem: problemShower(element, parts, () => [input]),
    read: () => input.checked,
    write: (answer) => void (input.checked = answer === true),
    focus: () => input.focus(),
  };
}
