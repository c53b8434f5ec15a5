import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { freshRoot } from "./dom.js";
import { SPECS } from "./gallery/scenes.js";

const { hud } = await import("../../../web_client/ui/game/hud.js");
const { numberText } = await import("../../../web_client/ui/numbers.js");
const { progressBar } = await import("../../../web_client/ui/progress_bar.js");
const { pages } = await import("../../../web_client/ui/scenes/page.js");
const { speak } = await import("../../../web_client/ui/text/index.js");

afterEach(() => document.documentElement.removeAttribute("lang"));

/** What a participant reads of the same numbers, in a language. */
async function read(language) {
  document.documentElement.lang = language;
  const t = await speak(language);
  const bar = progressBar(t);
  bar.update({ step: "python", label: "", loaded: 7_250_000, total: 13_000_000, fraction: 0.5 });
  const bars = hud({ t, option: true, episodes: 1, names: {}, pingMs: () => null });
  bars.update({ scores: { left: 2.5 }, timeS: 0, episode: 0, frame: 0, text: null });
  const root = freshRoot();
  const board = /** @type {any} */ (pages.find(({ info }) => info.kind === "leaderboard"));
  board.mount(root, { scene: { spec: SPECS.leaderboard }, t, participant: "p1", elapsedMs: () => 0, shownMs: () => 0, advance: async () => ({ ok: true }) });
  return [bar.element.textContent, bars.element.textContent, root.querySelector("[aria-current]").lastChild.textContent];
}

test("loading, scores and results are written as the page's language writes numbers", async () => {
  const english = await read("en");
  assert.deepEqual([english[0], english[2]], ["7.3 of 13.0 MB", "17.5"]);
  assert.match(english[1], /2\.5/);
  const french = await read("fr");
  assert.deepEqual([french[0], french[2]], ["7,3 Mo sur 13,0", "17,5"]);
  assert.match(french[1], /2,5/);
});

test("whole numbers have no decimals they do not need, thousands no mark, and nothing is -0", () => {
  assert.deepEqual([3, 1234.5, -0.001, -2.25].map((value) => numberText(value, 1, 0, "de")), ["3", "1234,5", "0", "-2,3"]);
  assert.equal(numberText(2.5, 1, 0, "ar-EG"), "2.5", "digits that every keyboard has");
});
