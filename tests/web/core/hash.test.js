import assert from "node:assert/strict";
import { test } from "node:test";
import { hash128 } from "../../../web_client/core/hash.js";

const bytes = (text) => new TextEncoder().encode(text);
const toHex = (words) => Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

test("hash128 is MurmurHash3 x86 128", () => {
  assert.equal(toHex(hash128(bytes(""))), "0".repeat(32));
  assert.equal(toHex(hash128(bytes("I will not buy this tobacconist's, it is scratched."))), "9b5b7ba2ef3f7866889adeaf00f3f98e");
});

test("every length of tail counts, also in a view with an offset", () => {
  const seen = new Set();
  for (let length = 0; length <= 40; length++) {
    const plain = Uint8Array.from({ length }, (_, i) => i * 7 + 1);
    const shifted = new Uint8Array(length + 3);
    shifted.set(plain, 3);
    assert.equal(toHex(hash128(plain)), toHex(hash128(shifted.subarray(3))));
    seen.add(toHex(hash128(plain)));
  }
  assert.equal(seen.size, 41);
});

test("one changed bit changes about half of the 128", () => {
  const base = Uint8Array.from({ length: 37 }, (_, i) => i);
  const before = hash128(base);
  for (let bit = 0; bit < 37 * 8; bit++) {
    const changed = base.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    const ones = [...hash128(changed)].map((word, i) => (word ^ before[i]) >>> 0).map((word) => word.toString(2).replaceAll("0", "").length);
    const total = ones.reduce((a, b) => a + b);
    assert.ok(total > 30 && total < 98, `${total} bits changed`);
  }
});
