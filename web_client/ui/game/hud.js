/**
 * Score, time, round above the game. Scores are confirmed ones.
 * @module
 */
import { el, fill, setText } from "../dom.js";
import { numberText } from "../numbers.js";
import { clockText } from "../time.js";

/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {{scores: Record<string, number | string> | null, text: string | null, episode: number, frame: number, timeS: number}} HudState */
/** @typedef {"score" | "time" | "episode" | "frame" | "ping" | "turn"} HudItem */

// What changes its length stands last: the others stay where they are.
/** @type {HudItem[]} */
const STANDARD = ["score", "time", "episode", "turn"];

/** @param {boolean | HudItem[]} option */
const chosenItems = (option) => (option === true ? STANDARD : Array.isArray(option) ? option : []);
/** Time is counted in frames: where they wait for the players it would stand still, and there alone is a turn. @param {HudItem} item @param {boolean} waits */
const isTold = (item, waits) => (item === "time" ? !waits : item !== "turn" || waits);

/** @param {number | string} score */
const scoreText = (score) => (typeof score === "number" ? numberText(score, 2) : score);

/**
 * @param {{t: Translate, option: boolean | HudItem[], waits?: boolean, episodes: number, names: Record<string, string>, pingMs: () => number | null}} options
 * `waits` whether frames wait for the players; `names` agent → how this player reads it
 */
export function hud({ t, option, waits = false, episodes, names, pingMs }) {
  const items = chosenItems(option).filter((item) => isTold(item, waits));
  const parts = new Map(items.map((item) => [item, el("span", { class: `hud-${item}`, role: item === "turn" ? "status" : null })]));
  const text = el("span", { class: "hud-text", dir: "auto" });
  const element = el("div", { class: "hud" }, el("div", { class: "hud-items" }, [...parts.values()]), text);
  /** @type {Record<Exclude<HudItem, "turn">, (state: HudState, part: HTMLElement) => void>} */
  const writers = {
    score: ({ scores }, part) => writeScores(part, scores, names, t),
    time: ({ timeS }, part) => setText(part, `${t("game.time")} ${clockText(Math.floor(timeS) * 1000)}`),
    episode: ({ episode }, part) => setText(part, episodes > 1 ? t("game.episode", { n: Math.min(episode + 1, episodes), total: episodes }) : ""),
    frame: ({ frame }, part) => setText(part, `${t("game.frame")} ${frame}`),
    ping: (_state, part) => setText(part, pingMs() === null ? "" : `${t("game.ping")} ${Math.round(Number(pingMs()))} ms`),
  };
  /** @param {HudState} state */
  const update = (state) => {
    for (const [item, part] of parts) if (item !== "turn") writers[item](state, part);
    setText(text, state.text ?? "");
  };
  /** @param {string} words whose move it is */
  const tellTurn = (words) => {
    const part = parts.get("turn");
    if (part) setText(part, words);
  };
  return { element, update, tellTurn };
}

/**
 * @param {HTMLElement} part
 * @param {Record<string, number | string> | null} scores
 * @param {Record<string, string>} names
 * @param {Translate} t
 */
function writeScores(part, scores, names, t) {
  const entries = Object.entries(scores ?? {});
  const text = entries.map(([agent, score]) => `${agent}=${scoreText(score)}`).join(" ");
  if (part.dataset.scores === text) return;
  part.dataset.scores = text;
  const only = entries.length === 1;
  /** Each by itself, or a name from another script would stand at the number of the one before. @param {[string, number | string]} entry */
  const one = ([agent, score]) => el("span", { class: "hud-one" }, el("bdi", null, only ? t("game.score") : (names[agent] ?? agent)), " ", el("strong", { dir: "auto" }, scoreText(score)));
  fill(part, entries.flatMap((entry, index) => [index ? "  ·  " : "", one(entry)]));
}
