/**
 * Round-trip time and its variation, smoothed as in TCP (RFC 6298: gains 1/8 and 1/4).
 * @module
 */

export class Rtt {
  constructor() {
    /** @type {number | null} smoothed round trip in milliseconds */
    this.smoothedMs = null;
    /** mean deviation in milliseconds */
    this.deviationMs = 0;
    this.minMs = Infinity;
    this.samples = 0;
  }

  /** @param {number} rttMs one measurement; negative or unreal ones are not counted */
  add(rttMs) {
    if (!(rttMs >= 0 && rttMs < 60_000)) return;
    this.samples += 1;
    this.minMs = Math.min(this.minMs, rttMs);
    if (this.smoothedMs === null) {
      this.smoothedMs = rttMs;
      this.deviationMs = rttMs / 2;
      return;
    }
    this.deviationMs += (Math.abs(rttMs - this.smoothedMs) - this.deviationMs) / 4;
    this.smoothedMs += (rttMs - this.smoothedMs) / 8;
  }
}

/**
 * The input delay that hides most of the way to the other side: all but one frame of it, so that one frame is left to
 * prediction and the delay stays small enough not to be felt.
 * @param {number} rttMs round trip to the farthest peer
 * @param {number} fps
 * @param {number} maxFrames
 * @returns {number} frames
 */
export function delayForRtt(rttMs, fps, maxFrames) {
  const oneWayFrames = Math.ceil((rttMs / 2 / 1000) * fps);
  return Math.min(maxFrames, Math.max(0, oneWayFrames - 1));
}
