/**
 * Names of keys and buttons, as an action mapping writes them, and as people read them. Pure.
 * @module
 */
import { namesOf, normal } from "../../game/key_names.js";

/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {import("../text/index.js").TextKey} TextKey */

const MOUSE = ["MouseLeft", "MouseMiddle", "MouseRight"];
/** In the order of the browsers' standard gamepad. */
const GAMEPAD = [
  "GamepadA",
  "GamepadB",
  "GamepadX",
  "GamepadY",
  "GamepadLeftBumper",
  "GamepadRightBumper",
  "GamepadLeftTrigger",
  "GamepadRightTrigger",
  "GamepadBack",
  "GamepadStart",
  null,
  null,
  "GamepadUp",
  "GamepadDown",
  "GamepadLeft",
  "GamepadRight",
];
const STICK = 0.5;

/** @type {Record<string, TextKey>} */
const WRITTEN = {
  " ": "key.Space",
  Space: "key.Space",
  ArrowLeft: "key.ArrowLeft",
  ArrowRight: "key.ArrowRight",
  ArrowUp: "key.ArrowUp",
  ArrowDown: "key.ArrowDown",
  Enter: "key.Enter",
  Escape: "key.Escape",
  Shift: "key.Shift",
  ShiftLeft: "key.Shift",
  ShiftRight: "key.Shift",
  Control: "key.Control",
  ControlLeft: "key.Control",
  ControlRight: "key.Control",
  Alt: "key.Alt",
  AltLeft: "key.Alt",
  AltRight: "key.Alt",
  MouseLeft: "key.MouseLeft",
  MouseMiddle: "key.MouseMiddle",
  MouseRight: "key.MouseRight",
};

/**
 * @param {number} mask `buttons` of a pointer event
 * @returns {string[]}
 */
export function mouseButtons(mask) {
  const order = [1, 4, 2];
  return MOUSE.filter((_, index) => mask & (order[index] ?? 0));
}

/**
 * @param {{buttons: readonly {pressed: boolean}[], axes: readonly number[]}} pad
 * @returns {string[]} names of what is pressed; the first stick counts as the cross
 */
export function gamepadButtons({ buttons, axes }) {
  const pressed = new Set(GAMEPAD.filter((name, index) => name !== null && buttons[index]?.pressed));
  const [x = 0, y = 0] = axes;
  if (x < -STICK) pressed.add("GamepadLeft");
  if (x > STICK) pressed.add("GamepadRight");
  if (y < -STICK) pressed.add("GamepadUp");
  if (y > STICK) pressed.add("GamepadDown");
  return /** @type {string[]} */ ([...pressed].sort());
}

const STICKS = ["GamepadLeftX", "GamepadLeftY", "GamepadRightX", "GamepadRightY"];
/** Steps of a stick that are told apart: a stick at rest trembles. */
const STICK_STEPS = 256;

/**
 * @param {{axes: readonly number[]}[]} pads
 * @returns {Record<string, number>} name of an axis → -1 to 1, of the pad that is pushed farthest
 */
export function stickAxes(pads) {
  const farthest = (/** @type {number} */ index) => pads.map(({ axes }) => axes[index] ?? 0).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  return Object.fromEntries(STICKS.map((name, index) => [name, Math.round(farthest(index) * STICK_STEPS) / STICK_STEPS]));
}

/**
 * Whether a key event is one of the game's keys: by what it writes or by where it lies.
 * @param {Set<string>} used names of the action mapping, as `usedKeys` gives them
 * @param {{key: string, code: string}} event
 */
export const isGameKey = (used, { key, code }) => namesOf(used, code, key, true).some((name) => used.has(name));

/** @param {{keys: string[]}[]} mapping @returns {Set<string>} */
export const usedKeys = (mapping) => new Set(mapping.flatMap(({ keys }) => keys.map(normal)));

/**
 * The keys to tell the player: each once; combinations only when they bring in a key of their own.
 * @param {{keys: string[]}[]} mapping
 * @returns {string[][]}
 */
export function keysToTell(mapping) {
  /** @type {Set<string>} */
  const told = new Set();
  const bySize = [...mapping].sort((a, b) => a.keys.length - b.keys.length);
  return bySize.flatMap(({ keys }) => {
    if (keys.every((key) => told.has(key))) return [];
    for (const key of keys) told.add(key);
    return [keys];
  });
}

/**
 * The keys to put on a touch screen: what one finger can press. Of several keys for one action the first, as a person
 * without a keyboard has no use for the others.
 * @param {{keys: string[], action?: unknown}[]} mapping
 * @returns {string[]}
 */
export function keysToTouch(mapping) {
  /** @type {Set<string>} */
  const actions = new Set();
  const first = mapping.filter(({ keys, action }) => {
    const name = JSON.stringify(action ?? keys);
    return !actions.has(name) && actions.add(name);
  });
  return [...new Set(keysToTell(first).flat())];
}

/** @type {Record<string, "up"|"left"|"down"|"right">} */
const WAYS = { arrowup: "up", arrowleft: "left", arrowdown: "down", arrowright: "right", w: "up", a: "left", s: "down", d: "right" };

/**
 * Where a key leads, for those that lie like a cross.
 * @param {string} key
 */
export const wayOf = (key) => WAYS[key.replace(/^Key(?=.$)/, "").toLowerCase()] ?? null;

/**
 * @param {string} key
 * @param {Translate} t
 */
export function keyText(key, t) {
  const known = WRITTEN[key];
  if (known) return t(known);
  if (key.startsWith("Gamepad")) return t("key.Gamepad", { button: key.slice("Gamepad".length) });
  return key.replace(/^(Key|Digit)(?=.$)/, "").replace(/^[a-z]$/, (letter) => letter.toUpperCase());
}
