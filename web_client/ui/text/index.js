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
 * The first of the wanted languages the client speaks; English when none.
 * @param {readonly string[]} wanted BCP 47 tags, best first
 * @param {readonly string[]} [offered] languages the experiment allows; empty: any
 */
export function pickLanguage(wanted, offered = []) {
  const allowed = Object.keys(LANGUAGES).filter((code) => !offered.length || offered.some((tag) => primary(tag) === code));
  const match = wanted.map(primary).find((code) => allowed.includes(code));
  return match ?? allowed[0] ?? "en";
}

/** @param {string} tag */
const primary = (tag) => tag.toLowerCase().split(/[-_]/)[0] ?? "";

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
  const table = LANGUAGES[language] ?? en;
  const plurals = new Intl.PluralRules(language);
  return (key, values = {}) =>
    chosenForm(table[key], values, plurals).replace(/\{(\w+)\}/g, (_whole, name) => String(values[name] ?? ""));
}
