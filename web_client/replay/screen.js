/**
 * One recorded episode that can be looked at: what plays it, its picture, and where it stands. Knows no controls.
 * @module
 */

import { Canvas } from "./canvas.js";
import { HostReel } from "./host_reel.js";
import { Player } from "./player.js";

/** @typedef {import("./messages.js").FromReplayWorker} FromReplayWorker */
/** @typedef {import("./messages.js").ToReplayWorker} ToReplayWorker */
/** @typedef {import("./messages.js").ReplayFrame} ReplayFrame */
/** @typedef {import("./messages.js").Shown} Shown */
/**
 * @typedef {object} Heard
 * @property {(step: {label: string, loaded: number, total: number}) => void} progress
 * @property {() => void} frames more frames were run
 * @property {() => void} [drawable] there is something to draw on
 * @property {(frame: number) => void} [asked] this frame is going to be drawn
 * @property {(frame: number) => void} [drawn]
 * @property {(trouble: {message: string, traceback: string}) => void} error
 * @property {(message: Extract<FromReplayWorker, {type: "checking" | "played"}>) => void} [checked]
 */

export class Screen {
  #statics;
  /** What plays: a worker with Python, or the host. @type {Worker|HostReel|null} */ #source = null;
  #canvas;
  #vendor;
  #heard;
  /** @type {Shown|null} */ #opened = null;
  /** The frame that was asked of the worker and is not drawn yet. */
  /** @type {number|null} */ #coming = null;
  #drawn = -2;
  /** @type {ReplayFrame[]} */ frames = [];
  player = new Player({ frames: 0, fps: 30 });

  /**
   * @param {{stage: HTMLElement, statics: string, vendor: string, warn: (text: string) => void, heard: Heard}} parts
   *   `statics`, `vendor`: addresses of the web client and of what comes with it
   */
  constructor({ stage, statics, vendor, warn, heard }) {
    this.#statics = statics;
    this.#canvas = new Canvas(stage, vendor, warn);
    this.#vendor = vendor;
    this.#heard = heard;
  }

  /** @param {Shown} opened */
  #sourceFor({ played_here }) {
    const isHost = this.#source instanceof HostReel;
    if (this.#source && isHost === (played_here !== null)) return this.#source;
    this.#source?.terminate();
    this.#source = played_here === null ? this.#worker() : new HostReel((message) => this.#receive(message));
    return this.#source;
  }

  #worker() {
    const worker = new Worker(`${this.#statics}replay/worker.js`, { type: "module" });
    worker.addEventListener("message", ({ data }) => this.#receive(data));
    worker.addEventListener("error", (event) => this.#heard.error({ message: `The replay's program stopped: ${event.message}`, traceback: "" }));
    return worker;
  }

  /**
   * @param {Shown} opened
   * @param {number} me the player whose view is drawn
   */
  open(opened, me) {
    this.#opened = opened;
    this.#source = this.#sourceFor(opened);
    this.#post({ type: "open", vendor: this.#vendor, opened, me });
  }

  /** Play it once more from a fresh env; `checked` hears of it. */
  verify() {
    this.#post({ type: "verify" });
  }

  /** All that is there to be shown was run. */
  get isWhole() {
    return this.player.frames > 0 && this.player.reached >= this.player.frames;
  }

  get isDrawable() {
    return this.#canvas.isReady;
  }

  /** The frame that was drawn last; -1: what was before the first, -2: nothing yet. */
  get shownFrame() {
    return this.#drawn;
  }

  /** @returns {HTMLCanvasElement} the frame that was drawn last, to be read before anything else happens */
  still() {
    return this.#canvas.still();
  }

  /** Draws where the player stands, as far as it was run. */
  show() {
    const { player } = this;
    const wanted = Math.min(player.frame, player.reached - 1);
    if (!this.#opened || player.reached === 0 || wanted === this.#drawn || this.#coming !== null) return;
    this.#coming = wanted;
    this.#post({ type: "seek", frame: wanted });
    this.#heard.asked?.(wanted);
  }

  close() {
    this.#source?.terminate();
    this.#canvas.close();
  }

  /** @param {ToReplayWorker} message */
  #post(message) {
    this.#source?.postMessage(message);
  }

  /** @param {FromReplayWorker} message */
  #receive(message) {
    const act = /** @type {(message: any) => void} */ (this.#acts[message.type]);
    act(message);
  }

  #acts = {
    progress: (/** @type {Extract<FromReplayWorker, {type: "progress"}>} */ message) => this.#heard.progress(message),
    began: () => this.#anew(),
    frames: (/** @type {Extract<FromReplayWorker, {type: "frames"}>} */ { first, frames }) => {
      this.frames.splice(first, this.frames.length, ...frames);
      this.player.reached = this.frames.length;
      this.#heard.frames();
    },
    picture: (/** @type {Extract<FromReplayWorker, {type: "picture"}>} */ message) => {
      this.#canvas.draw(message);
      this.#drawn = message.frame;
      this.#coming = null;
      this.#heard.drawn?.(message.frame);
    },
    checking: (/** @type {Extract<FromReplayWorker, {type: "checking"}>} */ message) => this.#heard.checked?.(message),
    played: (/** @type {Extract<FromReplayWorker, {type: "played"}>} */ message) => this.#heard.checked?.(message),
    error: (/** @type {Extract<FromReplayWorker, {type: "error"}>} */ message) => this.#heard.error(message),
  };

  /** The worker makes a new env: nothing of the old one is shown any more. */
  #anew() {
    this.frames = [];
    this.#coming = null;
    this.#drawn = -2;
    this.player.reached = 0;
    if (!this.#opened) return;
    this.#canvas.begin(this.#opened.bundle).then(() => this.#heard.drawable?.(), (error) => this.#heard.error({ message: error.message, traceback: "" }));
  }
}
