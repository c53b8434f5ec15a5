/**
 * Inputs of a player whose moves the frames wait for: one a frame, made while the frame waits, or the limit's.
 * @module
 */

import { analogOf } from "./analog.js";
import { ownControls } from "./controls.js";
import { InputState } from "./inputs.js";

/** Inputs of who did not move in time, as `igym_bridge/actions.py` knows them: the default action; the episode ends. */
export const LATE = 65_534;
export const END = 65_533;

/** @typedef {import("./inputs.js").Sample} Sample */
/** @typedef {{frame: number, acting: number[]|null, paused: boolean, nowMs: number}} Moment `acting`: whose moves the frame waits for; null: everybody's */
/**
 * What the player is told of the wait: it is theirs to move, their move is taken, others move.
 * @typedef {{whose: "mine"|"made"|"others"|null, untilMs: number|null}} WhoseMove `untilMs`: when their own time is up
 */

/** @type {Sample} */
const NONE = { input: null, eventAtMs: null, reactionMs: null };

export class Moves extends InputState {
  #limitMs;
  #late;
  #me;
  #tell;
  /** What was told last. @type {WhoseMove} */
  #told = { whose: null, untilMs: null };
  #frame = -1;
  #sinceMs = 0;
  #tickedMs = 0;
  /** The move in this frame; offered until the frame is stepped. @type {Sample|null} */
  #made = null;

  /**
   * @param {import("./messages.js").ActionBinding[]} bindings
   * @param {"pressed_keys"|"single_keystroke"} mode
   * @param {{limitS: number|null, late: number, me: number, tell: (now: WhoseMove) => void}} wait `tell` hears of every change
   * @param {import("./analog.js").Analog|null} [analog]
   */
  constructor(bindings, mode, { limitS, late, me, tell }, analog = null) {
    super(bindings, mode, analog);
    this.#limitMs = (limitS ?? Infinity) * 1000;
    this.#late = late;
    this.#me = me;
    this.#tell = tell;
  }

  /** Another episode. @override @param {number} nowMs */
  begin(nowMs) {
    this.#frame = -1;
    this.#tickedMs = nowMs;
  }

  /**
   * @override
   * @param {Moment} moment
   * @returns {Sample}
   */
  sample({ frame, acting, paused, nowMs }) {
    if (paused) return this.#hold(nowMs);
    if (frame !== this.#frame) this.#await(frame);
    this.#tickedMs = nowMs;
    const { mine, others } = this.#awaited(acting);
    // What is pressed when nothing is asked, or once the move is made, is no move of the next frame.
    if (!mine || this.#made) this.forgetTaps();
    this.#made ??= mine ? this.#look(nowMs) : { input: 0, eventAtMs: null, reactionMs: null };
    this.#tellTurn(mine, others);
    return this.#made ?? NONE;
  }

  /** Whether the frame waits for this player, and for others. @param {number[]|null} acting */
  #awaited(acting) {
    if (!acting) return { mine: true, others: false };
    return { mine: acting.includes(this.#me), others: acting.some((player) => player !== this.#me) };
  }

  /** @param {boolean} mine @param {boolean} others */
  #tellTurn(mine, others) {
    const left = mine && !this.#made;
    const waiting = mine ? /** @type {const} */ ("made") : /** @type {const} */ ("others");
    const whose = left ? "mine" : others ? waiting : null;
    const untilMs = left && this.#limitMs < Infinity ? this.#sinceMs + this.#limitMs : null;
    if (whose === this.#told.whose && untilMs === this.#told.untilMs) return;
    this.#told = { whose, untilMs };
    this.#tell(this.#told);
  }

  /** A pause is no time to think. @param {number} nowMs */
  #hold(nowMs) {
    this.#sinceMs = nowMs;
    this.#tickedMs = nowMs;
    return this.#made ?? NONE;
  }

  /** A move stays offered until its frame comes. @override */
  giveBack() {}

  /** @param {number} frame it waits since the tick in which the one before was stepped */
  #await(frame) {
    this.#frame = frame;
    this.#made = null;
    this.#sinceMs = this.#tickedMs;
  }

  /** @param {number} nowMs @returns {Sample|null} */
  #look(nowMs) {
    const { input, key, eventAtMs } = super.sample();
    if (key ?? input) return { input, eventAtMs, reactionMs: eventAtMs === null ? null : Math.max(0, eventAtMs - this.#sinceMs) };
    return nowMs - this.#sinceMs >= this.#limitMs ? { input: this.#late, eventAtMs: null, reactionMs: null } : null;
  }
}

/**
 * @param {import("./messages.js").GymSpec} spec
 * @param {import("./messages.js").MatchSpec} match
 * @param {(now: WhoseMove) => void} tell where frames wait for moves: whose it is
 */
export function inputsOf(spec, match, tell) {
  const { input_mode: mode, pace, move_limit_s: limitS = null, on_move_limit } = spec.gameplay;
  const controls = ownControls(spec, match);
  const { action_mapping: mapping } = controls;
  const analog = analogOf(controls, spec.rendering);
  if (pace !== "on_input") return new InputState(mapping, mode, analog);
  return new Moves(mapping, mode, { limitS, late: on_move_limit === "end" ? END : LATE, me: match.me, tell }, analog);
}
