/**
 * Python starts from the picture of its memory, and without it (or with a damaged one, or one of another runtime) all the same.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PythonRuntime } from "../../../web_client/game/python.js";
import { fetchedJson } from "../../../web_client/game/progress.js";
import { checkRecipe, wholePart } from "../../../web_client/game/quick_start.js";
import { MEMORY, sumOf } from "../../../web_client/game/start_parts.js";
import { bridgeSources } from "./bridge_sources.js";

const CLIENT = fileURLToPath(new URL("../../../web_client/", import.meta.url));
const VENDOR = CLIENT + "vendor/";
const scope = /** @type {any} */ (globalThis);
const plain = { fetch: scope.fetch, self: scope.self };
/** What the host sends instead of its files. @type {Record<string, (bytes: Buffer) => Uint8Array | null>} */
let spoilt = {};
/** @type {string[]} */
let asked = [];

before(() => {
  scope.self = globalThis;
  scope.fetch = async (/** @type {string} */ address) => {
    const name = String(address).slice(String(address).lastIndexOf("/") + 1);
    asked.push(name);
    const own = { "igym_bridge.json": bridgeSources, "igym_rendering.json": () => ({}) }[name];
    const bytes = own ? Buffer.from(JSON.stringify(own())) : await readFile(address);
    const sent = spoilt[name] ? spoilt[name](bytes) : bytes;
    return sent ? new Response(/** @type {any} */ (sent)) : new Response("", { status: 404 });
  };
});
after(() => Object.assign(scope, plain));

async function started() {
  asked = [];
  /** @type {string[]} */
  const told = [];
  const python = new PythonRuntime({ vendor: VENDOR, statics: CLIENT, wheelsIndex: null, report: () => {}, log: (level, text) => told.push(text) });
  await python.start([]);
  return { python, told, run: (/** @type {string} */ code) => python.pyodide.runPython(code) };
}

const WHAT_IT_IS = `
import importlib.metadata, os, sys, gymnasium, pettingzoo, numpy, igym_bridge
env = gymnasium.make("CartPole-v1"); env.reset(seed=1)
own = {name: value for name, value in os.environ.items() if name != "_"}  # node's own script
modules = {name: module.__file__ for name, module in sys.modules.items() if name.startswith(("numpy", "gymnasium", "pettingzoo")) and getattr(module, "__file__", None)}
repr((sys.path, own, hash("a"), importlib.metadata.version("gymnasium"), env.step(1)[0].tolist(), numpy.linalg.det(numpy.eye(3)), hash(tuple(sorted(modules.items())))))`;

const COMPILED = `
import importlib.util, igym_bridge.canon as module
head = (3).to_bytes(4, "little") + importlib.util.source_hash(open(module.__file__, "rb").read())
open(module.__cached__, "rb").read()[4:16] == head`;

test("from the picture it is the Python of an ordinary start (as after a damaged picture), but for its own random numbers", async () => {
  const quick = await started();
  assert.deepEqual(quick.told, []);
  assert.ok(!asked.some((name) => name.endsWith(".whl")), "no package is unpacked one by one");
  assert.equal(quick.run(COMPILED), true, "the bridge's bytecode carries its source's hash, as the set-up makes it");
  const drawn = quick.run("import random; random.random()");
  spoilt = { [MEMORY]: (bytes) => ((bytes[bytes.length >> 1] ^= 1), bytes) };
  const ordinary = await started();
  spoilt = {};
  assert.match(ordinary.told.join(), /ordinary way.*start\.memory\.bin is damaged/);
  assert.equal(quick.run(WHAT_IT_IS), ordinary.run(WHAT_IT_IS));
  const sources = bridgeSources();
  const changed = { ...sources, "igym_bridge/faults.py": sources["igym_bridge/faults.py"] + "\nCHANGED_SINCE = 7\n" };
  spoilt = { "igym_bridge.json": () => Buffer.from(JSON.stringify(changed)) };
  const again = await started();
  spoilt = {};
  assert.equal(again.run("import igym_bridge.faults; igym_bridge.faults.CHANGED_SINCE"), 7, "not the bytecode of the set-up");
  assert.notEqual(again.run("import random; random.random()"), drawn);
  await again.python.install(["pillow"], []);
  assert.equal(again.run("from PIL import Image; Image.new('RGB', (2, 3)).size[1]"), 3);
  assert.equal(again.python.pyodide.loadedPackages.numpy, "default channel");
});

test("without a picture nothing is tried", async () => {
  spoilt = { "start.json": () => null };
  await assert.rejects(fetchedJson(VENDOR + "pyodide/start.json"), /404/);
  spoilt = {};
});

test("a picture must be whole and of the files that are served", async () => {
  const sent = (/** @type {Uint8Array} */ bytes) => ((spoilt = { [MEMORY]: () => bytes }), VENDOR + "pyodide/" + MEMORY);
  const eight = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const part = { bytes: 8, sum: sumOf(eight) };
  assert.deepEqual(await wholePart(sent(eight), part, () => {}), eight);
  await assert.rejects(wholePart(sent(eight.slice(0, 4)), part, () => {}), /damaged/);
  await assert.rejects(wholePart(sent(Uint8Array.of(...eight, 0, 0, 0, 0)), part, () => {}));
  spoilt = {};
  const files = { "pyodide/pyodide.asm.wasm": { bytes: 1, sha256: "a" }, "pyodide/numpy.whl": { bytes: 1, sha256: "b" } };
  const recipe = (/** @type {Record<string, string>} */ made_of) => ({ made_of, memory: part, packages: part });
  checkRecipe({ files }, recipe({ "pyodide.asm.wasm": "a", "numpy.whl": "b" }));
  assert.throws(() => checkRecipe({ files }, recipe({ "pyodide.asm.wasm": "a", "numpy.whl": "c" })), /another numpy/);
  assert.throws(() => checkRecipe({ files }, recipe({ "pyodide.asm.wasm": "a", "scipy.whl": "c" })), /another scipy/);
  assert.throws(() => checkRecipe({ files }, recipe({})), /made of/);
});
