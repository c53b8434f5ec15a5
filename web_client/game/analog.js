/**
 * Analogue inputs: where sticks and the pointer are, as digits of the player's input beside the key.
 * @module
 */

import { encodingOf } from "../core/actions.js";
import { namesOf, normal } from "./key_names.js";

/** Inputs with a meaning of their own; the numbers of analogue inputs go around them, as `igym_bridge/analog.py` does. */
const FIRST_SPECIAL = 65_533;
const SPECIALS = 3;

/** @typedef {{name: string, component: number|null, part: (string|number)[]|null, sources: string[], low: number, high: number, levels: number, dead_zone: number,
 *   role?: string, keys?: Record<string, number>}} Axis `role`: it says something beside the action, and keys stand for its digits */
/** @typedef {{kind: string, code?: string, key?: string, x?: number, y?: number, pointer?: string, axes?: Record<string, number>, buttons?: string[]}} Told of the page's messages */

/** @param {number} code @returns {number} the input for a code from 0 on */
export const numberOf = (code) => (code < FIRST_SPECIAL ? code : code + SPECIALS);

/** @param {number} input @returns {number|null} null of one with a meaning of its own */
export function codeOf(input) {
  if (input < FIRST_SPECIAL) return input;
  return input >= FIRST_SPECIAL + SPECIALS ? input - SPECIALS : null;
}

/** @param {number} input @param {number} keys how many keys count, "none" included @returns {number} the key */
export function keyOf(input, keys) {
  const code = codeOf(input);
  return code === null ? input : code % keys;
}

/** The same input without its key: sticks stay where they are. @param {number} input @param {number} keys */
export function withoutKey(input, keys) {
  const code = codeOf(input);
  return code === null ? input : numberOf(code - (code % keys));
}

/** @param {number} value of a stick, -1 to 1 @param {number} zone */
function beyond(value, zone) {
  const size = Math.abs(value);
  return size <= zone ? 0 : (Math.sign(value) * (Math.min(1, size) - zone)) / (1 - zone);
}

/** The keys of an axis that says something beside the action: the last one held counts, and a short tap for one frame. */
class RoleKeys {
  #digits;
  #named;
  /** Key → digit, the last pressed last. @type {Map<string, number>} */ #held = new Map();
  #tapped = 0;
  #used = 0;

  /** @param {Record<string, number>} keys */
  constructor(keys) {
    this.#digits = new Map(Object.entries(keys).map(([name, digit]) => [normal(name), digit]));
    this.#named = new Set(this.#digits.keys());
  }

  /** @param {Told} message */
  hear({ kind, code = "", key = "", buttons = [] }) {
    if (kind === "keydown") this.#down(code, namesOf(this.#named, code, key, false));
    else if (kind === "keyup") this.#held.delete(code);
    else if (kind === "blur") this.#held.clear();
    else if (kind === "mouse" || kind === "gamepad") this.#buttons(kind === "mouse" ? "Mouse" : "Gamepad", buttons);
  }

  /** @param {string} code @param {string[]} names */
  #down(code, names) {
    const digit = names.map((name) => this.#digits.get(name)).find((found) => found !== undefined);
    if (digit === undefined || this.#held.has(code)) return;
    this.#held.set(code, digit);
    this.#tapped = digit;
  }

  /** @param {string} device @param {string[]} pressed */
  #buttons(device, pressed) {
    for (const code of this.#held.keys()) if (code.startsWith(device) && !pressed.includes(code)) this.#held.delete(code);
    for (const code of pressed) this.#down(code, [code]);
  }

  /** 0: nothing pressed. */
  get digit() {
    return [...this.#held.values()].at(-1) ?? this.#tapped;
  }

  /** A frame has it. */
  sampled() {
    this.#used = this.#tapped;
    this.#tapped = 0;
  }

  giveBack() {
    this.#tapped ||= this.#used;
  }
}

export class Analog {
  #axes;
  #encoding;
  #surface;
  #keys;
  /** The value of each axis. @type {number[]} */ #values;
  /** Place of an axis → its keys. @type {Map<number, RoleKeys>} */ #roles;

  /**
   * @param {Axis[]} axes
   * @param {number} keys entries of the action mapping, and none
   * @param {{width: number, height: number}} surface
   */
  constructor(axes, keys, surface) {
    this.#axes = axes;
    this.#keys = keys;
    this.#surface = surface;
    const spaces = axes.map(({ low, high, levels, role }) =>
      role ? /** @type {const} */ ({ type: "discrete", n: levels }) : /** @type {const} */ ({ type: "axis", low, high, levels }),
    );
    this.#encoding = encodingOf({ type: "tuple", spaces: [{ type: "discrete", n: keys }, ...spaces] });
    this.#values = axes.map(({ low, high }) => (low + high) / 2);
    this.#roles = new Map(axes.flatMap(({ role, keys = {} }, index) => (role ? [/** @type {const} */ ([index, new RoleKeys(keys)])] : [])));
    this.#readRoles();
  }

  /** Codes are 0 … count - 1. */
  get count() {
    return this.#encoding.size;
  }

  /** @param {Told} message @returns {boolean} whether a value is another one now */
  hear(message) {
    const before = this.input(0);
    const shares = this.#sharesOf(message);
    this.#axes.forEach(({ sources, low, high, dead_zone }, index) => {
      for (const source of sources) {
        const share = shares[source];
        if (share === undefined) continue;
        const centred = source.startsWith("Gamepad") ? beyond(share * 2 - 1, dead_zone) / 2 + 0.5 : share;
        this.#values[index] = low + (high - low) * Math.min(1, Math.max(0, centred));
      }
    });
    for (const keys of this.#roles.values()) keys.hear(message);
    this.#readRoles();
    return this.input(0) !== before;
  }

  #readRoles() {
    for (const [index, keys] of this.#roles) this.#values[index] = keys.digit;
  }

  /** @param {number} key @returns {number} the input of a frame: what was only tapped counts once */
  sample(key) {
    const input = this.input(key);
    for (const keys of this.#roles.values()) keys.sampled();
    this.#readRoles();
    return input;
  }

  /** The last sample was taken for no frame. */
  giveBack() {
    for (const keys of this.#roles.values()) keys.giveBack();
    this.#readRoles();
  }

  /**
   * @param {Told} message
   * @returns {Record<string, number|undefined>} source → how far along it is, 0 to 1
   */
  #sharesOf({ kind, x, y, pointer, axes = {} }) {
    if (kind === "gamepad") return Object.fromEntries(Object.entries(axes).map(([name, value]) => [name, (value + 1) / 2]));
    if (kind !== "mouse" || x === undefined || y === undefined) return {};
    const device = pointer === "touch" ? "touch" : "mouse";
    return { [`${device}_x`]: x / this.#surface.width, [`${device}_y`]: y / this.#surface.height };
  }

  /** @param {number} key @returns {number} the player's input with this key */
  input(key) {
    return numberOf(this.#encoding.encode([key, ...this.#values]));
  }

  /** @param {number} input @returns {{key: number, values: Record<string, number>}} */
  told(input) {
    const [key, ...values] = this.#encoding.decode(codeOf(input) ?? 0);
    const letters = ["x", "y"];
    const named = this.#axes.map(({ name, component }, index) => [component === null ? name : `${name}.${letters[component]}`, values[index]]);
    return { key: Math.min(key, this.#keys - 1), values: Object.fromEntries(named) };
  }
}

/**
 * @param {{action_mapping: unknown[], analog: Axis[]}} controls
 * @param {{width: number, height: number}} surface
 * @returns {Analog|null} null without analogue inputs
 */
export const analogOf = ({ action_mapping, analog }, surface) => (analog.length ? new Analog(analog, action_mapping.length + 1, surface) : null);
