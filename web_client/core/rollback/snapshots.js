/**
 * Which states are saved. The states themselves lie with the environment; here is only what may still be asked for.
 * @module
 */

/** most saved states kept for a resynchronisation, and their least distance: together more than any agreement takes */
export const MOST_ANCHORS = 4;
const ANCHOR_SPACING = 24;

export class Snapshots {
  /** @param {import("./options.js").Settings} settings */
  constructor(settings) {
    this.mode = settings.saveMode;
    this.spacing = Math.max(8, settings.maxPredictionFrames);
    const every = settings.checksumEveryFrames;
    this.anchorEvery = settings.onDesync === "resync" && every > 0 ? every * Math.ceil(ANCHOR_SPACING / every) : 0;
    /** @type {number[]} ascending */
    this.frames = [];
    /** @type {number[]} ascending: the newest states behind a checksum, kept for a resynchronisation */
    this.anchors = [];
  }

  /** @param {number} frame @returns {number} newest saved frame not after it, -1 without one */
  base(frame) {
    return this.frames.findLast((saved) => saved <= frame) ?? -1;
  }

  /**
   * @param {number} frame about to be stepped
   * @param {{predicted: boolean, known: number, stable: number, last: boolean}} about `last`: the batch ends with it
   * @returns {boolean} whether the state before it is to be saved
   */
  wants(frame, { predicted, known, stable, last }) {
    if (this.frames.length === 0 || this.#isAnchor(frame)) return true;
    if (this.mode === "every" && predicted) return true;
    if (this.mode === "sparse" && frame === known + 1) return true;
    if (frame <= stable) return last && frame - this.base(frame) >= this.spacing;
    return frame - this.base(frame) >= this.spacing;
  }

  /** @param {number} frame */
  #isAnchor(frame) {
    return this.anchorEvery > 0 && frame % this.anchorEvery === 0;
  }

  /** @param {number} frame its state is being saved, perhaps once more */
  add(frame) {
    if (this.#isAnchor(frame) && !this.anchors.includes(frame)) this.anchors = [...this.anchors, frame].slice(-MOST_ANCHORS);
    if (this.frames.includes(frame)) return;
    this.frames.push(frame);
    this.frames.sort((a, b) => a - b);
  }

  /** @param {number} frame the saved states after this one are worthless */
  dropAfter(frame) {
    this.frames = this.frames.filter((saved) => saved <= frame);
    this.anchors = this.anchors.filter((saved) => saved <= frame);
  }

  /**
   * Forget what cannot be asked for any more.
   * @param {number} stable last frame whose inputs cannot change
   * @returns {number} saved states before this frame may be dropped, except the anchors
   */
  prune(stable) {
    const keepFrom = Math.max(0, this.base(stable + 1));
    this.frames = this.frames.filter((saved) => saved >= keepFrom || this.anchors.includes(saved));
    return keepFrom;
  }
}
