import assert from "node:assert/strict";
import { test } from "node:test";
import { between, mixed, Motion } from "../../../web_client/render/motion.js";
import { Picture } from "../../../web_client/render/picture.js";

const PACE = { periodMs: 40, smooth: () => true, correctedMs: 100 };
const put = (/** @type {string} */ id, /** @type {number} */ x, { kind = "circle", depth = 0, persistent = 0, tween = 0 } = {}) => ["put", id, kind, depth, persistent, tween, { x, y: 0, r: 5, fill: "#ff0000" }];
const shownX = (/** @type {Picture} */ picture, /** @type {string} */ id, /** @type {number} */ now) => picture.things().find((thing) => thing.id === id)?.motion.at(now).x;
const ids = (/** @type {Picture} */ picture) => picture.things().map(({ id }) => id);

test("numbers, points and colours go half way; everything else changes at once", () => {
  const from = { x: 0, text: "a", fill: "#000000", points: [0, 0, 10, 10], flip: 0 };
  const to = { x: 10, text: "b", fill: "#ff8040", points: [10, 0, 20, 10], flip: 1 };
  assert.deepEqual(between(from, to, 0.5), { x: 5, text: "b", fill: "#804020", points: [5, 0, 15, 10], flip: 1 });
  assert.equal(between(from, to, 1), to);
  assert.deepEqual(between({ points: [1, 2] }, { points: [1, 2, 3, 4] }, 0.5).points, [1, 2, 3, 4]);
  assert.equal(mixed("#102030", "#102030", 0.3), "#102030");
});

test("an object slides to its next place within one frame's time", () => {
  const picture = new Picture(PACE);
  picture.apply([put("ball", 0)], 1000, false);
  picture.apply([put("ball", 40)], 1040, false);
  assert.deepEqual([1040, 1050, 1060, 1080, 2000].map((now) => shownX(picture, "ball", now)), [0, 10, 20, 40, 40]);
  assert.deepEqual([picture.moving(1060), picture.moving(1081)], [true, false]);
});

test("what is put again where it rests stays at rest, and is the very same", () => {
  const picture = new Picture(PACE);
  picture.apply([put("ball", 0)], 1000, false);
  picture.apply([put("ball", 40)], 1040, false);
  const [thing] = picture.things();
  const seen = thing?.motion.at(1100);
  picture.apply([put("ball", 40)], 1100, true);
  assert.equal(picture.moving(1101), false);
  assert.equal(thing?.motion.at(1110), seen);
});

test("without smooth motion it jumps", () => {
  const picture = new Picture({ ...PACE, smooth: () => false });
  picture.apply([put("ball", 0)], 0, false);
  picture.apply([put("ball", 40)], 40, false);
  assert.equal(shownX(picture, "ball", 40), 40);
});

test("a tween takes its own time, and the same goal again does not start it anew", () => {
  const picture = new Picture(PACE);
  picture.apply([put("door", 0, { tween: 400 })], 0, false);
  picture.apply([put("door", 100, { tween: 400 })], 0, false);
  picture.apply([put("door", 100, { tween: 400 })], 200, false);
  assert.equal(shownX(picture, "door", 200), 50);
  assert.equal(shownX(picture, "door", 400), 100);
});

test("what is not put again vanishes, what is persistent stays until it is deleted", () => {
  const picture = new Picture(PACE);
  picture.apply([put("floor", 0, { persistent: 1 }), put("ball", 0)], 0, false);
  picture.apply([], 40, false);
  assert.deepEqual(ids(picture), ["floor"]);
  picture.apply([["del", "floor"]], 80, false);
  assert.deepEqual(ids(picture), []);
  picture.apply([put("a", 0, { persistent: 1 })], 120, false);
  picture.apply([["clear"], put("b", 0)], 160, false);
  assert.deepEqual(ids(picture), ["b"]);
});

test("depth decides what covers what; among equals the later one covers", () => {
  const picture = new Picture(PACE);
  picture.apply([put("top", 0, { depth: 5 }), put("floor", 0, { persistent: 1 }), put("one", 0), put("two", 0)], 0, false);
  assert.deepEqual(ids(picture), ["floor", "one", "two", "top"]);
  picture.apply([put("two", 0), put("one", 0), put("top", 0, { depth: -5 })], 40, false);
  assert.deepEqual(ids(picture), ["top", "floor", "two", "one"]);
});

test("a change of kind replaces the object where it is", () => {
  const picture = new Picture(PACE);
  picture.apply([put("thing", 0)], 0, false);
  picture.apply([put("thing", 90, { kind: "rect" })], 40, false);
  assert.equal(shownX(picture, "thing", 40), 90);
});

test("after a corrected past the object fades from where it was seen to where it belongs", () => {
  const motion = new Motion({ x: 0, y: 0 });
  const how = { overMs: 40, tweenMs: 0, correctedMs: 0 };
  motion.move({ x: 10, y: 0 }, 0, how);
  motion.move({ x: 20, y: 0 }, 40, how);
  assert.equal(motion.at(80).x, 20);
  motion.move({ x: 60, y: 0 }, 80, { ...how, correctedMs: 100 });
  assert.equal(motion.at(80).x, 20, "nothing jumps at the moment of the correction");
  const seen = [100, 120, 140, 180].map((now) => motion.at(now).x);
  assert.ok(seen.every((x, index) => index === 0 || x > seen[index - 1]), `${seen}`);
  assert.equal(seen.at(-1), 60);
  assert.ok(motion.moving(179) && !motion.moving(181));
});

test("a corrected past in which the object was where it is asks for no pictures in between", () => {
  const motion = new Motion({ x: 0, y: 0 });
  const how = { overMs: 0, tweenMs: 0, correctedMs: 100 };
  for (const [turn, x] of [0.1, 0.2, 0.3].entries()) motion.move({ x, y: 0 }, 40 * turn, { ...how, correctedMs: 0 });
  motion.move({ x: 0.4, y: 0 }, 120, how);
  assert.deepEqual([motion.moving(121), motion.at(121).x], [false, 0.4]);
  motion.move({ x: 5, y: 0 }, 160, how);
  assert.equal(motion.moving(161), true);
});
