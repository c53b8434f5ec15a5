/**
 * Under which names an action mapping may mean a key: the place of the key, and what it types. Pure.
 * @module
 */

/** What browsers call a key that types nothing by itself, or whose character an input method keeps to itself. */
const NOTHING_TYPED = new Set(["", "Dead", "Process", "Unidentified"]);

/**
 * @param {string} name of a mapping, or what a key typed
 * @returns {string} the same for the small and the capital letter, and for every way to write an accent
 */
export function normal(name) {
  if (name === " ") return "Space";
  const composed = name.normalize("NFC");
  if ([...composed].length > 1) return composed;
  const small = composed.toLowerCase();
  return [...small].length > 1 ? composed : small;
}

/** @param {string} typed one character @returns {string} the letter without its accents */
const bare = (typed) => normal([...typed.normalize("NFD")][0] ?? "");

/** @param {string} typed */
const isForeignLetter = (typed) => /^\p{L}$/u.test(typed) && !/\p{Script=Latin}/u.test(typed);

/**
 * What stands on the key although it does not type it now: the digit of a row where digits are shifted, the Latin letter of a
 * keyboard that is set to another script.
 * @param {string} code
 * @param {string} typed
 */
function written(code, typed) {
  const [, digit] = /^Digit(\d)$/.exec(code) ?? [];
  if (digit) return digit;
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  return letter && (NOTHING_TYPED.has(typed) || isForeignLetter(typed)) ? letter.toLowerCase() : "";
}

/**
 * @param {Set<string>} used names of the mapping, normal ones
 * @param {string} code the key's place
 * @param {string} key what it types
 * @param {boolean} accented whether a dead key was pressed before it
 * @returns {string[]} place and typed character; what is written on the key only where the mapping does not name the typed one
 */
export function namesOf(used, code, key, accented) {
  const typed = normal(key);
  const names = [code, NOTHING_TYPED.has(key) ? "" : typed];
  if (!used.has(typed)) names.push(accented ? bare(key) : "", written(code, key));
  return [...new Set(names)].filter(Boolean);
}
