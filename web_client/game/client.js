/**
 * The game worker as the page sees it. See `messages.js` for what is said.
 * @module
 */

/** @typedef {import("./messages.js").ToWorker} ToWorker */
/** @typedef {import("./messages.js").FromWorker} FromWorker */
/** @typedef {{vendorPackages: string[], packages: string[], wheelsIndex: string|null}} Loading */

export class GameClient {
  #statics;
  #vendor;
  /** @type {Worker|null} */ #worker = null;
  /** @type {((message: FromWorker) => void)[]} */ #listeners = [];
  /** @type {Loading} */ #loading = { vendorPackages: [], packages: [], wheelsIndex: null };
  #used = false;

  /** @param {{statics: string, vendor: string}} bases absolute addresses of the web client and the vendored files */
  constructor({ statics, vendor }) {
    this.#statics = new URL(statics, location.href).href;
    this.#vendor = new URL(vendor, location.href).href;
  }

  /** Have the worker's program fetched and run, before it is known what it will play. */
  begin() {
    this.#worker ??= this.#made();
  }

  /**
   * Start Python; do this early, it takes seconds.
   * @param {Loading} what
   */
  load(what) {
    this.#loading = what;
    this.begin();
    this.#tellLoading();
  }

  /**
   * @param {ToWorker} message
   * @param {Transferable[]} [transfer]
   */
  post(message, transfer = []) {
    if (message.type === "open") this.#makeReady(message);
    this.#worker?.postMessage(message, transfer);
  }

  /** @param {(message: FromWorker) => void} listener */
  onMessage(listener) {
    this.#listeners.push(listener);
  }

  /** End the worker at once. */
  terminate() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  /** @param {ToWorker & {type: "open"}} message */
  #makeReady({ bundle }) {
    if (!this.#worker || (this.#used && bundle.spec.runtime.restart_python)) {
      this.terminate();
      this.begin();
      this.#tellLoading();
    }
    this.#used = true;
  }

  #tellLoading() {
    this.#worker?.postMessage({ type: "load", vendor: this.#vendor, ...this.#loading });
  }

  #made() {
    const worker = new Worker(`${this.#statics}game/worker.js`, { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#tell(worker, data));
    worker.addEventListener("error", (event) => {
      const message = event.message || "The game's program could not be started.";
      this.#tell(worker, { type: "error", phase: "worker", message, traceback: message, file: event.filename || null, line: event.lineno || null, fatal: true });
    });
    return worker;
  }

  /**
   * @param {Worker} from
   * @param {FromWorker} message
   */
  #tell(from, message) {
    if (from === this.#worker) for (const listener of this.#listeners) listener(message);
  }
}
