/**
 * Answers a participant might give, for piloting a study without people. Pure.
 * @module
 */

/** @typedef {import("./rules.js").Field} Field */
/** @typedef {import("./rules.js").Answer} Answer */

const WORDS = ["blue", "seven", "maybe", "window", "river", "always", "paper", "quite", "morning", "stone"];

/**
 * @param {() => number} random 0 ≤ x < 1
 * @param {number} count
 */
const index = (random, count) => Math.min(count - 1, Math.floor(random() * count));

/**
 * @param {Field} field
 * @param {() => number} random
 */
function words(field, random) {
  const most = field.maxLength ?? 200;
  let text = WORDS[index(random, WORDS.length)] ?? "";
  while (text.length < Math.max(field.minLength ?? 0, 12) && text.length < most) text += ` ${WORDS[index(random, WORDS.length)]}`;
  return text.slice(0, most);
}

/**
 * @param {Field} field
 * @param {() => number} random
 */
function number(field, random) {
  const min = Number(field.min ?? 0);
  const max = Number(field.max ?? min + 100);
  const step = field.step || (field.integer ? 1 : null);
  if (step === null) return Number((min + random() * (max - min)).toFixed(3));
  return Number((min + index(random, Math.floor((max - min) / step + 1e-9) + 1) * step).toFixed(9));
}

/**
 * @param {Field} field
 * @param {() => number} random
 */
function several(field, random) {
  const options = [...(field.options ?? [])];
  const least = Math.max(1, Number(field.min ?? 1));
  const most = Math.min(options.length, Number(field.max ?? options.length));
  const wanted = least + index(random, Math.max(1, most - least + 1));
  const chosen = [];
  while (chosen.length < wanted && options.length) chosen.push(...options.splice(index(random, options.length), 1));
  return chosen.map((option) => option.value);
}

/**
 * @param {Field} field
 * @param {() => number} random
 */
const single = (field, random) => field.options?.[index(random, field.options.length)]?.value ?? null;

/**
 * @param {Field} field
 * @param {() => number} random
 */
function order(field, random) {
  const options = [...(field.options ?? [])];
  const values = [];
  while (options.length) values.push(...options.splice(index(random, options.length), 1));
  return values.map((option) => option.value);
}

/** @type {Record<import("./rules.js").FieldKind, (field: Field, random: () => number) => Answer>} */
const ANSWERS = {
  text: words,
  multiline: words,
  number,
  scale: number,
  slider: number,
  ranking: order,
  choice: single,
  dropdown: single,
  choices: several,
  boxes: (field, random) => (field.several ? several : single)(field, random),
  date: (field) => String(field.min ?? field.max ?? "2000-01-01"),
  consent: () => true,
};

/**
 * An answer that keeps the field's rules (patterns excepted).
 * @param {Field} field
 * @param {() => number} random
 * @returns {Answer}
 */
export const plausibleAnswer = (field, random) => ANSWERS[field.kind](field, random);
