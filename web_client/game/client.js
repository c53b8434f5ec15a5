/**
 * The game worker as the page sees it. See `messages.js` for what is said.
 * @module
 */

import { AGAIN_MS } from "../net/again.js";

/** @typedef {import("./messages.js").ToWorker} ToWorker */
/** @typedef {import("./messages.js").FromWorker} FromWorker */
/** @typedef {{vendorPackages: string[], packages: string[], wheelsIndex: string|null}} Loading */

/** Each costs seconds, and what fails for another reason than the network fails again. */
const LOADING_TRIES = 2;

/** A worker that was made before this program came, and what it has said. @typedef {{worker: Worker, told: Event[]}} Early */

export class GameClient {
  #program;
  #vendor;
  /** @type {Worker|null} */ #worker = null;
  /** @type {((message: FromWorker) => void)[]} */ #listeners = [];
  /** @type {Loading} */ #loading = { vendorPackages: [], packages: [], wheelsIndex: null };
  #used = false;
  /** The worker's program runs. */ #runs = false;
  /** Whether the worker was asked to load Python. */ #told = false;
  #tries = 0;
  /** @type {Worker|null} the one in whose place another is to be made */ #lost = null;
  #later;
  /** @type {Early | null} */ #early;

  /**
   * @param {{program: string, vendor: string, later?: (run: () => void, delayMs: number) => void, early?: Early | null}} where
   *   absolute addresses of the worker's program and the vendored files; a worker that has begun already
   */
  constructor({ program, vendor, later = setTimeout, early = null }) {
    this.#early = early;
    this.#later = (/** @type {() => void} */ run, /** @type {number} */ delayMs) => void later(run, delayMs);
    this.#program = new URL(program, location.href).href;
    this.#vendor = new URL(vendor, location.href).href;
  }

  /** Have Python started, before it is known what it will play; do this early, it takes a second or more. */
  begin() {
    if (this.#worker) return;
    const early = this.#early;
    this.#early = null;
    const worker = early?.worker ?? new Worker(this.#program, { type: "module" });
    // Before what it has said is heard, as words of any other worker are not.
    this.#worker = worker;
    this.#listen(worker);
    if (early) early.told.splice(0).forEach((event) => this.#hear(worker, event));
    else worker.postMessage({ type: "prepare", vendor: this.#vendor });
  }

  /**
   * Have the packages of a study loaded.
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
    this.#early?.worker.terminate();
    this.#worker = this.#early = null;
    this.#runs = false;
    this.#lost = null;
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
    this.#told = true;
    this.#worker?.postMessage({ type: "load", ...this.#loading });
  }

  /** @param {Worker} worker */
  #listen(worker) {
    for (const kind of ["message", "error"]) worker.addEventListener(kind, (event) => this.#hear(worker, event));
  }

  /**
   * @param {Worker} worker
   * @param {Event} event
   */
  #hear(worker, event) {
    if ("data" in event) return this.#tell(worker, /** @type {any} */ (event.data));
    const { message = "", filename, lineno } = /** @type {ErrorEvent} */ (event);
    // A file of the program was lost on the way: browsers tell it by an error without words.
    if (!this.#runs && !message && this.#isMadeAgain(worker)) return;
    const text = message || "The game's program could not be started.";
    this.#tell(worker, { type: "error", phase: "worker", message: text, traceback: text, file: filename || null, line: lineno || null, fatal: true });
  }

  /**
   * @param {Worker} from
   * @param {FromWorker} message
   */
  #tell(from, message) {
    if (from !== this.#worker) return;
    this.#runs = true;
    if (message.type === "error" && message.phase === "load" && this.#isMadeAgain(from, LOADING_TRIES)) return;
    for (const listener of this.#listeners) listener(message);
  }

  /**
   * Whether another worker takes the place of one that could not load, after a pause.
   * @param {Worker} lost
   * @param {number} [most] tries
   */
  #isMadeAgain(lost, most = AGAIN_MS.length) {
    const delayMs = AGAIN_MS[this.#tries];
    if (lost !== this.#worker || delayMs === undefined || this.#tries >= most) return false;
    this.#tries++;
    this.terminate();
    // After `terminate`, which forgets it.
    this.#lost = lost;
    this.#later(() => {
      if (this.#lost !== lost) return;
      this.begin();
      if (this.#told) this.#tellLoading();
    }, delayMs);
    return true;
  }
}
