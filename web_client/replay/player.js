/**
 * Where a replay stands: which frame is shown, how fast it goes on, how far it can go yet. Knows no clock and no page.
 * @module
 */

import { analogOf } from "../game/analog.js";
import { ABSENT } from "../game/match_options.js";
import { END, LATE } from "../game/moves.js";

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16];

export class Player {
  playing = false;
  speed = 1;
  /** Frames that were run; the others cannot be shown yet. */
  reached = 0;
  #position = -1;

  /** @param {{frames: number, fps: number}} episode */
  constructor({ frames, fps }) {
    this.frames = frames;
    this.fps = fps;
  }

  /** The frame that is shown; -1: before the first. */
  get frame() {
    return Math.floor(this.#position);
  }

  /** Seconds of play after which the frame was over. */
  get seconds() {
    return (this.frame + 1) / this.fps;
  }

  /** @param {number} frame stays between the start and the last frame */
  seek(frame) {
    this.#position = Math.max(-1, Math.min(this.frames - 1, frame));
  }

  /** @param {number} by frames, backwards when negative */
  step(by) {
    this.playing = false;
    this.seek(this.frame + by);
  }

  /** Play or pause; at the end, play starts over. */
  toggle() {
    if (!this.playing && this.frame >= this.frames - 1) this.seek(-1);
    this.playing = !this.playing;
  }

  /** @param {number} elapsedMs since the last call */
  pass(elapsedMs) {
    if (!this.playing) return;
    // What is not there yet is waited for, not skipped.
    this.#position = Math.min(this.#position + (elapsedMs / 1000) * this.fps * this.speed, Math.max(-1, this.reached - 1));
    if (this.frame >= this.frames - 1) this.playing = false;
  }
}

/**
 * @param {number} input
 * @param {import("../game/messages.js").Controls} controls
 * @returns {string} what was pressed
 */
export function inputText(input, controls) {
  const special = { [ABSENT]: "away", [LATE]: "too late", [END]: "too late" }[input];
  if (special) return special;
  const { key, values } = analogOf(controls, { width: 1, height: 1 })?.told(input) ?? { key: input, values: {} };
  const pressed = controls.action_mapping[key - 1]?.keys.join(" + ") ?? (key === 0 ? "nothing" : `input ${key}`);
  return [pressed, ...Object.entries(values).map(([name, value]) => `${name} ${valueText(value)}`)].join(", ");
}

/** @param {number} seconds */
export function clockText(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - minutes * 60).toFixed(2).padStart(5, "0")}`;
}

/**
 * @param {any} value
 * @returns {string}
 */
export function valueText(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return String(Math.round(value * 1e4) / 1e4);
  return typeof value === "string" ? value : JSON.stringify(value);
}
