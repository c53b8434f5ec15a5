/**
 * Between the rollback's orders and the bridge's flat requests.
 * @module
 */

import { ORDER } from "./env_link.js";

/** @typedef {import("../core/rollback/types.js").Orders} Orders */
/** @typedef {import("../core/rollback/types.js").StepResult} StepResult */
/** @typedef {import("./env_link.js").Head} Head */

/**
 * @param {Orders} orders
 * @param {boolean} rollback whether snapshots are kept at all
 * @param {boolean} shown false: nobody is looking, so nothing is drawn
 * @returns {number[]} what `EnvLink.run` takes
 */
export function encode(orders, rollback, shown) {
  /** @type {number[]} */ const flat = [];
  const { silent, drawn } = addAll(flat, orders.requests);
  if (!rollback && silent >= 0) flat.push(ORDER.MUTE, silent);
  if (orders.confirmed) flat.push(ORDER.CONFIRM, orders.confirmed.last);
  if (rollback && orders.requests.length) flat.push(ORDER.KEEP, orders.keepFrom, orders.anchors.length, ...orders.anchors);
  if (shown && drawn) flat.push(ORDER.DRAW, 0);
  return flat;
}

/**
 * @param {number[]} flat
 * @param {import("../core/rollback/types.js").Request[]} requests
 * @returns {{silent: number, drawn: boolean}} the last frame that is not shown, -1: none; whether one is
 */
function addAll(flat, requests) {
  let silent = -1;
  let drawn = false;
  for (const request of requests) {
    add(flat, request);
    if (request.type !== "step") continue;
    if (request.draw) drawn = true;
    else silent = request.frame;
  }
  return { silent, drawn };
}

/**
 * @param {number[]} flat
 * @param {import("../core/rollback/types.js").Request} request
 */
function add(flat, request) {
  const { type, frame } = request;
  if (type === "load") flat.push(ORDER.LOAD, frame);
  else if (type === "save") flat.push(ORDER.SAVE, frame);
  else flat.push(ORDER.STEP, frame, ...request.inputs);
  if (type === "step" && request.checksum) flat.push(ORDER.CHECK, frame);
}

/**
 * What running a tick's steps gave, for the rollback. After a terminal step the others did nothing.
 * @param {Orders} orders
 * @param {Head} head
 * @returns {StepResult[]}
 */
export function results(orders, head) {
  if (isUneventful(orders.requests, head)) return [{ frame: orders.requests[0].frame, checksum: undefined, terminal: false }];
  const sums = new Map(head.checks ?? []);
  /** @type {Map<number, StepResult>} */ const found = new Map();
  for (const request of orders.requests) {
    if (request.type !== "step" || (head.end >= 0 && request.frame > head.end)) continue;
    const checksum = sums.get(request.frame);
    found.delete(request.frame);
    found.set(request.frame, { frame: request.frame, checksum, terminal: request.frame === head.end ? head.reason || true : false });
  }
  return [...found.values()];
}

/**
 * As it is most of the time: one frame, and nothing to say of it.
 * @param {import("../core/rollback/types.js").Request[]} requests
 * @param {Head} head
 */
const isUneventful = (requests, head) => requests.length === 1 && requests[0].type === "step" && head.end < 0 && !head.checks;
