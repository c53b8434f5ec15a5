/**
 * From a scene and a match to the rollback's terms.
 * @module
 */

import { withoutKey } from "./analog.js";
import { controlsOf } from "./controls.js";

/** The input of a player who is absent, as `igym_bridge/actions.py` knows it: the stand-in acts, or the default action. */
export const ABSENT = 65_535;

/** @typedef {import("./messages.js").GymSpec} GymSpec */
/** @typedef {import("./messages.js").MatchSpec} MatchSpec */
/** @typedef {import("./messages.js").Resume} Resume */

/**
 * What is taken for a player's next input: sticks and the pointer where they were, no key.
 * @param {GymSpec["gameplay"]} gameplay
 * @param {MatchSpec} match
 * @returns {((input: number, player: number) => number) | null} null: nobody has analogue inputs
 */
function heldOf(gameplay, { players }) {
  const own = players.map(({ agent }) => controlsOf(gameplay, agent));
  if (own.every(({ analog }) => analog.length === 0)) return null;
  return (input, player) => (own[player].analog.length ? withoutKey(input, own[player].action_mapping.length + 1) : 0);
}

/** Where frames wait for the players nothing is guessed, nobody is ahead, and a move acts in the frame it was made in. */
const WAITING = /** @type {const} */ ({ awaitInputs: true, inputDelayFrames: 0, maxPredictionFrames: 0, timeSync: "off" });

/**
 * What others tell is held against: the members' keys, and how far the match can have come.
 * @param {MatchSpec} match
 * @param {Resume|null} resume
 */
function trustOf({ keys }, resume) {
  return { ...(keys && Object.keys(keys).length > 0 ? { keys } : {}), ...(resume?.due === undefined ? {} : { dueFrames: resume.due }) };
}

/**
 * @param {GymSpec} spec
 * @param {MatchSpec} match
 * @param {number} episode
 * @param {Resume|null} resume
 * @param {{save_ms?: number, step_ms?: number}} [costs] measured here; where saving is dear, only confirmed states are saved
 * @returns {import("../core/rollback/options.js").RollbackOptions}
 */
export function rollbackOptions(spec, match, episode, resume, { save_ms = 0, step_ms = 0 } = {}) {
  const { multiplayer, gameplay, rendering } = spec;
  const players = match.players.length;
  return {
    players,
    local: [match.me],
    fps: rendering.fps,
    inputDelayFrames: match.fixed?.input_delay_frames ?? (players > 1 ? multiplayer.input_delay_frames : 0),
    maxPredictionFrames: multiplayer.max_prediction_frames,
    checksumEveryFrames: multiplayer.checksum_every_frames,
    predict: gameplay.action_population,
    held: heldOf(gameplay, match),
    absentInputs: new Array(players).fill(ABSENT),
    maxSteps: gameplay.max_steps,
    onDesync: multiplayer.on_desync,
    timeSync: "stretch",
    saveMode: save_ms > step_ms ? "sparse" : "every",
    episode,
    rejoin: players > 1 && resume !== null,
    ...trustOf(match, resume),
    ...(gameplay.pace === "on_input" ? WAITING : {}),
  };
}

/**
 * @param {Record<string, number[]>} inputs player → inputs
 * @param {number} players
 * @returns {number[][]} frame → inputs of all players
 */
export function byFrame(inputs, players) {
  const lists = Array.from({ length: players }, (_, player) => inputs[String(player)] ?? []);
  const frames = Math.min(...lists.map((list) => list.length));
  return Array.from({ length: frames }, (_, frame) => lists.map((list) => list[frame]));
}

/**
 * An episode's seed: each plays out differently, and the same again in every browser.
 * @param {MatchSpec} match
 * @param {number} episode
 */
export const episodeSeed = (match, episode) => (match.seed + episode) % 2 ** 31;
