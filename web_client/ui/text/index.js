/**
 * Every sentence a participant reads that is not the researcher's own.
 * @module
 */
import { en } from "./en.js";
import { de } from "./de.js";

/** @typedef {keyof typeof en} TextKey */
/** @typedef {string | {one: string, other: string}} Entry */
/** @typedef {(key: TextKey, values?: Record<string, string | number>) => string} Translate */

/** @type {Record<string, Record<TextKey, Entry>>} */
const LANGUAGES = { en, de };

/** The languages a page speaks. */
export const languages = () => Object.keys(LANGUAGES);

/**
 * The first of the wanted languages that is offered, else the first offered.
 * @param {readonly string[]} wanted BCP 47 tags, best first
 * @param {readonly string[]} [offered] languages of the experiment; empty: those the client speaks
 */
export function pickLanguage(wanted, offered = []) {
  const allowed = offered.length ? offered : Object.keys(LANGUAGES);
  for (const tag of wanted) {
    const match = nearest(tag, allowed);
    if (match !== undefined) return match;
  }
  return allowed[0] ?? "en";
}

/**
 * @param {string} tag
 * @param {readonly string[]} allowed
 */
const nearest = (tag, allowed) => allowed.find((one) => same(one, tag)) ?? allowed.find((one) => same(one, primary(tag))) ?? allowed.find((one) => primary(one) === primary(tag));

/**
 * @param {string} one
 * @param {string} other
 */
const same = (one, other) => one.toLowerCase() === other.toLowerCase().replace("_", "-");

/** @param {string} tag */
const primary = (tag) => tag.toLowerCase().split(/[-_]/)[0] ?? "";

/**
 * A text of the study that may be there for each language.
 * @param {string | Record<string, string>} text
 * @param {string} language
 */
export function textIn(text, language) {
  if (typeof text === "string") return text;
  const found = nearest(language, Object.keys(text));
  return (found === undefined ? Object.values(text)[0] : text[found]) ?? "";
}

/**
 * @param {Entry} entry
 * @param {Record<string, string | number>} values
 * @param {Intl.PluralRules} plurals
 */
function chosenForm(entry, values, plurals) {
  if (typeof entry === "string") return entry;
  return plurals.select(Number(values.n)) === "one" ? entry.one : entry.other;
}

/**
 * @param {string} language
 * @returns {Translate} an entry with two forms takes its number from `values.n`
 */
export function translator(language) {
  const table = LANGUAGES[primary(language)] ?? en;
  const plurals = new Intl.PluralRules(table === en ? "en" : language);
  return (key, values = {}) =>
    chosenForm(table[key], values, plurals).replace(/\{(\w+)\}/g, (_whole, name) => String(values[name] ?? ""));
}
