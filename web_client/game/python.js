/**
 * Python in the worker: loading with true progress, packages from the host alone, files, and the bridge.
 * @module
 */

import { importAgain } from "../net/again.js";
import { byteCounter, countedFetch, fetchedJson } from "./progress.js";
import { checkRecipe, quickStart } from "./quick_start.js";
import { HOME, RECIPE } from "./start_parts.js";

/** @typedef {import("./messages.js").Progress} Progress */
/** @typedef {any} Pyodide */

/** Words of envs that draw with pygame, for which Pillow stands in. */
const DRAWS_WITH_PYGAME = /rgb_array|\bpygame\b|pettingzoo\.(classic|butterfly|sisl)/;
const CORE_PACKAGES = ["numpy", "gymnasium", "pettingzoo"];

export class PythonRuntime {
  /** @type {Pyodide} */ #pyodide = null;
  #packages = new Set();
  #folder = 0;
  /** @type {import("./later_files.js").Later[]} */ #later = [];
  /** @type {{vendor: string, statics: string, wheelsIndex: string|null, report: (progress: Progress) => void, log: (level: string, text: string) => void}} */
  #options;

  /**
   * @param {{vendor: string, statics: string, wheelsIndex: string|null, report: (progress: Progress) => void, log: (level: string, text: string) => void}} options
   *   URLs of the vendored files and of the web client; the host's package index; where progress and prints go
   */
  constructor(options) {
    this.#options = options;
  }

  get pyodide() {
    return this.#pyodide;
  }

  /**
   * Start Python with numpy, gymnasium, pettingzoo and `vendorPackages`, and put our own modules in place.
   * @param {string[]} vendorPackages
   * @returns {Promise<boolean>} whether the files came over the network and not from the browser's cache
   */
  async start(vendorPackages) {
    const { vendor, report, log } = this.#options;
    const indexURL = vendor + "pyodide/";
    const sources = this.#sources();
    // Awaited below; until then its failure must not count as unhandled.
    sources.catch(() => {});
    await this.#startQuickly(indexURL, sources).catch(async (error) => {
      // Without them no Python is of any use.
      const ours = await sources;
      log("debug", `Python is started the ordinary way: ${error instanceof Error ? error.message : error}`);
      await this.#startPlainly(indexURL, vendorPackages);
      this.#writeAll(HOME, ours);
    });
    report({ step: "packages", label: "Preparing Python", loaded: 0, total: 1 });
    this.#importOurs();
    await this.install(vendorPackages, []);
    report({ step: "packages", label: "Preparing Python", loaded: 1, total: 1 });
    return cameCold(indexURL + "pyodide.asm.wasm");
  }

  /** @param {string} indexURL @param {Promise<Record<string, string>>} sources */
  async #startQuickly(indexURL, sources) {
    const { vendor, report } = this.#options;
    const [vendored, recipe] = await Promise.all([fetchedJson(vendor + "vendor.json"), fetchedJson(indexURL + RECIPE)]);
    checkRecipe(vendored, recipe);
    const add = byteCounter(recipe.memory.bytes + recipe.packages.bytes, report);
    const { pyodide, packages, later } = await quickStart({ indexURL, recipe, options: this.#pyodideOptions(), sources, add });
    this.#pyodide = pyodide;
    this.#later = later;
    for (const name of packages) this.#packages.add(name);
  }

  /** Brings what the start did not need, so that nothing is asked of the host in play. What fails is asked for when it is read. */
  async bringTheRest() {
    for (const one of this.#later) await one.bring().catch(() => {});
  }

  /**
   * @param {string} indexURL
   * @param {string[]} vendorPackages
   */
  async #startPlainly(indexURL, vendorPackages) {
    const wanted = [...new Set([...CORE_PACKAGES, ...vendorPackages])];
    const counting = await countedFetch(this.#options.vendor, wanted, this.#options.report);
    try {
      const { loadPyodide } = await importAgain(indexURL + "pyodide.mjs");
      this.#pyodide = await loadPyodide({ indexURL, packages: wanted, ...this.#pyodideOptions() });
    } finally {
      counting.stop();
    }
    for (const name of wanted) this.#packages.add(name);
  }

  #pyodideOptions() {
    const { log } = this.#options;
    return {
      env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" },
      stdout: (/** @type {string} */ text) => log("info", text),
      stderr: (/** @type {string} */ text) => log("warn", text),
    };
  }

  /**
   * Packages an experiment asks for. The host resolved everything that is needed, so nothing is looked up from here.
   * @param {string[]} vendorPackages names in the app's own runtime
   * @param {string[]} wheels addresses of wheels on the host, dependencies included
   */
  async install(vendorPackages, wheels) {
    const missing = vendorPackages.filter((name) => !this.#packages.has(name));
    if (missing.length) await this.#load(missing);
    missing.forEach((name) => this.#packages.add(name));
    const wanted = wheels.filter((address) => !this.#packages.has(address));
    for (const [index, address] of wanted.entries()) {
      const label = `Installing ${address.slice(address.lastIndexOf("/") + 1).split("-")[0]}`;
      this.#options.report({ step: "packages", label, loaded: index, total: wanted.length });
      await this.#load([new URL(address, self.location.href).href]);
      this.#packages.add(address);
    }
    if (wanted.length) this.#options.report({ step: "packages", label: "Packages installed", loaded: wanted.length, total: wanted.length });
  }

  /**
   * Pyodide only reports a package that fails to load; here it is an error.
   * @param {string[]} packages names or addresses
   */
  async #load(packages) {
    /** @type {string[]} */
    const failures = [];
    const errorCallback = (/** @type {string} */ text) => failures.push(text);
    await this.#pyodide.loadPackage(packages, { messageCallback: () => {}, errorCallback });
    if (failures.length) throw new Error(failures.join("\n"));
  }

  /**
   * A Python that was loaded by somebody else, with our modules in place.
   * @param {Pyodide} pyodide
   * @param {Record<string, string>} sources path → text
   */
  static around(pyodide, sources) {
    const quiet = () => {};
    const runtime = new PythonRuntime({ vendor: "", statics: "", wheelsIndex: null, report: quiet, log: quiet });
    runtime.#pyodide = pyodide;
    runtime.#writeAll(HOME, sources);
    runtime.#importOurs();
    return runtime;
  }

  #importOurs() {
    this.#pyodide.runPython(`import sys; sys.path.insert(0, ${JSON.stringify(HOME)})`);
    this.#pyodide.runPython("import numpy, gymnasium, igym_bridge.bridge");
  }

  /**
   * Packages that the text of a game asks for without naming them.
   * @param {import("./messages.js").GameBundle} bundle
   */
  static implied({ files, spec }) {
    const texts = [...Object.values(files), JSON.stringify(spec.environment)];
    return texts.some((text) => DRAWS_WITH_PYGAME.test(text)) ? ["pillow"] : [];
  }

  /**
   * Write an experiment's files into a folder of their own and go there, so that paths from it are found.
   * @param {Record<string, string|Uint8Array>} files path → content
   * @returns {string} the folder
   */
  writeFiles(files) {
    const folder = `/experiment${this.#folder++}`;
    this.#pyodide.FS.mkdirTree(folder);
    this.#writeAll(folder, files);
    this.#pyodide.FS.chdir(folder);
    return folder;
  }

  /**
   * @param {string} root
   * @param {Record<string, string|Uint8Array>} files
   */
  #writeAll(root, files) {
    const { FS } = this.#pyodide;
    for (const [path, content] of Object.entries(files)) {
      const full = `${root}/${path}`;
      FS.mkdirTree(full.slice(0, full.lastIndexOf("/")));
      FS.writeFile(full, content);
    }
  }

  /** @returns {Promise<Record<string, string>>} our own Python modules, path → text */
  async #sources() {
    const { statics } = this.#options;
    const texts = ["igym_rendering", "igym_bridge"].map((name) => fetchedJson(`${statics}py/${name}.json`));
    return Object.assign({}, ...(await Promise.all(texts)));
  }
}

/** @param {string} url */
function cameCold(url) {
  const entry = /** @type {PerformanceResourceTiming|undefined} */ (performance.getEntriesByName(url).at(-1));
  return entry ? entry.transferSize > 0 : true;
}
