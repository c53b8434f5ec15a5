/**
 * Every sentence a participant reads that is not the researcher's own.
 * @module
 */
import { again } from "../../net/again.js";
import { en } from "./en.js";

/** @typedef {keyof typeof en} TextKey */
/** @typedef {"zero" | "one" | "two" | "few" | "many" | "other"} Category of a number in a language, as Intl.PluralRules names it */
/** @typedef {string | {[category in Category]?: string} & {other: string}} Entry */
/** @typedef {Record<TextKey, Entry>} Table */
/** @typedef {(key: TextKey, values?: Record<string, string | number>) => string} Translate */

/** Each is fetched when a page is to be read in it. @type {Record<string, () => Promise<Table>>} */
const OTHERS = {
  de: async () => (await import("./de.js")).de,
  fr: async () => (await import("./fr.js")).fr,
  es: async () => (await import("./es.js")).es,
  it: async () => (await import("./it.js")).it,
  pt: async () => (await import("./pt.js")).pt,
  nl: async () => (await import("./nl.js")).nl,
  ar: async () => (await import("./ar.js")).ar,
};
const FROM_RIGHT = ["ar", "fa", "he", "ur"];

/** @type {Record<string, Table>} */
const loaded = { en };

/** The languages a page speaks. */
export const languages = () => ["en", ...Object.keys(OTHERS)];

/**
 * Which way a language is written.
 * @param {string} language
 */
export const direction = (language) => (FROM_RIGHT.includes(primary(language)) ? "rtl" : "ltr");

/**
 * Fetches what a page says in this language; where that fails, or there is none, the page speaks English.
 * @param {string} language
 * @returns {Promise<Translate>}
 */
export async function speak(language) {
  const code = primary(language);
  const fetchTable = loaded[code] ? undefined : OTHERS[code];
  if (fetchTable) {
    try {
      loaded[code] = await again(fetchTable);
    } catch {
      // English is better than an empty page.
    }
  }
  return translator(language);
}

/**
 * The first of the wanted languages that is offered, else the first offered.
 * @param {readonly string[]} wanted BCP 47 tags, best first
 * @param {readonly string[]} [offered] languages of the experiment; empty: those the client speaks
 */
export function pickLanguage(wanted, offered = []) {
  const allowed = offered.length ? offered : languages();
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
  return entry[plurals.select(Number(values.n))] ?? entry.other;
}

/**
 * A value within a sentence that is written from the right: "-2" keeps its sign in front, a name its own direction.
 * @param {string | number} value
 */
const isolated = (value) => (value === "" ? "" : `\u2068${value}\u2069`);

/**
 * @param {string} language one that was spoken before, or English
 * @returns {Translate} an entry with several forms takes its number from `values.n`
 */
export function translator(language) {
  const table = loaded[primary(language)] ?? en;
  const plurals = new Intl.PluralRules(table === en ? "en" : language);
  const placed = table !== en && direction(language) === "rtl" ? isolated : String;
  return (key, values = {}) =>
    chosenForm(table[key], values, plurals).replace(/\{(\w+)\}/g, (_whole, name) => placed(values[name] ?? ""));
}
