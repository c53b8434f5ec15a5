/**
 * True loading progress: bytes as they arrive, against sizes the vendor list knows.
 * @module
 */

import { wholeAgain } from "../net/again.js";

/** @typedef {import("./messages.js").Progress} Progress */

const RUNTIME = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"];

/**
 * @param {number} total bytes
 * @param {(progress: Progress) => void} report
 * @returns {(bytes: number) => void} to be told of bytes as they come
 */
export function byteCounter(total, report) {
  let loaded = 0;
  let told = 0;
  return (bytes) => {
    loaded = Math.min(total, loaded + bytes);
    if (loaded - told > total / 200 || loaded === total) {
      told = loaded;
      report({ step: "runtime", label: "Loading Python", loaded, total });
    }
  };
}

/**
 * While Python loads, count what `fetch` delivers.
 * @param {string} vendor base URL of the vendored files
 * @param {string[]} packages vendored packages that will be loaded
 * @param {(progress: Progress) => void} report
 * @returns {Promise<{stop: () => void}>} `stop` puts the plain `fetch` back
 */
export async function countedFetch(vendor, packages, report) {
  const [sizes, lock] = await Promise.all([fetchedJson(vendor + "vendor.json"), fetchedJson(vendor + "pyodide/pyodide-lock.json")]);
  const files = [...RUNTIME, ...closure(lock.packages, packages).map((entry) => entry.file_name)];
  const total = files.reduce((sum, name) => sum + (sizes.files[`pyodide/${name}`]?.bytes ?? 0), 0);
  const add = byteCounter(total, report);
  const plain = globalThis.fetch;
  globalThis.fetch = async (input, init) => counted(await plain(input, init), add);
  return {
    stop: () => {
      globalThis.fetch = plain;
    },
  };
}

/**
 * The caller keeps the response as it came, because the browser caches compiled code with it; a copy is counted.
 * @param {Response} response
 * @param {(bytes: number) => void} add
 */
function counted(response, add) {
  if (response.ok && response.body) void count(response.clone(), add);
  return response;
}

/**
 * @param {Response} response
 * @param {(bytes: number) => void} add
 */
async function count(response, add) {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) add(part.value.byteLength);
  } catch {
    // The load itself reports what went wrong.
  }
}

/**
 * @param {Record<string, {depends: string[], file_name: string}>} all
 * @param {string[]} wanted
 */
function closure(all, wanted) {
  const found = new Map();
  const queue = [...wanted];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const key = name.toLowerCase().replaceAll(/[._-]+/g, "-");
    if (found.has(key) || !all[key]) continue;
    found.set(key, all[key]);
    queue.push(...all[key].depends);
  }
  return [...found.values()];
}

/**
 * @param {string} url
 * @returns {Promise<any>} rejects when the host does not send it
 */
export async function fetchedJson(url) {
  const { ok, status, body } = await wholeAgain(url, (answer) => answer.json());
  if (!ok) throw new Error(`The host did not send ${url} (${status}).`);
  return body;
}
