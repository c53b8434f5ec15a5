import assert from "node:assert/strict";
import { test } from "node:test";
import { InputState } from "../../../web_client/game/inputs.js";

const MAPPING = [
  { keys: ["ArrowLeft"], action: 1 },
  { keys: ["ArrowRight"], action: 2 },
  { keys: ["ArrowLeft", "ArrowUp"], action: 3 },
  { keys: ["a"], action: 4 },
  { keys: ["Space"], action: 5 },
  { keys: ["MouseLeft"], action: 6 },
  { keys: ["GamepadA", "GamepadLeft"], action: 7 },
];
const pressed = () => new InputState(/** @type {any} */ (MAPPING), "pressed_keys");
const strokes = () => new InputState(/** @type {any} */ (MAPPING), "single_keystroke");
const next = (/** @type {InputState} */ state) => state.sample().input;

test("a held key acts in every frame, until it is let go", () => {
  const state = pressed();
  assert.equal(next(state), 0);
  state.down("ArrowLeft", "ArrowLeft", 10);
  assert.deepEqual([next(state), next(state)], [1, 1]);
  state.up("ArrowLeft", 20);
  assert.equal(next(state), 0);
});

test("a tap between two frames counts for one frame", () => {
  const state = pressed();
  state.down("ArrowRight", "ArrowRight", 10);
  state.up("ArrowRight", 12);
  assert.deepEqual([next(state), next(state)], [2, 0]);
});

test("the binding with the most keys wins; among equals the first", () => {
  const state = pressed();
  state.down("ArrowRight", "ArrowRight", 1);
  state.down("ArrowLeft", "ArrowLeft", 2);
  assert.equal(next(state), 1);
  state.down("ArrowUp", "ArrowUp", 3);
  assert.equal(next(state), 3);
  state.up("ArrowUp", 4);
  assert.equal(next(state), 1);
});

test("a letter is what the key types, whatever its place and case; a name is the key's place", () => {
  const state = pressed();
  state.down("KeyQ", "A", 1);
  assert.equal(next(state), 4);
  state.up("KeyQ", 2);
  state.down("Space", " ", 3);
  state.sample();
  assert.equal(next(state), 5);
});

test("a key counts as let go although its letter changed while it was down", () => {
  const state = pressed();
  state.down("KeyA", "a", 1);
  state.sample();
  state.up("KeyA", 2);
  assert.equal(next(state), 0);
});

test("mouse and gamepad tell all their pressed buttons", () => {
  const state = pressed();
  state.buttons("Mouse", ["MouseLeft"], 1);
  state.buttons("Gamepad", ["GamepadA"], 2);
  assert.equal(next(state), 6);
  state.buttons("Mouse", [], 3);
  state.buttons("Gamepad", ["GamepadA", "GamepadLeft"], 4);
  state.sample();
  assert.equal(next(state), 7);
  state.buttons("Gamepad", [], 5);
  state.sample();
  assert.equal(next(state), 0);
});

test("a single keystroke acts once, however long it is held, and none is lost", () => {
  const state = strokes();
  state.down("ArrowLeft", "ArrowLeft", 1);
  state.down("ArrowLeft", "ArrowLeft", 2);
  state.up("ArrowLeft", 3);
  state.down("ArrowLeft", "ArrowLeft", 4);
  state.down("ArrowUp", "ArrowUp", 5);
  assert.deepEqual(
    [state.sample(), state.sample(), state.sample(), state.sample()],
    [
      { input: 1, eventAtMs: 1 },
      { input: 1, eventAtMs: 4 },
      { input: 3, eventAtMs: 5 },
      { input: 0, eventAtMs: null },
    ],
  );
});

test("a key that means nothing alone brings no keystroke although another is held", () => {
  const state = strokes();
  state.down("ArrowRight", "ArrowRight", 1);
  state.down("KeyZ", "z", 2);
  assert.deepEqual([next(state), next(state)], [2, 0]);
});

test("leaving the window lets everything go", () => {
  const state = pressed();
  state.down("ArrowLeft", "ArrowLeft", 1);
  state.release();
  assert.equal(next(state), 0);
});

test("the frame that a key changed knows when that was", () => {
  const state = pressed();
  state.down("ArrowLeft", "ArrowLeft", 17);
  assert.deepEqual(state.sample(), { input: 1, eventAtMs: 17 });
  assert.deepEqual(state.sample(), { input: 1, eventAtMs: null });
});

/** What a press means where the mapping names these keys: the name it was taken for. */
function meant(names, ...presses) {
  const state = new InputState(/** @type {any} */ (names.map((name, action) => ({ keys: [name], action }))), "single_keystroke");
  return presses.map(([code, key], index) => {
    state.down(code, key, index);
    state.up(code, index);
    return names[next(state) - 1] ?? null;
  });
}

test("a character is the key that types it, a place the key that lies there, on every layout", () => {
  const french = { a: ["KeyQ", "a"], q: ["KeyA", "q"], w: ["KeyZ", "w"] };
  assert.deepEqual(meant(["a", "w"], french.a, french.q, french.w), ["a", null, "w"]);
  assert.deepEqual(meant(["KeyA", "KeyW"], french.a, french.q, ["KeyW", "z"]), [null, "KeyA", "KeyW"]);
});

test("digits are digits where the row types other characters, unless the mapping means those", () => {
  const [ampersand, eAcute, one] = [["Digit1", "&"], ["Digit2", "é"], ["Digit1", "1"]];
  assert.deepEqual(meant(["1", "2"], ampersand, eAcute, one, ["Numpad2", "2"]), ["1", "2", "1", "2"]);
  assert.deepEqual(meant(["1", "2", "é"], ampersand, eAcute), ["1", "é"]);
  assert.deepEqual(meant(["1", "!"], ["Digit1", "!"], ["Digit1", "1"]), ["!", "1"]);
  const together = new InputState(/** @type {any} */ ([{ keys: ["Shift", "1"], action: 1 }]), "pressed_keys");
  together.down("ShiftLeft", "Shift", 1);
  together.down("Digit1", "!", 2);
  assert.equal(next(together), 1);
});

test("keyboards of other scripts have the Latin letters too", () => {
  assert.deepEqual(meant(["w", "a"], ["KeyW", "ц"], ["KeyA", "α"], ["KeyA", "Process"]), ["w", "a", "a"]);
  assert.deepEqual(meant(["w", "ц"], ["KeyW", "ц"]), ["ц"]);
  assert.deepEqual(meant(["m"], ["KeyM", ","]), [null], "a French comma is no m");
});

test("after a dead key a letter is that letter, and an accent that was typed stays one", () => {
  const dead = ["BracketLeft", "Dead"];
  assert.deepEqual(meant(["e", "BracketLeft"], dead, ["KeyE", "ê"], ["Digit2", "é"]), ["BracketLeft", "e", null]);
  assert.deepEqual(meant(["e"], dead, ["ShiftLeft", "Shift"], ["KeyE", "Ê"]), [null, null, "e"]);
  assert.deepEqual(meant(["e", "ê"], dead, ["KeyE", "ê"]), [null, "ê"]);
});

test("accents are the same however they are written, and letters beyond 16 bits are letters", () => {
  assert.deepEqual(meant(["e\u0301"], ["Digit2", "\u00e9"], ["Digit2", "E\u0301"]), ["e\u0301", "e\u0301"]);
  assert.deepEqual(meant(["\u{10428}"], ["KeyA", "\u{10400}"]), ["\u{10428}"]);
});
