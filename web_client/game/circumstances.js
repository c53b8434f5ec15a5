/**
 * What this browser goes through while it plays (attention, link, lateness), noted for each frame.
 * @module
 */

/** @param {number} value */
const tenths = (value) => Math.round(value * 10) / 10;

export class Circumstances {
  hidden = false;
  focused = true;
  #recorder;
  #stats;
  #periodMs;
  #notesShown;
  #notesPointer;
  /** @type {{pointer_x: number|null, pointer_y: number|null}} */ #pointer = { pointer_x: null, pointer_y: null };
  /** @type {{transport: string, rttMs: number|null}|null} */ #link = null;

  /**
   * @param {import("./recorder.js").Recorder} recorder
   * @param {import("./play_stats.js").PlayStats} stats
   * @param {import("./messages.js").GymSpec} spec
   */
  constructor(recorder, stats, { rendering, runtime }) {
    this.#recorder = recorder;
    this.#stats = stats;
    this.#periodMs = 1000 / rendering.fps;
    this.#notesPointer = runtime.record.includes("pointer");
    this.#notesShown = runtime.record.includes("frames_shown");
  }

  /** @param {{peer: number, state: string, transport: string, rttMs: number|null}} link */
  linkState({ peer, state, transport, rttMs }) {
    this.#stats.link(peer, { state, transport, rtt_ms: rttMs });
    this.#link = { transport, rttMs };
  }

  /** @param {{x?: number, y?: number}} input where the pointer is in the picture, if it says so */
  hear({ x, y }) {
    if (this.#notesPointer && x !== undefined && y !== undefined) this.#pointer = { pointer_x: tenths(x), pointer_y: tenths(y) };
  }

  /**
   * @param {import("../core/rollback/types.js").Orders} orders
   * @param {number} nowMs
   * @param {import("./inputs.js").Sample} sampled what brought this tick's input
   * @param {boolean} shown
   */
  note(orders, nowMs, sampled, shown) {
    const { rttMs = null, transport = null } = this.#link ?? {};
    const recorded = { ...(this.#notesShown ? { frame_shown: shown } : {}), ...(this.#notesPointer ? this.#pointer : {}) };
    const stall_ms = this.#stats.stallMs(nowMs, this.#periodMs);
    const here = { timestamp_ms: nowMs, focused: this.focused, hidden: this.hidden, ...recorded, stall_ms, rtt_ms: rttMs, transport };
    this.#recorder.noteTick(orders, here, sampled);
  }
}
