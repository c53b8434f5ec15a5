import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING_YET, received, screenOf, shownVisit } from "../../../web_client/app/state.js";

const scene = (visit, kind, match = null) => ({ visit, index: 0, total: 2, spec: { kind, id: "s" }, globals: { a: visit }, match });
const after = (...messages) => messages.reduce((state, [type, body]) => received(state, type, body), NOTHING_YET);
const screen = (...messages) => screenOf(after(...messages)).screen;
const welcome = ["welcome", { globals: {}, preload: {} }];
const waiting = (visit) => ["waiting", { visit }];

test("each message leads to its screen", () => {
  assert.equal(screen(), "connecting");
  assert.equal(screen(welcome), "preparing");
  assert.equal(screen(welcome, ["scene", scene(1, "form")]), "scene");
  assert.equal(screen(welcome, ["scene", scene(1, "gym")]), "gym_page");
  assert.equal(screen(welcome, ["scene", scene(1, "gym")], waiting(1)), "waiting");
  assert.equal(screen(welcome, waiting(1), ["scene", scene(1, "gym", { id: "m1" })]), "game");
  assert.equal(screen(welcome, ["scene", scene(1, "gym", { id: "m1" })], waiting(1)), "waiting");
  assert.equal(screen(welcome, ["scene", scene(1, "gym", { id: "m1" })], ["closed", { outcome: "excluded" }]), "closed");
  assert.equal(screen(welcome, ["closed", { outcome: "dropped" }], ["scene", scene(2, "form")]), "scene");
});

test("the same place keeps its key, so a reconnection does not rebuild the page", () => {
  const key = (...messages) => screenOf(after(...messages)).key;
  const place = ["scene", scene(3, "form")];
  assert.equal(key(welcome, place), key(welcome, place, welcome, place));
  assert.notEqual(key(welcome, place), key(welcome, ["scene", scene(4, "form")]));
  assert.notEqual(key(welcome, ["scene", scene(3, "gym", { id: "m1" })]), key(welcome, ["scene", scene(3, "gym", { id: "m2" })]));
  assert.equal(key(welcome, waiting(3)), key(welcome, waiting(3), ["waiting", { visit: 3, waiting: 2 }]));
});

test("a match's state does not outlive its match", () => {
  const playing = ["match_state", { match: "m1", state: "playing" }];
  const first = after(["scene", scene(1, "gym", { id: "m1" })], playing);
  assert.equal(received(first, "scene", scene(1, "gym", { id: "m1" })).matchState?.state, "playing");
  assert.equal(received(first, "scene", scene(1, "gym", { id: "m2" })).matchState, null);
});

test("hello tells the visit on the page, and none after the last page", () => {
  assert.equal(shownVisit(after(welcome)), null);
  assert.equal(shownVisit(after(welcome, ["scene", scene(5, "form")])), 5);
  assert.equal(shownVisit(after(welcome, waiting(6))), 6);
  assert.equal(shownVisit(after(["scene", scene(5, "form")], ["closed", { outcome: "finished" }])), null);
});

test("globals follow the host", () => {
  assert.deepEqual(after(["scene", scene(5, "form")]).globals, { a: 5 });
  assert.deepEqual(after(["scene", scene(5, "form")], ["globals", { values: { b: 1 } }]).globals, { b: 1 });
});

test("messages that are not about the place change nothing", () => {
  assert.equal(received(NOTHING_YET, "notice", { text: "hi" }), NOTHING_YET);
});
