/**
 * Whose move a game waits for, in words for this player. Pure.
 * @module
 */

/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {import("./overlay_choice.js").Situation} Situation */

/** @type {Record<"made" | "others", import("../text/index.js").TextKey>} */
const WAITS = { made: "game.turn.made", others: "game.turn.others" };
/** A wait that is over at once is not worth a word. */
const WORTH_A_WORD_MS = 200;

/**
 * @param {Situation} now
 * @param {{t: Translate, others: number, nowMs: number, sinceMs: number}} about `others`: how many play beside this player;
 *   `sinceMs`: since when the turn is what it is
 */
export function turnText({ phase, turn }, { t, others, nowMs, sinceMs }) {
  if (phase?.phase !== "playing" || !turn?.whose) return "";
  if (turn.whose !== "mine") return nowMs - sinceMs < WORTH_A_WORD_MS ? "" : t(WAITS[turn.whose], { n: others });
  const words = others ? [t("game.turn.mine")] : [];
  if (turn.untilMs !== null) words.push(t("game.turn.left", { n: Math.max(0, Math.ceil((turn.untilMs - nowMs) / 1000)) }));
  return words.join(" · ");
}
