/** What the page packs of a batch is, byte for byte, what Python packs of it. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { BatchPacker } from "../../../web_client/game/batch_packer.js";
import { bridgeSources } from "./bridge_sources.js";

const VENDOR = fileURLToPath(new URL("../../../web_client/vendor/", import.meta.url));
const PREPARED = `
import sys
sys.path.insert(0, "/bridge")
import json, random
from igym_bridge.rows import Recorder

FLOATS = [0.0, -0.0, 0.1, 1.0, -2.5e-300, 1e300, float("nan"), -float("nan"), float("inf"), -float("inf")]
INTS = [0, 1, 127, 128, -1, -128, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**53 + 1, 2**63 - 1, -2**63, 2**63, 2**64 - 1, 2**64, -2**70, 3 * 10**40]
TEXTS = ["", "a", "x" * 31, "x" * 32, "ä" * 16, "日本", "🎈", "half \\ud83c half", "\\udc00", "\\ud83c\\udf88", "퟿ﬀ", "n" * 70000]
PLAIN = [*FLOATS, *INTS, *TEXTS, None, True, False]

def value(draw, deep=0):
    kind = draw.randrange(12)
    if kind == 0 and deep < 3:
        return [value(draw, deep + 1) for _ in range(draw.choice([0, 1, 15, 16, 20]))]
    if kind == 1 and deep < 3:
        return {f"{draw.choice(TEXTS[:-1])}{n}": value(draw, deep + 1) for n in range(draw.choice([0, 1, 15, 16, 20]))}
    return draw.choice(PLAIN[:-3] if kind > 9 else PLAIN)

def taken(seed):
    draw = random.Random(seed)
    recorder = Recorder()
    recorder.start(3, draw.choice([0, 2]))
    names = [f"column.{n}" for n in range(draw.choice([0, 1, 15, 16, 40]))]
    kinds = [draw.choice([FLOATS, INTS[:4], INTS, [True, False], [None], TEXTS[:8], PLAIN]) for _ in names]
    odd = draw.random() < 0.3
    for row in range(draw.choice([0, 1, 5, 16, 40])):
        own = list(names) if not odd or row % 3 else [*names, "later"]
        values = [draw.choice(kind) for kind in kinds] + [value(draw)] * (len(own) - len(names))
        if draw.random() < 0.2 and values:
            values[0] = value(draw)
        recorder.add((own, values))
    head = {"scene": "s", "visit": 1, "match": "m", "globals": value(draw)}
    return recorder.take(head, {"0": [1, 2, 300], "1": []}, recorder.waiting)
`;

/** @type {any} */ let pyodide;

before(async () => {
  const { loadPyodide } = await import(new URL(`file://${VENDOR}pyodide/pyodide.mjs`).href);
  pyodide = await loadPyodide({ indexURL: VENDOR + "pyodide/", packages: ["numpy"], stdout: () => {} });
  for (const [path, text] of Object.entries(bridgeSources())) {
    pyodide.FS.mkdirTree("/bridge/" + path.slice(0, path.lastIndexOf("/")));
    pyodide.FS.writeFile("/bridge/" + path, text);
  }
  pyodide.runPython(PREPARED);
});

const bytesOf = (/** @type {string} */ code) => {
  const proxy = pyodide.runPython(code);
  const bytes = proxy.toJs();
  proxy.destroy();
  return bytes;
};

const LOCALS = [
  {},
  { timestamp_ms: [0, -0, 1.5, 127, 128, -1, 1735689600000, 1735689600000.1, 2 ** 31, -(2 ** 31), 2 ** 53, 9e20, 1e21, 1.5e300, 5e-324, NaN, Infinity, null] },
  { transport: ["relay", "", "x".repeat(31), "ä".repeat(16), "🎈", "half \ud83c", "\udc00 half", null], "predicted.0": [true, false, null], pointer: [[], [1, [2]], {}, { a: undefined, b: 1 }] }, // prettier-ignore
];

test("whatever rows, globals and local columns hold is packed as Python packs it", () => {
  const packer = new BatchPacker();
  for (let seed = 0; seed < 150; seed++) {
    const local = LOCALS[seed % LOCALS.length];
    pyodide.globals.set("text", JSON.stringify(local));
    pyodide.runPython(`rows = taken(${seed})`);
    const packed = packer.pack(bytesOf("rows.marshalled()"), local);
    assert.ok(packed, `seed ${seed} should be packed by the page`);
    assert.deepEqual(Buffer.from(packed), Buffer.from(bytesOf("rows.packed(json.loads(text))")), `seed ${seed}`);
  }
});

test("what is cut off, or of another kind, is left to Python", () => {
  const packer = new BatchPacker();
  pyodide.runPython("rows = taken(4)");
  const bytes = bytesOf("rows.marshalled()");
  const whole = packer.pack(bytes, {});
  for (let end = 0; end < bytes.length; end += Math.ceil(bytes.length / 200)) assert.equal(packer.pack(bytes.slice(0, end), {}), null);
  assert.equal(packer.pack(Uint8Array.from([...bytes, 0x4e]), {}), null);
  for (const odd of ["b'x'", "(1, 2)", "1j", "{1}", "...", "__import__('numpy').float64(1)"]) {
    pyodide.runPython(`import marshal\nodd = marshal.dumps(["v", 1, "parity", (["a"], [[${odd}]]), "local", None], 2)`);
    assert.equal(packer.pack(bytesOf("odd"), {}), null, odd);
  }
  assert.deepEqual(packer.pack(bytes, {}), whole, "nothing of them should be left over");
});
