/**
 * Episodes that are over here: whoever comes back into one of them gets its rows and its end, whatever is played meanwhile.
 * @module
 */
import { MAX_ROWS } from "../wire/codec.js";
import { rowsFor } from "./blocks.js";
import { awayFrom, copySchedule, isAbsent } from "./schedule.js";

/** @typedef {import("./episode.js").Episode} Episode */
/** @typedef {import("../wire/codec.js").ControlMessage} ControlMessage */

/** @param {Episode} episode @param {number} reader @returns {import("../wire/codec.js").Schedule} it is absent from the end on, whatever it was before */
function scheduleFor({ agreement, confirmedFrame }, reader) {
  const schedule = copySchedule(agreement.schedule);
  schedule.version += 1;
  // It may have been absent or back beyond the end: inputs are made before their frames.
  if (!isAbsent(schedule, reader)) schedule.absences[reader] = awayFrom(schedule.absences[reader], confirmedFrame + 1);
  return schedule;
}

export class Past {
  /** @type {Map<number, Episode>} */
  #episodes = new Map();

  /** @param {Episode} episode left for the next one */
  keep(episode) {
    if (episode.ending.over) this.#episodes.set(episode.number, episode);
  }

  /**
   * @param {number} number
   * @param {number} reader a peer
   * @param {number} have last frame it has
   * @returns {ControlMessage[]} who was absent, what it lacks, and the end; empty when we cannot help
   */
  answer(number, reader, have) {
    const episode = this.#episodes.get(number);
    if (!episode || have + 1 < episode.importedFrom) return [];
    const { confirmedFrame: last, agreement, ending, timeline } = episode;
    /** @type {ControlMessage[]} */
    const messages = [{ type: "schedule", episode: number, schedule: scheduleFor(episode, reader) }];
    for (let first = have + 1; first <= last; first += MAX_ROWS) {
      const end = Math.min(last + 1, first + MAX_ROWS);
      const block = { first, ...rowsFor(episode, reader, first, end) };
      if (block.rows.length < end - first) return [];
      messages.push({ type: "rows", episode: number, known: last, players: block.rows[0].length, block });
    }
    const reason = ending.reason(last, timeline, agreement.schedule);
    return [...messages, { type: "end", episode: number, digest: agreement.digest, frame: last, reason, final: true }];
  }
}
