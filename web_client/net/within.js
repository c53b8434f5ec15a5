/**
 * Waiting for something, but not for ever.
 * @module
 */

/**
 * Settles with the work, or when that takes longer. It leaves no clock behind.
 * @param {number} ms
 * @param {Promise<unknown>} work
 */
export async function within(ms, work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const enough = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, enough]).finally(() => clearTimeout(timer));
}
