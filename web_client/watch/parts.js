/**
 * What both kinds of live view are made of: the page's elements and its questions to the host.
 * @module
 */
import { Canvas } from "../replay/canvas.js";
import { el, fill, setText } from "../ui/dom.js";
import { direction, pickLanguage, speak } from "../ui/text/index.js";

/** @typedef {import("./messages.js").Watched} Watched */

const AGAIN_MS = 2000;
/** @type {Record<string, "watch.refused" | "watch.full">} */ const REFUSALS = { wrong_token: "watch.refused", too_many: "watch.full" };
const meta = (/** @type {string} */ name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "/";
export const statics = new URL(meta("igym-static"), location.href).href;
export const vendor = new URL(meta("igym-vendor"), location.href).href;
const asked = new URLSearchParams(location.search);
const token = asked.get("token") ?? "";
const language = pickLanguage([...(asked.has("lang") ? [String(asked.get("lang"))] : []), ...navigator.languages]);
export const t = await speak(language);

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
export const say = (/** @type {string} */ text) => setText(element("state"), text);
export const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const canvas = () => new Canvas(element("stage"), vendor, say);

class Refused extends Error {}

/**
 * Asks until the host answers.
 * @param {string} path
 * @param {Record<string, string>} [more]
 */
export async function ask(path, more = {}) {
  for (;;) {
    const answer = await fetch(`${path}?${new URLSearchParams({ token, ...more })}`, { cache: "no-store" }).catch(() => null);
    if (answer?.ok) return await answer.json();
    if (answer && answer.status < 500) throw new Refused(refusal((await answer.json().catch(() => null))?.error));
    say(t("watch.offline"));
    await pause(AGAIN_MS);
  }
}

/** @param {{code: string, text: string} | undefined} error the host's */
function refusal(error) {
  const known = REFUSALS[error?.code ?? "wrong_token"];
  return known || !error ? t(known ?? "watch.refused") : error.text;
}

/** The words that stand on every page. */
export function head() {
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
  document.title = t("watch.title");
  setText(element("title"), t("watch.title"));
  setText(element("view-text"), t("watch.view_of"));
  setText(element("note"), t("watch.only_looks"));
}

/**
 * Whose view is shown, where players see different things.
 * @param {Watched} watched
 * @param {(player: number) => void} choose
 */
export function showViews({ match: { players }, bundle }, choose) {
  const view = /** @type {HTMLSelectElement} */ (element("view"));
  fill(view, players.map(({ player, agent, name }) => el("option", { value: player }, `${name} (${agent})`)));
  view.addEventListener("change", () => choose(Number(view.value)));
  element("view-label").hidden = players.length < 2 || !bundle.spec.rendering.per_agent_view;
}

/**
 * @param {Watched} watched
 * @param {Record<string, number|string>} scores
 */
export function showScores({ match }, scores) {
  const rows = Object.entries(scores).map(([agent, score]) => {
    const player = match.players.find((one) => String(one.agent) === agent);
    const name = player?.name ? `${player.name} (${agent})` : agent;
    return el("div", null, el("dt", null, name), el("dd", null, typeof score === "number" ? String(Math.round(score * 100) / 100) : score));
  });
  fill(element("scores"), rows);
}
