import assert from "node:assert/strict";
import { test } from "node:test";
import { freshRoot } from "./dom.js";
import { SPECS } from "./gallery/scenes.js";

const { pages } = await import("../../../web_client/ui/scenes/page.js");
const { translator } = await import("../../../web_client/ui/text/index.js");

const t = translator("en");
const props = (/** @type {any} */ board) => /** @type {any} */ ({ scene: { spec: { ...SPECS.leaderboard, board } }, t, participant: "p1", elapsedMs: () => 0, shownMs: () => 0, advance: async () => ({ ok: true }) });

test("one's own line stands out, also far below the best; names are text", () => {
  const root = freshRoot();
  const view = /** @type {any} */ (pages.find(({ info }) => info.kind === "leaderboard"));
  const mounted = view.mount(root, props(SPECS.leaderboard.board));
  const rows = () => [...root.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent).join(" "));
  assert.deepEqual(rows(), ["1 PC 7 42", "2 Somebody else 40", "2 PC 3 <b> 40", "⋮", "12 You 17.5"]);
  assert.equal(root.querySelector("[aria-current]")?.textContent, "12You17.5");
  assert.ok(root.textContent?.includes("You are number 12 of 31."));
  mounted.update(props({ rank: 1, of: 1, lines: [{ rank: 1, name: "", score: "3", mine: true }] }));
  assert.deepEqual(rows(), ["1 You 3"], "the others' results come in while the page stands");
  mounted.update(props({ rank: null, of: 0, lines: [] }));
  assert.ok(root.textContent?.includes("You have no points to compare yet."));
  mounted.unmount?.();
});
