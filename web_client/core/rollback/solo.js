/**
 * One browser alone: nothing to predict, nothing to save, each frame is confirmed at once.
 * @module
 */

/** @typedef {import("./options.js").Settings} Settings */
/** @typedef {import("./types.js").Orders} Orders */
/** @typedef {import("./types.js").Event} Event */

/** @param {Event[]} events @returns {Orders} */
const idle = (events) => ({ requests: [], confirmed: null, events, took: false, inputFrame: null, keepFrom: 0, anchors: [] });

export class SoloRollback {
  pace = 1;
  episode = 0;
  maxSteps = Infinity;
  frame = 0;
  confirmedFrame = -1;
  ended = false;
  paused = false;
  /** @type {string | null} */
  endReason = null;
  /** @type {number[][]} frames fed from the ledger, not stepped yet */
  fed = [];
  /** @type {Event[]} */
  events = [];
  /** @type {number[][]} inputs waiting for their frame */
  delayed = [];

  /** @param {Settings} settings every player is local */
  constructor(settings) {
    this.settings = settings;
    this.inputDelayFrames = settings.inputDelayFrames === "auto" ? 0 : settings.inputDelayFrames;
    this.#reset(settings.episode, settings.maxSteps);
  }

  /** @param {number} episode @param {number} maxSteps */
  #reset(episode, maxSteps) {
    this.episode = episode;
    this.maxSteps = maxSteps;
    this.frame = 0;
    this.confirmedFrame = -1;
    this.ended = false;
    this.paused = false;
    this.endReason = null;
    this.fed = [];
    this.events = [];
    const none = this.settings.defaultInputs;
    this.delayed = Array.from({ length: this.inputDelayFrames }, () => none.slice());
  }

  get settled() {
    return this.endReason !== null;
  }

  get isAwaited() {
    return false;
  }

  get behind() {
    return false;
  }

  /** @param {(number | null)[]} localInputs @param {number} _nowMs @returns {Orders} */
  advance(localInputs, _nowMs) {
    if (this.endReason !== null && !this.ended) this.#end();
    const events = this.events.splice(0);
    if (this.ended || this.paused) return idle(events);
    if (this.fed.length > 0) return this.#catchUp(events);
    if (this.settings.awaitInputs && localInputs.includes(null)) return idle(events);
    this.delayed.push(this.#byPlayer(localInputs));
    return this.#stepAll([/** @type {number[]} */ (this.delayed.shift())], true, events);
  }

  #end() {
    this.ended = true;
    this.events.push({ type: "episode_ended", frame: this.confirmedFrame, reason: this.endReason });
  }

  /** @param {Event[]} events @returns {Orders} */
  #catchUp(events) {
    const orders = this.#stepAll(this.fed.splice(0, this.settings.catchUpFrames), false, events);
    if (this.fed.length > 0) return orders;
    const last = /** @type {import("./types.js").StepRequest} */ (orders.requests[orders.requests.length - 1]);
    last.draw = true;
    orders.events.push({ type: "caught_up", frame: this.confirmedFrame });
    return orders;
  }

  /** @param {number[][]} rows @param {boolean} draw @param {Event[]} events @returns {Orders} */
  #stepAll(rows, draw, events) {
    const first = this.frame;
    const inputFrame = draw ? first + this.inputDelayFrames : null;
    const requests = rows.map((inputs, i) => this.#step(first + i, inputs, draw));
    this.frame += rows.length;
    this.confirmedFrame = this.frame - 1;
    if (this.frame >= this.maxSteps) this.endReason ??= "max_steps";
    return { requests, confirmed: { first, last: this.confirmedFrame, inputs: rows }, events, took: draw, inputFrame, keepFrom: this.frame, anchors: [] };
  }

  /** @param {number} frame @param {number[]} inputs @param {boolean} draw @returns {import("./types.js").StepRequest} */
  #step(frame, inputs, draw) {
    return { type: "step", frame, inputs, predicted: false, checksum: false, draw };
  }

  /** @param {(number | null)[]} localInputs in the order of `local` @returns {number[]} in the order of the players */
  #byPlayer(localInputs) {
    const { defaultInputs, local } = this.settings;
    const inputs = defaultInputs.slice();
    for (let i = 0; i < local.length; i++) inputs[local[i]] = localInputs[i] ?? inputs[local[i]];
    return inputs;
  }

  /** @param {import("./types.js").StepResult[]} results */
  ran(results) {
    const last = results.find((result) => result.terminal);
    if (!last) return;
    this.endReason = typeof last.terminal === "string" ? last.terminal : "terminated";
    this.fed.length = 0;
    this.confirmedFrame = last.frame;
    this.frame = last.frame + 1;
  }

  /** @param {number} first @param {number[][]} inputs rows already known are skipped; a gap is an error */
  feed(first, inputs) {
    const next = this.frame + this.fed.length;
    if (first > next) throw new RangeError(`the inputs fed start at frame ${first}, but frame ${next} is the next one needed`);
    this.fed.push(...inputs.slice(next - first).map((row) => row.slice()));
    this.fed.length = Math.max(0, Math.min(this.fed.length, this.maxSteps - this.frame));
  }

  /** There is nobody to show anything. @returns {number[][]} */
  marks() {
    return [];
  }

  pause() {
    if (!this.paused) this.events.push({ type: "paused", frame: this.frame });
    this.paused = true;
  }

  resume() {
    if (this.paused) this.events.push({ type: "resumed", frame: this.frame });
    this.paused = false;
  }

  /** @param {string} reason */
  requestEnd(reason) {
    this.endReason ??= reason;
  }

  /** @param {{episode?: number, maxSteps?: number | null}} [options] */
  startEpisode({ episode = this.episode + 1, maxSteps = this.settings.maxSteps } = {}) {
    this.#reset(episode, maxSteps ?? Infinity);
  }

  /** @returns {import("./types.js").Stats} */
  stats() {
    const none = { stalls: 0, skips: 0, rollbacks: 0, rollbackFrames: 0, rollbackFramesMax: 0, malformed: 0, ignored: 0, snapshots: 0 };
    return { frame: this.frame, confirmed: this.confirmedFrame, ...none };
  }

  outgoing() {
    return [];
  }

  outgoingReliable() {
    return [];
  }

  /* A browser alone has no peers: what would concern them has no effect. */
  receive() {}
  sealed() {}
  declareAbsent() {}
  setRtt() {}
  offerState() {}
  stateLoaded() {}
}
