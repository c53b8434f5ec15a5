/**
 * What the player's keys mean right now: key, mouse-button and gamepad-button events in, the frame's input number out.
 * Input 0 is "nothing", input k the k-th entry of the action mapping.
 * @module
 */

import { namesOf, normal } from "./key_names.js";

/** @typedef {{input: number|null, eventAtMs: number|null, reactionMs?: number|null, key?: number}} Sample
 *   `input` null: none yet, where a frame waits for it; `eventAtMs`: when the player did what brought it;
 *   `reactionMs`: how long the frame had waited by then; `key`: the entry of the mapping
 *   in an input that holds more than that, 0: none */
/** @typedef {import("./messages.js").ActionBinding} ActionBinding */
/** @typedef {{names: string[]}} Held */
/** @typedef {{input: number, atMs: number}} Stroke */

const MOST_WAITING = 16;

export class InputState {
  #bindings;
  #once;
  #analog;
  #named;
  /** The last key was a dead one: the next types its letter with an accent. */
  #dead = false;
  /** @type {Map<string, Held>} */ #held = new Map();
  /** @type {Map<string, Held>} */ #tapped = new Map();
  /** @type {Stroke[]} */ #strokes = [];
  /** @type {number|null} */ #changedAtMs = null;
  /** What the last sample used up. @type {{stroke: Stroke|undefined, tapped: Map<string, Held>, changedAtMs: number|null}} */
  #used = { stroke: undefined, tapped: new Map(), changedAtMs: null };

  /**
   * @param {ActionBinding[]} bindings
   * @param {"pressed_keys"|"single_keystroke"} mode
   * @param {import("./analog.js").Analog|null} [analog] sticks and pointer beside the keys
   */
  constructor(bindings, mode, analog = null) {
    this.#analog = analog;
    this.#bindings = bindings.map(({ keys }, index) => ({ keys: keys.map(normal), input: index + 1 }));
    this.#named = new Set(this.#bindings.flatMap(({ keys }) => keys));
    this.#once = mode === "single_keystroke";
  }

  /** @param {Omit<import("./messages.js").ToWorker & {type: "input"}, "type">} message what the page captured */
  hear(message) {
    const { kind, code = "", key = "", buttons, atMs } = message;
    if (this.#analog?.hear(message)) this.#changedAtMs = atMs;
    if (kind === "keydown") this.down(code, key, atMs);
    else if (kind === "keyup") this.up(code, atMs);
    else if (kind === "blur") this.release();
    else this.buttons(kind === "mouse" ? "Mouse" : "Gamepad", buttons ?? [], atMs);
  }

  /**
   * @param {string} code the physical key, or a button's name such as MouseLeft or GamepadA
   * @param {string} key what the key types, or ""
   * @param {number} atMs
   */
  down(code, key, atMs) {
    if (this.#held.has(code)) return;
    const press = { names: namesOf(this.#named, code, key, this.#dead) };
    // A modifier may come between a dead key and its letter.
    this.#dead = key === "Dead" || (this.#dead && [...key].length > 1);
    this.#held.set(code, press);
    this.#tapped.set(code, press);
    this.#changedAtMs = atMs;
    if (!this.#once) return;
    const input = this.#best([...this.#held.values()], press);
    if (input && this.#strokes.length < MOST_WAITING) this.#strokes.push({ input, atMs });
  }

  /**
   * A device that tells all its pressed buttons at once.
   * @param {"Mouse"|"Gamepad"} device
   * @param {string[]} buttons
   * @param {number} atMs
   */
  buttons(device, buttons, atMs) {
    for (const code of this.#held.keys()) if (code.startsWith(device) && !buttons.includes(code)) this.up(code, atMs);
    for (const code of buttons) this.down(code, "", atMs);
  }

  /**
   * @param {string} code
   * @param {number} atMs
   */
  up(code, atMs) {
    if (this.#held.delete(code)) this.#changedAtMs = atMs;
  }

  /** Everything is let go: the window lost the keyboard, or play is not on. */
  release() {
    this.#held.clear();
    this.forgetTaps();
  }

  /** What was pressed while nothing was played is no move; keys that are still down count. */
  forgetTaps() {
    this.#tapped.clear();
    this.#strokes.length = 0;
    this.#changedAtMs = null;
  }

  /**
   * The input of the next frame. A key pressed and let go since the last frame counts for one frame.
   * @param {import("./moves.js").Moment} [_moment] for inputs that frames wait for
   * @returns {Sample}
   */
  sample(_moment) {
    this.#used = { stroke: this.#strokes.shift(), tapped: this.#tapped, changedAtMs: this.#changedAtMs };
    const { stroke, tapped, changedAtMs } = this.#used;
    if (tapped.size > 0) this.#tapped = new Map();
    this.#changedAtMs = null;
    if (this.#once) return this.#told(stroke?.input ?? 0, stroke?.atMs ?? (this.#analog && changedAtMs) ?? null);
    return this.#told(this.#among(tapped), changedAtMs);
  }

  /** @param {Map<string, Held>} tapped keys that count beside those held */
  #among(tapped) {
    if (tapped.size === 0 && this.#held.size === 0) return 0;
    const active = new Map([...tapped, ...this.#held]);
    return this.#best([...active.values()], null);
  }

  /** @param {number} key @param {number|null} eventAtMs @returns {Sample & {input: number}} */
  #told(key, eventAtMs) {
    return this.#analog ? { input: this.#analog.sample(key), eventAtMs, key } : { input: key, eventAtMs };
  }

  /** An episode begins. @param {number} _nowMs */
  begin(_nowMs) {}

  /** The last sample was taken for no frame: what it used up counts for the next one. */
  giveBack() {
    const { stroke, tapped, changedAtMs } = this.#used;
    this.#analog?.giveBack();
    if (stroke) this.#strokes.unshift(stroke);
    this.#tapped = new Map([...tapped, ...this.#tapped]);
    this.#changedAtMs ??= changedAtMs;
    this.#used = { stroke: undefined, tapped: new Map(), changedAtMs: null };
  }

  /**
   * The binding with the most keys whose keys are all down; of equals, the first.
   * @param {Held[]} active
   * @param {Held|null} needed a press that must be part of it
   */
  #best(active, needed) {
    let best = { input: 0, size: 0 };
    for (const { keys, input } of this.#bindings) {
      if (keys.length <= best.size) continue;
      const presses = keys.map((key) => active.find(({ names }) => names.includes(key)));
      if (presses.includes(undefined) || (needed && !presses.includes(needed))) continue;
      best = { input, size: keys.length };
    }
    return best.input;
  }
}
