/**
 * Python from a picture of its memory, taken when this runtime was set up and the core packages and our own modules had been imported, and
 * what its start reads of these and the standard library from one file. Whoever made the picture and what it was made of must be what is served here; whatever is in doubt
 * rejects, and the caller starts Python the ordinary way.
 * @module
 */

import { importAgain } from "../net/again.js";
import { Later, lend } from "./later_files.js";
import { link } from "./linking.js";
import { fillFrom, readPicture } from "./memory_picture.js";
import { FORM, HOME, LIBRARY, MEMORY, PACKAGES, RECIPE, REST } from "./start_parts.js";
import { wholePart } from "./whole_part.js";

/** @typedef {any} Pyodide */
/** @typedef {import("./whole_part.js").Part} Part */
/** @typedef {{made_of: Record<string, string>, memory: Part, packages: Part, rest: Part, library: Part, form: number}} Recipe */
/** @typedef {{files: Record<string, {bytes: number, sha256: string}>}} Vendored */

/** What is not the same for everybody: random numbers, the time zone, when this began, the reader's language, and which files there are. */
const OWN = `
import logging, numpy.random, os, random, sys, time
# As Python does when it starts.
year = 8766 * 3600
began = int(time.time()) // year * year
usual, other = sorted((time.localtime(began), time.localtime(began + year // 2)), key=lambda moment: moment.tm_gmtoff)
time.timezone, time.altzone = -usual.tm_gmtoff, -other.tm_gmtoff
time.daylight = int(time.timezone != time.altzone)
time.tzname = usual.tm_zone, other.tm_zone
logging._startTime = time.time_ns()
random.seed()
numpy.random.seed()
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
  if (recipe.form !== FORM) throw new Error(`${RECIPE} was made by another version`);
  if (!recipe.made_of["pyodide.asm.wasm"]) throw new Error(`${RECIPE} does not say what it was made of`);
}

/**
 * The packages' file as it is listed in itself.
 * @typedef {{folders: string[], files: [folder: number, name: string, size: number][], others: [folder: number, name: string, size: number][],
 *   pieces: [from: number, size: number][], packages: Record<string, string>}} Listed
 */

/**
 * @param {Uint8Array} archive length of the list (4 bytes), the list as JSON, the contents of its files and pieces
 * @returns {{listed: Listed, contents: Map<string, Uint8Array>, pieces: [from: number, bytes: Uint8Array][]}} contents by path, parts of `archive`
 */
function openArchive(archive) {
  const start = 4 + new DataView(archive.buffer, archive.byteOffset).getUint32(0, true);
  /** @type {Listed} */
  const listed = JSON.parse(new TextDecoder().decode(archive.subarray(4, start)));
  let at = start;
  const next = (/** @type {number} */ size) => archive.subarray(at, (at += size));
  const contents = new Map(listed.files.map(([folder, name, size]) => [`${listed.folders[folder]}/${name}`, next(size)]));
  const pieces = listed.pieces.map(([from, size]) => /** @type {[number, Uint8Array]} */ ([from, next(size)]));
  if (at > archive.byteLength) throw new Error(`${PACKAGES} is too short`);
  return { listed, contents, pieces };
}

/**
 * The picture holds our own modules as they were when it was made.
 * @param {Map<string, Uint8Array>} contents by path
 * @param {Record<string, string>} sources our modules as they are now, path → text
 * @throws {Error} when one of them is another
 */
export function checkSources(contents, sources) {
  const encoder = new TextEncoder();
  const other = Object.entries(sources).find(([path, text]) => !isAlike(contents.get(`${HOME}/${path}`), encoder.encode(text)));
  if (other) throw new Error(`${MEMORY} was made with another ${other[0]}`);
  const gone = [...contents.keys()].find((path) => path.startsWith(`${HOME}/`) && path.endsWith(".py") && !(path.slice(HOME.length + 1) in sources));
  if (gone) throw new Error(`${MEMORY} was made with ${gone}`);
}

/** @param {Uint8Array | undefined} one @param {Uint8Array} other */
const isAlike = (one, other) => one?.length === other.length && other.every((byte, at) => byte === one[at]);

/**
 * Puts the packages where `loadPackage` would have put them, without copying them.
 * @param {Pyodide} pyodide
 * @param {ReturnType<typeof openArchive>} archive
 * @param {Later} rest the contents of the other files
 * @param {Later} library the standard library, whole
 * @returns {string[]} the packages' names
 */
function unpack(pyodide, { listed: { folders, files, others, packages }, contents, pieces }, rest, library) {
  const { FS } = pyodide;
  const nodes = folders.map((folder) => (FS.mkdirTree(folder), FS.lookupPath(folder).node));
  const made = (/** @type {number} */ folder, /** @type {string} */ name) => FS.filesystems.MEMFS.createNode(nodes[folder], name, 0o100666, 0);
  for (const [folder, name, size] of files) Object.assign(made(folder, name), { contents: contents.get(`${folders[folder]}/${name}`), usedBytes: size });
  let later = 0;
  for (const [folder, name, size] of others) {
    lend(FS, made(folder, name), size, rest, later);
    later += size;
  }
  const { node } = FS.lookupPath(`/lib/${FS.readdir("/lib").find((/** @type {string} */ name) => name.endsWith(".zip"))}`);
  lend(FS, node, library.size, library, 0, pieces);
  Object.assign(pyodide.loadedPackages, packages);
  return Object.keys(packages);
}

/**
 * Has a Python that is being made begin with what the picture holds. Meanwhile the program itself is compiled, which needs nothing of it.
 * @param {any} settings Emscripten's
 * @param {(settings: any) => Promise<any>} make
 * @param {Promise<Uint8Array>} memory
 * @param {Promise<Map<string, Uint8Array>>} files
 * @param {Promise<Record<string, string>>} sources
 */
async function madeFrom(settings, make, memory, files, sources) {
  const [Module, packed] = await Promise.all([make(settings), memory]);
  const picture = readPicture(packed);
  const contents = await files;
  checkSources(contents, await sources);
  const compiled = await Promise.all(picture.linked.libraries.map(async ({ name }) => /** @type {const} */ ([name, await WebAssembly.compile(/** @type {any} */ (contents.get(name)))])));
  const { API } = settings;
  const restore = API.restoreSnapshot;
  API.restoreSnapshot = () => {
    Module.growMemory(picture.bytes);
    const filled = link(Module, picture.linked, new Map(compiled));
    const known = restore(picture.head);
    fillFrom(Module.HEAPU8, picture);
    filled();
    return known;
  };
  return Module;
}

/**
 * The C library asks for the zone's name once, and it has.
 * @param {any} Module Emscripten's
 */
function nameTimeZone(Module) {
  const [usual, other] = Module.HEAPU32.subarray(Module._tzname / 4);
  Module.__tzset_js(Module._timezone, Module._daylight, usual, other);
}

/**
 * @param {{indexURL: string, recipe: Recipe, options: Record<string, any>, sources: Promise<Record<string, string>>, add: (bytes: number) => void}} what
 *   `options` for `loadPyodide`; `sources` of our own modules, path → text
 * @returns {Promise<{pyodide: Pyodide, packages: string[], later: Later[]}>} rejects on any doubt. `later` is to be
 *   brought once there is time
 */
export async function quickStart({ indexURL, recipe, options, sources, add }) {
  const memory = wholePart(indexURL + MEMORY, recipe.memory, add);
  const archive = wholePart(indexURL + PACKAGES, recipe.packages, add).then(openArchive);
  const files = archive.then(({ contents }) => contents);
  // Each is awaited below; until then a failure of the one must not count as unhandled while another is awaited.
  for (const part of [memory, archive, files]) part.catch(() => {});
  const [{ loadPyodide }, { default: make }] = await Promise.all([importAgain(indexURL + "pyodide.mjs"), importAgain(indexURL + "pyodide.asm.mjs")]);
  const createPyodideModule = (/** @type {any} */ settings) => madeFrom(settings, make, memory, files, sources);
  // Some small file in the standard library's place, until `unpack` puts that there; something to be restored, which `madeFrom` does.
  const pyodide = await loadPyodide({ indexURL, ...options, stdLibURL: indexURL + RECIPE, createPyodideModule, _loadSnapshot: new Uint8Array(1) });
  const later = [new Later(indexURL + REST, recipe.rest), new Later(indexURL + LIBRARY, recipe.library)];
  const packages = unpack(pyodide, await archive, .../** @type {[Later, Later]} */ (later));
  nameTimeZone(pyodide._module);
  const lang = `${(self.navigator?.language || "C").replace("-", "_")}.UTF-8`;
  pyodide.runPython(OWN, { locals: pyodide.toPy({ lang }) });
  return { pyodide, packages, later };
}
