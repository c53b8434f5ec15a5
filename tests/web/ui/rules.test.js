import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../../web_client/ui/form/rules.js";
import { plausibleAnswer } from "../../../web_client/ui/form/simulate.js";
import { fieldFromSpec } from "../../../web_client/ui/form/spec.js";
import { readNumber } from "../../../web_client/ui/form/typed.js";
import { SPECS } from "./gallery/scenes.js";

const field = (type, more = {}) => fieldFromSpec({ name: "q", type, label: "Q", help: "", required: true, ...more });
const key = (asked, answer) => problemOf(asked, answer)?.key ?? null;
const choices = ["a", "b", "c"].map((value) => ({ value, label: value.toUpperCase(), image: null }));

test("an unanswered question is a problem only when it is required", () => {
  for (const empty of [null, "", [], undefined]) {
    assert.equal(key(field("text"), empty), "form.error.required");
    assert.equal(key(field("text", { required: false }), empty), null);
  }
  assert.equal(key(field("consent"), false), "form.error.consent");
  assert.equal(key(field("consent"), true), null);
  assert.equal(key(field("consent", { required: false }), false), null);
});

test("0 and the left end of a scale are answers", () => {
  assert.equal(key(field("number", { min: 0, max: 5 }), 0), null);
  assert.equal(key(field("slider", { min: 0, max: 100, step: 1 }), 0), null);
});

test("text is counted as the host counts it: stripped, in characters", () => {
  const limited = field("text", { min_length: 3, max_length: 5 });
  assert.equal(key(limited, "  ab  "), "form.error.min_length");
  assert.equal(key(limited, " abc "), null);
  assert.equal(key(limited, "abcdef"), "form.error.max_length");
  assert.equal(key(limited, "👍👍👍👍👍"), null);
});

test("a pattern has to match the whole text; one only Python understands is left to the host", () => {
  assert.equal(key(field("text", { pattern: "[a-z]+\\d" }), "abc1"), null);
  assert.equal(key(field("text", { pattern: "[a-z]+\\d" }), "abc1x"), "form.error.pattern");
  assert.equal(key(field("text", { pattern: "(?P<a>x)" }), "anything"), null);
});

test("numbers: kind, whole, range, step", () => {
  const whole = field("number", { min: 18, max: 99, step: 1 });
  assert.equal(key(whole, "abc"), "form.error.number");
  assert.equal(key(whole, 20.5), "form.error.integer");
  assert.equal(key(whole, 17), "form.error.min");
  assert.equal(key(whole, 100), "form.error.max");
  assert.equal(key(whole, 18), null);
  assert.equal(key(field("slider", { min: 0, max: 1, step: 0.1 }), 0.30000000000000004), null);
  assert.equal(key(field("slider", { min: 0, max: 1, step: 0.1 }), 0.35), "form.error.step");
});

test("numbers are read with point or comma, and what is no number stays text", () => {
  assert.deepEqual(["3,5", " -2 ", "1e3", ".5", "", "12 apples", "0x10"].map(readNumber), [3.5, -2, 1000, 0.5, null, "12 apples", "0x10"]);
});

test("choices: only what is offered, and as many as allowed", () => {
  assert.equal(key(field("choice", { choices }), "b"), null);
  assert.equal(key(field("choice", { choices }), "z"), "form.error.choice");
  const two = field("multi_choice", { choices, min_choices: 2, max_choices: 2 });
  assert.equal(key(two, ["a"]), "form.error.min_choices");
  assert.equal(key(two, ["a", "b", "c"]), "form.error.max_choices");
  assert.equal(key(two, ["a", "c"]), null);
  assert.equal(key(field("option_boxes", { choices, multiple: true, min_choices: 1, max_choices: null }), ["a", "b"]), null);
});

test("dates: real ones, within the limits", () => {
  const dated = field("date", { min: "2020-01-01", max: "2020-12-31" });
  assert.equal(key(dated, "soon"), "form.error.date");
  assert.equal(key(dated, "2019-12-31"), "form.error.date_min");
  assert.equal(key(dated, "2021-01-01"), "form.error.date_max");
  assert.equal(key(dated, "2020-06-15"), null);
});

test("every question a pilot run answers is answered within the rules", () => {
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const fields = Object.values(SPECS).flatMap((spec) => spec.fields.map((one) => fieldFromSpec(one, spec.header)));
  assert.ok(fields.length > 10);
  for (const asked of fields) for (let round = 0; round < 50; round++) assert.equal(problemOf(asked, plausibleAnswer(asked, random)), null, asked.label);
});

test("a kind of question this page does not know is named", () => {
  assert.throws(() => field("hologram"), /hologram/);
});
