/**
 * What goes wrong in a game's own code.
 * @module
 */

/**
 * What texts were made of, beside the texts: `[path to the text, key, values]` (`igym_bridge/told.py`).
 * @typedef {[(string|number)[], string, Record<string, any>][]} Told
 *
 * @typedef {{message: string, traceback: string, file: string|null, line: number|null, told?: Told}} EnvFault
 */

/** Raised when the env or anything around it fails; `detail` is what the researcher sees. */
export class EnvError extends Error {
  /** @param {EnvFault} detail */
  constructor(detail) {
    super(detail.message);
    this.detail = detail;
  }
}

/**
 * The sentence that the text `name` of a message is, for the host to say it in the researcher's language.
 * @param {Told | undefined} told
 * @param {string} name
 * @returns {{key: string, values: Record<string, any>} | null} null where it is no sentence of ours
 */
export function sentenceAt(told, name) {
  const [, key, values] = told?.find(([path]) => path.length === 1 && path[0] === name) ?? [];
  return key && values ? { key, values } : null;
}

/**
 * A sentence of a page for the researcher, in English and with what the host needs to say it in their language.
 * @param {string} key
 * @param {Record<string, any>} values numbers, texts or sentences
 * @returns {{text: string, key: string, values: Record<string, any>}}
 */
export function sentence(key, values) {
  const text = key.replace(/{(\w+)}/g, (_, name) => values[name]?.text ?? String(values[name]));
  return { text, key, values };
}

/**
 * The same of a text that has another name in another message.
 * @param {{key: string, values: Record<string, any>} | null} sentence
 * @param {string} name
 * @returns {{told?: Told}}
 */
export const toldAs = (sentence, name) => (sentence ? { told: [[[name], sentence.key, sentence.values]] } : {});
