/**
 * Waiting for something, but not for ever.
 * @module
 */

/**
 * Settles with the work, or with what `late` says when that takes longer. It leaves no clock behind.
 * @template T
 * @template [L=undefined]
 * @param {number} ms
 * @param {Promise<T>} work
 * @returns {Promise<T|L>}
 */
export function within(ms, work, late = /** @type {() => L} */ (() => undefined)) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const enough = new Promise((resolve) => (timer = setTimeout(resolve, ms))).then(late);
  return Promise.race([work, enough]).finally(() => clearTimeout(timer));
}
