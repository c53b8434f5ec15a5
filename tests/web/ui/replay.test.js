import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, inputText, Player, valueText } from "../../../web_client/replay/player.js";

const player = (reached = 100) => Object.assign(new Player({ frames: 100, fps: 20 }), { reached });

test("the place of a stick is told beside the key", () => {
  const axis = { name: "steer", component: null, part: null, sources: ["mouse_x"], low: -1, high: 1, levels: 5, dead_zone: 0 };
  const controls = /** @type {any} */ ({ action_mapping: [{ keys: ["Space"], action: 1 }], analog: [axis] });
  assert.deepEqual([0, 1, 2, 5, 8].map((input) => inputText(input, controls)), ["nothing, steer 0", "Space, steer 0", "nothing, steer 0.5", "Space, steer 1", "nothing, steer -0.5"]);
});

test("playing goes on with the speed asked for and stops at the last frame", () => {
  const replay = player();
  replay.toggle();
  replay.pass(500);
  assert.equal(replay.frame, 9);
  replay.speed = 4;
  replay.pass(500);
  assert.equal(replay.frame, 49);
  replay.speed = 0.5;
  replay.pass(100);
  assert.equal(replay.frame, 50);
  replay.pass(60_000);
  assert.equal(replay.frame, 99);
  assert.equal(replay.playing, false);
  replay.toggle();
  assert.equal(replay.frame, -1);
  assert.equal(replay.playing, true);
});

test("frames that were not run yet are waited for, not skipped", () => {
  const replay = player(10);
  replay.toggle();
  replay.pass(5000);
  assert.equal(replay.frame, 9);
  assert.equal(replay.playing, true);
  replay.reached = 100;
  replay.pass(50);
  assert.equal(replay.frame, 10);
});

test("a step pauses and stays between the start and the last frame", () => {
  const replay = player();
  replay.toggle();
  replay.step(-5);
  assert.deepEqual([replay.frame, replay.playing], [-1, false]);
  replay.step(1000);
  assert.equal(replay.frame, 99);
  assert.equal(replay.seconds, 5);
});

test("inputs, times and values in words", () => {
  const mapping = [{ keys: ["ArrowUp"] }, { keys: ["Shift", "a"] }];
  assert.deepEqual([0, 1, 2, 7, 65_535, 65_534].map((input) => inputText(input, { action_mapping: mapping, analog: [] })), ["nothing", "ArrowUp", "Shift + a", "input 7", "away", "too late"]);
  assert.deepEqual([0, 2, 61.239].map(clockText), ["0:00.00", "0:02.00", "1:01.24"]);
  assert.deepEqual([null, undefined, 0.123456, "inf", [1, 2]].map(valueText), ["–", "–", "0.1235", "inf", "[1,2]"]);
});
