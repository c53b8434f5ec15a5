import assert from "node:assert/strict";
import { test } from "node:test";

import { scale, sizes } from "../../../web_client/sizes/fit.js";

test("phone, laptop and 4K are there in each language, and fit without being enlarged", () => {
  for (const language of ["en", "de", "xx"]) {
    const known = sizes(language);
    assert.deepEqual(known.map((size) => size.width), [390, 844, 820, 1366, 3840]);
    for (const size of known) assert.doesNotMatch(size.name, /undefined/);
  }
  const [phone, , , , uhd] = sizes("en");
  assert.equal(scale(phone, { width: 1366, height: 900 }), 1);
  assert.equal(scale(uhd, { width: 1920, height: 540 }), 0.25);
});
