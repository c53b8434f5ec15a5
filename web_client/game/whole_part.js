/**
 * A file of the quick start, fetched and seen to be whole.
 * @module
 */

import { sumOf } from "./start_parts.js";

/** @typedef {{bytes: number, sum: number}} Part */

/**
 * @param {string} url where it came from
 * @param {Uint8Array} whole
 * @param {Part} part
 * @returns {Uint8Array} `whole`
 * @throws {Error} when it is not what the recipe says
 */
export function checkPart(url, whole, { bytes, sum }) {
  if (whole.byteLength !== bytes || sumOf(whole) !== sum) throw new Error(`${url} is damaged`);
  return whole;
}

/**
 * @param {string} url
 * @param {Part} part
 * @param {(bytes: number) => void} add told of bytes as they come
 * @param {RequestInit} [how]
 * @returns {Promise<Uint8Array>} rejects when it is not what the recipe says
 */
export async function wholePart(url, { bytes, sum }, add, how = {}) {
  const reader = (await fetch(url, how)).body?.getReader();
  if (!reader) throw new Error(`${url} is empty`);
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    whole.set(part.value, at);
    at += part.value.byteLength;
    add(part.value.byteLength);
  }
  return checkPart(url, whole.subarray(0, at), { bytes, sum });
}
