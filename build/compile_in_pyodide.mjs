/**
 * node compile_in_pyodide.mjs PYODIDE SCRIPT HOME|"" IN OUT [HOME|"" IN OUT ...]
 *
 * Runs SCRIPT (compile_archive.py) in the Pyodide of the folder PYODIDE over the archives IN and writes OUT. HOME is the path that the
 * modules of an archive are imported from; empty for a wheel.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, script, ...jobs] = process.argv.slice(2);
const indexURL = resolve(folder) + "/";
const { loadPyodide } = await import(pathToFileURL(indexURL + "pyodide.mjs").href);
const pyodide = await loadPyodide({ indexURL, env: { PYTHONHASHSEED: "0" } });
pyodide.FS.writeFile("/home/pyodide/compile_archive.py", readFileSync(script));
pyodide.runPython("import sys; sys.path.insert(0, '/home/pyodide'); import compile_archive");

for (let at = 0; at < jobs.length; at += 3) {
  const [home, from, to] = jobs.slice(at, at + 3);
  pyodide.FS.writeFile("/tmp/in.zip", readFileSync(from));
  pyodide.globals.set("home", home);
  pyodide.runPython(`
with open("/tmp/in.zip", "rb") as file:
    archive = file.read()
with open("/tmp/out.zip", "wb") as file:
    file.write(compile_archive.compiled(archive, home or compile_archive.SITE, beside=bool(home)))
`);
  writeFileSync(to, pyodide.FS.readFile("/tmp/out.zip"));
}
