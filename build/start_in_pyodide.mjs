/**
 * node start_in_pyodide.mjs PYODIDE OUT BRIDGE PACKAGE...
 *
 * Starts the Pyodide of the folder PYODIDE and writes into the folder OUT what `web_client/game/quick_start.js` starts it from: a picture of
 * its memory with some of the standard library imported, the installed files of PACKAGEs with what these need, and the checksums of both. With the
 * packages goes the bytecode of the bridge in the folder BRIDGE; it holds the hash of its source, so that Python compiles whatever has changed.
 */

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MEMORY, PACKAGES, RECIPE, sumOf } from "../web_client/game/start_parts.js";

/** Modules that games' packages import and that hold nothing of the computer they were imported on, nor of libraries. */
const MODULES = "array, copy, dataclasses, datetime, difflib, fractions, hmac, json, logging, numbers, pickle, platform, secrets, statistics, sysconfig, uuid";
/** The environment and arguments that the browser gives to Python; the first path entry is set again at each start. */
const OPTIONS = { env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }, _sysExecutable: "./this.program" };

const [folder, out, bridge, ...wanted] = process.argv.slice(2);
const indexURL = resolve(folder) + "/";
const { loadPyodide } = await import(pathToFileURL(indexURL + "pyodide.mjs").href);

async function memory() {
  const pyodide = await loadPyodide({ indexURL, ...OPTIONS, _makeSnapshot: true });
  pyodide.runPython(`import gc, sys, ${MODULES}\nsys.path.remove("")\ngc.collect()`);
  return pyodide.makeMemorySnapshot();
}

/** Where the game worker puts the bridge's sources. */
const LIBRARY = "/igym";
const COMPILE = `
import compileall, py_compile
compileall.compile_dir("${LIBRARY}", quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
`;

/** Leaves below LIBRARY the bytecode alone. */
function compileBridge(pyodide) {
  const { FS } = pyodide;
  const paths = readdirSync(bridge, { recursive: true }).map((name) => String(name).replaceAll("\\", "/"));
  const sources = paths.filter((path) => path.endsWith(".py")).map((path) => [`${LIBRARY}/igym_bridge/${path}`, readFileSync(join(bridge, path))]);
  for (const [path, text] of sources) {
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, text);
  }
  pyodide.runPython(COMPILE);
  for (const [path] of sources) FS.unlink(path);
}

async function packages() {
  const pyodide = await loadPyodide({ indexURL, ...OPTIONS });
  await pyodide.loadPackage(wanted, { messageCallback: () => {} });
  const { FS } = pyodide;
  const root = pyodide.runPython("import site; site.getsitepackages()[0]");
  compileBridge(pyodide);
  const list = { folders: [root, LIBRARY], files: [], packages: pyodide.loadedPackages };
  const contents = [];
  for (let at = 0; at < list.folders.length; at++) {
    for (const name of FS.readdir(list.folders[at]).sort()) {
      const path = `${list.folders[at]}/${name}`;
      if (name === "." || name === "..") continue;
      if (FS.isDir(FS.stat(path).mode)) list.folders.push(path);
      else {
        contents.push(FS.readFile(path));
        list.files.push([at, name, contents.at(-1).length]);
      }
    }
  }
  const listed = Buffer.from(JSON.stringify(list));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(listed.length);
  const whole = Buffer.concat([length, listed, ...contents]);
  return Buffer.concat([whole, Buffer.alloc((4 - (whole.length % 4)) % 4)]);
}

const parts = { [MEMORY]: await memory(), [PACKAGES]: await packages() };
for (const [name, bytes] of Object.entries(parts)) writeFileSync(`${out}/${name}`, bytes);
const summed = (name) => ({ bytes: parts[name].length, sum: sumOf(new Uint8Array(parts[name])) });
writeFileSync(`${out}/${RECIPE}`, JSON.stringify({ memory: summed(MEMORY), packages: summed(PACKAGES) }));
