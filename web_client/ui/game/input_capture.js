/**
 * Keys, pointer and gamepads in play, as raw as they come, for the game worker.
 * @module
 */
import { gamepadButtons, isGameKey, mouseButtons, stickAxes } from "./keys.js";

/**
 * @typedef {{type: "input", kind: "keydown" | "keyup" | "mouse" | "gamepad" | "blur", code?: string, key?: string, x?: number, y?: number, pointer?: string, axes?: Record<string, number>, buttons?: string[], atMs: number}} InputMessage
 * `atMs` unix ms of this browser; x and y in the env's coordinates; `pointer`: mouse, touch or pen; `axes`: of the sticks, -1 to 1
 */

/** @param {EventTarget | null} target */
const isEditable = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/**
 * A shortcut of the browser or the system stays theirs.
 * @param {KeyboardEvent} event
 * @param {Set<string>} used
 */
function isShortcut(event, used) {
  // AltGr writes characters, and shows as Ctrl and Alt on Windows.
  if (event.getModifierState("AltGraph")) return false;
  const control = event.ctrlKey && !["Control", "ControlLeft", "ControlRight"].some((key) => used.has(key));
  const alt = event.altKey && !used.has("Alt") && !used.has("AltLeft") && !used.has("AltRight");
  return control || event.metaKey || alt;
}

/**
 * @param {{stage: HTMLElement, width: number, height: number, used: Set<string>, sticks?: boolean, emit: (message: InputMessage) => void}} options
 *   `sticks`: the game has analogue inputs for them
 * @returns {() => void} stops listening
 */
export function captureInput({ stage, width, height, used, sticks = false, emit }) {
  const ending = new AbortController();
  const { signal } = ending;
  const stamp = (/** @type {Event} */ event) => performance.timeOrigin + event.timeStamp;
  listenToKeys({ used, emit, stamp, signal });
  listenToPointer({ stage, width, height, used, emit, stamp, signal });
  const release = (/** @type {Event} */ event) => emit({ type: "input", kind: "blur", atMs: stamp(event) });
  window.addEventListener("blur", release, { signal });
  document.addEventListener("visibilitychange", (event) => document.hidden && release(event), { signal });
  const stopPads = pollGamepads(emit, sticks);
  return () => {
    ending.abort();
    stopPads();
  };
}

/**
 * @param {{used: Set<string>, emit: (message: InputMessage) => void, stamp: (event: Event) => number, signal: AbortSignal}} options
 */
function listenToKeys({ used, emit, stamp, signal }) {
  /** Keys the game was told are down: their release is told whatever has the focus by then. */
  const down = new Set();
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || isEditable(event.target) || document.querySelector("dialog[open]")) return;
    if (isShortcut(event, used)) return;
    // Only the game's own keys are taken from the page: scrolling, tabbing and zooming go on with all others.
    if (isGameKey(used, event)) event.preventDefault();
    if (event.repeat) return;
    down.add(event.code);
    emit({ type: "input", kind: "keydown", code: event.code, key: event.key, atMs: stamp(event) });
  };
  const released = (/** @type {KeyboardEvent} */ event) => {
    if (!down.delete(event.code)) return;
    if (isGameKey(used, event)) event.preventDefault();
    emit({ type: "input", kind: "keyup", code: event.code, key: event.key, atMs: stamp(event) });
  };
  window.addEventListener("keydown", pressed, { signal });
  window.addEventListener("keyup", released, { signal });
  window.addEventListener("blur", () => down.clear(), { signal });
}

/**
 * @param {{stage: HTMLElement, width: number, height: number, used: Set<string>, emit: (message: InputMessage) => void, stamp: (event: Event) => number, signal: AbortSignal}} options
 */
function listenToPointer({ stage, width, height, used, emit, stamp, signal }) {
  const told = (/** @type {PointerEvent} */ event) => {
    const box = stage.getBoundingClientRect();
    const x = ((event.clientX - box.left) / (box.width || 1)) * width;
    const y = ((event.clientY - box.top) / (box.height || 1)) * height;
    emit({ type: "input", kind: "mouse", x, y, pointer: event.pointerType, buttons: mouseButtons(event.buttons), atMs: stamp(event) });
  };
  const pressed = (/** @type {PointerEvent} */ event) => {
    // A drag that leaves the stage still belongs to the game.
    stage.setPointerCapture(event.pointerId);
    told(event);
  };
  stage.addEventListener("pointerdown", pressed, { signal });
  for (const kind of /** @type {const} */ (["pointermove", "pointerup", "pointercancel"])) stage.addEventListener(kind, told, { signal });
  if (used.has("MouseRight")) stage.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
}

/**
 * Gamepads make no events of their own; they are looked at once per display frame while one is plugged in.
 * @param {(message: InputMessage) => void} emit
 * @param {boolean} sticks
 */
function pollGamepads(emit, sticks) {
  let before = JSON.stringify([[], {}]);
  let request = 0;
  const look = () => {
    const pads = [...(navigator.getGamepads?.() ?? [])].filter((pad) => pad !== null);
    const buttons = [...new Set(pads.flatMap(gamepadButtons))].sort();
    const axes = sticks ? stickAxes(pads) : {};
    const now = JSON.stringify([buttons, axes]);
    if (now !== before) emit({ type: "input", kind: "gamepad", buttons, axes, atMs: performance.timeOrigin + performance.now() });
    before = now;
    request = pads.length ? requestAnimationFrame(look) : 0;
  };
  const plugged = () => {
    if (!request) request = requestAnimationFrame(look);
  };
  // Listening alone has the browser look for gamepads, and wait for them: not in the task that shows the game.
  const begun = setTimeout(() => {
    window.addEventListener("gamepadconnected", plugged);
    plugged();
  });
  return () => {
    clearTimeout(begun);
    window.removeEventListener("gamepadconnected", plugged);
    cancelAnimationFrame(request);
  };
}
