/**
 * A researcher's live view of one match. It only looks.
 * @module
 */
import { HOME } from "../net/home.js";
import { HostPage } from "./host_page.js";
import { ask, canvas, head, say, showScores, showViews, statics, t, vendor } from "./parts.js";

/** @typedef {import("./messages.js").FromWatchWorker} FromWatchWorker */
/** @typedef {import("./messages.js").ToWatchWorker} ToWatchWorker */
/** @typedef {import("./messages.js").Watched} Watched */

class Page {
  #worker = new Worker(`${statics}watch/worker.js`, { type: "module" });
  #canvas = canvas();
  #watched;
  #fps;
  #failed = false;

  /** @param {Watched} watched */
  constructor(watched) {
    this.#watched = watched;
    this.#fps = watched.bundle.spec.rendering.fps;
    this.#worker.addEventListener("message", ({ data }) => this.#receive(data));
    this.#worker.addEventListener("error", (event) => say(t("watch.failed", { why: event.message })));
    showViews(watched, (me) => this.#open(me));
    this.#open(0);
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
      const confirmed = await ask(`${HOME}/api/watch/inputs`, { episode: String(episode), from: String(first) });
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
    showScores(this.#watched, scores);
  }
}

async function start() {
  head();
  say(t("watch.loading"));
  try {
    /** @type {Watched} */
    const watched = await ask(`${HOME}/api/watch`);
    if (watched.bundle.spec.runtime.where === "host") await new HostPage(watched).run();
    else new Page(watched);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

void start();
