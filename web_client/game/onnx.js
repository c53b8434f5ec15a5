/**
 * Networks run synchronously. The env's step may be replayed at any time, so a bot inside it cannot wait for a promise:
 * the session is made through onnxruntime's own loader, but each run calls its WebAssembly entry points directly, which
 * return at once in the CPU build.
 * @module
 */

import { importAgain } from "../net/again.js";

/** @typedef {any} OrtModule the emscripten module */

const KINDS = /** @type {Record<number, {name: string, bytes: number}>} */ ({
  1: { name: "float32", bytes: 4 },
  2: { name: "uint8", bytes: 1 },
  3: { name: "int8", bytes: 1 },
  6: { name: "int32", bytes: 4 },
  7: { name: "int64", bytes: 8 },
  9: { name: "bool", bytes: 1 },
  11: { name: "float64", bytes: 8 },
});
const CPU = 1;
const OPTIMISE_ALL = 99;
const SEQUENTIAL = 0;
const LOG_ERRORS = 3;

/** @type {Promise<OrtModule>|null} */
let loading = null;

/**
 * The runtime, loaded once.
 * @param {string} vendor base URL of the vendored files
 * @returns {Promise<OrtModule>}
 */
export function loadOrt(vendor) {
  loading ??= (async () => {
    const { default: factory } = await importAgain(`${vendor}ort/ort-wasm-simd-threaded.mjs`);
    const ort = await factory({ numThreads: 1, locateFile: (/** @type {string} */ name) => `${vendor}ort/${name}` });
    check(ort, ort._OrtInit(1, LOG_ERRORS), "start onnxruntime");
    return ort;
  })();
  return loading;
}

/** One loaded network. Python's side is `browser_model.py`. */
export class SyncModel {
  #ort;
  #session;
  /** @type {{name: string, pointer: number, kind: number, shape: (number|null)[]}[]} */ #inputs;
  /** @type {{name: string, pointer: number, kind: number, shape: (number|null)[]}[]} */ #outputs;
  #layout = "";

  /**
   * @param {OrtModule} ort
   * @param {Uint8Array} content the .onnx file
   */
  constructor(ort, content) {
    this.#ort = ort;
    const options = ort._OrtCreateSessionOptions(OPTIMISE_ALL, true, true, SEQUENTIAL, false, 0, 0, LOG_ERRORS, 0, 0);
    const bytes = ort._malloc(content.byteLength);
    ort.HEAPU8.set(content, bytes);
    this.#session = ort._OrtCreateSession(bytes, content.byteLength, options);
    if (this.#session === 0) check(ort, 1, "read the model");
    ort._free(bytes);
    ort._OrtReleaseSessionOptions(options);
    const [inputs, outputs] = this.#counts();
    this.#inputs = Array.from({ length: inputs }, (_, index) => this.#described(index));
    this.#outputs = Array.from({ length: outputs }, (_, index) => this.#described(inputs + index));
  }

  /** JSON: `{inputs: [[name, dtype, shape]], outputs: [[name, shape]]}`; null stands for a free axis. */
  describe() {
    const inputs = this.#inputs.map(({ name, kind, shape }) => [name, KINDS[kind]?.name ?? `type ${kind}`, shape]);
    return JSON.stringify({ inputs, outputs: this.#outputs.map(({ name, shape }) => [name, shape]) });
  }

  /** JSON `[[dtype, shape]]` of the outputs of the last run, in order. */
  get layout() {
    return this.#layout;
  }

  /**
   * @param {Uint8Array} data all inputs' bytes, one after the other, in the model's order
   * @param {string} shapes JSON, their shapes
   * @returns {Uint8Array} all outputs' bytes, one after the other
   */
  run(data, shapes) {
    const ort = this.#ort;
    const stack = ort.stackSave();
    /** @type {number[]} */ const held = [];
    /** @type {number[]} */ const tensors = [];
    try {
      this.#feed(data, JSON.parse(shapes), held, tensors);
      return this.#collect(this.#call(tensors), tensors);
    } finally {
      tensors.forEach((tensor) => ort._OrtReleaseTensor(tensor));
      held.forEach((pointer) => ort._free(pointer));
      ort.stackRestore(stack);
    }
  }

  close() {
    this.#ort._OrtReleaseSession(this.#session);
  }

  /**
   * @param {Uint8Array} data
   * @param {number[][]} shapes
   * @param {number[]} held
   * @param {number[]} tensors
   */
  #feed(data, shapes, held, tensors) {
    const ort = this.#ort;
    let at = 0;
    shapes.forEach((shape, index) => {
      const { kind, name } = this.#inputs[index];
      const bytes = shape.reduce((product, size) => product * size, KINDS[kind].bytes);
      const pointer = ort._malloc(bytes);
      held.push(pointer);
      ort.HEAPU8.set(data.subarray(at, at + bytes), pointer);
      at += bytes;
      const dims = ort.stackAlloc(4 * shape.length);
      shape.forEach((size, axis) => ort.setValue(dims + 4 * axis, size, "i32"));
      const tensor = ort._OrtCreateTensor(kind, pointer, bytes, dims, shape.length, CPU);
      if (tensor === 0) check(ort, 1, `make the input ${name}`);
      tensors.push(tensor);
    });
  }

  /**
   * @param {number[]} tensors
   * @returns {number} where the outputs' handles are
   */
  #call(tensors) {
    const ort = this.#ort;
    const pointers = (/** @type {number[]} */ values) => {
      const at = ort.stackAlloc(4 * values.length);
      values.forEach((value, index) => ort.setValue(at + 4 * index, value, "*"));
      return at;
    };
    const results = pointers(this.#outputs.map(() => 0));
    const options = ort._OrtCreateRunOptions(LOG_ERRORS, 0, false, 0);
    const code = ort._OrtRun(
      this.#session,
      pointers(this.#inputs.map(({ pointer }) => pointer)),
      pointers(tensors),
      tensors.length,
      pointers(this.#outputs.map(({ pointer }) => pointer)),
      this.#outputs.length,
      results,
      options,
    );
    ort._OrtReleaseRunOptions(options);
    check(ort, code, "run the model");
    return results;
  }

  /**
   * @param {number} results
   * @param {number[]} tensors
   */
  #collect(results, tensors) {
    const ort = this.#ort;
    const parts = this.#outputs.map((_, index) => {
      const tensor = ort.getValue(results + 4 * index, "*");
      tensors.push(tensor);
      return tensorData(ort, tensor);
    });
    this.#layout = JSON.stringify(parts.map(({ dtype, shape }) => [dtype, shape]));
    const all = new Uint8Array(parts.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
    let at = 0;
    for (const { bytes } of parts) {
      all.set(bytes, at);
      at += bytes.byteLength;
    }
    return all;
  }

  #counts() {
    const ort = this.#ort;
    const stack = ort.stackSave();
    const at = ort.stackAlloc(8);
    check(ort, ort._OrtGetInputOutputCount(this.#session, at, at + 4), "read the model");
    const counts = [ort.getValue(at, "i32"), ort.getValue(at + 4, "i32")];
    ort.stackRestore(stack);
    return counts;
  }

  /** @param {number} index inputs first, then outputs */
  #described(index) {
    const ort = this.#ort;
    const stack = ort.stackSave();
    const at = ort.stackAlloc(8);
    check(ort, ort._OrtGetInputOutputMetadata(this.#session, index, at, at + 4), "read the model");
    const pointer = ort.getValue(at, "*");
    const details = ort.getValue(at + 4, "*");
    ort.stackRestore(stack);
    const kind = ort.getValue(details, "i32");
    const count = kind === 0 ? 0 : ort.getValue(details + 4, "i32");
    const shape = Array.from({ length: count }, (_, axis) => {
      const symbolic = ort.getValue(details + 8 + 4 * axis, "*") !== 0;
      const size = ort.getValue(details + 8 + 4 * (axis + count), "*");
      return symbolic || size <= 0 ? null : size;
    });
    ort._OrtFree(details);
    return { name: ort.UTF8ToString(pointer), pointer, kind, shape };
  }
}

/**
 * @param {OrtModule} ort
 * @param {number} tensor
 */
function tensorData(ort, tensor) {
  const at = ort.stackAlloc(16);
  check(ort, ort._OrtGetTensorData(tensor, at, at + 4, at + 8, at + 12), "read the model's output");
  const [kind, data, dims, count] = [0, 4, 8, 12].map((offset) => ort.getValue(at + offset, "i32"));
  const shape = Array.from({ length: count }, (_, axis) => ort.getValue(dims + 4 * axis, "i32"));
  ort._OrtFree(dims);
  if (!KINDS[kind]) throw new Error(`The model gives numbers of a type (${kind}) that cannot be read here.`);
  const bytes = shape.reduce((product, size) => product * size, KINDS[kind].bytes);
  return { dtype: KINDS[kind].name, shape, bytes: ort.HEAPU8.slice(data, data + bytes) };
}

/**
 * @param {OrtModule} ort
 * @param {number} code
 * @param {string} what
 */
function check(ort, code, what) {
  if (code === 0) return;
  const stack = ort.stackSave();
  const at = ort.stackAlloc(8);
  ort._OrtGetLastError(at, at + 4);
  const text = ort.getValue(at + 4, "*");
  const message = text ? ort.UTF8ToString(text) : `error ${code}`;
  ort.stackRestore(stack);
  throw new Error(`onnxruntime could not ${what}: ${message}`);
}
