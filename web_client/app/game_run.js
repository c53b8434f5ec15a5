/**
 * One match on this page: between the worker that plays it, the host that rules it and the view that shows it.
 * @module
 */
import { keyBindings, ownControls } from "../game/controls.js";
import { within } from "../net/within.js";
import { lacksMemory } from "../ui/memory.js";
import { GamePicture } from "./game_picture.js";
import { inputLogOf } from "./input_log.js";
import { assetTrouble } from "./report.js";
import { RunMetrics } from "./run_metrics.js";

/** @typedef {import("../game/messages.js").FromWorker} FromWorker */
/** @typedef {import("../game/messages.js").ToWorker} ToWorker */
/** @typedef {import("../game/messages.js").GameBundle} GameBundle */
/** @typedef {import("../game/messages.js").MatchSpec} MatchSpec */
/** @typedef {import("../ui/game/game_view.js").GameFace} GameFace */
/** @typedef {import("../ui/game/hud.js").HudState} HudState */
/** @typedef {import("../ui/game/overlay_choice.js").Phase} Phase */
/** @typedef {import("../game/moves.js").WhoseMove} WhoseMove */
/** @typedef {import("./state.js").MatchState} MatchState */
/**
 * The worker as the page sees it.
 * @typedef {object} Game
 * @property {(what: {vendorPackages: string[], packages: string[], wheelsIndex: string}) => void} load
 * @property {(message: ToWorker, transfer?: Transferable[]) => void} post
 * @property {(listener: (message: FromWorker) => void) => void} onMessage
 */
/** @typedef {import("../net/pair.js").State} LinkState */
/** @typedef {import("../net/pair.js").Transport} Transport */
/**
 * What the links tell.
 * @typedef {object} LinkEvents
 * @property {(peer: number, channel: "inputs" | "control", bytes: Uint8Array<ArrayBuffer>) => void} onPacket
 * @property {(peer: number, state: LinkState, transport: Transport, rttMs: number | null) => void} onState
 * @property {(peer: number, state: LinkState, transport: Transport, rttMs: number | null) => void} onRtt
 */
/**
 * @typedef {object} Services
 * @property {import("../net/server_link.js").ServerLink} link
 * @property {import("./report.js").Reporter} reporter
 * @property {() => number} nowMs
 * @property {{bundle: (scene: string) => Promise<import("./game_files.js").GameFiles>, resume: (match: string, episode: number, begun: boolean) => Promise<import("../game/messages.js").Resume | null>}} files
 * @property {import("./page_api.js").SharedGlobals} globals
 * @property {(stage: HTMLElement, bundle: GameBundle, report: (loaded: number, total: number) => void) => Promise<import("./game_picture.js").Renderer>} makeRenderer
 * @property {(loaded: number, total: number) => void} assetsLoaded
 * @property {{add: (key: any, bytes: Uint8Array) => void, addReport: (report: any) => void, addMessage: (key: string, type: string, body: any) => void, drained: () => Promise<void>}} uploader
 * @property {(match: any, events: LinkEvents) => import("../net/links.js").Links} makeLinks
 */
/** @typedef {{scene: any, game: Game, services: Services, attention: {hidden: boolean, focused: boolean}, loading: () => {progress: import("../ui/progress_bar.js").Progress | null}}} Setting */

/**
 * So long a page that comes back waits for rows of the page before it to reach the host: it plays on from there. Those of an episode that
 * the others have not come to, for the host, wait for these in turn.
 */
const EARLIER_ROWS_MS = 15_000;

export class GameRun {
  #setting;
  #opening = false;
  #opened = false;
  #readyTold = false;
  #started = false;
  /** The game may be running: this page has to come into it, and the host hears when it has. */
  #returning;
  #closed = false;
  #ended = false;
  #leaving = false;
  #online = true;
  /** @type {string | null} */
  #failed = null;
  /** @type {Phase | null} */
  #phase = null;
  /** @type {WhoseMove | null} */
  #turn = null;
  /** @type {HudState | null} */
  #hud = null;
  /** @type {MatchState | null} */
  #matchState = null;
  #picture;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #focused;
  #metrics;
  #links;
  #inputLog;

  /** @param {Setting} setting */
  constructor(setting) {
    this.#setting = setting;
    this.#focused = setting.attention.focused;
    const { game, services, scene } = setting;
    this.#returning = Boolean(scene.match.begun) && !this.isAlone;
    this.#picture = new GamePicture((stage, bundle) => services.makeRenderer(stage, bundle, services.assetsLoaded), {
      onShown: (picture) => (this.#inputLog?.shown(picture), game.post({ type: "shown", ...picture })),
    });
    this.#inputLog = inputLogOf(scene, services);
    this.#links = services.makeLinks(scene.match, {
      onPacket: (peer, channel, bytes) => this.#opened && game.post({ type: "link", peer, channel, bytes }, [bytes.buffer]),
      onState: (peer, state, transport, rttMs) => this.#linkChanged(peer, state, transport, rttMs),
      onRtt: (peer, state, transport, rttMs) => game.post({ type: "linkState", peer, state, transport, rttMs }),
    });
    this.#metrics = new RunMetrics(services, this.#where());
    game.post({ type: "visibility", ...setting.attention });
  }

  get id() {
    return String(this.#setting.scene.match.id);
  }

  /** Round trip to the nearest other player, ms; null when alone. */
  get pingMs() {
    const times = Object.values(this.#links.report()).flatMap(({ rtt_ms }) => (rtt_ms === null ? [] : [rtt_ms]));
    return times.length ? Math.max(...times) : null;
  }

  /** What the view sees. @type {GameFace} */
  face = {
    draw: (stage) => this.#picture.attach(stage),
    input: (message) => (this.#inputLog?.hear(message), this.#started && this.#setting.game.post(message)),
    situation: () => this.#situation(),
    hud: () => this.#hud,
    errorDetails: () => this.#failed ?? "",
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    restart: () => location.reload(),
    canGoOn: () => this.#started && this.isAlone,
    goOn: () => {
      this.#leaving = true;
      void this.#over("error");
    },
  };

  /** Whether one person plays this match. */
  get isAlone() {
    return this.#setting.scene.match.players.length < 2;
  }

  /** The runtime is there: load this game into it. */
  async open() {
    if (this.#opening || this.#closed || this.#failed !== null) return;
    this.#opening = true;
    const { scene, game, services } = this.#setting;
    const { match } = scene;
    try {
      const [files, resume] = await Promise.all([services.files.bundle(scene.spec.id), this.#whereItStands()]);
      if (this.#closed) return;
      const bundle = /** @type {GameBundle} */ ({ ...files, spec: scene.spec });
      await this.#picture.prepare(bundle);
      game.post({ type: "open", visit: scene.visit, scene: scene.spec.id, bundle, match, resume, participantGlobals: services.globals.values });
    } catch (error) {
      const trouble = assetTrouble(error);
      services.reporter.error(trouble);
      this.fail(trouble.message);
    }
  }

  /** What the host has of the running episode, with what an earlier page of this participant still had to send. */
  async #whereItStands() {
    const { scene, services } = this.#setting;
    const { id, episode, begun = false } = scene.match;
    if (begun) await within(EARLIER_ROWS_MS, services.uploader.drained());
    return services.files.resume(id, episode, begun && !this.isAlone);
  }

  /** @param {string} message for the person running the study */
  fail(message) {
    this.#failed = message;
    this.changed();
  }

  changed() {
    for (const listener of [...this.#listeners]) listener();
  }

  /** @param {MatchState | null} state of this match, as the host sees it */
  setMatchState(state) {
    if (!state || state === this.#matchState || state.match !== this.id) return;
    this.#matchState = state;
    if (state.state === "ended") this.#endedByHost();
    else this.#followHost();
    this.changed();
  }

  /** The worker sends what is confirmed so far; the host knows the end already and says what comes next. */
  #endedByHost() {
    this.#ended = true;
    this.#metrics.drop();
    this.#links.close();
    this.#setting.game.post({ type: "close", reason: this.#matchState?.reason });
  }

  /** @param {string} type @param {any} body */
  receive(type, body) {
    this.#links.receive(type, body);
  }

  /** @param {FromWorker} message */
  fromWorker(message) {
    // The same worker plays one match after the other: before this one is open, its messages are about an earlier one.
    if (this.#closed || (!this.#opened && message.type !== "opened")) return;
    const act = /** @type {((message: any) => void) | undefined} */ (this.#acts[message.type]);
    act?.(message);
  }

  /** @param {boolean} online */
  connectionChanged(online) {
    this.#online = online;
    this.changed();
  }

  /** @param {{hidden: boolean, focused: boolean}} now */
  attentionChanged({ hidden, focused }) {
    this.#focused = focused;
    // Before the host hears that nobody looks: a hidden page's pace is not judged.
    if (hidden) this.#metrics.flush();
    this.#setting.game.post({ type: "visibility", hidden, focused });
    this.changed();
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#metrics.drop();
    this.#inputLog?.flush();
    if (!this.#ended) {
      this.#setting.game.post({ type: "close" });
      this.#links.close();
    }
    this.#picture.drop();
    this.#listeners.clear();
  }

  /** @type {Partial<Record<FromWorker["type"], (message: any) => void>>} */
  #acts = {
    opened: (message) => this.#nowOpen(message.match),
    draw: (message) => this.#picture.draw(message),
    sounds: ({ names }) => this.#picture.play(names),
    hud: (message) => ((this.#hud = message), this.changed()),
    phase: (message) => ((this.#phase = message), this.changed()),
    turn: (message) => ((this.#turn = message), this.changed()),
    returned: () => {
      this.#returning = false;
      this.#tellReady();
    },
    episodeStarted: ({ episode }) => this.#setting.services.link.post("episode_started", { ...this.#where(), episode }),
    episodeEnded: ({ episode, frames, reason, chain, scores }) => {
      // What the game counted belongs to this episode: it is sent before the host hears of its end.
      void this.#setting.services.globals.flush();
      if (!this.#ended) this.#setting.services.uploader.addReport({ ...this.#where(), episode, frames, reason, chain, scores });
    },
    send: ({ peer, channel, bytes }) => this.#links.send(peer, channel, bytes),
    gameOver: ({ reason }) => void this.#over(reason),
    globals: ({ values }) => Object.entries(values).forEach(([name, value]) => this.#setting.services.globals.set(name, value)),
    stats: ({ values }) => {
      this.#tellClock();
      if (!this.#ended) this.#metrics.take(values, () => ({ ...this.#links.measured(), ...this.#setting.services.link.clock.measured() }));
    },
  };

  #where() {
    return { visit: this.#setting.scene.visit, match: this.id };
  }

  /** @param {string} match */
  #nowOpen(match) {
    if (match !== this.id) return;
    this.#opened = true;
    if (this.#returning) this.#catchUp();
    this.#tellReady();
    this.#followHost();
    this.changed();
  }

  /** The worker finds its way back to the others while the host holds the match. */
  #catchUp() {
    const { game, services } = this.#setting;
    this.#started = true;
    this.#tellClock();
    game.post({ type: "pause", text: "" });
    game.post({ type: "start", atMs: services.nowMs() });
  }

  /** Ready means: the env stands, every link carries packets both ways, and the others count on us. */
  #tellReady() {
    if (!this.#opened || this.#readyTold || this.#returning || !this.#links.allUp()) return;
    this.#readyTold = true;
    void this.#setting.services.link.ask("match_ready", { match: this.id });
  }

  /**
   * @param {number} peer
   * @param {string} state
   * @param {string} transport
   * @param {number | null} rttMs
   */
  #linkChanged(peer, state, transport, rttMs) {
    const { game, services } = this.#setting;
    if (this.#closed || this.#ended) return;
    game.post({ type: "linkState", peer, state, transport, rttMs });
    services.link.post("link", { match: this.id, peer, state, transport, rtt_ms: rttMs });
    this.#tellReady();
    this.changed();
  }

  /** The worker is brought to where the host says the match is. */
  #followHost() {
    const state = this.#matchState;
    if (!state || !this.#opened || this.#closed) return;
    this.#followSeats(state);
    if (typeof state.episodes === "number") this.#setting.game.post({ type: "allow", episodes: state.episodes });
    if (state.state === "countdown" || state.state === "playing") this.#play(state);
    else if (this.#started) this.#setting.game.post({ type: "pause", reason: state.reason, text: state.text });
  }

  /** @param {MatchState} state */
  #followSeats({ substitutes, done = [], from_frame: fromFrame }) {
    for (const [player, by] of Object.entries(substitutes)) this.#substitute(Number(player), by, fromFrame ?? 0);
    for (const player of done) this.#substitute(player, "default", fromFrame ?? 0);
  }

  /** @param {MatchState} state */
  #play(state) {
    const { game, services } = this.#setting;
    if (this.#started) {
      if (state.state === "playing") game.post({ type: "resume", atMs: services.nowMs() });
      return;
    }
    this.#started = true;
    this.#tellClock();
    game.post({ type: "start", atMs: this.#startMs(state) });
  }

  /**
   * When frame 0 is due: the episode's countdown after the host's moment, the same for all who play together.
   * For somebody alone it begins when all is loaded.
   * @param {MatchState} state
   */
  #startMs({ starts_at_ms: startsAtMs }) {
    const { scene, services } = this.#setting;
    const nowMs = services.nowMs();
    const countdownMs = (scene.spec.gameplay?.countdown_s ?? 0) * 1000;
    const beginMs = this.isAlone || startsAtMs === null ? nowMs : services.link.clock.toPage(startsAtMs);
    return Math.max(nowMs, beginMs + countdownMs);
  }

  /** @type {Set<string>} */
  #substituted = new Set();

  /** @param {number} player @param {"bot" | "default"} by @param {number} fromFrame */
  #substitute(player, by, fromFrame) {
    const key = `${player} ${by}`;
    if (this.#substituted.has(key)) return;
    this.#substituted.add(key);
    this.#setting.game.post({ type: "substitute", player, by, fromFrame });
  }

  /**
   * The host moves on at game_over, so everything of this game has to be with it before.
   * Somebody who plays alone reads what went wrong first, and may try again by reloading.
   * @param {string} reason
   */
  async #over(reason) {
    this.#links.finish();
    if (this.#failed !== null && this.isAlone && !this.#leaving) return;
    const { uploader, link, globals } = this.#setting.services;
    this.#inputLog?.flush();
    this.#metrics.flush();
    await uploader.drained();
    await globals.flush();
    if (!this.#closed && !this.#ended) await link.ask("game_over", { ...this.#where(), reason });
  }

  /** Rows carry the host's time, and it is measured all the while. */
  #tellClock() {
    const { game, services } = this.#setting;
    game.post({ type: "clock", offsetMs: services.link.clock.offsetMs });
  }

  #situation() {
    const { scene, loading } = this.#setting;
    return {
      opened: this.#opened,
      failed: this.#failed !== null,
      lacksMemory: lacksMemory(this.#failed),
      focused: this.#focused,
      online: this.#online,
      alone: this.isAlone,
      cut: this.#links.isCut,
      usesKeys: keyBindings(ownControls(scene.spec, scene.match)).length > 0,
      progress: loading().progress,
      match: this.#matchState,
      phase: this.#phase,
      turn: this.#turn,
    };
  }
}
