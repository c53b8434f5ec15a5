/**
 * The replay page: recorded episodes played again at any speed, and checked.
 * @module
 */

import { listed, opened as openedBy, toVerify, verdict, working } from "./api.js";
import { Player } from "./player.js";
import { Screen } from "./screen.js";
import { element, showAgents, showChosen, showControls, showList, showOpened, showPlace, showSpeeds, showStatus, showVerdict } from "./view.js";

/** @typedef {import("./messages.js").Opened} Opened */
/** @typedef {import("./messages.js").Finding} Finding */

const meta = (/** @type {string} */ name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
const statics = new URL(meta("igym-static"), location.href).href;
const vendor = new URL(meta("igym-vendor"), location.href).href;

class Page {
  #screen = new Screen({
    stage: element("stage"),
    statics,
    vendor,
    warn: (text) => showStatus(text),
    heard: {
      progress: ({ label, loaded, total }) => {
        working(performance.now());
        showStatus(`${label}: ${Math.round((100 * loaded) / Math.max(1, total))} %`);
      },
      frames: () => {
        working(performance.now());
        showStatus("");
        showControls(true);
      },
      asked: (frame) => this.#opened && showAgents(this.#opened, this.#screen.frames[frame], frame),
      error: ({ message, traceback }) => {
        showStatus(message);
        if (traceback) console.error(traceback);
        void this.#judge({ checks: "", chain: "", ended: -1, error: message });
      },
      checked: (message) => this.#checked(message),
    },
  });
  /** @type {Opened|null} */ #opened = null;
  #lastMs = 0;
  /** @type {((finding: Finding) => void)|null} */ #whenJudged = null;

  constructor() {
    showSpeeds();
    showControls(false);
    this.#listen();
    requestAnimationFrame((atMs) => this.#turn(atMs));
  }

  get #player() {
    return this.#screen.player;
  }

  /**
   * @param {string} id
   * @returns {Promise<boolean>} whether there is something to play
   */
  async open(id) {
    showStatus("Loading the game…");
    showControls(false);
    try {
      this.#opened = await openedBy(id);
    } catch (error) {
      showStatus(error instanceof Error ? error.message : String(error));
      return false;
    }
    showChosen(id);
    showOpened(this.#opened);
    this.#screen.player = new Player(this.#opened.replay);
    showPlace(this.#player);
    this.#start(0);
    return true;
  }

  /** @param {number} me whose view is drawn */
  #start(me) {
    if (this.#opened) this.#screen.open(this.#opened, me);
  }

  /** @returns {Promise<Finding>} */
  verify() {
    showVerdict({ result: "", text: "Playing it again from the start…" });
    this.#player.playing = false;
    this.#screen.verify();
    return new Promise((done) => (this.#whenJudged = done));
  }

  /** @param {Extract<import("./messages.js").FromReplayWorker, {type: "checking" | "played"}>} message */
  #checked(message) {
    working(performance.now());
    if (message.type === "played") void this.#judge(message.played);
    else showVerdict({ result: "", text: `Playing it again from the start: ${message.frames} of ${this.#player.frames} frames…` });
  }

  /** @param {import("./messages.js").Played} played */
  async #judge(played) {
    const done = this.#whenJudged;
    if (!done || !this.#opened) return;
    this.#whenJudged = null;
    const failed = (/** @type {unknown} */ error) => ({ result: /** @type {const} */ ("failed"), frame: null, text: String(error) });
    const finding = await verdict(this.#opened.replay.id, played).catch(failed);
    showVerdict(finding);
    if (finding.frame !== null) this.#go((player) => player.seek(/** @type {number} */ (finding.frame)));
    done(finding);
  }

  /** @param {number} atMs */
  #turn(atMs) {
    this.#player.pass(Math.min(500, atMs - this.#lastMs));
    this.#lastMs = atMs;
    this.#show();
    requestAnimationFrame((next) => this.#turn(next));
  }

  #show() {
    if (!this.#opened || this.#player.reached === 0) return;
    showPlace(this.#player);
    this.#screen.show();
  }

  /** @param {(player: Player) => void} change */
  #go(change) {
    change(this.#player);
    this.#show();
  }

  #listen() {
    element("play").addEventListener("click", () => this.#go((player) => player.toggle()));
    element("back").addEventListener("click", () => this.#go((player) => player.step(-1)));
    element("forward").addEventListener("click", () => this.#go((player) => player.step(1)));
    element("verify").addEventListener("click", () => void this.verify());
    const scrubber = /** @type {HTMLInputElement} */ (element("scrubber"));
    scrubber.addEventListener("input", () => this.#go((player) => player.step(Number(scrubber.value) - player.frame)));
    const speed = /** @type {HTMLSelectElement} */ (element("speed"));
    speed.addEventListener("change", () => (this.#player.speed = Number(speed.value)));
    const view = /** @type {HTMLSelectElement} */ (element("view"));
    view.addEventListener("change", () => this.#start(Number(view.value)));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = /** @type {HTMLElement} */ (event.target);
    const second = Math.max(1, Math.round(this.#player.fps));
    const by = event.shiftKey ? second : 1;
    /** @type {Record<string, () => void>} */
    const keys = {
      " ": () => this.#go((player) => player.toggle()),
      ArrowLeft: () => this.#go((player) => player.step(-by)),
      ArrowRight: () => this.#go((player) => player.step(by)),
      Home: () => this.#go((player) => player.step(-player.frames - 1)),
      End: () => this.#go((player) => player.step(player.frames)),
      v: () => void this.verify(),
    };
    const act = keys[event.key];
    // A focused button keeps its own Space, a focused list its arrows.
    const own = at.tagName === "SELECT" || (at.tagName === "BUTTON" && event.key === " ");
    if (!act || own || event.ctrlKey || event.metaKey || event.altKey || !this.#opened) return;
    event.preventDefault();
    act();
  }
}

async function start() {
  const page = new Page();
  const choose = (/** @type {string} */ id) => {
    history.replaceState(null, "", `#${encodeURIComponent(id)}`);
    void page.open(id);
  };
  try {
    const replays = await listed();
    showList(replays, choose);
    for (const id of toVerify()) {
      if (await page.open(id)) await page.verify();
    }
    const wanted = decodeURIComponent(location.hash.slice(1));
    const first = replays.find(({ id }) => id === wanted) ?? replays[0];
    if (first && !toVerify().length) await page.open(first.id);
  } catch (error) {
    showStatus(error instanceof Error ? error.message : String(error));
  }
}

void start();
