/**
 * Every player's inputs since frame 0: what is known, and what a missing one is taken for.
 * @module
 */
import { NEVER } from "../wire/codec.js";

/** @typedef {import("../wire/codec.js").Absence} Absence */

export class InputLog {
  /**
   * @param {object} options
   * @param {number[]} options.defaultInputs per player
   * @param {number[]} [options.absentInputs] per player: what stands in the frames of an absence (default: `defaultInputs`)
   * @param {"previous" | "default"} options.predict
   * @param {((input: number, player: number) => number) | null} [options.held] what stays of a last input that is not taken as a whole
   * @param {number[]} options.owners per player: the peer it plays at
   */
  constructor({ defaultInputs, absentInputs = defaultInputs, predict, held = null, owners }) {
    this.held = held;
    this.defaults = defaultInputs;
    this.absentInputs = absentInputs;
    this.predict = predict;
    this.owners = owners;
    /** @type {number[][]} per player, without gaps from frame 0 */
    this.columns = defaultInputs.map(() => []);
    /** @type {Absence[][]} per player */
    this.absences = defaultInputs.map(() => []);
    /** last row taken as final everywhere */
    this.final = -1;
  }

  /** @param {number} player @returns {number} first frame of an absence without end, else NEVER */
  #openFrom(player) {
    const last = this.absences[player].at(-1);
    return last?.to === NEVER ? last.from : NEVER;
  }

  /** @param {number} player @returns {number} all frames up to this one are known; NEVER when all that can come are */
  through(player) {
    const length = this.columns[player].length;
    return length >= this.#openFrom(player) ? NEVER : length - 1;
  }

  /** @param {number[]} [players] default all @returns {number} all frames up to this one are known of all of them */
  known(players = this.owners.map((_, player) => player)) {
    return Math.min(NEVER, ...players.map((player) => this.through(player)));
  }

  /** @param {number} player @param {number} frame @returns {number | undefined} undefined when it is not known */
  value(player, frame) {
    return this.columns[player][frame] ?? (frame >= this.#openFrom(player) ? this.absentInputs[player] : undefined);
  }

  /** @param {number} player @returns {number} what an unknown input is taken for */
  guess(player) {
    if (this.predict !== "default") return this.latest(player);
    return this.held ? this.held(this.latest(player), player) : this.defaults[player];
  }

  /** @param {number} player @returns {number} its last known input; whoever was absent until now has pressed nothing yet */
  latest(player) {
    const last = this.columns[player].at(-1);
    return last === undefined || last === this.absentInputs[player] ? this.defaults[player] : last;
  }

  /** @param {number} frame @returns {{inputs: number[], predicted: boolean}} */
  row(frame) {
    const values = this.defaults.map((_, player) => this.value(player, frame));
    return {
      inputs: values.map((value, player) => value ?? this.guess(player)),
      predicted: values.includes(undefined),
    };
  }

  /**
   * Take the next input of a player; any other frame than the next is not taken.
   * @param {number} player
   * @param {number} frame
   * @param {number} input
   * @returns {boolean} whether it was taken
   */
  push(player, frame, input) {
    if (frame !== this.columns[player].length || this.through(player) === NEVER) return false;
    this.columns[player].push(input);
    this.#fill(player);
    return true;
  }

  /**
   * Take one row that is final everywhere: it overrules what is here, and no schedule changes it. (The word that a player is back
   * may come after the first row with its own input.)
   * @param {number} frame at most one after the last one taken
   * @param {number[]} inputs per player
   */
  setRow(frame, inputs) {
    this.columns.forEach((column, player) => {
      column[frame] = inputs[player];
      this.#fill(player);
    });
    this.final = Math.max(this.final, frame);
  }

  /** @param {number} frame what was played before it is not known here and not needed */
  skipTo(frame) {
    this.columns.forEach((column, player) => {
      while (column.length < frame) column.push(this.defaults[player]);
      this.#fill(player);
    });
    this.final = Math.max(this.final, frame - 1);
  }

  /** @param {Absence[][]} absences per peer: inside them the absent input stands */
  useAbsences(absences) {
    this.columns.forEach((column, player) => {
      this.absences[player] = absences[this.owners[player]];
      for (const { from, to } of this.absences[player]) {
        const first = Math.max(from, this.final + 1);
        if (to === NEVER) column.length = Math.min(column.length, first);
        column.fill(this.absentInputs[player], first, to);
      }
      this.#fill(player);
    });
  }

  /** @param {number} player whoever comes back acted the default action until then */
  #fill(player) {
    const column = this.columns[player];
    for (const { from, to } of this.absences[player]) {
      if (to === NEVER || column.length < from) continue;
      while (column.length < to) column.push(this.absentInputs[player]);
    }
  }
}
