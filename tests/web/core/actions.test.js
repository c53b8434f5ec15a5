import assert from "node:assert/strict";
import { test } from "node:test";
import { encodingOf } from "../../../web_client/core/actions.js";
import { randomFrom } from "./sim.js";

test("discrete actions, also with a start", () => {
  const space = encodingOf({ type: "discrete", n: 5, start: -2 });
  assert.deepEqual([-2, 0, 2].map(space.encode), [0, 2, 4]);
  assert.deepEqual([0, 4].map(space.decode), [-2, 2]);
  assert.throws(() => space.encode(3), /a discrete action must be a whole number from -2 to 2, not 3/);
  assert.throws(() => space.decode(5), /an input must be a whole number from 0 to 4, not 5/);
});

test("multi-discrete, multi-binary and tuple actions share one number without overlap", () => {
  for (const space of [
    { type: "multi_discrete", nvec: [3, 2, 4] },
    { type: "multi_binary", n: 5 },
    { type: "tuple", spaces: [{ type: "discrete", n: 3 }, { type: "multi_discrete", nvec: [2, 2] }] },
  ]) {
    const encoding = encodingOf(space);
    const seen = new Set();
    for (let input = 0; input < encoding.size; input++) {
      const action = encoding.decode(input);
      assert.equal(encoding.encode(action), input);
      seen.add(JSON.stringify(action));
    }
    assert.equal(seen.size, encoding.size);
  }
  assert.throws(() => encodingOf({ type: "multi_discrete", nvec: [3, 2] }).encode([1]), /a multi-discrete action must be a list of 2, not \[1\]/);
  assert.throws(() => encodingOf({ type: "multi_binary", n: 2 }).encode([0, 2]), RangeError);
});

test("dict actions do not depend on the order of their keys", () => {
  const one = encodingOf({ type: "dict", spaces: { move: { type: "discrete", n: 5 }, jump: { type: "discrete", n: 2 } } });
  const two = encodingOf({ type: "dict", spaces: { jump: { type: "discrete", n: 2 }, move: { type: "discrete", n: 5 } } });
  const input = one.encode({ move: 3, jump: 1 });
  assert.equal(two.encode({ jump: 1, move: 3 }), input);
  assert.deepEqual(two.decode(input), { jump: 1, move: 3 });
  assert.throws(() => one.encode({ move: 3 }), /needs "jump"/);
  assert.throws(() => one.encode(null), /needs "jump", "move"/);
});

test("boxes are rounded to even steps; ends and middle are exact, and rounding twice changes nothing", () => {
  const box = encodingOf({ type: "box", low: [-1, 0], high: [1, 10] });
  assert.deepEqual(box.decode(box.encode([0, 10])), [0, 10]);
  assert.deepEqual(box.decode(box.encode([-1, 0])), [-1, 0]);
  assert.deepEqual(box.decode(box.encode([-99, 99])), [-1, 10], "what is outside is moved to the edge");
  const random = randomFrom(1);
  for (let i = 0; i < 500; i++) {
    const action = [random() * 2 - 1, random() * 10];
    const rounded = box.decode(box.encode(action));
    assert.ok(Math.abs(rounded[0] - action[0]) < 2 / 65_000 && Math.abs(rounded[1] - action[1]) < 10 / 65_000);
    assert.deepEqual(box.decode(box.encode(rounded)), rounded);
  }
  assert.equal(encodingOf({ type: "box", low: [0], high: [1], bits: 3 }).size, 7);
});

test("spaces that cannot be are refused in words", () => {
  assert.throws(() => encodingOf({ type: "box", low: [0], high: [Infinity] }), /finite bounds/);
  assert.throws(() => encodingOf({ type: "box", low: [1], high: [1] }), /low < high/);
  assert.throws(() => encodingOf({ type: "box", low: [0, 0], high: [1] }), /high of a box must be a list of 2/);
  assert.throws(() => encodingOf({ type: "box" }), /low of a box/);
  assert.throws(() => encodingOf({ type: "box", low: [0], high: [1], bits: 1 }), /bits of a box/);
  assert.throws(() => encodingOf({ type: "box", low: Array(8).fill(0), high: Array(8).fill(1), bits: 16 }), /too many combinations/);
  assert.throws(() => encodingOf({ type: "box", low: [0], high: [1] }).encode(["x"]), /a box action must be a number/);
  assert.throws(() => encodingOf({ type: "box", low: [0], high: [1] }).encode([NaN]), /a box action must be a number/);
  assert.throws(() => encodingOf({ type: "discrete", n: 0 }), /n of a discrete space/);
  assert.throws(() => encodingOf({ type: "discrete", n: 2, start: 0.5 }), /start of a discrete space/);
  assert.throws(() => encodingOf({ type: "text" }), /must be one of discrete, multi_discrete/);
  assert.throws(() => encodingOf(undefined), /must be one of/);
  assert.throws(() => encodingOf({ type: "toString" }), /must be one of/);
  assert.ok(encodingOf({ type: "box", low: Array(8).fill(0), high: Array(8).fill(1) }).size <= Number.MAX_SAFE_INTEGER);
});

test("an axis has its middle at 0, reaches both ends, and may run downwards", () => {
  const up = encodingOf({ type: "axis", low: -2, high: 2, levels: 5 });
  assert.deepEqual([-2, -1, 0, 1, 2, 9].map(up.encode), [3, 4, 0, 1, 2, 2]);
  assert.deepEqual([0, 1, 2, 3, 4].map(up.decode), [0, 1, 2, -2, -1]);
  const down = encodingOf({ type: "axis", low: 1, high: 0, levels: 3 });
  assert.deepEqual([1, 0.5, 0].map(down.encode), [2, 0, 1]);
  const both = encodingOf({ type: "tuple", spaces: [{ type: "discrete", n: 4 }, { type: "axis", low: 0, high: 300, levels: 255 }] });
  assert.equal(both.encode([0, 150]), 0, "nothing pressed, in the middle");
  for (const x of [0, 17, 150, 300]) assert.ok(Math.abs(both.decode(both.encode([3, x]))[1] - x) <= 300 / 254 / 2);
  assert.throws(() => encodingOf({ type: "axis", low: 0, high: 1, levels: 4 }), /odd number of levels/);
  assert.throws(() => encodingOf({ type: "axis", low: 1, high: 1, levels: 3 }), /two finite ends/);
  assert.throws(() => up.encode(NaN), /must be a number/);
});
