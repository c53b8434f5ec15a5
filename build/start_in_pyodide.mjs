/**
 * node start_in_pyodide.mjs PYODIDE OUT BRIDGE PACKAGE...
 *
 * Starts the Pyodide of the folder PYODIDE and writes into the folder OUT what `web_client/game/quick_start.js` starts it from: a picture of
 * its memory with some of the standard library imported, the installed files of PACKAGEs with what these need, and the checksums of all. What a
 * start reads of them, and of the standard library, goes into one file, the rest into another. With the packages goes the bytecode of the bridge
 * in the folder BRIDGE; it holds the hash of its source, so that Python compiles whatever has changed.
 */

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { LIBRARY, MEMORY, PACKAGES, RECIPE, REST, sumOf } from "../web_client/game/start_parts.js";

/** Modules that games and their packages import and that hold nothing of the computer they were imported on, nor of libraries. */
const MODULES =
  "abc, array, bisect, calendar, colorsys, contextlib, copy, csv, dataclasses, datetime, difflib, enum, fractions, glob, hashlib, heapq, hmac, itertools, json, logging, " +
  "numbers, operator, pathlib, pickle, platform, pprint, queue, secrets, statistics, string, sysconfig, textwrap, types, typing, uuid, weakref";
/** What every start imports, and what most games do. */
const START = "import numpy, numpy.fft, numpy.linalg, numpy.random, gymnasium, pettingzoo, pettingzoo.utils.env";
const GAME = "gymnasium.make('MountainCar-v0').reset(seed=1)";
/** The environment and arguments that the browser gives to Python; the first path entry is set again at each start. */
const OPTIONS = { env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }, _sysExecutable: "./this.program" };

const [folder, out, bridge, ...wanted] = process.argv.slice(2);
const indexURL = resolve(folder) + "/";
const { loadPyodide } = await import(pathToFileURL(indexURL + "pyodide.mjs").href);

async function memory() {
  const pyodide = await loadPyodide({ indexURL, ...OPTIONS, _makeSnapshot: true });
  pyodide.runPython(`import gc, sys, ${MODULES}\nsys.path.remove("")\ngc.collect()`);
  return { picture: pyodide.makeMemorySnapshot(), imported: libraryFiles(pyodide) };
}

/** @returns {string[]} the files of all modules that have been imported */
const moduleFiles = (pyodide) => JSON.parse(pyodide.runPython(`import sys, json; json.dumps([m.__file__ for m in [*sys.modules.values()] if getattr(m, "__file__", None)])`));

/** @returns {Set<string>} those of the standard library, from the root of its archive */
const libraryFiles = (pyodide) => new Set(moduleFiles(pyodide).flatMap((file) => /^\/lib\/python\d+\.zip\/(.+)$/.exec(file)?.slice(1) ?? []));

/**
 * Where in an archive its list of contents is, and some of its files.
 * @param {Buffer} zip
 * @param {Set<string>} wanted names
 * @returns {[from: number, size: number][]}
 */
function piecesOf(zip, wanted) {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const list = zip.readUInt32LE(end + 16);
  const starts = [list];
  const found = [];
  for (let at = list; at < end; at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)) {
    const from = zip.readUInt32LE(at + 42);
    starts.push(from);
    if (wanted.has(zip.toString("utf8", at + 46, at + 46 + zip.readUInt16LE(at + 28)))) found.push(from);
  }
  starts.sort((a, b) => a - b);
  return [...found.map((from) => [from, starts[starts.indexOf(from) + 1] - from]), [list, zip.length - list]];
}

/** Where the game worker puts the bridge's sources. */
const BRIDGE_HOME = "/igym";
const COMPILE = `
import compileall, py_compile
compileall.compile_dir("${BRIDGE_HOME}", quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
`;

/** Leaves below BRIDGE_HOME the bytecode alone. */
function compileBridge(pyodide) {
  const { FS } = pyodide;
  const paths = readdirSync(bridge, { recursive: true }).map((name) => String(name).replaceAll("\\", "/"));
  const sources = paths.filter((path) => path.endsWith(".py")).map((path) => [`${BRIDGE_HOME}/igym_bridge/${path}`, readFileSync(join(bridge, path))]);
  for (const [path, text] of sources) {
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, text);
  }
  pyodide.runPython(COMPILE);
  for (const [path] of sources) FS.unlink(path);
}

/** Lets `runs` be told of every file that Python reads meanwhile. @returns {Set<any>} Emscripten's nodes */
function readBy({ FS }, run) {
  const { stream } = FS.filesystems.MEMFS.ops_table.file;
  const plain = stream.read;
  const read = new Set();
  stream.read = (file, ...rest) => (read.add(file.node), plain(file, ...rest));
  run();
  stream.read = plain;
  return read;
}

async function packages(inPicture) {
  const pyodide = await loadPyodide({ indexURL, ...OPTIONS });
  await pyodide.loadPackage(wanted, { messageCallback: () => {} });
  const { FS } = pyodide;
  const root = pyodide.runPython("import site; site.getsitepackages()[0]");
  const read = readBy(pyodide, () => pyodide.runPython(`${START}\n${GAME}`));
  const imported = [...libraryFiles(pyodide)].filter((file) => !inPicture.has(file));
  // Compiled ones were read when they were unpacked.
  const compiled = new Set(moduleFiles(pyodide).filter((file) => file.endsWith(".so")));
  compileBridge(pyodide);
  const library = readFileSync(indexURL + LIBRARY);
  const pieces = piecesOf(library, new Set(imported));
  const list = { folders: [root, BRIDGE_HOME], files: [], others: [], pieces, packages: pyodide.loadedPackages };
  const contents = [];
  const rest = [];
  for (let at = 0; at < list.folders.length; at++) {
    for (const name of FS.readdir(list.folders[at]).sort()) {
      const path = `${list.folders[at]}/${name}`;
      if (name === "." || name === "..") continue;
      const { node } = FS.lookupPath(path);
      if (FS.isDir(node.mode)) list.folders.push(path);
      else {
        const first = read.has(node) || compiled.has(path) || path.startsWith(BRIDGE_HOME);
        const content = FS.readFile(path);
        (first ? contents : rest).push(content);
        (first ? list.files : list.others).push([at, name, content.length]);
      }
    }
  }
  contents.push(...pieces.map(([from, size]) => library.subarray(from, from + size)));
  const listed = Buffer.from(JSON.stringify(list));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(listed.length);
  return { first: Buffer.concat([length, listed, ...contents]), rest: Buffer.concat(rest), library };
}

const { picture, imported } = await memory();
const { first, rest, library } = await packages(imported);
const parts = { [MEMORY]: picture, [PACKAGES]: first, [REST]: rest };
for (const [name, bytes] of Object.entries(parts)) writeFileSync(`${out}/${name}`, bytes);
const summed = (bytes) => ({ bytes: bytes.length, sum: sumOf(new Uint8Array(bytes)) });
const recipe = { memory: picture, packages: first, rest, library };
writeFileSync(`${out}/${RECIPE}`, JSON.stringify(Object.fromEntries(Object.entries(recipe).map(([name, bytes]) => [name, summed(bytes)]))));
