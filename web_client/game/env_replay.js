/**
 * A recorded episode in the env: run once in order, then looked at in any.
 * @module
 */

/**
 * @typedef {{actions: Record<string, any>, rewards: Record<string, number|string|null>, scores: Record<string, number|string>}} ReplayFrame
 * @typedef {{first: number, frames: ReplayFrame[], checks: string, chain: string, ended: number}} ReplayPart
 *   `checks`: 8 hex digits a frame; `ended`: the frame with which the env ended the episode, or -1
 */

export class EnvReplay {
  #replay;
  #guarded;

  /**
   * @param {any} replay the bridge's `Replay`
   * @param {<T>(action: () => T) => T} guarded turns Python's errors into the researcher's words
   */
  constructor(replay, guarded) {
    this.#replay = replay;
    this.#guarded = guarded;
  }

  /**
   * Run the next frames that were not run before.
   * @param {number} count
   * @returns {ReplayPart}
   */
  run(count) {
    return JSON.parse(this.#guarded(() => this.#replay.run(count)));
  }

  /** @param {number[][]} inputs of the frames after the last one given so far */
  more(inputs) {
    this.#guarded(() => this.#replay.more(JSON.stringify(inputs)));
  }

  /**
   * @param {number} frame one that was run; -1: before the first
   * @returns {string} the picture after it, as JSON
   */
  seek(frame) {
    return this.#guarded(() => this.#replay.seek(frame));
  }

  close() {
    this.#replay.destroy();
  }
}
