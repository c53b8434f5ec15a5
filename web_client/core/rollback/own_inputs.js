/**
 * This browser's own inputs: fixed once for a frame some frames ahead, and never changed again.
 * @module
 */
import { delayForRtt } from "../rtt.js";
import { NEVER } from "../wire/codec.js";

export class OwnInputs {
  /**
   * @param {import("./options.js").Settings} settings
   * @param {import("./input_log.js").InputLog} log
   * @param {number} delayFrames
   */
  constructor(settings, log, delayFrames) {
    this.settings = settings;
    this.log = log;
    this.delayFrames = delayFrames;
    this.delayChangedAt = 0;
    /** nobody is left who could tell what we did before a reload */
    this.pastIsLost = false;
  }

  /** @returns {number} last frame our own inputs are fixed for, -1 before the first */
  get committed() {
    const [first] = this.settings.local;
    return first === undefined ? -1 : this.log.columns[first].length - 1;
  }

  /** @returns {boolean} after a reload: what we did before is still on its way to us, and must not be made up */
  get lackPast() {
    const [first] = this.settings.local;
    return !this.pastIsLost && first !== undefined && this.committed + 1 < (this.log.absences[first].at(-1)?.from ?? 0);
  }

  /**
   * @param {(number | null)[]} localInputs in the order of `local`; null: none yet
   * @param {number} target the frame they are for: nothing happens when it has inputs already
   * @returns {boolean} whether they were taken
   */
  commit(localInputs, target) {
    if (this.lackPast || target <= this.committed || localInputs.includes(null)) return false;
    this.settings.local.forEach((player, i) => {
      this.#fill(player, target);
      this.log.push(player, target, Number(localInputs[i]));
    });
    return true;
  }

  /** Frames between two inputs repeat the one before. @param {number} player @param {number} end */
  #fill(player, end) {
    const column = this.log.columns[player];
    const input = this.log.latest(player);
    while (column.length < end) this.log.push(player, column.length, input);
  }

  /** No input is waited for any more: the frames that are left act the default action. @param {number} last */
  stop(last) {
    for (const player of this.settings.local) {
      const column = this.log.columns[player];
      while (column.length <= last && this.log.through(player) !== NEVER) this.log.push(player, column.length, this.settings.defaultInputs[player]);
    }
  }

  /**
   * With "auto": follow the round trip, at most one frame a second. A longer delay takes effect at once; a shorter one waits for a tick
   * at which no input is lost by it.
   * @param {number} frame @param {(number | null)[]} localInputs @param {number | null} rttMs
   */
  adaptDelay(frame, localInputs, rttMs) {
    const { inputDelayFrames, fps, autoDelayMaxFrames, local } = this.settings;
    if (inputDelayFrames !== "auto" || rttMs === null || (frame > 0 && frame < this.delayChangedAt + fps)) return;
    const wanted = delayForRtt(rttMs, fps, autoDelayMaxFrames);
    if (wanted === this.delayFrames) return;
    const steady = local.every((player, i) => this.log.columns[player].at(-1) === localInputs[i]);
    if (wanted < this.delayFrames && frame > 0 && !steady) return;
    this.delayFrames = frame === 0 ? wanted : this.delayFrames + Math.sign(wanted - this.delayFrames);
    this.delayChangedAt = frame;
  }
}
