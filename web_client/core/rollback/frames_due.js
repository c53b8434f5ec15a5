/**
 * How far a match can have come: by the time that has passed here, whatever the clock was set to meanwhile.
 * @module
 */
import { NEVER } from "../wire/codec.js";

/** a tick may be a little early, never for long */
const FASTEST = 1.1;
/** the others may have begun earlier, and fix inputs for frames that are still to come */
const SLACK_S = 3;
const SLACK_FRAMES = 64;

export class FramesDue {
  /** @param {{dueFrames: number, fps: number}} settings `dueFrames`: most frames played when this core began */
  constructor({ dueFrames, fps }) {
    this.atFirst = dueFrames + SLACK_S * fps + SLACK_FRAMES;
    this.fps = fps;
    this.passedMs = 0;
    /** @type {number | null} */
    this.nowMs = null;
  }

  /** @param {number} nowMs */
  pass(nowMs) {
    this.passedMs += Math.max(0, nowMs - (this.nowMs ?? nowMs));
    this.nowMs = nowMs;
  }

  /** @returns {number} no later frame can have been played */
  get last() {
    return Math.min(NEVER - 1, Math.ceil(this.atFirst + (this.passedMs / 1000) * this.fps * FASTEST));
  }
}
