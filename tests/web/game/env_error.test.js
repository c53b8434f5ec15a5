import assert from "node:assert/strict";
import { test } from "node:test";

import { disputeNews } from "../../../web_client/game/disputes.js";
import { sentence, sentenceAt, toldAs } from "../../../web_client/game/env_error.js";

test("a sentence is English, and says what it was made of", () => {
  const inner = sentence("not restored exactly: {names}", { names: "env.x" });
  const whole = sentence("{text} ({file}, line {line})", { text: inner, file: "env.py", line: 3 });
  assert.equal(whole.text, "not restored exactly: env.x (env.py, line 3)");
  assert.deepEqual(whole.values.text, { text: "not restored exactly: env.x", key: "not restored exactly: {names}", values: { names: "env.x" } });
});

test("what a text was made of is found by its name alone", () => {
  const told = [[["reasons", 0], "a {b}", { b: 1 }], [["refusal"], "c {d}", { d: 2 }]];
  assert.deepEqual(sentenceAt(told, "refusal"), { key: "c {d}", values: { d: 2 } });
  assert.equal(sentenceAt(told, "reasons"), null);
  assert.equal(sentenceAt(undefined, "message"), null);
  assert.deepEqual(toldAs(sentenceAt(told, "refusal"), "message"), { told: [[["message"], "c {d}", { d: 2 }]] });
  assert.deepEqual(toldAs(null, "message"), {});
});

test("that players' games went apart is a sentence of ours", () => {
  const [, news] = disputeNews({ frame: 8, peer: 1, attributes: ["env.x", "env.y"] }, 0, { environment: { file: "env.py" } });
  assert.equal(news.message, "The game went apart between players 0 and 1 by frame 8: env.x, env.y.");
  const { key, values } = sentenceAt(news.told, "message");
  assert.equal(sentence(key, values).text, news.message);
});
