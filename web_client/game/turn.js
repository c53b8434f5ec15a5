/**
 * Between the rollback session's turns and the bridge's flat requests.
 * @module
 */

import { ORDER } from "./env_link.js";

/** @typedef {import("../core/rollback/types.js").Turn} Turn */
/** @typedef {import("../core/rollback/types.js").StepResult} StepResult */
/** @typedef {import("./env_link.js").Head} Head */

/**
 * @param {Turn} turn
 * @param {boolean} rollback whether snapshots are kept at all
 * @param {boolean} shown false: nobody is looking, so nothing is drawn
 * @returns {number[]} what `EnvLink.run` takes
 */
export function encode(turn, rollback, shown) {
  /** @type {number[]} */ const flat = [];
  let draws = false;
  let silentTo = -1;
  for (const request of turn.requests) {
    if (request.type === "load") flat.push(ORDER.LOAD, request.frame);
    else if (request.type === "save") flat.push(ORDER.SAVE, request.frame);
    else {
      flat.push(ORDER.STEP, request.frame, ...request.inputs);
      if (request.checksum) flat.push(ORDER.CHECK, request.frame);
      draws = draws || request.draw;
      if (!request.draw && !rollback) silentTo = request.frame;
    }
  }
  if (silentTo >= 0) flat.push(ORDER.MUTE, silentTo);
  if (turn.confirmed) flat.push(ORDER.CONFIRM, turn.confirmed.last);
  if (rollback && turn.requests.length) flat.push(ORDER.KEEP, turn.keepFrom, turn.anchors.length, ...turn.anchors);
  if (draws && shown) flat.push(ORDER.DRAW, 0);
  return flat;
}

/**
 * What running a turn's steps gave, for the session. After a terminal step the others did nothing.
 * @param {Turn} turn
 * @param {Head} head
 * @returns {StepResult[]}
 */
export function results(turn, head) {
  const sums = new Map(head.checks ?? []);
  /** @type {Map<number, StepResult>} */ const found = new Map();
  for (const request of turn.requests) {
    if (request.type !== "step" || (head.end >= 0 && request.frame > head.end)) continue;
    const checksum = sums.get(request.frame);
    found.delete(request.frame);
    found.set(request.frame, { frame: request.frame, checksum, terminal: request.frame === head.end ? head.reason || true : false });
  }
  return [...found.values()];
}
