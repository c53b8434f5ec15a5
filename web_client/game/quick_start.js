/**
 * Python from a picture of its memory, taken when this runtime was set up, and what its start reads of the core
 * packages and the standard library from one file: a third of the work of starting it and unpacking them, and half of
 * the bytes. Whoever made the picture and what it was made of must be what is served here; whatever is in doubt
 * rejects, and the caller starts Python the ordinary way.
 * @module
 */

import { importAgain } from "../net/again.js";
import { Later, lend } from "./later_files.js";
import { LIBRARY, MEMORY, PACKAGES, RECIPE, REST } from "./start_parts.js";
import { wholePart } from "./whole_part.js";

/** @typedef {any} Pyodide */
/** @typedef {import("./whole_part.js").Part} Part */
/** @typedef {{made_of: Record<string, string>, memory: Part, packages: Part, rest: Part, library: Part}} Recipe */
/** @typedef {{files: Record<string, {bytes: number, sha256: string}>}} Vendored */

/** What is not the same for everybody: random numbers, the reader's language, and which files there are. */
const OWN = `
import os, random, sys
random.seed()
os.environ["LANG"] = lang
for finder in sys.path_importer_cache.values():
    # What is in the standard library's archive is known already, and most of it is not here yet.
    if type(finder).__name__ == "FileFinder":
        finder.invalidate_caches()
`;

/**
 * @param {Vendored} vendored
 * @param {Recipe} recipe
 * @throws {Error} when the picture is of other files than those that are served
 */
export function checkRecipe(vendored, recipe) {
  const hash = (/** @type {string} */ name) => vendored.files[`pyodide/${name}`]?.sha256;
  const other = Object.entries(recipe.made_of).find(([name, sha256]) => hash(name) !== sha256);
  if (other) throw new Error(`${RECIPE} was made with another ${other[0]}`);
  if (!recipe.rest || !recipe.library) throw new Error(`${RECIPE} was made by another version`);
  if (!recipe.made_of["pyodide.asm.wasm"]) throw new Error(`${RECIPE} does not say what it was made of`);
}

/**
 * Puts the packages where `loadPackage` would have put them, without copying them.
 * @param {Pyodide} pyodide
 * @param {Uint8Array} archive length of the list (4 bytes), the list as JSON, the contents of its files and pieces
 * @param {Later} rest the contents of the other files
 * @param {Later} library the standard library, whole
 * @returns {string[]} the packages' names
 */
function unpack(pyodide, archive, rest, library) {
  const { FS } = pyodide;
  const start = 4 + new DataView(archive.buffer, archive.byteOffset).getUint32(0, true);
  const { folders, files, others, pieces, packages } = JSON.parse(new TextDecoder().decode(archive.subarray(4, start)));
  const nodes = new Map();
  for (const folder of folders) {
    FS.mkdirTree(folder);
    nodes.set(folder, FS.lookupPath(folder).node);
  }
  const made = (/** @type {number} */ folder, /** @type {string} */ name) => FS.filesystems.MEMFS.createNode(nodes.get(folders[folder]), name, 0o100666, 0);
  let at = start;
  const next = (/** @type {number} */ size) => archive.subarray(at, (at += size));
  for (const [folder, name, size] of files) Object.assign(made(folder, name), { contents: next(size), usedBytes: size });
  let later = 0;
  for (const [folder, name, size] of others) {
    lend(FS, made(folder, name), size, rest, later);
    later += size;
  }
  const known = pieces.map((/** @type {[number, number]} */ [from, size]) => [from, next(size)]);
  const { node } = FS.lookupPath(`/lib/${FS.readdir("/lib").find((/** @type {string} */ name) => name.endsWith(".zip"))}`);
  lend(FS, node, library.size, library, 0, known);
  if (at > archive.byteLength) throw new Error(`${PACKAGES} is too short`);
  Object.assign(pyodide.loadedPackages, packages);
  return Object.keys(packages);
}

/**
 * @param {{indexURL: string, recipe: Recipe, options: Record<string, any>, add: (bytes: number) => void}} what
 *   `options` for `loadPyodide`
 * @returns {Promise<{pyodide: Pyodide, packages: string[], later: Later[]}>} rejects on any doubt. `later` is to be
 *   brought once there is time
 */
export async function quickStart({ indexURL, recipe, options, add }) {
  const memory = wholePart(indexURL + MEMORY, recipe.memory, add);
  const archive = wholePart(indexURL + PACKAGES, recipe.packages, add);
  // Each is awaited below; until then a failure of the one must not count as unhandled while the other is awaited.
  for (const part of [memory, archive]) part.catch(() => {});
  const { loadPyodide } = await importAgain(indexURL + "pyodide.mjs");
  // Some small file in the standard library's place, until `unpack` puts that there.
  const pyodide = await loadPyodide({ indexURL, ...options, stdLibURL: indexURL + RECIPE, _loadSnapshot: memory });
  // Python has a copy by now.
  delete pyodide._api.config._loadSnapshot;
  const later = [new Later(indexURL + REST, recipe.rest), new Later(indexURL + LIBRARY, recipe.library)];
  const packages = unpack(pyodide, await archive, .../** @type {[Later, Later]} */ (later));
  const lang = `${(self.navigator?.language || "C").replace("-", "_")}.UTF-8`;
  pyodide.runPython(OWN, { locals: pyodide.toPy({ lang }) });
  return { pyodide, packages, later };
}
