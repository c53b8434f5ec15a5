/** Libraries around a picture of memory. That they then calculate what they should is in `quick_start.test.js` and, in browsers, in tests/browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { link, unlinked } from "../../../web_client/game/linking.js";
import { fillFrom, packPicture, readPicture } from "../../../web_client/game/memory_picture.js";

const OFFSET_AT = 8;
const HELPER_WORD = 5;
const ANY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 4, 1, 2, 0, 11]);
const aFunction = () => new WebAssembly.Instance(new WebAssembly.Module(ANY)).exports.f;

/**
 * A program of ten functions, and Python's helper after them where this browser can make one.
 * @param {boolean} helps
 * @param {boolean} [twice] its exported functions are there once more
 */
function program(helps, twice = false) {
  const wasmTable = new WebAssembly.Table({ initial: 10, element: "anyfunc" });
  const exports = { one: aFunction() };
  const helper = helps ? aFunction() : null;
  const HEAPU32 = new Uint32Array(16);
  HEAPU32[OFFSET_AT >> 2] = HELPER_WORD << 2;
  if (helper) HEAPU32[HELPER_WORD] = wasmTable.grow(1, helper);
  /** @type {any[]} */
  const wasmTableMirror = [];
  if (helper) wasmTableMirror[10] = helper;
  /** @type {Record<string, {value: number}>} */
  const GOT = { _PyRuntime: { value: 0 }, _PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET: { value: OFFSET_AT }, data: { value: 10 } };
  if (twice) GOT.one = { value: wasmTable.grow(1, exports.one) };
  const setWasmTableEntry = (/** @type {number} */ index, /** @type {any} */ value) => wasmTable.set(index, value);
  const Module = { wasmTable, wasmTableMirror, setWasmTableEntry, updateTableMap() {}, HEAPU32, LDSO: { loadedLibsByName: { __main__: { exports } } }, GOT };
  return { Module, helper, exports };
}

/** @param {boolean} helped whether the pictured program had the helper; five functions came afterwards */
function pictured(helped) {
  const { before, helper } = unlinked(program(helped).Module);
  return { before, helper, after: before + 5, libraries: [], functions: /** @type {[number, string, string][]} */ ([]), addresses: { mine: 7 } };
}

for (const [helps, helped] of /** @type {const} */ ([[true, false], [false, true], [true, true], [false, false]])) {
  test(`what was pictured ${helped ? "with" : "without"} Python's helper is at its places ${helps ? "with" : "without"} it`, () => {
    const linked = pictured(helped);
    const { Module, helper } = program(helps);
    const filled = link(Module, linked, new Map());
    Module.HEAPU32[HELPER_WORD] = linked.helper; // as the picture says
    filled();
    const place = Module.HEAPU32[HELPER_WORD] ?? -1;
    assert.equal(helps ? Module.wasmTable.get(place) : place, helps ? helper : 0);
    assert.ok(!helps || place >= linked.after, "not among the pictured ones");
    assert.ok(Module.wasmTable.length >= linked.after);
    assert.equal(Module.wasmTableMirror[10] ?? Module.wasmTable.get(10), Module.wasmTable.get(10), "what was there before is forgotten");
    assert.equal(/** @type {any} */ (Module.GOT).mine.value, 7);
  });
}

test("functions that this browser counts twice make room for the pictured ones", () => {
  const linked = pictured(false);
  const { Module, helper, exports } = program(true, true);
  link(Module, linked, new Map())();
  assert.equal(Module.wasmTable.get(Module.GOT.one?.value ?? -1), exports.one);
  assert.equal(Module.wasmTable.get(Module.HEAPU32[HELPER_WORD] ?? -1), helper);
  assert.ok((Module.GOT.one?.value ?? -1) >= linked.after);
  assert.equal(Module.GOT.data?.value, 10, "an address in memory, and no place in the table");
});

test("another program is refused", () => {
  const { Module } = program(true);
  assert.throws(() => link(Module, { ...pictured(true), before: 13 }, new Map()), /11 functions instead of 13/);
  const other = program(true);
  assert.throws(() => link(other.Module, { ...pictured(false), before: 9, after: 14 }, new Map()), /Function 9 is not known/);
});

test("a picture without its zeros is the memory again, whatever was there before", () => {
  const bytes = 5 << 20;
  const head = 32;
  const snapshot = new Uint8Array(head + bytes);
  new DataView(snapshot.buffer).setUint32(4, head, true);
  snapshot.fill(9, 8, head);
  for (const at of [0, 4095, 70_000, 1 << 20, (1 << 20) + 300_000, bytes - 1]) snapshot[head + at] = 1 + (at % 200);
  const packed = packPicture(snapshot, pictured(false));
  assert.ok(packed.length < bytes / 4);
  const picture = readPicture(packed);
  assert.deepEqual([picture.bytes, picture.linked], [bytes, pictured(false)]);
  assert.deepEqual(picture.head, snapshot.slice(0, head));
  const memory = new Uint8Array(bytes + 65_536).fill(7);
  fillFrom(memory, picture);
  assert.ok(Buffer.from(memory.subarray(0, bytes)).equals(snapshot.subarray(head)));
  assert.ok(memory.subarray(bytes).every((byte) => byte === 0));
});
