/**
 * Countdowns as people read them.
 * @module
 */

/** @param {number} ms */
export const wholeSeconds = (ms) => Math.max(0, Math.ceil(ms / 1000));

/** `75_000` → "1:15"; @param {number} ms */
export function clockText(ms) {
  const seconds = wholeSeconds(ms);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** "en" of "en-GB"; nothing of what is no tag, as some systems give browsers. @param {string} tag */
function languageOf(tag) {
  try {
    return new Intl.Locale(tag).language;
  } catch {
    return null;
  }
}

/**
 * Time of day on this computer, "14:05" or "2:05 PM", as the page's language has it.
 * @param {number} unixMs
 * @param {string} language of the page
 * @param {readonly string[]} [wanted] of the browser: of "en" it knows whether it is Britain's
 */
export function clockOf(unixMs, language, wanted = []) {
  const own = wanted.find((tag) => languageOf(tag) === languageOf(language));
  return new Date(unixMs).toLocaleTimeString(own ?? language, { hour: "2-digit", minute: "2-digit", numberingSystem: "latn" });
}

/**
 * Runs at once and then every `everyMs` until the returned function is called.
 * @param {() => void} run
 * @param {number} [everyMs]
 */
export function repeat(run, everyMs = 250) {
  run();
  const timer = setInterval(run, everyMs);
  return () => clearInterval(timer);
}
