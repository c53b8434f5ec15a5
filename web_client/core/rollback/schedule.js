/**
 * The schedule: everything the peers of an episode agreed upon. Equal schedules have equal digests; packets made under
 * another schedule are not mixed with ours.
 * @module
 */
import { hash128 } from "../hash.js";
import { Writer } from "../wire/bytes.js";
import { NEVER, writeSchedule } from "../wire/codec.js";

/** @typedef {import("../wire/codec.js").Schedule} Schedule */

export const MOST_PEERS = 8;

/** @returns {Schedule} everybody present, nothing decided */
export function emptySchedule() {
  const absences = Array.from({ length: MOST_PEERS }, () => []);
  return { version: 0, lives: new Array(MOST_PEERS).fill(0), absences, stopAt: NEVER, stopReason: "", epoch: 0, resyncFrom: -1, cleanFrom: 0 };
}

/** @param {Schedule} schedule @returns {number} unsigned 32-bit */
export function digestOf(schedule) {
  const writer = new Writer();
  writeSchedule(writer, schedule);
  return hash128(writer.done())[0] >>> 0;
}

/** @param {Schedule} schedule @param {number} peer @returns {number} the first frame of an absence without end, NEVER when present */
export function absentFrom(schedule, peer) {
  const last = schedule.absences[peer]?.at(-1);
  return last?.to === NEVER ? last.from : NEVER;
}

/** @param {Schedule} schedule @param {number} peer */
export const isAbsent = (schedule, peer) => absentFrom(schedule, peer) !== NEVER;

/** @param {Schedule} schedule @returns {Schedule} */
export function copySchedule(schedule) {
  return { ...schedule, lives: schedule.lives.slice(), absences: schedule.absences.map((list) => list.map((absence) => ({ ...absence }))) };
}

/**
 * One peer alone plays on from a frame: what was decided about later frames is undone, and everybody else is absent from there.
 * @param {Schedule} schedule
 * @param {{peer: number, life: number, others: number[], from: number, version: number}} founding `peer` plays on; `version` of the new schedule
 * @returns {Schedule}
 */
export function playedOnBy(schedule, { peer, life, others, from, version }) {
  const founded = copySchedule(schedule);
  founded.version = version;
  founded.lives[peer] = life;
  founded.absences = founded.absences.map((list, other) => (others.includes(other) ? awayFrom(list, from) : until(list, from)));
  return founded;
}

/** @typedef {import("../wire/codec.js").Absence} Absence */
/** @param {Absence[]} list @param {number} frame @returns {Absence[]} nothing of this frame and later ones */
const until = (list, frame) => list.filter(({ from }) => from < frame).map(({ from, to }) => ({ from, to: Math.min(to, frame) }));

/** @param {Absence[]} list @param {number} frame @returns {Absence[]} absent from this frame on; what was decided about later ones is undone */
export function awayFrom(list, frame) {
  const before = until(list, frame);
  const last = before.at(-1);
  if (last?.to === frame) last.to = NEVER;
  else before.push({ from: frame, to: NEVER });
  return before;
}

/** @param {Schedule} schedule @param {number} peer @param {number} frame in which it was absent; told in order */
export function addAbsent({ absences }, peer, frame) {
  const last = absences[peer].at(-1);
  if (last?.to === frame) last.to = frame + 1;
  else absences[peer].push({ from: frame, to: frame + 1 });
}

/** @param {Iterable<number>} peers @returns {number} a bit for each peer 0 … 7 */
export function maskOf(peers) {
  let mask = 0;
  for (const peer of peers) mask |= 1 << peer;
  return mask;
}

/** @param {number} mask @returns {number[]} ascending */
export function peersOf(mask) {
  return Array.from({ length: MOST_PEERS }, (_, peer) => peer).filter((peer) => mask & (1 << peer));
}
