/**
 * Python starts from the picture of its memory, and without it (or with a damaged one, or one of another runtime) all the same.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PythonRuntime } from "../../../web_client/game/python.js";
import { fetchedJson } from "../../../web_client/game/progress.js";
import { checkRecipe, checkSources } from "../../../web_client/game/quick_start.js";
import { FORM, HOME, LIBRARY, MEMORY, PACKAGES, REST, sumOf } from "../../../web_client/game/start_parts.js";
import { wholePart } from "../../../web_client/game/whole_part.js";
import { bridgeSources } from "./bridge_sources.js";

const CLIENT = fileURLToPath(new URL("../../../web_client/", import.meta.url));
const VENDOR = CLIENT + "vendor/";
const scope = /** @type {any} */ (globalThis);
const plain = { fetch: scope.fetch, self: scope.self, XMLHttpRequest: scope.XMLHttpRequest };
/** What the host sends instead of its files: bytes, some of them before it breaks off, nothing, or a number that says it is in trouble. @type {Record<string, (bytes: Buffer) => any>} */
let spoilt = {};
/** @type {string[]} */
let asked = [];

/** The part of igym that envs import, as the set-up had it. @returns {Record<string, string>} */
function renderingSources() {
  const archive = readFileSync(VENDOR + "pyodide/" + PACKAGES);
  let at = 4 + archive.readUInt32LE(0);
  const { folders, files } = JSON.parse(archive.toString("utf8", 4, at));
  const texts = files.map((/** @type {[number, string, number]} */ [folder, name, size]) => [`${folders[folder]}/${name}`, archive.toString("utf8", at, (at += size))]);
  const wanted = texts.filter((/** @type {string[]} */ [path = ""]) => path.startsWith(`${HOME}/igym/`) && path.endsWith(".py"));
  return Object.fromEntries(wanted.map((/** @type {string[]} */ [path = "", text]) => [path.slice(HOME.length + 1), text]));
}

/** Answers at once, as Python needs it. */
class Request {
  status = 0;
  address = "";
  /** @type {ArrayBuffer | null} */ response = null;
  /** @param {string} _method @param {string} address @param {boolean} later */
  open(_method, address, later) {
    assert.equal(later, false);
    const [path = "", query] = address.split("?");
    assert.equal(query, "now", "not the address under which it may be on its way already");
    this.address = path;
  }
  send() {
    const name = this.address.slice(this.address.lastIndexOf("/") + 1);
    asked.push(`${name} at once`);
    const bytes = readFileSync(this.address);
    const sent = spoilt[name] ? spoilt[name](bytes) : bytes;
    this.status = sent ? 200 : 404;
    this.response = sent ? new Uint8Array(sent).buffer : null;
  }
}

// Half an hour beside whole ones, and summer when the north has winter: surely not where the picture was made.
const ELSEWHERE = "Australia/Adelaide";
const zone = process.env.TZ;

before(() => {
  process.env.TZ = ELSEWHERE;
  scope.self = globalThis;
  scope.XMLHttpRequest = Request;
  scope.fetch = async (/** @type {string} */ address) => {
    const name = String(address).slice(String(address).lastIndexOf("/") + 1);
    asked.push(name);
    const own = { "igym_bridge.json": bridgeSources, "igym_rendering.json": renderingSources }[name];
    const bytes = own ? Buffer.from(JSON.stringify(own())) : await readFile(address);
    const sent = spoilt[name] ? spoilt[name](bytes) : bytes;
    if (typeof sent === "number") return new Response("", { status: sent });
    return sent ? new Response(sent[Symbol.asyncIterator] ? ReadableStream.from(sent) : sent) : new Response("", { status: 404 });
  };
});
after(() => {
  Object.assign(scope, plain);
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

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
repr((sys.path, own, hash("a"), importlib.metadata.version("gymnasium"), env.step(1)[0].tolist(), numpy.linalg.det(numpy.eye(3))))`;
const CLOCKS = `
import datetime, logging, time
moments = [time.localtime(1_790_000_000), time.localtime(1_800_000_000)]
repr((time.timezone, time.altzone, time.daylight, time.tzname, [(one, one.tm_zone, one.tm_gmtoff, time.strftime("%Z %z", one)) for one in moments],
    datetime.datetime.fromtimestamp(1_790_000_000).astimezone().tzname(), time.time_ns() - logging._startTime < 600e9))`;
const DRAWN = "import json, numpy.random, random; json.dumps([random.random(), numpy.random.random()])";
/** Module → its file. */
const LOADED = `
import json, sys
json.dumps({name: module.__file__ for name, module in sys.modules.items() if name.startswith(("numpy", "gymnasium", "pettingzoo")) and getattr(module, "__file__", None)})`;
/** Which modules are loaded, but for those that every game's Python is said to have loaded. */
const LOADED_FIRST = `
import json, sys
from igym_bridge.namesakes import COMMON
json.dumps(sorted({name.split(".")[0] for name in sys.modules if not name.startswith("_")} - COMMON))`;
const NAMESAKES = ["calendar", "colorsys", "csv", "pettingzoo", "queue", "random", "statistics", "tarfile", "uuid"];
const OWN_FILES = {
  ...Object.fromEntries(NAMESAKES.map((name) => [`${name}.py`, "MADE = 1"])),
  "env.py": `import ${NAMESAKES}\ndef make_env():\n    return [one.__name__ for one in (${NAMESAKES}) if hasattr(one, "MADE")]`,
};
/** A study's files that are called as other modules are: which of them its game gets. @param {string} folder */
const NAMED_ALIKE = (folder) => `
import json, os
from igym_bridge import loader
loader.enter_folder("${folder}")
found = loader.load_env({"file": "env.py"}, "${folder}")[0]
os.chdir("/tmp")
loader.enter_folder("/tmp")
import queue, statistics
json.dumps([found, hasattr(queue, "MADE"), hasattr(statistics, "MADE")])`;
/** What of the packages is compiled: numbers from each library, functions that these hand to Python, and what they get of each other and of Python. */
const COMPUTED = `
import ctypes, functools, pickle, numpy as np
generator = np.random.default_rng(3)
a = generator.normal(size=(20, 20))
matrix = a @ a.T
class Doubled(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *given, **named):
        return 2 * getattr(ufunc, method)(*(np.asarray(one) for one in given), **named)
def refused(run):
    try:
        run()
    except Exception as error:
        return type(error).__name__, str(error)
compared = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int)(lambda one, other: one - other)
repr([
    np.linalg.eigh(matrix)[0].tolist(), np.linalg.svd(a, compute_uv=False).tolist(), np.linalg.solve(matrix, a[0]).tolist(), np.fft.rfft(a[0]).tolist(), np.fft.ifft2(a).real.sum().item(),
    [getattr(np.random, kind)(7).random_raw(2).tolist() for kind in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")],
    np.random.RandomState(4).standard_gamma(2, 3).tolist(), generator.permutation(9).tolist(), generator.integers(0, 2**40, 3).tolist(), generator.hypergeometric(9, 9, 5, 3).tolist(),
    np.sort(a.ravel())[:3].tolist(), np.einsum("ij,jk->ik", a, a)[0, 0].item(), str(np.array(["a", "bc"])), np.array(["x", "yy" * 20], dtype=np.dtypes.StringDType()).tolist(),
    np.add(np.ones(2).view(Doubled), 1).tolist(), np.frompyfunc(lambda x: x + 1, 1, 1)(np.arange(3)).tolist(), np.vectorize(str)(np.arange(3)).tolist(),
    pickle.loads(pickle.dumps(a)).sum().item(), np.datetime64("2026-01-05").astype(object).isoformat(), repr(np.float32(0.1)), np.float64("1e-310").item(),
    refused(lambda: np.ones(3) + np.ones(4)), refused(lambda: np.linalg.inv(np.zeros((2, 2)))), refused(lambda: np.random.default_rng(-1)),
    functools.reduce(np.bitwise_xor, np.arange(50)).item(), [len(np.unique(a.astype(kind))) for kind in "fdeilqBH?"], compared(7, 3), np.ctypeslib.as_array((ctypes.c_double * 3)(1, 2, 3)).tolist(),
])`;

/** Of ours, what a picture need not hold: its bytecode must be that of its source. */
const COMPILED = `
import importlib.util, igym_bridge
source = igym_bridge.__path__[0] + "/lent/pygame/math.py"
head = (3).to_bytes(4, "little") + importlib.util.source_hash(open(source, "rb").read())
open(importlib.util.cache_from_source(source), "rb").read()[4:16] == head`;
/** Modules of ours in the order in which they were imported, and whether a traceback finds their text. */
const OURS = `
import igym.rendering, igym_bridge.bridge, json, linecache, sys
ours = [name for name in sys.modules if name.split(".")[0] in ("igym", "igym_bridge")]
json.dumps([ours, bool(linecache.getline(igym.rendering.__file__, 1) and linecache.getline(igym_bridge.bridge.__file__, 1))])`;

test("from the picture it is the Python of an ordinary start (as after a damaged picture), but for its own random numbers", async () => {
  const quick = await started();
  assert.deepEqual(quick.told, []);
  assert.ok(!asked.some((name) => name.endsWith(".whl")), "no package is unpacked one by one");
  const [ours, isShown] = JSON.parse(quick.run(OURS));
  assert.ok(isShown);
  assert.equal(quick.run(COMPILED), true, "bytecode carries its source's hash, as the set-up makes it");
  const drawn = JSON.parse(quick.run(DRAWN));
  spoilt = { [MEMORY]: (bytes) => ((bytes[bytes.length >> 1] ^= 1), bytes) };
  const ordinary = await started();
  spoilt = {};
  assert.match(ordinary.told.join(), /ordinary way.*start\.memory\.bin is damaged/);
  const [before, plainly] = [quick, ordinary].map(({ run }) => JSON.parse(run(LOADED_FIRST)));
  assert.deepEqual(before.filter((/** @type {string} */ name) => plainly.includes(name)), []);
  assert.equal(quick.run(WHAT_IT_IS), ordinary.run(WHAT_IT_IS));
  assert.equal(quick.run(CLOCKS), ordinary.run(CLOCKS));
  assert.match(quick.run(CLOCKS), /^\(-34200, -37800, 1, \('UTC\+0930', 'UTC\+1030'\).*True\)$/);
  assert.equal(quick.run(COMPUTED), ordinary.run(COMPUTED));
  const [oursOrdinarily] = JSON.parse(ordinary.run(OURS));
  assert.deepEqual(oursOrdinarily.filter((/** @type {string} */ name) => !ours.includes(name)), [], "an ordinary start imports nothing of ours that the picture lacks");
  assert.ok(ours.includes("igym_bridge.browser_model") && !oursOrdinarily.includes("igym_bridge.browser_model"), "and it holds what only some games need");
  const [loaded, ordinarily] = [quick, ordinary].map(({ run }) => JSON.parse(run(LOADED)));
  assert.deepEqual({ ...loaded, ...ordinarily }, loaded, "the picture holds what an ordinary start imports, and more");
  for (const { python, run } of [quick, ordinary]) {
    assert.deepEqual(JSON.parse(run(NAMED_ALIKE(python.writeFiles(OWN_FILES)))), [NAMESAKES.filter((name) => name !== "random"), false, false]);
  }
  const sources = bridgeSources();
  const changed = { ...sources, "igym_bridge/faults.py": sources["igym_bridge/faults.py"] + "\nCHANGED_SINCE = 7\n" };
  spoilt = { "igym_bridge.json": () => Buffer.from(JSON.stringify(changed)) };
  const again = await started();
  spoilt = {};
  assert.match(again.told.join(), /ordinary way.*another igym_bridge\/faults\.py/);
  assert.equal(again.run("import igym_bridge.faults; igym_bridge.faults.CHANGED_SINCE"), 7, "not the module of the picture");
  JSON.parse(again.run(DRAWN)).forEach((/** @type {number} */ number, /** @type {number} */ at) => assert.notEqual(number, drawn[at]));
  await again.python.install(["pillow"], []);
  assert.equal(again.run("from PIL import Image; Image.new('RGB', (2, 3)).size[1]"), 3);
  assert.equal(again.python.pyodide.loadedPackages.numpy, "default channel");
});

const OF_THE_REST = `
import linecache, numpy.f2py, mailbox
repr((linecache.getline(numpy.f2py.__file__, 1), mailbox.Mailbox.__name__))`;
const TO_THEIR_ENDS = `
import site, sys
def after_the_end(path):
    with open(path, "rb") as file:
        file.seek(0, 2)
        return len(file.read())
sum(after_the_end(path) for path in [*(one for one in sys.path if one.endswith(".zip")), site.getsitepackages()[0] + "/numpy/f2py/crackfortran.py"])`;
/** Every file of the packages and each module of the standard library, as Python reads them. */
const ALL = `
import hashlib, os, site, sys, zipfile
def sums(root):
    for folder, folders, names in os.walk(root):
        folders.sort()
        if not folder.endswith("__pycache__"):
            for name in sorted(names):
                with open(os.path.join(folder, name), "rb") as file:
                    yield os.path.join(folder, name), hashlib.blake2b(file.read()).hexdigest()
with zipfile.ZipFile(next(path for path in sys.path if path.endswith(".zip"))) as library:
    assert library.testzip() is None
    names = library.namelist()
repr(hash((tuple(sums(site.getsitepackages()[0])), tuple(names))))`;

test("what a start does not read comes afterwards, and at once where it is read before; a host that does not send it is asked again", async () => {
  const quick = await started();
  const late = () => asked.filter((name) => name.startsWith(REST) || name.startsWith(LIBRARY));
  assert.deepEqual(late(), [], "nothing of it is needed to start");
  assert.equal(quick.run(TO_THEIR_ENDS), 0);
  assert.deepEqual(late(), [], "at a file's end there is nothing to be read");
  spoilt = { [LIBRARY]: () => null, [REST]: (bytes) => ((bytes[9] ^= 1), bytes) };
  assert.match(quick.run("try:\n  import mailbox\nexcept (OSError, ImportError) as error:\n  found = repr(error)\nfound"), /Error/);
  assert.match(quick.run("import site\ntry:\n  open(site.getsitepackages()[0] + '/numpy/f2py/crackfortran.py').read()\nexcept OSError as error:\n  found = repr(error)\nfound"), /Error/);
  spoilt = {};
  assert.match(quick.run(OF_THE_REST), /Mailbox/);
  assert.deepEqual([...new Set(late())].sort(), [`${LIBRARY} at once`, `${REST} at once`]);
  asked = [];
  await quick.python.bringTheRest();
  assert.deepEqual(asked, [], "it is here");

  const other = await started();
  await other.python.bringTheRest();
  assert.deepEqual(late(), [REST, LIBRARY]);
  assert.equal(other.run(OF_THE_REST), quick.run(OF_THE_REST));
  assert.deepEqual(late(), [REST, LIBRARY], "read from what was brought");
  other.run("open(numpy.f2py.__file__, 'a').write('# mine'); assert open(numpy.f2py.__file__).read().endswith('# mine')");

  spoilt = { "start.json": () => null };
  const ordinary = await started();
  spoilt = {};
  assert.match(ordinary.told.join(), /ordinary way/);
  assert.equal(quick.run(ALL), ordinary.run(ALL), "each file has the contents of an ordinary start");
});

const once = (/** @type {(bytes: Buffer) => any} */ spoil) => {
  let times = 0;
  return (/** @type {Buffer} */ bytes) => (times++ ? bytes : spoil(bytes));
};
async function* brokenOff(/** @type {Buffer} */ bytes) {
  yield new Uint8Array(bytes.subarray(0, 99));
  throw new TypeError("network error");
}

test("what is lost of a start is asked for again, and Python is begun once", async () => {
  spoilt = { "igym_bridge.json": once(() => 502), "igym_rendering.json": once(brokenOff), [MEMORY]: once(brokenOff), [PACKAGES]: once(() => 503) };
  const { told } = await started();
  spoilt = {};
  assert.deepEqual(told, [], "as if nothing had been lost");
  assert.deepEqual([...new Set(asked.filter((name, at) => asked.indexOf(name) !== at))].sort(), ["igym_bridge.json", "igym_rendering.json", MEMORY, PACKAGES].sort());
});

test("without our own modules no Python is begun in place of the one that has to go without them", async () => {
  spoilt = { "igym_bridge.json": () => null };
  await assert.rejects(started(), /igym_bridge\.json \(404\)/);
  spoilt = {};
  assert.ok(!asked.includes("pyodide-lock.json"), "which an ordinary start reads first");
});

test("without a picture nothing is tried", async () => {
  spoilt = { "start.json": () => null };
  await assert.rejects(fetchedJson(VENDOR + "pyodide/start.json"), /404/);
  spoilt = {};
});

test("a picture is of our own modules as they are served, to the letter", () => {
  const encoder = new TextEncoder();
  const contents = new Map([[`${HOME}/igym_bridge/a.py`, encoder.encode("A = 'ä'")], [`${HOME}/igym_bridge/__pycache__/a.pyc`, Uint8Array.of(1)], ["/lib/site-packages/b.py", Uint8Array.of(2)]]);
  checkSources(contents, { "igym_bridge/a.py": "A = 'ä'" });
  assert.throws(() => checkSources(contents, { "igym_bridge/a.py": "A = 'a'" }), /another igym_bridge\/a\.py/);
  assert.throws(() => checkSources(contents, { "igym_bridge/a.py": "A = 'ä'\n" }), /another igym_bridge\/a\.py/);
  assert.throws(() => checkSources(contents, { "igym_bridge/a.py": "A = 'ä'", "igym_bridge/c.py": "" }), /another igym_bridge\/c\.py/, "one more");
  assert.throws(() => checkSources(contents, {}), /made with \/igym\/igym_bridge\/a\.py/, "one that is gone");
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
  const recipe = (/** @type {Record<string, string>} */ made_of) => ({ made_of, memory: part, packages: part, rest: part, library: part, form: FORM });
  checkRecipe({ files }, recipe({ "pyodide.asm.wasm": "a", "numpy.whl": "b" }));
  assert.throws(() => checkRecipe({ files }, recipe({ "pyodide.asm.wasm": "a", "numpy.whl": "c" })), /another numpy/);
  assert.throws(() => checkRecipe({ files }, recipe({ "pyodide.asm.wasm": "a", "scipy.whl": "c" })), /another scipy/);
  assert.throws(() => checkRecipe({ files }, recipe({})), /made of/);
  const older = { ...recipe({ "pyodide.asm.wasm": "a" }), form: FORM - 1 };
  assert.throws(() => checkRecipe({ files }, older), /another version/);
});
