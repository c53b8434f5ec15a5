/**
 * Work that can wait until the page has nothing better to do.
 * @module
 */

const LATEST_MS = 1500;

/** @param {() => unknown} run in a task of its own */
export function whenIdle(run) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(() => void run(), { timeout: LATEST_MS });
  else setTimeout(run, 200);
}
