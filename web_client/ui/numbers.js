/**
 * Numbers as the page's language writes them: 7.5 in English, 7,5 in French.
 * @module
 */

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * @param {number} value
 * @param {number} most decimals
 * @param {number} [least] decimals that are there even when they are 0
 * @param {string} [language] BCP 47
 */
export function numberText(value, most, least = 0, language = document.documentElement.lang || "en") {
  const key = `${language} ${most} ${least}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language, { maximumFractionDigits: most, minimumFractionDigits: least, numberingSystem: "latn", useGrouping: false });
  formats.set(key, format);
  // A little below 0 is 0 once it is rounded, and no "-0".
  return format.format(Number(value.toFixed(most)) + 0);
}
