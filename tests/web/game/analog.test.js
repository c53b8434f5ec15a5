// Sticks and pointer beside the keys: from what the page captures to what a frame is played with.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Analog, codeOf, keyOf, numberOf, withoutKey } from "../../../web_client/game/analog.js";
import { InputState } from "../../../web_client/game/inputs.js";
import { rollbackOptions } from "../../../web_client/game/match_options.js";
import { MatchBox } from "./match_box.js";

const SURFACE = { width: 400, height: 200 };
const axis = (more) => ({ name: "steer", component: null, part: null, sources: ["mouse_x"], low: -1, high: 1, levels: 255, dead_zone: 0.1, ...more });
const mouse = (x, y, pointer = "mouse") => ({ type: "input", kind: "mouse", x, y, pointer, buttons: [], atMs: 5 });
const told = (analog, message) => {
  analog.hear(message);
  return analog.told(analog.input(0)).values;
};

test("the pointer's place across the picture is a value between the ends, beyond them the end", () => {
  const steer = new Analog([axis({})], 1, SURFACE);
  assert.equal(steer.input(0), 0, "until it is moved it is in the middle");
  assert.deepEqual([0, 200, 400, 900].map((x) => told(steer, mouse(x, 10)).steer), [-1, 0, 1, 1]);
  assert.equal(steer.hear(mouse(900, 10)), false, "nothing new");
  assert.equal(told(steer, mouse(0, 10, "touch")).steer, 1, "a finger is another source");
  const aim = new Analog([axis({ name: "aim", component: 0, low: 0, high: 400 }), axis({ name: "aim", component: 1, sources: ["mouse_y", "touch_y"], low: 0, high: 200 })], 3, SURFACE);
  assert.deepEqual(told(aim, mouse(400, 0)), { "aim.x": 400, "aim.y": 0 });
  assert.deepEqual(told(aim, mouse(0, 200, "touch")), { "aim.x": 400, "aim.y": 200 });
});

test("a stick near its middle counts as let go, and of several sources the last one counts", () => {
  const steer = new Analog([axis({ sources: ["GamepadLeftX", "mouse_x"] })], 1, SURFACE);
  const stick = (value) => ({ type: "input", kind: "gamepad", buttons: [], axes: { GamepadLeftX: value }, atMs: 5 });
  assert.deepEqual([0.05, 1, -1, -0.09].map((value) => told(steer, stick(value)).steer), [0, 1, -1, 0]);
  assert.ok(Math.abs(told(steer, stick(0.55)).steer - 0.5) < 0.01);
  assert.equal(told(steer, mouse(400, 0)).steer, 1);
});

test("key and stick are one input, whose numbers go around those with a meaning of their own", () => {
  for (const code of [0, 65_532, 65_533, 65_535, 70_000]) assert.equal(codeOf(numberOf(code)), code);
  assert.deepEqual([65_533, 65_534, 65_535].map(codeOf), [null, null, null]);
  const aim = new Analog([axis({}), axis({ sources: ["mouse_y"] })], 3, SURFACE);
  assert.equal(aim.count, 3 * 255 * 255);
  aim.hear(mouse(37, 180));
  const still = aim.input(0);
  assert.ok(aim.input(2) !== still && keyOf(aim.input(2), 3) === 2);
  assert.equal(withoutKey(aim.input(2), 3), still);
  assert.equal(aim.told(aim.input(2)).key, 2);
});

test("keys act as ever beside a stick, in both modes", () => {
  const bindings = /** @type {any} */ ([{ keys: ["a"], action: 1 }]);
  for (const mode of /** @type {const} */ (["pressed_keys", "single_keystroke"])) {
    const analog = new Analog([axis({})], 2, SURFACE);
    const state = new InputState(bindings, mode, analog);
    state.hear(/** @type {any} */ (mouse(400, 0)));
    assert.deepEqual(state.sample(), { input: analog.input(0), eventAtMs: 5, key: 0 });
    state.hear({ kind: "keydown", code: "KeyA", key: "a", atMs: 9 });
    assert.equal(state.sample().key, 1);
    assert.equal(state.sample().key, mode === "pressed_keys" ? 1 : 0);
  }
});

test("a partner's stick is taken to stay where it was, while no key is taken for pressed", () => {
  const spec = /** @type {any} */ ({
    rendering: { fps: 30, ...SURFACE },
    gameplay: { action_population: "default", max_steps: null, action_mapping: [{ keys: ["a"], action: 1 }], analog: [axis({})] },
    multiplayer: { input_delay_frames: 0, max_prediction_frames: 8, checksum_every_frames: 30, on_desync: "flag" },
  });
  const match = /** @type {any} */ ({ me: 0, players: [{ player: 0, agent: "a" }, { player: 1, agent: "b" }] });
  const { held } = rollbackOptions(spec, match, 0, null);
  const analog = new Analog([axis({})], 2, SURFACE);
  analog.hear(mouse(300, 0));
  assert.equal(held?.(analog.input(1), 1), analog.input(0));
  assert.equal(rollbackOptions({ ...spec, gameplay: { ...spec.gameplay, analog: [] } }, match, 0, null).held, null);
});

test("two steer with the mouse over a slow link: equal rows, and a still hand is guessed rightly", () => {
  const box = new MatchBox({ players: 2, lastFrame: 80, gameplay: { analog: [axis({})] }, rendering: SURFACE, runtime: { record: ["pointer"] } });
  box.way = () => ({ delayMs: 60 });
  box.start();
  box.run(300);
  for (const [index, x] of [10, 200, 390, 390, 390].entries()) {
    box.seats[index % 2].play.input(mouse(x, 20));
    box.run(300);
  }
  assert.ok(box.runUntil(() => [0, 1].every((me) => box.said(me, "gameOver").length > 0)));
  assert.deepEqual(box.rows(0), box.rows(1));
  const values = new Set(box.rows(0).map(([inputs]) => inputs[0]));
  assert.ok(values.size > 2);
  const { local } = box.seats[0].env;
  assert.deepEqual([local.pointer_x[0], local.pointer_x.at(-1), local.pointer_y.at(-1)], [null, 390, 20]);
  const corrected = local.rollback_frames.slice(-20);
  assert.deepEqual(new Set(corrected), new Set([0]), "nobody moved any more");
  box.close();
});

const takeover = { ...axis({ name: "takeover", sources: [], low: 0, high: 1, levels: 2 }), role: "takeover", keys: { Space: 1 } };
const feedback = { ...axis({ name: "feedback", sources: [], low: 0, high: 2, levels: 3 }), role: "feedback", keys: { KeyG: 1, KeyB: 2 } };
const down = (code, key = "") => ({ type: "input", kind: "keydown", code, key, atMs: 5 });
const up = (code) => ({ type: "input", kind: "keyup", code, atMs: 6 });

test("keys that say something beside the action are digits of the input, a short tap among them", () => {
  const state = new InputState([{ keys: ["ArrowLeft"], action: 1 }], "pressed_keys", new Analog([takeover, feedback], 2, SURFACE));
  assert.equal(state.sample().input, 0, "nothing pressed is 0");
  state.hear(down("Space", " "));
  state.hear(down("ArrowLeft"));
  assert.equal(state.sample().input, 1 + 2);
  state.hear(down("KeyB", "b"));
  state.hear(up("KeyB"));
  assert.equal(state.sample().input, 1 + 2 * (1 + 2 * 2), "let go before the frame came, and in it all the same");
  assert.equal(state.sample().input, 1 + 2, "once");
  state.hear(down("KeyG", "g"));
  state.hear(up("KeyG"));
  assert.equal(state.sample().input, 1 + 2 * (1 + 2));
  state.giveBack();
  assert.equal(state.sample().input, 1 + 2 * (1 + 2), "a sample that no frame took is taken again");
  state.hear({ type: "input", kind: "blur", atMs: 7 });
  assert.equal(state.sample().input, 0);
});
