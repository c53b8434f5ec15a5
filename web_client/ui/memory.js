/**
 * Whether a game failed because the device's memory was used up. Pure.
 * @module
 */

/** How engines, WebAssembly and Python say it. */
const WORDS = /out of memory|could not allocate|failed to allocate|allocation failed|cannot enlarge memory|\bMemoryError\b|\bOOM\b/i;

/** @param {string | null} message */
export const lacksMemory = (message) => message !== null && WORDS.test(message);
