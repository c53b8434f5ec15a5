/**
 * The host's description of a question → the form's.
 * @module
 */

/** @typedef {import("./rules.js").Field} Field */
/** @typedef {Record<string, any>} FieldSpec see docs/internals-scene-spec.md */

/**
 * @param {FieldSpec} spec
 * @param {string} title names a question that has no words of its own, for those who hear the page
 */
const shared = (spec, title) => ({
  name: String(spec.name),
  label: String(spec.label || title || spec.name),
  labelHidden: !spec.label,
  help: spec.help || "",
  required: spec.required === true,
});

/** @param {FieldSpec} spec */
const textLimits = (spec) => ({
  minLength: spec.min_length || null,
  maxLength: spec.max_length ?? null,
  pattern: spec.pattern ?? null,
  placeholder: spec.placeholder || null,
});

/** @param {FieldSpec} spec */
const choiceLimits = (spec) => ({ options: spec.choices ?? [], min: spec.min_choices ?? null, max: spec.max_choices ?? null });

/** @type {Record<string, (spec: FieldSpec) => Omit<Field, "name" | "label" | "labelHidden" | "required" | "help">>} */
const KINDS = {
  text: (spec) => ({ kind: "text", ...textLimits(spec) }),
  textarea: (spec) => ({ kind: "multiline", ...textLimits(spec) }),
  number: (spec) => ({
    kind: "number",
    min: spec.min ?? null,
    max: spec.max ?? null,
    integer: spec.step === 1,
    step: spec.step === 1 ? null : (spec.step ?? null),
    unit: spec.unit || null,
    placeholder: spec.placeholder || null,
  }),
  choice: (spec) => ({ kind: (spec.choices ?? []).length > 12 ? "dropdown" : "choice", options: spec.choices ?? [] }),
  multi_choice: (spec) => ({ kind: "choices", ...choiceLimits(spec) }),
  option_boxes: (spec) => ({ kind: "boxes", several: spec.multiple === true, ...(spec.multiple ? choiceLimits(spec) : { options: spec.choices ?? [] }) }),
  scale: (spec) => ({ kind: "scale", min: spec.min, max: spec.max, step: spec.step ?? 1, labels: spec.labels ?? [] }),
  slider: (spec) => ({ kind: "slider", min: spec.min, max: spec.max, step: spec.step ?? null, labels: spec.labels ?? [] }),
  ranking: (spec) => ({ kind: "ranking", options: spec.choices ?? [] }),
  date: (spec) => ({ kind: "date", min: spec.min ?? null, max: spec.max ?? null }),
  consent: () => ({ kind: "consent" }),
};

/**
 * @param {FieldSpec} spec
 * @param {string} [title] heading of the page
 * @returns {Field}
 */
export function fieldFromSpec(spec, title = "") {
  const kind = KINDS[spec.type];
  if (!kind) throw new Error(`This page does not know the kind of question "${spec.type}".`);
  return { ...shared(spec, title), ...kind(spec) };
}
