/**
 * The rules an answer must keep, the same ones the host applies again. Pure: no page needed.
 * @module
 */

/** @typedef {import("../text/index.js").TextKey} TextKey */
/** @typedef {string | number | boolean | null} Value */
/** @typedef {Value | Value[]} Answer */
/** @typedef {{value: Value, label: string, image?: string | null}} Option */
/** @typedef {"text" | "multiline" | "number" | "choice" | "choices" | "dropdown" | "boxes" | "scale" | "slider" | "ranking" | "date" | "consent"} FieldKind */
/**
 * One question.
 * @typedef {object} Field
 * @property {string} name
 * @property {FieldKind} kind
 * @property {string} label
 * @property {boolean} [labelHidden] the label is only for those who hear the page
 * @property {string} [help]
 * @property {boolean} required
 * @property {Option[]} [options] choice, choices, dropdown, boxes; ranking: in the order shown
 * @property {boolean} [several] boxes: more than one may be chosen
 * @property {number | string | null} [min] number, slider, scale: value; choices: count; date: ISO date
 * @property {number | string | null} [max]
 * @property {number | null} [step]
 * @property {boolean} [integer]
 * @property {number | null} [minLength]
 * @property {number | null} [maxLength]
 * @property {string | null} [pattern]
 * @property {string | null} [placeholder]
 * @property {string | null} [unit] number: written after the box
 * @property {string[]} [labels] scale: words of the points, or of both ends
 */
/** @typedef {{key: TextKey, values?: Record<string, string | number>}} Problem */

const NEARLY = 1e-9;

/** @param {Answer | undefined} answer */
export const isEmpty = (answer) =>
  answer == null || answer === "" || answer === false || (Array.isArray(answer) && answer.length === 0);

/**
 * @param {Field} field
 * @param {string} text
 * @returns {Problem | null}
 */
function textProblem(field, text) {
  const n = [...text].length;
  if (field.minLength != null && n < field.minLength) return { key: "form.error.min_length", values: { min: field.minLength, n } };
  if (field.maxLength != null && n > field.maxLength) return { key: "form.error.max_length", values: { max: field.maxLength, n } };
  if (field.pattern && !matches(field.pattern, text)) return { key: "form.error.pattern" };
  return null;
}

/**
 * @param {string} pattern
 * @param {string} text
 */
function matches(pattern, text) {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text);
  } catch {
    // A pattern only Python understands is left to the host.
    return true;
  }
}

/**
 * @param {Field} field
 * @param {unknown} value
 * @returns {Problem | null}
 */
function numberProblem(field, value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return { key: "form.error.number" };
  if (field.integer && !Number.isInteger(value)) return { key: "form.error.integer" };
  if (field.min != null && value < Number(field.min)) return { key: "form.error.min", values: { min: field.min } };
  if (field.max != null && value > Number(field.max)) return { key: "form.error.max", values: { max: field.max } };
  return offStep(field, value) ? { key: "form.error.step", values: { step: Number(field.step) } } : null;
}

/**
 * @param {Field} field
 * @param {number} value
 */
function offStep(field, value) {
  if (!field.step) return false;
  const steps = (value - Number(field.min ?? 0)) / field.step;
  return Math.abs(steps - Math.round(steps)) > NEARLY * Math.max(1, Math.abs(steps));
}

/**
 * @param {Field} field
 * @param {Answer} answer
 * @returns {Problem | null}
 */
function choiceProblem(field, answer) {
  const offered = new Set((field.options ?? []).map((option) => option.value));
  const chosen = Array.isArray(answer) ? answer : [answer];
  return chosen.every((value) => offered.has(value)) ? null : { key: "form.error.choice" };
}

/**
 * @param {Field} field
 * @param {Answer} answer
 * @returns {Problem | null}
 */
function choicesProblem(field, answer) {
  const n = Array.isArray(answer) ? answer.length : 1;
  if (field.min != null && n < Number(field.min)) return { key: "form.error.min_choices", values: { n: field.min } };
  if (field.max != null && n > Number(field.max)) return { key: "form.error.max_choices", values: { n: field.max } };
  return choiceProblem(field, answer);
}

/**
 * @param {Field} field
 * @param {Answer} answer
 * @returns {Problem | null}
 */
function rankingProblem(field, answer) {
  const values = new Set(Array.isArray(answer) ? answer : []);
  const offered = (field.options ?? []).map((option) => option.value);
  const isWhole = Array.isArray(answer) && answer.length === offered.length && offered.every((value) => values.has(value));
  return isWhole ? null : { key: "form.error.ranking" };
}

/**
 * @param {Field} field
 * @param {string} day ISO date
 * @returns {Problem | null}
 */
function dateProblem(field, day) {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day))) return { key: "form.error.date" };
  if (field.min != null && day < String(field.min)) return { key: "form.error.date_min", values: { min: field.min } };
  if (field.max != null && day > String(field.max)) return { key: "form.error.date_max", values: { max: field.max } };
  return null;
}

/** @type {Record<FieldKind, (field: Field, answer: any) => Problem | null>} */
const RULES = {
  // The host strips text before it counts.
  text: (field, answer) => textProblem(field, String(answer).trim()),
  multiline: (field, answer) => textProblem(field, String(answer).trim()),
  number: numberProblem,
  scale: numberProblem,
  slider: numberProblem,
  choice: choiceProblem,
  dropdown: choiceProblem,
  choices: choicesProblem,
  boxes: (field, answer) => (field.several ? choicesProblem : choiceProblem)(field, answer),
  ranking: rankingProblem,
  date: dateProblem,
  consent: () => null,
};

/** What is said where there is no answer. @type {Partial<Record<FieldKind, TextKey>>} */
const MISSING = { consent: "form.error.consent", ranking: "form.error.ranking" };

/**
 * @param {Field} field
 * @param {Answer} answer
 * @returns {Problem | null}
 */
export function problemOf(field, answer) {
  if (!isEmpty(answer)) return RULES[field.kind](field, answer);
  if (!field.required) return null;
  return { key: MISSING[field.kind] ?? "form.error.required" };
}
