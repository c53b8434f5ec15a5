import assert from "node:assert/strict";
import { test } from "node:test";
import { fire, freshRoot } from "./dom.js";
import { SPECS } from "./gallery/scenes.js";

const { pages } = await import("../../../web_client/ui/scenes/page.js");
const { receiptButton } = await import("../../../web_client/ui/scenes/receipt.js");
const { translator } = await import("../../../web_client/ui/text/index.js");

const t = translator("en");
const scene = (/** @type {any} */ spec) => /** @type {any} */ ({ scene: { spec }, t, participant: "p7", elapsedMs: () => 0, shownMs: () => 0, draft: null, touchedMs: {}, onDraft: () => {}, answer: async () => ({ ok: true }) });

test("what was agreed to is printed for the participant, and only that", () => {
  const root = freshRoot();
  const spec = { ...SPECS.form, header: "About you", consent_hashes: { consent: "ab12" } };
  /** @type {string[]} */
  const printed = [];
  window.print = () => {
    const paper = document.querySelector(".receipt");
    printed.push(paper?.textContent ?? "");
    assert.ok(document.body.classList.contains("printing-receipt"));
    window.dispatchEvent(new window.Event("afterprint"));
  };
  pages.find(({ info }) => info.kind === "form")?.mount(root, scene(spec));
  const button = [...root.querySelectorAll("button")].find((one) => one.textContent === "Print a copy for me");
  assert.ok(button);
  button.click();
  const box = /** @type {HTMLInputElement} */ (root.querySelector("input[type=checkbox]"));
  box.checked = true;
  fire(box, "change");
  button.click();
  for (const text of printed) for (const part of ["About you", "without your name", "Version 2.1", "SHA-256 ab12", "Participant p7", "agree to take part"]) assert.ok(text.includes(part), `${part} in ${text}`);
  assert.ok(printed[0]?.includes("not agreed"));
  assert.ok(!printed[1]?.includes("not agreed"));
  assert.equal(document.querySelector(".receipt"), null);
  assert.ok(!document.body.classList.contains("printing-receipt"));
  assert.equal(receiptButton(scene(SPECS.scales), () => true), null, "a page without such a box has no button");
});
