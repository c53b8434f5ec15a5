/**
 * The game's keys below the picture: to read where there is a keyboard, to press where there is a touch screen.
 * @module
 */
import { keyBindings } from "../../game/controls.js";
import { el } from "../dom.js";
import { keysToTell, keysToTouch, keyText, wayOf } from "./keys.js";

/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {import("./input_capture.js").InputMessage} InputMessage */

/** Keys of a keyboard: buttons of a mouse or gamepad explain themselves to those who hold one. */
const isKey = (/** @type {string} */ key) => !key.startsWith("Mouse") && !key.startsWith("Gamepad");

const stamp = (/** @type {Event} */ event) => performance.timeOrigin + event.timeStamp;

/**
 * @param {string} key
 * @param {Translate} t
 * @param {(message: InputMessage) => void} press
 */
function touchKey(key, t, press) {
  const tell = (/** @type {"keydown" | "keyup"} */ kind) => (/** @type {PointerEvent} */ event) => {
    event.preventDefault();
    press({ type: "input", kind, code: key, key, atMs: stamp(event) });
  };
  const pad = el("button", { type: "button", class: "key key-pad", tabindex: -1, onpointerdown: tell("keydown") }, keyText(key, t));
  for (const ending of /** @type {const} */ (["pointerup", "pointercancel", "pointerleave"])) pad.addEventListener(ending, tell("keyup"));
  pad.addEventListener("contextmenu", (event) => event.preventDefault());
  return pad;
}

/**
 * The ways for one thumb, everything else for the other: beside the game where the screen is wide and low.
 * @param {string[]} keys
 * @param {HTMLElement | null} moves
 * @param {Translate} t
 * @param {(message: InputMessage) => void} press
 */
function touchKeys(keys, moves, t, press) {
  const pads = keys.map((key) => ({ key, way: wayOf(key), pad: touchKey(key, t, press) }));
  for (const { way, pad } of pads) if (way) pad.style.gridArea = way;
  const part = (/** @type {string} */ name, /** @type {boolean} */ ways) => {
    const found = pads.filter(({ way }) => (way !== null) === ways).map(({ pad }) => pad);
    return found.length ? el("div", { class: `keys-part ${name}` }, found) : null;
  };
  return el("div", { class: "keys keys-touch", role: "group", "aria-label": t("game.keys") }, [moves, part("keys-ways", true), part("keys-acts", false)]);
}

/**
 * @param {import("../../game/messages.js").Controls} controls
 * @param {"mouse"|"touch"} device
 * @param {Translate} t
 */
function pointerHint({ analog }, device, t) {
  const asked = analog.some(({ sources }) => sources.some((source) => source.startsWith(device)));
  return asked ? el("span", null, t(`game.pointer.${device}`)) : null;
}

/**
 * @param {{spec: Record<string, any>, controls: import("../../game/messages.js").Controls, t: Translate, press: (message: InputMessage) => void}} options
 * @returns {HTMLElement | null} null when there is nothing to tell
 */
export function keyHints({ spec, controls, t, press }) {
  const sets = keysToTell(keyBindings(controls)).filter((keys) => keys.every(isKey));
  const coarse = matchMedia("(pointer: coarse)").matches;
  const moves = pointerHint(controls, coarse ? "touch" : "mouse", t);
  if (!sets.length && !moves) return null;
  if (coarse) return touchKeys(keysToTouch(keyBindings(controls)).filter(isKey), moves, t, press);
  // The researcher's own words beside the game tell the keys better than a list can.
  if (spec.content?.in_game_body) return null;
  const shown = sets.map((keys) => el("li", { class: "keys-set" }, keys.flatMap((key, index) => [index ? "+" : null, el("kbd", { class: "key" }, keyText(key, t))])));
  return el("ul", { class: "keys", "aria-label": t("game.keys") }, [moves && el("li", { class: "keys-set" }, moves), ...shown]);
}
