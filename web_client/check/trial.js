/**
 * Whether a game goes the same way after rollbacks, and what a frame of it costs here.
 * @module
 */

import { analogOf, numberOf } from "../game/analog.js";
import { controlsOf } from "../game/controls.js";
import { ORDER } from "../game/env_link.js";

/** @typedef {import("../game/env_link.js").EnvLink} EnvLink */

/**
 * @typedef {object} Finding costs in ms
 * @property {string} [error] why nothing could be found out
 * @property {string|null} [strategy] how the game is saved; null: nothing gives it back exactly
 * @property {string[]} [reasons] why a preferred way is not used
 * @property {import("../game/env_error.js").Told} [told] what the reasons or the error were made of
 * @property {number|null} [differs] the first frame that went another way after a rollback
 * @property {number} [step_ms]
 * @property {number} [save_ms]
 * @property {number} [load_ms]
 * @property {number} [frame_ms] a frame of play: step, row and picture
 */

/** A small generator: the same inputs in each run. @param {number} seed */
function draws(seed) {
  let state = seed >>> 0 || 1;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * @param {(below: number) => number} draw
 * @param {import("../game/messages.js").Controls} controls
 * @param {boolean} waits a frame that waits for a key never comes without one
 */
function drawn(draw, controls, waits) {
  const keys = controls.action_mapping.length;
  const key = waits ? 1 + draw(keys) : draw(keys + 1);
  const count = analogOf(controls, { width: 1, height: 1 })?.count ?? keys + 1;
  return numberOf(draw(count / (keys + 1)) * (keys + 1) + key);
}

/**
 * @param {EnvLink} env
 * @param {import("../game/messages.js").MatchSpec} match
 * @param {import("../game/messages.js").GymSpec["gameplay"]} gameplay
 * @param {number} frames to play
 * @returns {Finding}
 */
export function tryOut(env, match, gameplay, frames) {
  const { strategy, reasons, told, step_ms, save_ms, load_ms } = env.prepare(true);
  const draw = draws(match.seed);
  const row = () => match.players.map(({ agent }) => drawn(draw, controlsOf(gameplay, agent), gameplay.pace === "on_input"));
  const inputs = Array.from({ length: frames }, row);
  const straight = played(env, match.seed, inputs, (frame) => [ORDER.STEP, frame, ...inputs[frame]]);
  const found = { strategy, reasons, told, step_ms, save_ms, load_ms, frame_ms: median(straight.costs) };
  if (strategy === null) return { ...found, differs: null };
  const bent = played(env, match.seed, inputs, (frame) => {
    const saved = [ORDER.SAVE, frame, ORDER.STEP, frame, ...row(), ORDER.LOAD, frame];
    return [...saved, ORDER.STEP, frame, ...inputs[frame], ORDER.KEEP, frame, 0];
  });
  return { ...found, differs: firstDifference(straight.chains, bent.chains) };
}

/**
 * @param {EnvLink} env
 * @param {number} seed
 * @param {number[][]} inputs
 * @param {(frame: number) => number[]} orders of one frame
 */
function played(env, seed, inputs, orders) {
  env.reset(seed, 0, 0);
  const chains = [];
  const costs = [];
  for (let frame = 0; frame < inputs.length; frame++) {
    const started = performance.now();
    const { head } = env.run([...orders(frame), ORDER.CONFIRM, frame, ORDER.DRAW, 0]);
    costs.push(performance.now() - started);
    chains.push(env.chain);
    if (head.end >= 0) break;
  }
  return { chains, costs };
}

/** @param {string[]} one @param {string[]} other */
function firstDifference(one, other) {
  const frame = one.findIndex((chain, index) => chain !== other[index]);
  return frame >= 0 ? frame : one.length === other.length ? null : one.length;
}

/** @param {number[]} values @returns {number} rounded to 0.001; 0 of nothing */
function median(values) {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return Math.round(middle * 1000) / 1000;
}
