/**
 * Everything a participant does with keyboard, pointer and gamepad in a match, for studies that record it: told to the host in
 * batches that the browser keeps until it has them. The game itself is not touched by it.
 * @module
 */
import { drawId } from "./browser_facts.js";

/** @typedef {import("../ui/game/input_capture.js").InputMessage} InputMessage */
/** @typedef {import("../protocol/client_messages.js").InputEvent} InputEvent */
/** @typedef {"mouse" | "touch" | "pen" | "gamepad"} Pressing */

const TELL_EVERY_MS = 1000;
const MOST_AT_ONCE = 400;
/** A page in a loop of events must not fill the disk: of moves and sticks so many are told each second, of presses ten times as many as anybody makes. */
const MOST_MOVES_PER_S = 250;
const MOST_PRESSES_PER_S = 200;
const LONGEST_NAME = 40;

/** @param {string} [name] */
const short = (name) => (name ?? "").slice(0, LONGEST_NAME);

/** @param {number} value @param {number} steps of one unit */
const rounded = (value, steps) => Math.round(value * steps) / steps;

export class InputLog {
  /** @type {InputEvent[]} */
  #events = [];
  #first = 0;
  #leftOut = 0;
  #due = false;
  /** @type {{episode: number, frame: number} | null} */
  #shown = null;
  /** Buttons that are down. @type {Map<Pressing, string[]>} */
  #buttons = new Map();
  /** @type {Record<string, number>} */
  #axes = {};
  /** @type {{x: number, y: number} | null} */
  #at = null;
  #second = { since: -Infinity, moves: 0, presses: 0 };
  #setting;

  /**
   * @param {{visit: number, match: string, page: string, toHost: (atMs: number) => number, later: (run: () => void, delayMs: number) => unknown, keep: (key: string, body: any) => void}} setting
   *   `page`: an id drawn for this page and match; `toHost`: from this browser's unix ms to the host's; `keep`: puts a batch on its way
   */
  constructor(setting) {
    this.#setting = setting;
  }

  /** @param {InputMessage} message */
  hear({ kind, code, key, x = 0, y = 0, pointer, buttons = [], axes = {}, atMs }) {
    if (kind === "blur") this.#blurred(atMs);
    else if (kind === "gamepad") this.#gamepad(atMs, buttons, axes);
    else if (kind === "mouse") this.#pointer(atMs, pointer, buttons, { x: rounded(x, 10), y: rounded(y, 10) });
    else this.#add(atMs, { kind: kind === "keydown" ? "down" : "up", device: "keyboard", code: short(code), key: short(key) });
  }

  /**
   * Which picture stands on the display from now on.
   * @param {{episode: number, frame: number}} picture
   */
  shown({ episode, frame }) {
    this.#shown = { episode, frame: Math.max(0, frame) };
  }

  /** What was not told yet goes now: the match, or the page, ends. */
  flush() {
    const { visit, match, page, keep } = this.#setting;
    while (this.#events.length) {
      const events = this.#events.splice(0, MOST_AT_ONCE);
      keep(`${match}\n${page}\n${this.#first}`, { visit, match, page, first: this.#first, left_out: this.#leftOut, events });
      this.#first += events.length;
    }
  }

  /** @param {number} atMs */
  #blurred(atMs) {
    this.#buttons.clear();
    this.#add(atMs, { kind: "blur" });
  }

  /**
   * @param {number} atMs
   * @param {string | undefined} type
   * @param {string[]} buttons
   * @param {{x: number, y: number}} where
   */
  #pointer(atMs, type, buttons, where) {
    const device = type === "touch" || type === "pen" ? type : "mouse";
    if (!this.#pressed(atMs, device, buttons, where) && (where.x !== this.#at?.x || where.y !== this.#at.y)) this.#add(atMs, { kind: "move", device, ...where });
    this.#at = where;
  }

  /**
   * @param {number} atMs
   * @param {string[]} buttons
   * @param {Record<string, number>} axes
   */
  #gamepad(atMs, buttons, axes) {
    this.#pressed(atMs, "gamepad", buttons, {});
    for (const [code, value] of Object.entries(axes)) {
      if (value !== (this.#axes[code] ?? 0)) this.#add(atMs, { kind: "axis", device: "gamepad", code: short(code), value });
      this.#axes[code] = value;
    }
  }

  /**
   * @param {number} atMs
   * @param {Pressing} device
   * @param {string[]} now
   * @param {{x?: number, y?: number}} where
   * @returns {boolean} whether a button went down or up
   */
  #pressed(atMs, device, now, where) {
    const before = this.#buttons.get(device) ?? [];
    this.#buttons.set(device, now);
    for (const code of before) if (!now.includes(code)) this.#add(atMs, { kind: "up", device, code: short(code), ...where });
    for (const code of now) if (!before.includes(code)) this.#add(atMs, { kind: "down", device, code: short(code), ...where });
    return before.length !== now.length || before.some((code) => !now.includes(code));
  }

  /**
   * @param {number} atMs
   * @param {Omit<InputEvent, "at_ms">} event
   */
  #add(atMs, event) {
    if (!this.#hasRoom(atMs, event.kind === "move" || event.kind === "axis")) {
      this.#leftOut += 1;
      return;
    }
    this.#events.push({ at_ms: rounded(this.#setting.toHost(atMs), 100), ...event, ...this.#shown });
    if (this.#events.length >= MOST_AT_ONCE) this.flush();
    if (this.#due) return;
    this.#due = true;
    this.#setting.later(() => ((this.#due = false), this.flush()), TELL_EVERY_MS);
  }

  /**
   * @param {number} atMs
   * @param {boolean} moves
   */
  #hasRoom(atMs, moves) {
    if (Math.abs(atMs - this.#second.since) >= 1000) this.#second = { since: atMs, moves: 0, presses: 0 };
    return moves ? ++this.#second.moves <= MOST_MOVES_PER_S : ++this.#second.presses <= MOST_PRESSES_PER_S;
  }
}

/**
 * @param {any} scene as the host showed it
 * @param {{link: {clock: {offsetMs: number}}, uploader: {addMessage: (key: string, type: string, body: any) => void}}} services
 * @returns {InputLog | null} null where the scene does not record inputs
 */
export function inputLogOf({ visit, match, spec }, { link, uploader }) {
  if (!spec.runtime?.record?.includes("input")) return null;
  return new InputLog({
    visit,
    match: String(match.id),
    page: drawId("i"),
    toHost: (atMs) => atMs + link.clock.offsetMs,
    later: (run, delayMs) => setTimeout(run, delayMs),
    keep: (key, body) => uploader.addMessage(key, "input_log", body),
  });
}
