import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { freshRoot, fire, settle, type } from "./dom.js";

const { Form } = await import("../../../web_client/ui/form/form.js");
const { fieldFromSpec } = await import("../../../web_client/ui/form/spec.js");
const { translator } = await import("../../../web_client/ui/text/index.js");

let root;
let nowMs;
let shownMs;
let touchedMs;
let sent;
let drafts;
let outcome;
const spec = (name, kind, more = {}) => ({ name, type: kind, label: `About ${name}`, help: "", required: true, ...more });

beforeEach(() => {
  root = freshRoot();
  nowMs = shownMs = 100;
  touchedMs = {};
  sent = [];
  drafts = [];
  outcome = { ok: true };
});

function form(specs, draft = null) {
  const made = new Form({
    fields: specs.map((one) => fieldFromSpec(one, "Heading")),
    submitLabel: "Continue",
    t: translator("en"),
    elapsedMs: () => nowMs,
    shownMs: () => shownMs,
    draft,
    touchedMs,
    onDraft: (values) => drafts.push(values),
    onSubmit: async (values, timing) => {
      sent.push({ values, timing });
      return outcome;
    },
  });
  root.append(made.element);
  return made;
}

test("what is missing is named, linked and marked; nothing is sent", async () => {
  const made = form([spec("age", "number", { min: 18, max: 99, step: 1 }), spec("name", "text")]);
  assert.equal(await made.submit(), false);
  assert.deepEqual(sent, []);
  assert.match(made.summary.textContent, /2 answers need your attention/);
  assert.equal(document.activeElement, made.summary);
  const age = root.querySelector("[name=age]");
  assert.equal(age.getAttribute("aria-invalid"), "true");
  const error = document.getElementById(age.getAttribute("aria-describedby").split(" ").at(-1));
  assert.equal(error.textContent, "Please answer this question.");
  made.summary.querySelector("a").click();
  assert.equal(document.activeElement, age);
});

test("an error goes away when it is mended, and does not appear while typing", async () => {
  const made = form([spec("age", "number", { min: 18, max: 99, step: 1 })]);
  const age = root.querySelector("[name=age]");
  type(age, "7");
  assert.equal(age.getAttribute("aria-invalid"), null);
  await made.submit();
  assert.equal(age.getAttribute("aria-invalid"), "true");
  type(age, "27");
  assert.equal(age.getAttribute("aria-invalid"), null);
});

test("answers go out once, with the time of each first change", async () => {
  const made = form([spec("age", "number", { min: 18, max: 99, step: 1 }), spec("why", "textarea", { max_length: 200 })]);
  nowMs = 900;
  type(root.querySelector("[name=age]"), "2");
  nowMs = 1500;
  type(root.querySelector("[name=age]"), "27");
  nowMs = 2500;
  type(root.querySelector("[name=why]"), " because ");
  nowMs = 4000;
  const first = made.submit();
  const second = made.submit();
  assert.equal(made.submitButton.disabled, true);
  assert.equal(await first, true);
  assert.equal(await second, false);
  assert.deepEqual(sent, [{ values: { age: 27, why: " because " }, timing: { shown_ms: 100, submitted_ms: 4000, first_change_ms: { age: 800, why: 2400 } } }]);
});

test("what was touched before a reload was touched then, and never later than the page was sent", async () => {
  Object.assign(touchedMs, { age: 800 });
  nowMs = 6000;
  const made = form([spec("age", "number", { min: 18, max: 99, step: 1 }), spec("why", "text")], { age: 27 });
  nowMs = 7000;
  type(root.querySelector("[name=age]"), "28");
  type(root.querySelector("[name=why]"), "because");
  await made.submit();
  const { timing } = sent[0];
  assert.deepEqual(timing, { shown_ms: 100, submitted_ms: 7000, first_change_ms: { age: 800, why: 6900 } });
});

test("the form's own submit event counts, so Enter works", async () => {
  form([spec("name", "text")]);
  type(root.querySelector("[name=name]"), "x");
  fire(root.querySelector("form"), "submit");
  await settle();
  assert.equal(sent.length, 1);
});

test("when the host refuses, its words are shown and the answers are kept", async () => {
  const made = form([spec("name", "text")]);
  type(root.querySelector("[name=name]"), "x");
  outcome = { ok: false, text: "<b>too short</b>" };
  assert.equal(await made.submit(), false);
  assert.match(made.summary.textContent, /<b>too short<\/b>/);
  assert.equal(made.summary.querySelector("b"), null);
  assert.equal(made.submitButton.disabled, false);
  assert.equal(root.querySelector("[name=name]").value, "x");
});

test("a draft brings back every kind of answer", () => {
  const choices = ["a", "b"].map((value) => ({ value, label: value, image: null }));
  const draft = { t: "words", n: 3.5, one: "b", many: ["a", "b"], s: 4, l: 30, d: "2020-02-02", c: true, box: "a" };
  const made = form(
    [
      spec("t", "text"),
      spec("n", "number"),
      spec("one", "choice", { choices }),
      spec("many", "multi_choice", { choices }),
      spec("s", "scale", { min: 1, max: 7, step: 1, labels: [] }),
      spec("l", "slider", { min: 0, max: 100, step: 1, labels: ["low", "high"] }),
      spec("d", "date"),
      spec("c", "consent"),
      spec("box", "option_boxes", { choices, multiple: false }),
    ],
    draft,
  );
  assert.deepEqual(made.values(), draft);
});

test("an answer to a question that may be left out can be taken back, also one from before a reload", async () => {
  const choices = ["a", "b"].map((value) => ({ value, label: value, image: null }));
  const free = [
    spec("one", "choice", { choices }),
    spec("box", "option_boxes", { choices, multiple: false }),
    spec("s", "scale", { min: 1, max: 7, step: 1, labels: [] }),
    spec("l", "slider", { min: 0, max: 100, step: 1, labels: [] }),
  ].map((field) => ({ ...field, required: false }));
  const made = form(free, { one: "b", box: "a", s: 4, l: 30 });
  const backs = [...root.querySelectorAll(".field-back")];
  assert.deepEqual(backs.map((back) => back.classList.contains("field-back-idle")), [false, false, false, false]);
  for (const back of backs) back.click();
  assert.deepEqual(made.values(), { one: null, box: null, s: null, l: null });
  assert.deepEqual(drafts.at(-1), made.values());
  assert.deepEqual(backs.map((back) => back.classList.contains("field-back-idle")), [true, true, true, true]);
  made.set("s", 2);
  assert.equal(backs[2].classList.contains("field-back-idle"), false);
  assert.match(backs[2].getAttribute("aria-label"), /^Take back my answer: /);
});

test("what must be answered, and what can be emptied by itself, has no button for it", () => {
  const choices = ["a", "b"].map((value) => ({ value, label: value, image: null }));
  const long = Array.from({ length: 13 }, (_, index) => ({ value: `${index}`, label: `${index}`, image: null }));
  const free = { required: false };
  form([
    spec("one", "choice", { choices }),
    { ...spec("t", "text"), ...free },
    { ...spec("many", "multi_choice", { choices }), ...free },
    { ...spec("boxes", "option_boxes", { choices, multiple: true }), ...free },
    { ...spec("menu", "choice", { choices: long }), ...free },
    { ...spec("c", "consent"), ...free },
  ]);
  assert.equal(root.querySelectorAll(".field-back").length, 0);
});

test("a slider has no answer before it is touched", async () => {
  const made = form([spec("l", "slider", { min: 0, max: 100, step: 1, labels: [] })]);
  assert.deepEqual(made.values(), { l: null });
  await made.submit();
  assert.equal(sent.length, 0);
  fire(root.querySelector("[name=l]"), "pointerup");
  assert.deepEqual(made.values(), { l: 50 });
});

test("changes are kept as a draft at once", () => {
  form([spec("name", "text")]);
  type(root.querySelector("[name=name]"), "half a sen");
  assert.deepEqual(drafts, [{ name: "half a sen" }]);
});

test("every question is named for a screen reader, also one without words of its own", () => {
  const choices = [{ value: "a", label: "A", image: "/assets/a.png" }];
  form([spec("t", "text", { label: "" }), spec("c", "choice", { choices }), spec("s", "scale", { min: 1, max: 3, step: 1, labels: ["no", "yes"] })]);
  const input = root.querySelector("[name=t]");
  assert.match(root.querySelector(`label[for=${input.id}]`).textContent, /Heading/);
  for (const group of root.querySelectorAll("fieldset")) {
    assert.equal(group.getAttribute("role"), "radiogroup");
    assert.ok(group.querySelector("legend").textContent.length > 0);
  }
  const spoken = [...root.querySelectorAll(".scale-input")].map((point) => point.getAttribute("aria-label"));
  assert.deepEqual(spoken, ["1: no", "2", "3: yes"]);
});

test("labels and choices are text, whatever is written in them", () => {
  const evil = "<img src=x onerror=alert(1)>";
  form([spec("c", "choice", { label: evil, help: evil, choices: [{ value: evil, label: evil, image: null }] })]);
  assert.equal(root.querySelector("img"), null);
});

test("wrong answers are told at their questions, in the host's words, and can be mended and sent again", async () => {
  const made = form([spec("moves", "number"), spec("name", "text")]);
  let told = 0;
  made.onRejected = () => (told += 1);
  made.set("moves", 4);
  made.set("name", "ball");
  outcome = { ok: false, code: "wrong_answers", text: "Two attempts are left.", fields: { moves: "There are three." } };
  assert.equal(await made.submit(), false);
  assert.equal(made.summary.textContent, "Two attempts are left.");
  assert.equal(told, 1);
  const moves = root.querySelector("[name=moves]");
  assert.equal(moves.getAttribute("aria-invalid"), "true");
  assert.equal(document.getElementById(moves.getAttribute("aria-describedby").split(" ").at(-1)).textContent, "There are three.");
  assert.equal(made.submitButton.disabled, false);
  outcome = { ok: true };
  made.set("moves", 3);
  assert.equal(await made.submit(), true);
  assert.deepEqual(sent.map(({ values }) => values.moves), [4, 3]);
});
