/**
 * Results of a participant and of others, the best first.
 * @module
 */
import { el } from "../dom.js";
import { numberText } from "../numbers.js";

/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {{rank: number, name: string, score: string, mine: boolean}} Line */
/** @typedef {{lines: Line[], rank: number | null, of: number}} Board */

/** As the page's language writes it; what is no number stays as it is. @param {string} score */
const scoreText = (score) => (/^-?\d+(\.\d+)?$/.test(score) ? numberText(Number(score), 6) : score);

/**
 * @param {Line} line
 * @param {boolean} far others are between this line and the one before
 * @param {Translate} t
 */
function row({ rank, name, score, mine }, far, t) {
  const who = mine ? t("board.you") : name || t("board.other");
  const line = el("tr", { class: mine ? "board-mine" : null, "aria-current": mine ? "true" : null }, el("td", null, rank), el("th", { scope: "row" }, el("bdi", null, who)), el("td", null, el("bdi", null, scoreText(score))));
  return far ? [el("tr", { class: "board-gap", "aria-hidden": "true" }, el("td", { colspan: 3 }, "⋮")), line] : [line];
}

/**
 * @param {Board} board
 * @param {Translate} t
 */
export function leaderboard({ lines, rank, of }, t) {
  const told = rank === null ? t("board.none") : t("board.rank", { rank, n: of });
  if (!lines.length) return el("p", { class: "board-told" }, told);
  const head = el("tr", null, el("th", { scope: "col" }, t("board.place")), el("th", { scope: "col" }, t("board.who")), el("th", { scope: "col" }, t("board.score")));
  const body = lines.flatMap((line) => row(line, line.mine && line.rank > lines.length, t));
  return el("div", { class: "board" }, el("table", null, el("thead", null, head), el("tbody", null, body)), el("p", { class: "board-told" }, told));
}
