/** Draw lists, whole and as differences. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DrawLists } from "../../../web_client/render/draw_lists.js";

const packed = (/** @type {string} */ hex) => Uint8Array.from(Buffer.from(hex, "hex"));
/** `marshal.dumps([2, [1], [["put", "b", 7]]], 4)` and `marshal.dumps([2, [], []], 4)`. */
const CHANGED = packed("5b03000000e9020000005b01000000e9010000005b010000005b03000000da03707574da0162e907000000");
const SAME = packed("5b03000000e9020000005b000000005b00000000");
const WHOLE = JSON.stringify({ ops: [["put", "a", 1], ["put", "b", 2]] }); // prettier-ignore

test("a list that only says what changed is made whole with the one before it", () => {
  const lists = new DrawLists();
  assert.deepEqual(lists.read(WHOLE), [["put", "a", 1], ["put", "b", 2]]); // prettier-ignore
  const changed = [["put", "a", 1], ["put", "b", 7]]; // prettier-ignore
  assert.deepEqual(lists.read(CHANGED), changed);
  assert.deepEqual(lists.read(SAME), changed);
  assert.deepEqual(lists.read('{"ops":[]}'), []);
});

test("what differs from a list that never came tells nothing, until a whole one comes", () => {
  const lists = new DrawLists();
  assert.equal(lists.read(CHANGED), null);
  assert.equal(lists.read(SAME), null);
  assert.equal(lists.read(WHOLE)?.length, 2);
  assert.equal(lists.read(SAME)?.length, 2);
});
