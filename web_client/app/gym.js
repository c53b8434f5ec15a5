/**
 * Everything about games on this page: loading the runtime while other pages are read, one run per match, and the views' data.
 * @module
 */
import { sentenceAt } from "../game/env_error.js";
import { HOME } from "../net/home.js";
import { gameView } from "../ui/game/game_view.js";
import { gymPage } from "../ui/game/gym_page.js";
import { gameFiles } from "./game_files.js";
import { GameRun } from "./game_run.js";
import { HostRun } from "./host_run.js";
import { progressed } from "./runtime.js";

/** @typedef {import("../net/server_link.js").ServerLink} ServerLink */
/** @typedef {import("./report.js").Reporter} Reporter */
/** @typedef {import("./page_api.js").SharedGlobals} SharedGlobals */
/** @typedef {import("./state.js").MatchState} MatchState */
/** @typedef {import("./state.js").Welcome} Welcome */
/** @typedef {import("../ui/scenes/scene.js").SceneProps} SceneProps */
/** @typedef {import("../ui/progress_bar.js").Progress} Progress */
/** @typedef {import("../ui/text/index.js").Translate} Translate */
/** @typedef {import("../ui/text/index.js").TextKey} TextKey */
/** @typedef {import("../game/messages.js").FromWorker} FromWorker */
/** @typedef {import("./game_run.js").Game} Game */
/** @typedef {import("./game_run.js").Services} Services */
/** @typedef {Services["uploader"]} Uploader */
/**
 * @typedef {object} Wiring
 * @property {ServerLink} link
 * @property {Reporter} reporter
 * @property {Translate} t
 * @property {() => number} nowMs
 * @property {() => Game} makeGame starts the worker
 * @property {() => void} [noGame] no game of this study runs in this browser
 * @property {() => void} [warmRenderer] fetches what draws, when the page is idle
 * @property {Services["makeRenderer"]} makeRenderer
 * @property {(participant: string) => Uploader} makeUploader
 * @property {Services["makeLinks"]} makeLinks
 * @property {import("../net/probe.js").Probes} probes
 * @property {{hidden: boolean, focused: boolean}} attention
 */

const LOADING_EVERY_MS = 300;

/** The worker's steps in the reader's language. */
/** @type {Record<string, TextKey>} */
const STEPS = {
  python: "loading.step.runtime",
  packages: "loading.step.packages",
  env: "loading.step.env",
  assets: "loading.step.assets",
  models: "loading.step.models",
};

export class Gym {
  /** @type {Game | null} */
  #game = null;
  /** @type {GameRun | HostRun | null} */
  #run = null;
  /** @type {Uploader | null} */
  #uploader = null;
  /** @type {Progress | null} */
  #progress = null;
  #ready = false;
  #hasPlayed = false;
  /** @type {string | null} */
  #failed = null;
  #toldMs = -Infinity;
  #refresh = () => {};
  #tell = (/** @type {string} */ _text) => {};
  /** @type {SharedGlobals | null} */
  #globals = null;
  #wiring;
  #files;
  #attention;

  /** @param {Wiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
    this.#attention = wiring.attention;
    this.#files = gameFiles((delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)));
  }

  page = gymPage;
  view = gameView;

  /** @param {{refresh: () => void, tell: (text: string) => void, globals: SharedGlobals}} owner */
  attach({ refresh, tell, globals }) {
    this.#refresh = refresh;
    this.#tell = tell;
    this.#globals = globals;
  }

  /** Where the game on this page stands. @returns {{episode: number, frame: number} | null} */
  get standing() {
    return this.#run?.face.hud() ?? null;
  }

  /** A match was begun on this page: the worker and the browser's store may hold something of it that the host does not have yet. */
  get hasPlayed() {
    return this.#hasPlayed;
  }

  get loading() {
    return { progress: this.#progress, ready: this.#ready, failed: this.#failed };
  }

  /** @param {Welcome} welcome */
  preload({ session, participant, preload }) {
    // What an earlier page of this person could not bring to the host any more goes first.
    this.#uploader ??= this.#wiring.makeUploader(`${session} ${participant}`);
    if (!preload.bundles.length) return this.#nothingToLoad();
    if (this.#game) return;
    this.#start(preload.vendor_packages, preload.packages, preload.wheels_index);
    this.#wiring.warmRenderer?.();
    void this.#warm(preload.bundles);
  }

  /** No game of this study runs in the browser: whoever waits for this page need not wait any longer. */
  #nothingToLoad() {
    this.#wiring.noGame?.();
    if (!this.#ready) this.#loaded({ loadMs: 0, cold: false });
  }

  /**
   * Brings what the games will need into the browser's cache while other pages are read. What fails here is asked for again later.
   * @param {string[]} scenes
   */
  async #warm(scenes) {
    for (const scene of scenes) {
      const bundle = await this.#files.bundle(scene).catch(() => null);
      const urls = new Set([...Object.values(bundle?.assets ?? {}), ...Object.values(bundle?.onnx ?? {})]);
      for (const url of urls) await fetch(url, { priority: "low" }).then((response) => response.blob(), () => null);
    }
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  receive(type, body) {
    this.#wiring.probes.receive(type, body);
    if (type === "scene") this.#sceneShown(body);
    else if (type === "waiting") this.stop();
    else this.#run?.receive(type, body);
  }

  /** Ends the running match on this page, if there is one. */
  stop() {
    this.#run?.close();
    this.#run = null;
  }

  /** @param {import("../net/server_link.js").LinkState} state */
  connectionChanged(state) {
    this.#run?.connectionChanged(state === "online");
  }

  /** @param {{hidden: boolean, focused: boolean}} now */
  attentionChanged(now) {
    this.#attention = now;
    this.#run?.attentionChanged(now);
  }

  /** @param {SceneProps} props */
  pageProps(props) {
    const loading = onHost(props.scene) ? { progress: null, ready: true, failed: null } : this.loading;
    return { ...props, loading, restart: () => location.reload() };
  }

  /**
   * @param {SceneProps} props
   * @param {MatchState | null} matchState
   */
  viewProps({ scene, t }, matchState) {
    const run = /** @type {GameRun | HostRun} */ (this.#run);
    run.setMatchState(matchState);
    const { link, nowMs } = this.#wiring;
    return { t, spec: scene.spec, match: scene.match ?? {}, game: run.face, nowMs, hostNowMs: () => link.clock.now(), pingMs: () => run.pingMs ?? link.clock.rttMs };
  }

  /**
   * @param {string[]} vendorPackages
   * @param {string[]} packages
   * @param {string} wheelsIndex
   */
  #start(vendorPackages, packages, wheelsIndex) {
    const game = this.#wiring.makeGame();
    this.#game = game;
    game.onMessage((message) => this.#fromWorker(message));
    game.load({ vendorPackages, packages, wheelsIndex });
    return game;
  }

  /** @param {any} scene */
  #sceneShown(scene) {
    if (!scene.match) return this.stop();
    if (this.#run?.id === scene.match.id) return;
    this.stop();
    this.#hasPlayed = true;
    if (onHost(scene)) return this.#showHostRun(scene);
    const game = this.#game ?? this.#start([], scene.spec.runtime?.packages ?? [], `${HOME}/simple/`);
    const { link, reporter, nowMs, makeRenderer, makeLinks } = this.#wiring;
    const uploader = /** @type {Uploader} */ (this.#uploader);
    const assetsLoaded = (/** @type {number} */ loaded, /** @type {number} */ total) => this.#progressed({ step: "assets", label: "", loaded, total });
    const services = { assetsLoaded, link, reporter, nowMs, makeRenderer, uploader, makeLinks, files: this.#files, globals: /** @type {SharedGlobals} */ (this.#globals) };
    this.#run = new GameRun({ scene, game, services, attention: this.#attention, loading: () => this.loading });
    if (this.#failed !== null) this.#run.fail(this.#failed);
    else if (this.#ready) void this.#run.open();
  }

  /** @param {any} scene */
  #showHostRun(scene) {
    const { link, reporter, nowMs, makeRenderer } = this.#wiring;
    const uploader = /** @type {Uploader} */ (this.#uploader);
    let progress = /** @type {Progress | null} */ (null);
    const assetsLoaded = (/** @type {number} */ loaded, /** @type {number} */ total) => {
      progress = progressed(progress, { step: "assets", label: this.#wiring.t("loading.step.assets"), loaded, total });
      run.changed();
    };
    const services = { assetsLoaded, link, reporter, nowMs, makeRenderer, uploader, files: this.#files };
    const run = new HostRun({ scene, services, attention: this.#attention, loading: () => ({ progress }) });
    this.#run = run;
    void run.open();
  }

  /** @param {FromWorker} message */
  #fromWorker(message) {
    if (message.type === "progress") this.#progressed(message);
    else if (message.type === "loaded") this.#loaded(message);
    else if (message.type === "console") this.#wiring.reporter.console(consoleLevel(message.level), message.text);
    else if (message.type === "error") this.#troubled(message);
    // Rows of a match that was left must reach the host, too.
    else if (message.type === "batch") this.#uploader?.add(message.key, message.bytes);
    else this.#run?.fromWorker(message);
  }

  /** @param {import("../game/messages.js").Progress} step */
  #progressed(step) {
    const { t, link, nowMs } = this.#wiring;
    const key = STEPS[step.step];
    const label = key ? t(key) : step.label;
    this.#progress = progressed(this.#progress, { ...step, label });
    if (nowMs() - this.#toldMs > LOADING_EVERY_MS) {
      this.#toldMs = nowMs();
      link.send("loading", { step: step.step, label: step.label, loaded: Math.round(step.loaded), total: Math.round(step.total) });
    }
    this.#changed();
  }

  /** @param {{loadMs: number, cold: boolean}} message */
  #loaded({ loadMs, cold }) {
    this.#ready = true;
    this.#wiring.link.post("loaded", { load_ms: Math.max(0, loadMs), cold });
    void this.#run?.open();
    this.#changed();
  }

  /** @param {Extract<FromWorker, {type: "error"}>} trouble */
  #troubled({ phase, message, traceback, file, line, fatal, told }) {
    const where = phase === "load" || phase === "packages" ? "packages" : "python";
    this.#wiring.reporter.error({ where, message, traceback, file, line, fatal, sentence: sentenceAt(told, "message") });
    if (!fatal) return;
    if (!this.#ready) this.#failed = message;
    if (this.#run instanceof HostRun) return;
    this.#run?.fail(message);
    // The others play on without this page, and the host leads it on at once: the words have to outlast the game's view.
    if (this.#run && !this.#run.isAlone) this.#tell(this.#wiring.t("game.error.moved"));
    this.#changed();
  }

  #changed() {
    this.#run?.changed();
    this.#refresh();
  }
}

/**
 * The game is stepped by the host: the browser needs no Python for it.
 * @param {any} scene
 */
const onHost = (scene) => scene.spec.runtime?.where === "host";

/**
 * @param {string} level
 * @returns {"debug" | "log" | "info" | "warning" | "error"}
 */
const consoleLevel = (level) => (level === "debug" || level === "log" || level === "info" || level === "warning" || level === "error" ? level : level === "warn" ? "warning" : "log");
