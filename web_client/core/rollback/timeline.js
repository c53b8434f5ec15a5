/**
 * The frames stepped so far: with which inputs, what came out, and the requests that repair them when a guess was wrong.
 * @module
 */
import { Snapshots } from "./snapshots.js";

/** @typedef {import("./types.js").Request} Request */
/** @typedef {import("./types.js").StepRequest} StepRequest */

export class Timeline {
  /**
   * @param {import("./options.js").Settings} settings
   * @param {import("./input_log.js").InputLog} log
   */
  constructor(settings, log) {
    this.log = log;
    this.checksumEvery = settings.checksumEveryFrames;
    this.snapshots = new Snapshots(settings);
    /** next frame to step */
    this.frame = 0;
    /** @type {number[][]} the inputs each frame was stepped with */
    this.used = [];
    /** results are here, and hold, up to this frame */
    this.resultsThrough = -1;
    /** @type {Map<number, string>} frames the environment called the last, with its reason */
    this.terminals = new Map();
    /** @type {Map<number, string>} checksum of the state after a frame */
    this.sums = new Map();
    this.rollbacks = 0;
    this.rollbackFrames = 0;
    this.rollbackFramesMax = 0;
  }

  /** @returns {number} first frame the environment called the last, Infinity without one */
  get terminalFrame() {
    return this.terminals.size === 0 ? Infinity : Math.min(...this.terminals.keys());
  }

  /** @param {number} from frames before are final @returns {number | null} first frame stepped with an input that was not so */
  firstWrong(from) {
    for (let frame = Math.max(0, from); frame < this.frame; frame++) {
      const wrong = this.used[frame].some((input, player) => {
        const value = this.log.value(player, frame);
        return value !== undefined && value !== input;
      });
      if (wrong) return frame;
    }
    return null;
  }

  /**
   * Go back to a frame and replay up to where we were.
   * @param {number} to first frame that must be stepped again
   * @param {number} stable
   * @param {Request[]} requests to be appended to
   * @returns {number} frames replayed
   */
  rewind(to, stable, requests) {
    const end = this.frame;
    const base = this.snapshots.base(to);
    if (base < 0) throw new Error(`no saved state to go back to frame ${to}`);
    requests.push({ type: "load", frame: base });
    this.restart(base);
    const known = this.log.known();
    for (let frame = base; frame < end; frame++) this.step({ known, stable, last: frame === end - 1 }, requests);
    this.rollbacks += 1;
    this.rollbackFrames += end - base;
    this.rollbackFramesMax = Math.max(this.rollbackFramesMax, end - base);
    return end - base;
  }

  /** @param {number} frame the environment is in the state before this frame: nothing after it holds */
  restart(frame) {
    this.frame = frame;
    this.snapshots.dropAfter(frame);
    this.#forgetFrom(frame);
  }

  /** @param {number} frame its state came from another browser and lies in the ring */
  adopt(frame) {
    this.restart(0);
    this.frame = frame;
    this.resultsThrough = frame - 1;
    this.snapshots.frames = [frame];
  }

  /** @param {number} frame */
  #forgetFrom(frame) {
    this.used.length = Math.min(this.used.length, frame);
    this.resultsThrough = Math.min(this.resultsThrough, frame - 1);
    for (const map of [this.terminals, this.sums]) for (const key of map.keys()) if (key >= frame) map.delete(key);
  }

  /**
   * Step the next frame with what is known or guessed now.
   * @param {{known: number, stable: number, last: boolean}} about
   * @param {Request[]} requests to be appended to
   */
  step({ known, stable, last }, requests) {
    const frame = this.frame;
    const { inputs, predicted } = this.log.row(frame);
    if (this.snapshots.wants(frame, { predicted, known, stable, last })) {
      this.snapshots.add(frame);
      requests.push({ type: "save", frame });
    }
    const checksum = this.checksumEvery > 0 && (frame + 1) % this.checksumEvery === 0;
    requests.push({ type: "step", frame, inputs, predicted, checksum, draw: false });
    this.used[frame] = inputs;
    this.frame = frame + 1;
  }

  /** @param {import("./types.js").StepResult[]} results in order; a terminal one is the last */
  ran(results) {
    for (const { frame, checksum, terminal } of results) {
      if (frame !== this.resultsThrough + 1) continue;
      this.resultsThrough = frame;
      if (checksum != null) this.sums.set(frame, String(checksum));
      if (!terminal) continue;
      this.terminals.set(frame, typeof terminal === "string" ? terminal : "terminated");
      this.cutAfter(frame);
      return;
    }
  }

  /** @param {number} frame the episode ends with it: what was meant to follow was not run */
  cutAfter(frame) {
    if (this.frame <= frame + 1) return;
    this.frame = frame + 1;
    this.snapshots.dropAfter(frame);
    this.#forgetFrom(frame + 1);
  }
}
