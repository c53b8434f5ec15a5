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
  for (const request of orders.requests) add(flat, request);
  const silent = rollback ? [] : orders.requests.filter((request) => request.type === "step" && !request.draw);
  if (silent.length) flat.push(ORDER.MUTE, silent[silent.length - 1].frame);
  if (orders.confirmed) flat.push(ORDER.CONFIRM, orders.confirmed.last);
  if (rollback && orders.requests.length) flat.push(ORDER.KEEP, orders.keepFrom, orders.anchors.length, ...orders.anchors);
  if (shown && orders.requests.some((request) => request.type === "step" && request.draw)) flat.push(ORDER.DRAW, 0);
  return flat;
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
