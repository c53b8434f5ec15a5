/**
 * node start_in_pyodide.mjs PYODIDE OUT SOURCES PACKAGE...
 *
 * Starts the Pyodide of the folder PYODIDE and writes into the folder OUT what `web_client/game/quick_start.js` starts it from: a picture of
 * its memory with what every game imports, the installed files of PACKAGEs with what these need, and the checksums of all. What a
 * start reads of them, and of the standard library, goes into one file, the rest into another. Our own modules, which the file SOURCES holds as
 * the host sends them (path → text), are in the picture, and as text among the packages; those that it lacks as bytecode, too.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { linkedSince, unlinked } from "../web_client/game/linking.js";
import { packPicture } from "../web_client/game/memory_picture.js";
import { FORM, HOME, LIBRARY, MEMORY, PACKAGES, RECIPE, REST, sumOf } from "../web_client/game/start_parts.js";

/** Modules that games and their packages import and that hold nothing of the computer they were imported on, nor of libraries. */
const MODULES =
  "abc, array, bisect, calendar, colorsys, contextlib, copy, csv, dataclasses, datetime, difflib, enum, fractions, glob, hashlib, heapq, hmac, itertools, json, logging, " +
  "numbers, operator, pathlib, pickle, platform, pprint, queue, secrets, statistics, string, sysconfig, textwrap, types, typing, uuid, weakref";
/** What every start imports, and what most games do. */
const START = "import numpy, numpy.fft, numpy.linalg, numpy.random, gymnasium, gymnasium.envs.classic_control, pettingzoo, pettingzoo.utils.env";
const GAME = "gymnasium.make('MountainCar-v0').reset(seed=1)";
/** The environment and arguments that the browser gives to Python; the first path entry is set again at each start. */
const OPTIONS = { env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }, _sysExecutable: "./this.program" };

const [folder, out, own, ...wanted] = process.argv.slice(2);
/** @type {Record<string, string>} */
const sources = JSON.parse(readFileSync(own, "utf8"));
/** What stands in for modules that a game's folder may lack is imported by such games alone. */
const LENT = "igym_bridge/lent/";
const OURS = Object.keys(sources).filter((path) => !path.startsWith(LENT)).map((path) => path.replace(/(\/__init__)?\.py$/, "").replaceAll("/", "."));
const indexURL = resolve(folder) + "/";
const { loadPyodide } = await import(pathToFileURL(indexURL + "pyodide.mjs").href);
const { default: make } = await import(pathToFileURL(indexURL + "pyodide.asm.mjs").href);

/**
 * @param {[path: string, content: Uint8Array][]} files of the packages
 * @returns {Promise<{picture: Uint8Array, imported: Set<string>}>} what is in it of the standard library
 */
async function memory(files) {
  let before;
  const createPyodideModule = async (settings) => {
    const Module = await make(settings);
    before = unlinked(Module);
    return Module;
  };
  const pyodide = await loadPyodide({ indexURL, ...OPTIONS, createPyodideModule, _makeSnapshot: true });
  const { FS, _module: Module } = pyodide;
  for (const [path, content] of files) {
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, content);
  }
  pyodide.runPython(`import gc, sys, ${MODULES}\n${START}\nsys.path.insert(0, "${HOME}")\nimport ${OURS}\nsys.path.remove("${HOME}")\nsys.path.remove("")\ngc.collect()`);
  return { picture: packPicture(pyodide.makeMemorySnapshot(), linkedSince(Module, before)), imported: libraryFiles(pyodide) };
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

const COMPILE = `
import compileall, py_compile
compileall.compile_dir("${HOME}", quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
`;

/** Our own modules, with their bytecode. */
function writeOurs(pyodide) {
  const { FS } = pyodide;
  for (const [path, text] of Object.entries(sources)) {
    const full = `${HOME}/${path}`;
    FS.mkdirTree(full.slice(0, full.lastIndexOf("/")));
    FS.writeFile(full, text);
  }
  pyodide.runPython(COMPILE);
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

/** The packages as they are installed, and our own modules. */
async function installed() {
  const pyodide = await loadPyodide({ indexURL, ...OPTIONS });
  await pyodide.loadPackage(wanted, { messageCallback: () => {} });
  const { FS } = pyodide;
  const root = pyodide.runPython("import site; site.getsitepackages()[0]");
  pyodide.runPython(START);
  const read = readBy(pyodide, () => pyodide.runPython(GAME));
  const imported = libraryFiles(pyodide);
  writeOurs(pyodide);
  const folders = [root, HOME];
  const files = [];
  for (let at = 0; at < folders.length; at++) {
    for (const name of FS.readdir(folders[at]).sort()) {
      const path = `${folders[at]}/${name}`;
      if (name === "." || name === "..") continue;
      const { node } = FS.lookupPath(path);
      if (FS.isDir(node.mode)) folders.push(path);
      else files.push({ folder: at, name, path, content: FS.readFile(path), read: read.has(node) });
    }
  }
  return { folders, files, imported, packages: pyodide.loadedPackages };
}

/** Nobody reads the bytecode of a module that is in the picture. */
const isServed = ({ path }) => !path.startsWith(`${HOME}/`) || !path.endsWith(".pyc") || path.startsWith(`${HOME}/${LENT}`);

/**
 * @param {Awaited<ReturnType<typeof installed>>} from
 * @param {Set<string>} inPicture files of the standard library that nobody reads any more
 */
function packagesFile({ folders, files, imported, packages }, inPicture) {
  const library = readFileSync(indexURL + LIBRARY);
  const pieces = piecesOf(library, new Set([...imported].filter((file) => !inPicture.has(file))));
  // Libraries are put around the picture; of the other files it holds what Python made of them.
  const isFirst = ({ path, read }) => read || path.endsWith(".so") || path.startsWith(HOME);
  const entry = ({ folder, name, content }) => [folder, name, content.length];
  const first = files.filter((file) => isFirst(file) && isServed(file));
  const others = files.filter((file) => !isFirst(file));
  const listed = Buffer.from(JSON.stringify({ folders, files: first.map(entry), others: others.map(entry), pieces, packages }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(listed.length);
  const contents = [...first.map(({ content }) => content), ...pieces.map(([from, size]) => library.subarray(from, from + size))];
  return { first: Buffer.concat([length, listed, ...contents]), rest: Buffer.concat(others.map(({ content }) => content)), library };
}

const found = await installed();
const { picture, imported } = await memory(found.files.map(({ path, content }) => [path, content]));
const { first, rest, library } = packagesFile(found, imported);
const parts = { [MEMORY]: picture, [PACKAGES]: first, [REST]: rest };
for (const [name, bytes] of Object.entries(parts)) writeFileSync(`${out}/${name}`, bytes);
const summed = (bytes) => ({ bytes: bytes.length, sum: sumOf(new Uint8Array(bytes)) });
const recipe = { memory: picture, packages: first, rest, library };
writeFileSync(`${out}/${RECIPE}`, JSON.stringify({ form: FORM, ...Object.fromEntries(Object.entries(recipe).map(([name, bytes]) => [name, summed(bytes)])) }));
