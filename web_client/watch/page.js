/**
 * A researcher's live view of one match. It only looks.
 * @module
 */
import { Canvas } from "../replay/canvas.js";
import { el, fill, setText } from "../ui/dom.js";
import { pickLanguage, translator } from "../ui/text/index.js";

/** @typedef {import("./messages.js").FromWatchWorker} FromWatchWorker */
/** @typedef {import("./messages.js").ToWatchWorker} ToWatchWorker */
/** @typedef {import("./messages.js").Watched} Watched */

const AGAIN_MS = 2000;
const meta = (/** @type {string} */ name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "/";
const statics = new URL(meta("igym-static"), location.href).href;
const vendor = new URL(meta("igym-vendor"), location.href).href;
const asked = new URLSearchParams(location.search);
const token = asked.get("token") ?? "";
const language = pickLanguage([...(asked.has("lang") ? [String(asked.get("lang"))] : []), ...navigator.languages]);
const t = translator(language);
document.documentElement.lang = language;

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const say = (/** @type {string} */ text) => setText(element("state"), text);
const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Refused extends Error {}

/**
 * Asks until the host answers.
 * @param {string} path
 * @param {Record<string, string>} [more]
 */
async function ask(path, more = {}) {
  for (;;) {
    const answer = await fetch(`${path}?${new URLSearchParams({ token, ...more })}`, { cache: "no-store" }).catch(() => null);
    if (answer?.ok) return await answer.json();
    if (answer && answer.status < 500) throw new Refused((await answer.json().catch(() => null))?.error?.text ?? t("watch.refused"));
    say(t("watch.offline"));
    await pause(AGAIN_MS);
  }
}

class Page {
  #worker = new Worker(`${statics}watch/worker.js`, { type: "module" });
  #canvas = new Canvas(element("stage"), vendor, say);
  #watched;
  #fps;
  #failed = false;

  /** @param {Watched} watched */
  constructor(watched) {
    this.#watched = watched;
    this.#fps = watched.bundle.spec.rendering.fps;
    this.#worker.addEventListener("message", ({ data }) => this.#receive(data));
    this.#worker.addEventListener("error", (event) => say(t("watch.failed", { why: event.message })));
    this.#showViews();
    this.#open(0);
  }

  #showViews() {
    const { players } = this.#watched.match;
    const view = /** @type {HTMLSelectElement} */ (element("view"));
    fill(view, players.map(({ player, agent, name }) => el("option", { value: player }, `${name} (${agent})`)));
    view.addEventListener("change", () => this.#open(Number(view.value)));
    element("view-label").hidden = players.length < 2 || !this.#watched.bundle.spec.rendering.per_agent_view;
  }

  /** @param {number} me */
  #open(me) {
    this.#failed = false;
    this.#post({ type: "open", vendor, watched: this.#watched, me });
  }

  /** @param {ToWatchWorker} message */
  #post(message) {
    this.#worker.postMessage(message);
  }

  /** @param {FromWatchWorker} message */
  #receive(message) {
    const act = /** @type {(message: any) => void} */ (this.#acts[message.type]);
    act(message);
  }

  #acts = {
    progress: (/** @type {{loaded: number, total: number}} */ { loaded, total }) => say(`${t("watch.loading")} ${Math.round((100 * loaded) / Math.max(1, total))} %`),
    began: () => {
      say(t("watch.waiting"));
      this.#canvas.begin(this.#watched.bundle).catch((error) => this.#fail(error.message));
    },
    wanted: (/** @type {{number: number, episode: number, first: number}} */ wanted) => void this.#fetch(wanted),
    picture: (/** @type {any} */ picture) => this.#canvas.draw(picture),
    place: (/** @type {Extract<FromWatchWorker, {type: "place"}>} */ place) => this.#showPlace(place),
    ended: (/** @type {{reason: string}} */ { reason }) => say(t("watch.ended", { reason })),
    error: (/** @type {{message: string, traceback: string}} */ { message, traceback }) => {
      console.error(traceback);
      this.#fail(message);
    },
  };

  /** @param {string} why */
  #fail(why) {
    this.#failed = true;
    say(t("watch.failed", { why }));
  }

  /** @param {{number: number, episode: number, first: number}} wanted */
  async #fetch({ number, episode, first }) {
    try {
      const confirmed = await ask("/api/watch/inputs", { episode: String(episode), from: String(first) });
      this.#post({ type: "inputs", number, episode, first, confirmed });
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {Extract<FromWatchWorker, {type: "place"}>} place */
  #showPlace({ episode, frame, behind, catchingUp, scores }) {
    if (this.#failed) return;
    const where = t("watch.episode", { n: episode + 1, frame: frame + 1 });
    const how = catchingUp ? t("watch.catching_up", { frames: behind }) : t("watch.live", { seconds: (1 + behind / this.#fps).toFixed(0) });
    say(`${where} · ${how}`);
    fill(element("scores"), Object.entries(scores).map(([agent, score]) => el("div", null, el("dt", null, this.#nameOf(agent)), el("dd", null, typeof score === "number" ? String(Math.round(score * 100) / 100) : score))));
  }

  /** @param {string} agent */
  #nameOf(agent) {
    const player = this.#watched.match.players.find((one) => String(one.agent) === agent);
    return player?.name ? `${player.name} (${agent})` : agent;
  }
}

async function start() {
  setText(element("title"), t("watch.title"));
  setText(element("view-text"), t("watch.view_of"));
  setText(element("note"), t("watch.only_looks"));
  document.title = t("watch.title");
  say(t("watch.loading"));
  try {
    /** @type {Watched} */
    const watched = await ask("/api/watch");
    if (watched.bundle.spec.runtime.where === "host") say(t("watch.on_host"));
    else new Page(watched);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

void start();
