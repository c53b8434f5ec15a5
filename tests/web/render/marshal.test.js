/** Pictures as Python packs them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { unmarshal } from "../../../web_client/render/marshal.js";

/** `marshal.dumps(ops, 4)` of what is expected below. */
const PACKED = Uint8Array.from(Buffer.from("WwMAAABbBwAAANoDcHV02gFh2gRyZWN06QAAAABURnvaAXjnAAAAAAAA4L/aBHRleHT1AwAAAMOECtoEbG9uZ/ouYSB0ZXh0IHRoYXQgaXMgbG9uZ2VyIHRoYW4gdHdlbnR5LWZvdXIgbGV0dGVyc9oBd07pAwAAAOwDAAAAAAAAAAAE2gFu6fn////aAXrs/f///wAAAAAIANoBdKkC6QEAAADaADBbBwAAAHIAAAAAegVhX2IgY3ICAAAAcgMAAABURntyBAAAAOcAAAAAAADQP3IGAAAAdQQAAADDtsO2cggAAABhLAEAAGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIGFiIHIKAAAATnIRAAAAKQHpLAEAADBbAQAAANoFY2xlYXI=", "base64"));
const OPS = [
  ["put", "a", "rect", 0, true, false, { x: -0.5, text: "Ä\n", long: "a text that is longer than twenty-four letters", w: null, 3: 2 ** 40, n: -7, z: -(2 ** 33), t: [1, ""] }],
  ["put", "a_b c", "rect", 0, true, false, { x: 0.25, text: "öö", long: "ab ".repeat(100), w: null, t: [300] }],
  ["clear"],
];

test("a packed picture is read as it was written", () => {
  assert.deepEqual(unmarshal(PACKED), OPS);
  const within = new Uint8Array(PACKED.length + 5);
  within.set(PACKED, 3);
  assert.deepEqual(unmarshal(within.subarray(3, 3 + PACKED.length)), OPS);
});

test("what was cut off, goes on too long or holds what cannot be drawn is refused", () => {
  for (let end = 0; end < PACKED.length; end++) assert.throws(() => unmarshal(PACKED.subarray(0, end)), Error);
  assert.throws(() => unmarshal(Uint8Array.from([...PACKED, 0x4e])), /longer/);
  assert.throws(() => unmarshal(Uint8Array.from([0x73, 1, 0, 0, 0, 7])), /type 115/);
  assert.throws(() => unmarshal(Uint8Array.from([0x72, 0, 0, 0, 0])), /did not tell/);
  assert.throws(() => unmarshal(Uint8Array.from([0x67, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f])), /Infinity/);
});
