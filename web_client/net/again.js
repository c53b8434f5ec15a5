/**
 * Asking again for what the network lost: a browser gives up all it fetches when its network changes.
 * @module
 */

/** Pauses between tries, in ms: an outage of some seconds is bridged. */
export const AGAIN_MS = [300, 1000, 2000, 4000];

const pause = (/** @type {number} */ delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs));

/**
 * @template T
 * @param {(tries: number) => Promise<T>} attempt told how often it failed before
 * @param {(delayMs: number) => Promise<unknown>} [wait]
 * @returns {Promise<T>} rejects with the last failure
 */
export async function again(attempt, wait = pause) {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      const delayMs = AGAIN_MS[tries];
      if (delayMs === undefined) throw error;
      await wait(delayMs);
    }
  }
}

/**
 * `fetch`, asked again as long as nobody answers; a refusal is an answer.
 * @param {RequestInfo | URL} input
 * @param {RequestInit} [init]
 */
export const fetchAgain = (input, init) => again(() => fetch(input, init));

/**
 * A module, asked for again. Some browsers remember that an address failed, so that each try has its own.
 * @param {string} address
 */
export const importAgain = (address) => again((tries) => import(tries ? `${address}?again=${tries}` : address));
