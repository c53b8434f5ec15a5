import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { freshRoot } from "./dom.js";

const { Form } = await import("../../../web_client/ui/form/form.js");
const { problemOf } = await import("../../../web_client/ui/form/rules.js");
const { plausibleAnswer } = await import("../../../web_client/ui/form/simulate.js");
const { fieldFromSpec } = await import("../../../web_client/ui/form/spec.js");
const { translator } = await import("../../../web_client/ui/text/index.js");

const SPEC = { name: "ranking", type: "ranking", label: "Best first", help: "", required: true, choices: ["a", "b", "c", "d"].map((value) => ({ value, label: `Item ${value}`, image: null })) };
let root;
let sent;
let drafts;

beforeEach(() => {
  root = freshRoot();
  sent = [];
  drafts = [];
});

function form(draft = null, spec = SPEC) {
  const made = new Form({
    fields: [fieldFromSpec(spec)],
    submitLabel: "Continue",
    t: translator("en"),
    elapsedMs: () => 700,
    shownMs: () => 100,
    draft,
    touchedMs: {},
    onDraft: (values) => drafts.push(values),
    onSubmit: async (values, timing) => (sent.push({ values, timing }), { ok: true }),
  });
  root.append(made.element);
  return made;
}

const rows = () => [...root.querySelectorAll(".ranking-item")];
const texts = () => rows().map((row) => row.querySelector(".ranking-text").textContent.at(-1)).join("");
const part = (letter, what) => rows()[texts().indexOf(letter)].querySelector(what);
const press = (letter, key, more = {}) => part(letter, ".ranking-grip").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
const keepButton = () => root.querySelector(".ranking-foot button");

test("the buttons move an item by one place, and what moved is told", () => {
  const made = form();
  part("c", "[aria-label='Move up: Item c']").click();
  assert.equal(texts(), "acbd");
  assert.deepEqual(made.values(), { ranking: ["a", "c", "b", "d"] });
  assert.deepEqual(drafts, [{ ranking: ["a", "c", "b", "d"] }]);
  assert.equal(root.querySelector("[role=status]").textContent, "Item c, place 2 of 4");
  part("a", "[aria-label='Move down: Item a']").click();
  assert.equal(texts(), "cabd");
});

test("a button at an end says that it does nothing, and does nothing", () => {
  const made = form();
  const up = part("a", "[aria-label='Move up: Item a']");
  assert.equal(up.getAttribute("aria-disabled"), "true");
  up.click();
  assert.deepEqual([texts(), drafts, made.values()], ["abcd", [], { ranking: null }]);
  part("a", "[aria-label='Move down: Item a']").click();
  assert.equal(up.getAttribute("aria-disabled"), "false");
});

test("arrow keys, Home and End move the item that has the focus, which stays there", () => {
  const made = form();
  part("b", ".ranking-grip").focus();
  press("b", "ArrowDown");
  assert.equal(texts(), "acbd");
  assert.equal(document.activeElement, part("b", ".ranking-grip"));
  assert.equal(document.activeElement.getAttribute("aria-label"), "Item b, place 3 of 4");
  press("b", "ArrowUp");
  assert.equal(texts(), "abcd");
  press("b", "End");
  assert.equal(texts(), "acdb");
  press("b", "Home");
  assert.equal(texts(), "bacd");
  press("b", "ArrowDown", { ctrlKey: true });
  assert.equal(texts(), "bacd");
  assert.equal(drafts.length, 4);
  assert.deepEqual(made.values(), { ranking: ["b", "a", "c", "d"] });
});

test("a key that goes to an end is an answer by itself", () => {
  const made = form();
  press("c", "Home");
  assert.deepEqual(made.values(), { ranking: ["c", "a", "b", "d"] });
  assert.equal(part("c", ".ranking-grip").getAttribute("aria-label"), "Item c, place 1 of 4");
  press("c", "Home");
  assert.equal(drafts.length, 1);
});

test("a drag moves the row past those whose middle it passes; a finger takes it by its number only", () => {
  form();
  const list = root.querySelector(".ranking");
  for (const row of rows()) row.getBoundingClientRect = () => ({ top: rows().indexOf(row) * 40, height: 40 });
  const point = (target, kind, clientY, pointerType = "mouse") => target.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerId: 7, button: 0, pointerType, clientY }));
  point(part("a", ".ranking-text"), "pointerdown", 20);
  point(list, "pointermove", 59);
  assert.equal(texts(), "abcd");
  point(list, "pointermove", 101);
  assert.equal(texts(), "bcad");
  point(list, "pointerup", 101);
  point(list, "pointermove", 0);
  assert.equal(texts(), "bcad");
  point(part("d", ".ranking-text"), "pointerdown", 140, "touch");
  point(list, "pointermove", 0, "touch");
  assert.equal(texts(), "bcad");
  point(part("d", ".ranking-grip"), "pointerdown", 140, "touch");
  point(list, "pointermove", 0, "touch");
  assert.equal(texts(), "dbca");
});

test("an order that nobody chose is no answer, until it is kept", async () => {
  const made = form();
  assert.equal(await made.submit(), false);
  assert.match(root.querySelector(".field-error").textContent, /Keep this order/);
  keepButton().click();
  assert.equal(keepButton().hidden, true);
  assert.equal(document.activeElement, part("a", ".ranking-grip"));
  assert.equal(await made.submit(), true);
  assert.deepEqual(sent[0].values, { ranking: ["a", "b", "c", "d"] });
  assert.deepEqual(sent[0].timing, { shown_ms: 100, submitted_ms: 700, first_change_ms: { ranking: 600 } });
});

test("a draft stands again as it was left", () => {
  const made = form({ ranking: ["d", "b", "a", "c"] });
  assert.equal(texts(), "dbac");
  assert.deepEqual(made.values(), { ranking: ["d", "b", "a", "c"] });
  assert.equal(keepButton().hidden, true);
  assert.equal(form({ ranking: null }).values().ranking, null);
});

test("a draft that is no order of this list leaves it as it was shown, unanswered", () => {
  for (const draft of [[], ["d"], ["d", "c", "b", "z"], ["d", "d", "d", "d"], "dcba"]) {
    root = freshRoot();
    const made = form({ ranking: draft });
    assert.deepEqual([texts(), made.values(), keepButton().hidden], ["abcd", { ranking: null }, false]);
  }
});

test("a ranking that may be left out can be taken back: it stands as it was shown, unanswered", async () => {
  const made = form(null, { ...SPEC, required: false });
  const back = root.querySelector(".field-back");
  assert.ok(back.classList.contains("field-back-idle"));
  press("c", "Home");
  assert.equal(texts(), "cabd");
  assert.ok(!back.classList.contains("field-back-idle"));
  back.click();
  assert.equal(texts(), "abcd");
  assert.deepEqual([made.values(), drafts.at(-1)], [{ ranking: null }, { ranking: null }]);
  assert.equal(document.activeElement, part("a", ".ranking-grip"));
  assert.equal(part("a", ".ranking-grip").getAttribute("aria-label"), "Item a, place 1 of 4");
  assert.equal(keepButton().hidden, false);
  assert.ok(back.classList.contains("field-back-idle"));
  assert.equal(await made.submit(), true);
  assert.deepEqual(sent[0].values, { ranking: null });
});

test("only the whole list is an order, and a pilot gives one", () => {
  const field = fieldFromSpec(SPEC);
  const problem = (answer) => problemOf(field, answer)?.key ?? null;
  assert.equal(problem(["b", "a", "d", "c"]), null);
  for (const wrong of [["a", "b", "c"], ["a", "b", "c", "c"], ["a", "b", "c", "z"], "abcd", null]) assert.equal(problem(wrong), "form.error.ranking");
  assert.equal(problemOf({ ...field, required: false }, null), null);
  assert.equal(problem(plausibleAnswer(field, () => 0.99)), null);
  assert.deepEqual(plausibleAnswer(field, () => 0.99), ["d", "c", "b", "a"]);
});
