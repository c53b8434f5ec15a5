import assert from "node:assert/strict";
import { test } from "node:test";
import { InputLog } from "../../../web_client/app/input_log.js";

/** A log whose batches and timers the test holds. */
function made() {
  /** @type {any[]} */
  const kept = [];
  /** @type {(() => void)[]} */
  const timers = [];
  const log = new InputLog({ visit: 3, match: "m1", page: "i1", toHost: (atMs) => atMs + 1000, later: (run) => timers.push(run), keep: (key, body) => kept.push([key, body]) });
  return { log, kept, timers, events: () => kept.flatMap(([, body]) => body.events) };
}

const key = (/** @type {"keydown" | "keyup"} */ kind, /** @type {number} */ atMs) => ({ type: /** @type {const} */ ("input"), kind, code: "KeyA", key: "q", atMs });

test("a key is told with the host's time and the picture that stood there, a second later at most", () => {
  const { log, kept, timers } = made();
  log.hear(key("keydown", 5));
  log.shown({ episode: 1, frame: 12 });
  log.hear(key("keyup", 85.128));
  assert.equal(kept.length, 0);
  timers.splice(0).forEach((run) => run());
  assert.deepEqual(kept, [["m1\ni1\n0", { visit: 3, match: "m1", page: "i1", first: 0, left_out: 0, events: [
    { at_ms: 1005, kind: "down", device: "keyboard", code: "KeyA", key: "q" },
    { at_ms: 1085.13, kind: "up", device: "keyboard", code: "KeyA", key: "q", episode: 1, frame: 12 },
  ] }]]);
  log.hear(key("keydown", 90));
  log.flush();
  assert.equal(kept[1][1].first, 2, "numbers go on, so that the host knows what it has");
});

test("buttons of a pointer that is dragged, and sticks, are told as what changed", () => {
  const { log, events } = made();
  const mouse = (/** @type {string[]} */ buttons, /** @type {number} */ x) => log.hear({ type: "input", kind: "mouse", x, y: 2.04, pointer: "mouse", buttons, atMs: 1 });
  mouse([], 1);
  mouse(["MouseLeft"], 1);
  mouse(["MouseLeft"], 7.77);
  mouse(["MouseLeft"], 7.77);
  mouse([], 7.77);
  log.hear({ type: "input", kind: "gamepad", buttons: ["GamepadA"], axes: { GamepadLeftX: 0.5, GamepadLeftY: 0 }, atMs: 1 });
  log.hear({ type: "input", kind: "blur", atMs: 1 });
  log.flush();
  assert.deepEqual(events().map(({ kind, code, x, value }) => [kind, code, x, value]), [
    ["move", undefined, 1, undefined],
    ["down", "MouseLeft", 1, undefined],
    ["move", undefined, 7.8, undefined],
    ["up", "MouseLeft", 7.8, undefined],
    ["down", "GamepadA", undefined, undefined],
    ["axis", "GamepadLeftX", undefined, 0.5],
    ["blur", undefined, undefined, undefined],
  ]);
});

test("a flood of moves is cut and counted, and a key is told all the same", () => {
  const { log, kept, events } = made();
  for (let n = 0; n < 1000; n++) log.hear({ type: "input", kind: "mouse", x: n, y: 0, pointer: "mouse", buttons: [], atMs: 10 });
  log.hear(key("keydown", 11));
  log.flush();
  assert.equal(events().filter(({ kind }) => kind === "move").length, 250);
  assert.equal(events().at(-1)?.kind, "down");
  assert.equal(kept.at(-1)?.[1].left_out, 750);
});
