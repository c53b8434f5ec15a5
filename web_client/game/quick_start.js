/**
 * Python from a picture of its memory, taken when this runtime was set up, and its core packages from one file: a
 * third of the work of starting it and unpacking them. Whoever made the picture and what it was made of must be what
 * is served here; whatever is in doubt rejects, and the caller starts Python the ordinary way.
 * @module
 */

import { importAgain } from "../net/again.js";
import { MEMORY, PACKAGES, RECIPE, sumOf } from "./start_parts.js";

/** @typedef {any} Pyodide */
/** @typedef {{bytes: number, sum: number}} Part */
/** @typedef {{made_of: Record<string, string>, memory: Part, packages: Part}} Recipe */
/** @typedef {{files: Record<string, {bytes: number, sha256: string}>}} Vendored */

/** What is not the same for everybody: random numbers, the reader's language, and which files there are. */
const OWN = "import importlib, os, random; random.seed(); os.environ['LANG'] = lang; importlib.invalidate_caches()";

/**
 * @param {Vendored} vendored
 * @param {Recipe} recipe
 * @throws {Error} when the picture is of other files than those that are served
 */
export function checkRecipe(vendored, recipe) {
  const hash = (/** @type {string} */ name) => vendored.files[`pyodide/${name}`]?.sha256;
  const other = Object.entries(recipe.made_of).find(([name, sha256]) => hash(name) !== sha256);
  if (other) throw new Error(`${RECIPE} was made with another ${other[0]}`);
  if (!recipe.made_of["pyodide.asm.wasm"]) throw new Error(`${RECIPE} does not say what it was made of`);
}

/**
 * @param {string} url
 * @param {Part} part
 * @param {(bytes: number) => void} add told of bytes as they come
 * @returns {Promise<Uint8Array>} rejects when it is not what the recipe says
 */
export async function wholePart(url, { bytes, sum }, add) {
  const reader = (await fetch(url)).body?.getReader();
  if (!reader) throw new Error(`${url} is empty`);
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    whole.set(part.value, at);
    at += part.value.byteLength;
    add(part.value.byteLength);
  }
  if (at !== bytes || sumOf(whole) !== sum) throw new Error(`${url} is damaged`);
  return whole;
}

/**
 * Puts the packages where `loadPackage` would have put them, without copying them.
 * @param {Pyodide} pyodide
 * @param {Uint8Array} archive length of the list (4 bytes), the list as JSON, the files' contents
 * @returns {string[]} the packages' names
 */
function unpack(pyodide, archive) {
  const { FS } = pyodide;
  const start = 4 + new DataView(archive.buffer, archive.byteOffset).getUint32(0, true);
  const { folders, files, packages } = JSON.parse(new TextDecoder().decode(archive.subarray(4, start)));
  const nodes = new Map();
  for (const folder of folders) {
    FS.mkdirTree(folder);
    nodes.set(folder, FS.lookupPath(folder).node);
  }
  let at = start;
  for (const [folder, name, size] of files) {
    const node = FS.filesystems.MEMFS.createNode(nodes.get(folders[folder]), name, 0o100666, 0);
    node.contents = archive.subarray(at, at + size);
    node.usedBytes = size;
    at += size;
  }
  if (at > archive.byteLength) throw new Error(`${PACKAGES} is too short`);
  Object.assign(pyodide.loadedPackages, packages);
  return Object.keys(packages);
}

/**
 * @param {{indexURL: string, recipe: Recipe, options: Record<string, any>, add: (bytes: number) => void}} what
 *   `options` for `loadPyodide`
 * @returns {Promise<{pyodide: Pyodide, packages: string[]}>} rejects on any doubt
 */
export async function quickStart({ indexURL, recipe, options, add }) {
  const memory = wholePart(indexURL + MEMORY, recipe.memory, add);
  const archive = wholePart(indexURL + PACKAGES, recipe.packages, add);
  // Each is awaited below; until then a failure of the one must not count as unhandled while the other is awaited.
  for (const part of [memory, archive]) part.catch(() => {});
  const { loadPyodide } = await importAgain(indexURL + "pyodide.mjs");
  const pyodide = await loadPyodide({ indexURL, ...options, _loadSnapshot: memory });
  // Python has a copy by now.
  delete pyodide._api.config._loadSnapshot;
  const packages = unpack(pyodide, await archive);
  const lang = `${(self.navigator?.language || "C").replace("-", "_")}.UTF-8`;
  pyodide.runPython(OWN, { locals: pyodide.toPy({ lang }) });
  return { pyodide, packages };
}
