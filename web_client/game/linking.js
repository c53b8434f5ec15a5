/**
 * Compiled libraries in a picture of Python's memory. Whoever loads one lets Emscripten choose its places in memory and in the table of functions, and
 * runs what sets its data up. The picture holds the data as they were then, at their places, so that here each library is only put around them.
 * @module
 */

/** @typedef {any} EmscriptenModule */
/** Where a library lies; `handle` is how Python calls it. @typedef {{name: string, handle: number, memory: [from: number, size: number], table: [from: number, size: number]}} Library */
/**
 * @typedef {object} Linked
 * @property {number} before functions in the table before the first library
 * @property {number} helper place of Python's helper in it; 0: it had none
 * @property {number} after functions in it at the end
 * @property {Library[]} libraries in the order in which they were loaded
 * @property {[index: number, library: string, symbol: string][]} functions in the table beside those of the libraries' own parts of it
 * @property {Record<string, number>} addresses of what libraries share, by symbol
 */

const MAIN = "__main__";

/** Before anything was loaded. @param {EmscriptenModule} Module */
export const unlinked = (Module) => ({ before: Module.wasmTable.length, helper: Module.HEAPU32[helperAt(Module)], addresses: addressesIn(Module) });

/**
 * Where in memory, in words, Python keeps the place of a function that Emscripten makes for it where WebAssembly can do it (0: it cannot). It is made
 * before anything is loaded, and is the last in the table then.
 * @param {EmscriptenModule} Module
 */
const helperAt = ({ GOT, HEAPU32 }) => (GOT._PyRuntime.value + HEAPU32[GOT._PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET.value >> 2]) >> 2;

/** @param {EmscriptenModule} Module @returns {Record<string, number>} */
const addressesIn = ({ GOT }) => Object.fromEntries(Object.entries(GOT).map(([symbol, { value }]) => [symbol, value]));

/**
 * What has been loaded since.
 * @param {EmscriptenModule} Module
 * @param {ReturnType<typeof unlinked>} since
 * @returns {Linked}
 * @throws {Error} where something is in the table that cannot be put there again
 */
export function linkedSince(Module, { before, helper, addresses }) {
  const { LDSO, HEAPU32, wasmTable } = Module;
  const word = (/** @type {number} */ address) => HEAPU32[address >> 2];
  const libraries = Object.entries(LDSO.loadedLibsByHandle).flatMap(([handle, { name }]) => (name === MAIN ? [] : [libraryAt(Number(handle), name, word)]));
  libraries.sort((one, other) => one.table[0] - other.table[0]);
  const own = new Set(libraries.flatMap(({ table: [from, size] }) => Array.from({ length: size }, (_, index) => from + index)));
  const names = new Map(Object.entries(LDSO.loadedLibsByName).flatMap(([library, { exports }]) => Object.entries(exports).map(([symbol, value]) => [value, [library, symbol]])));
  /** @type {Linked["functions"]} */
  const functions = [];
  for (let index = before; index < wasmTable.length; index++) {
    if (own.has(index)) continue;
    const name = names.get(wasmTable.get(index));
    if (!name) throw new Error(`Function ${index} is of no library.`);
    functions.push([index, name[0], name[1]]);
  }
  const changed = Object.entries(addressesIn(Module)).filter(([symbol, value]) => addresses[symbol] !== value);
  return { before, helper, after: wasmTable.length, libraries, functions, addresses: Object.fromEntries(changed) };
}

/**
 * Emscripten keeps these beside the name, in the memory at the handle.
 * @param {number} handle
 * @param {string} name
 * @param {(address: number) => number} word
 * @returns {Library}
 */
const libraryAt = (handle, name, word) => ({ name, handle, memory: [word(handle + 12), word(handle + 16)], table: [word(handle + 20), word(handle + 24)] });

/**
 * Puts the libraries around the memory that a picture is going to fill.
 * @param {EmscriptenModule} Module nothing has been loaded yet
 * @param {Linked} linked
 * @param {Map<string, WebAssembly.Module>} compiled by name
 * @returns {() => void} to be called when the memory has been filled
 * @throws {Error} when this is not the program that was pictured
 */
export function link(Module, linked, compiled) {
  const { GOT, LDSO } = Module;
  const word = helperAt(Module);
  const helper = makeRoom(Module, linked, Module.HEAPU32[word]);
  for (const [symbol, value] of Object.entries(linked.addresses)) shared(GOT, symbol).value = value;
  for (const library of linked.libraries) {
    const { name, handle, table } = library;
    const exports = instantiated(Module, library, /** @type {WebAssembly.Module} */ (compiled.get(name)));
    // As Python's own imports load it: its symbols are for itself.
    Object.assign(Module.newDSO(name, handle, exports), { global: false, refcount: 1 });
    Module.updateTableMap(...table);
  }
  for (const [index, library, symbol] of linked.functions) {
    Module.setWasmTableEntry(index, LDSO.loadedLibsByName[library].exports[symbol]);
    Module.updateTableMap(index, 1);
  }
  return () => void (Module.HEAPU32[word] = helper);
}

/**
 * Makes room in the table for what was pictured. What the program has put there of its own, in this browser, moves behind it: Python's helper, and
 * whatever it exports where a browser gives an exported function and the same one in the table as two.
 * @param {EmscriptenModule} Module
 * @param {Linked} linked
 * @param {number} helper its place now
 * @returns {number} its place from now on
 */
function makeRoom(Module, linked, helper) {
  const { wasmTable, LDSO } = Module;
  const first = linked.before - (linked.helper ? 1 : 0);
  const by = linked.after - first;
  const end = wasmTable.length;
  if (end < first || end - first > by) throw new Error(`${end} functions instead of ${linked.before}`);
  const { exports } = LDSO.loadedLibsByName[MAIN];
  const symbols = symbolsIn(Module.GOT, exports);
  wasmTable.grow(by);
  for (let place = first; place < end; place++) {
    const names = symbols.get(place) ?? [];
    if (!names.length && place !== helper) throw new Error(`Function ${place} is not known.`);
    move(Module, place, place + by, names.map((symbol) => exports[symbol]));
    for (const symbol of names) Module.GOT[symbol].value = place + by;
  }
  return helper && helper + by;
}

/**
 * Symbols of the program's functions by their place in the table.
 * @param {Record<string, {value: number}>} GOT
 * @param {Record<string, any>} exports
 */
function symbolsIn(GOT, exports) {
  /** @type {Map<number, string[]>} */
  const symbols = new Map();
  for (const [symbol, { value }] of Object.entries(GOT)) {
    if (typeof exports[symbol] === "function") symbols.set(value, [...(symbols.get(value) ?? []), symbol]);
  }
  return symbols;
}

/**
 * @param {EmscriptenModule} Module
 * @param {number} from
 * @param {number} to
 * @param {Function[]} known the same function as the program exports it: by that one Emscripten finds its place
 */
function move({ wasmTable, wasmTableMirror, updateTableMap }, from, to, known) {
  const value = known.find((one) => isOfWasm(wasmTable, to, one)) ?? wasmTable.get(from);
  wasmTable.set(to, value);
  wasmTableMirror[to] = value;
  updateTableMap(to, 1);
  delete wasmTableMirror[from];
}

/** Whether a function may stand in the table. @param {WebAssembly.Table} table @param {number} place @param {Function} value */
function isOfWasm(table, place, value) {
  try {
    table.set(place, value);
    return true;
  } catch {
    return false;
  }
}

/** @param {Record<string, WebAssembly.Global>} GOT @param {string} symbol */
const shared = (GOT, symbol) => (GOT[symbol] ??= new WebAssembly.Global({ value: "i32", mutable: true }));

/**
 * @param {EmscriptenModule} Module
 * @param {Library} library
 * @param {WebAssembly.Module} compiled
 * @returns {Record<string, any>} its exports at their places in memory
 */
function instantiated(Module, { memory: [memoryBase], table: [tableBase] }, compiled) {
  /** @type {Record<string, any>} */
  const own = {};
  /** @type {Record<string, any>} */
  const given = { __memory_base: memoryBase, __table_base: tableBase };
  const main = Module.LDSO.loadedLibsByName[MAIN].exports;
  const symbolOf = (/** @type {string} */ symbol) => {
    const known = main[symbol];
    // What the program lacks, which Emscripten marks as a stub, is the library's own and not there yet.
    return known && !known.stub ? known : (/** @type {any[]} */ ...values) => own[symbol](...values);
  };
  const env = new Proxy(given, { get: (values, symbol) => (values[String(symbol)] ??= symbolOf(String(symbol))) });
  const got = new Proxy(Module.GOT, { get: (table, symbol) => shared(table, String(symbol)) });
  const { exports } = new WebAssembly.Instance(compiled, { env, wasi_snapshot_preview1: env, "GOT.mem": got, "GOT.func": got });
  for (const [symbol, value] of Object.entries(exports)) own[symbol] = Module.isImmutableGlobal(value) ? moved(/** @type {WebAssembly.Global} */ (value), memoryBase) : value;
  return own;
}

/** @param {WebAssembly.Global} address @param {number} memoryBase */
const moved = ({ value }, memoryBase) => new WebAssembly.Global({ value: "i32" }, value + memoryBase);
