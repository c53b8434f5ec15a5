/**
 * A file of the quick start, fetched and seen to be whole.
 * @module
 */

import { wholeAgain } from "../net/again.js";
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
export async function wholePart(url, part, add, how) {
  const { body, status } = await wholeAgain(url, (answer) => bytesOf(answer, part.bytes, add), how);
  if (!body) throw new Error(`The host did not send ${url} (${status}).`);
  return checkPart(url, body, part);
}

/**
 * @param {Response} answer
 * @param {number} size bytes that it should have; of a longer one comes nothing
 * @param {(bytes: number) => void} add
 */
async function bytesOf({ body }, size, add) {
  const whole = new Uint8Array(size);
  let at = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    if (at + part.value.byteLength > size) {
      void reader?.cancel();
      return new Uint8Array();
    }
    whole.set(part.value, at);
    at += part.value.byteLength;
    add(part.value.byteLength);
  }
  return whole.subarray(0, at);
}
