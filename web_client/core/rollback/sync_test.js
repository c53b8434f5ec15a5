/**
 * One browser that rolls back at every frame and compares: whatever an environment does not save, restore or repeat exactly
 * shows up here, with the frame, before anybody plays a match.
 * @module
 */

/** @typedef {import("./types.js").Request} Request */
/** @typedef {import("./types.js").Orders} Orders */
/** @typedef {import("./types.js").Event} Event */

export class SyncTest {
  /**
   * @param {object} options
   * @param {number} options.players 1 … 8
   * @param {number} [options.depth] frames that are replayed each time (default 2)
   * @param {number} [options.maxSteps]
   */
  constructor({ players, depth = 2, maxSteps = Infinity }) {
    if (!(Number.isInteger(depth) && depth >= 1)) throw new RangeError(`depth must be a whole number from 1, not ${depth}`);
    this.players = players;
    this.depth = depth;
    this.maxSteps = maxSteps;
    this.frame = 0;
    this.ended = false;
    /** @type {string | null} */
    this.endReason = null;
    /** first frame whose replay gave another state, -1 without one */
    this.firstDivergence = -1;
    /** @type {number[][]} inputs by frame */
    this.inputs = [];
    /** @type {Map<number, string>} checksum of the state after a frame, as the first run gave it */
    this.sums = new Map();
    /** @type {Map<number, string>} the same, how the episode ended */
    this.terminals = new Map();
    /** @type {Event[]} */
    this.events = [];
  }

  /**
   * @param {number[]} inputs one per player
   * @returns {Orders} first the rollback and the replay of the last frames, then one new frame
   */
  advance(inputs) {
    /** @type {Request[]} */
    const requests = [];
    const first = this.frame;
    this.#replay(requests);
    if (this.endReason === null) this.#step(inputs, requests);
    else if (!this.ended) this.#end();
    const confirmed = this.frame > first ? { first, last: first, inputs: [inputs.slice()] } : null;
    const keepFrom = Math.max(0, this.frame - this.depth);
    return { requests, confirmed, events: this.events.splice(0), took: confirmed !== null, inputFrame: confirmed?.last ?? null, keepFrom, anchors: [] };
  }

  /** @param {Request[]} requests */
  #replay(requests) {
    if (this.frame === 0 || this.ended) return;
    const base = Math.max(0, this.frame - this.depth);
    requests.push({ type: "load", frame: base });
    for (let frame = base; frame < this.frame; frame++) this.#push(frame, this.inputs[frame], false, requests);
  }

  /** @param {number[]} inputs @param {Request[]} requests */
  #step(inputs, requests) {
    this.inputs[this.frame] = inputs.slice();
    this.#push(this.frame, inputs, true, requests);
    this.frame += 1;
    if (this.frame >= this.maxSteps) this.endReason = "max_steps";
  }

  /** @param {number} frame @param {number[]} inputs @param {boolean} draw @param {Request[]} requests */
  #push(frame, inputs, draw, requests) {
    requests.push({ type: "save", frame }, { type: "step", frame, inputs: inputs.slice(), predicted: false, checksum: true, draw });
  }

  #end() {
    this.ended = true;
    this.events.push({ type: "episode_ended", frame: this.frame - 1, reason: this.endReason });
  }

  /** @param {import("./types.js").StepResult[]} results */
  ran(results) {
    for (const { frame, checksum, terminal } of results) {
      const reason = terminal === true ? "terminated" : terminal || "";
      this.#compare("state", this.sums, frame, String(checksum));
      this.#compare("end", this.terminals, frame, reason);
      if (!reason) continue;
      this.endReason ??= reason;
      // A replay that ends early leaves the rest of the list undone.
      this.frame = Math.min(this.frame, frame + 1);
    }
  }

  /** @param {"state" | "end"} kind @param {Map<number, string>} known @param {number} frame @param {string} value */
  #compare(kind, known, frame, value) {
    const before = known.get(frame);
    if (before === undefined) known.set(frame, value);
    if (before === undefined || before === value || this.firstDivergence >= 0) return;
    this.firstDivergence = frame;
    this.events.push({ type: "desync", kind, frame, mine: before, theirs: value });
  }
}
