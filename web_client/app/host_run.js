/**
 * One match on this page whose env is stepped on the host: it shows the pictures it is sent and says which keys are held.
 * No Python is loaded for it.
 * @module
 */
import { analogOf, withoutKey } from "../game/analog.js";
import { keyBindings, ownControls } from "../game/controls.js";
import { InputState } from "../game/inputs.js";
import { HostPictures, parseView } from "../net/host_pictures.js";
import { GamePicture } from "./game_picture.js";
import { inputLogOf } from "./input_log.js";
import { assetTrouble } from "./report.js";
import { RunMetrics } from "./run_metrics.js";

/** @typedef {import("../ui/game/game_view.js").GameFace} GameFace */
/** @typedef {import("../ui/game/hud.js").HudState} HudState */
/** @typedef {import("../ui/game/overlay_choice.js").Phase} Phase */
/** @typedef {import("../ui/game/input_capture.js").InputMessage} InputMessage */
/** @typedef {import("./state.js").MatchState} MatchState */
/** @typedef {import("../net/host_pictures.js").HostPicture} HostPicture */
/** @typedef {import("../protocol/server_messages.js").HostPhase} HostPhase */
/** @typedef {import("../protocol/server_messages.js").HostHud} HostHud */
/** @typedef {import("../protocol/server_messages.js").HostMove} HostMove */
/** @typedef {import("../game/moves.js").WhoseMove} WhoseMove */
/** @typedef {Pick<import("./game_run.js").Services, "link" | "reporter" | "nowMs" | "files" | "makeRenderer" | "assetsLoaded" | "uploader">} Services */
/** @typedef {{scene: any, services: Services, attention: {hidden: boolean, focused: boolean}, loading: () => {progress: import("../ui/progress_bar.js").Progress | null}}} Setting */

const SEEN_EVERY_MS = 200;
/** Pictures told at once; the host takes no more. */
const MOST_TOLD = 32;
const METRICS_EVERY_MS = 1000;

/** @param {any} scene */
function keysOf({ spec, match }) {
  const controls = ownControls(spec, match);
  return new InputState(controls.action_mapping, spec.gameplay.input_mode, analogOf(controls, spec.rendering));
}

export class HostRun {
  #setting;
  #picture;
  #pictures;
  #inputs;
  #attention;
  #opening = false;
  #opened = false;
  #closed = false;
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
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #told = 0;
  #number = 0;
  #seenMs = -Infinity;
  #metrics;
  #metricsMs = -Infinity;
  #shown = 0;
  #frame = -1;
  /** Pictures drawn and not told yet: number, and the refresh of the display on the host's clock. @type {{number: number, at_ms: number}[]} */
  #toTell = [];
  /** @type {number | null} */
  #refreshMs = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #telling;
  #bytes = 0;
  #inputLog;

  /** @param {Setting} setting */
  constructor(setting) {
    const { scene, services, attention } = setting;
    this.#setting = setting;
    this.#attention = attention;
    this.#metrics = new RunMetrics(services, { visit: scene.visit, match: this.id });
    this.#inputs = keysOf(scene);
    this.#inputLog = inputLogOf(scene, services);
    this.#pictures = new HostPictures(this.id);
    this.#picture = new GamePicture((stage, bundle) => services.makeRenderer(stage, bundle, services.assetsLoaded), {
      onMade: () => this.#join(),
      onShown: (picture) => this.#drawn(picture),
    });
  }

  get id() {
    return String(this.#setting.scene.match.id);
  }

  /** There is no link to others; the HUD shows the round trip to the host. */
  get pingMs() {
    return null;
  }

  /** Whether one person plays this match. */
  get isAlone() {
    return this.#setting.scene.match.players.length < 2;
  }

  /** What the view sees. @type {GameFace} */
  face = {
    draw: (stage) => this.#picture.attach(stage),
    input: (message) => this.#pressed(message),
    situation: () => this.#situation(),
    hud: () => this.#hud,
    errorDetails: () => this.#failed ?? "",
    onChange: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    restart: () => location.reload(),
    canGoOn: () => false,
    goOn: () => {},
  };

  /** Fetch what the pictures are drawn with. */
  async open() {
    if (this.#opening || this.#closed || this.#failed !== null) return;
    this.#opening = true;
    const { scene, services } = this.#setting;
    try {
      const files = await services.files.bundle(scene.spec.id);
      if (!this.#closed) await this.#picture.prepare(/** @type {import("../game/messages.js").GameBundle} */ ({ ...files, spec: scene.spec }));
    } catch (error) {
      const trouble = assetTrouble(error);
      services.reporter.error(trouble);
      this.fail(trouble.message);
    }
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
    if (state.state === "ended") this.#metrics.drop();
    if (state.state !== "playing") this.#release();
    this.changed();
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  receive(type, body) {
    if (this.#closed) return;
    if (type === "host_view") this.#viewed(body);
    else if (body?.match !== this.id) return;
    else if (type === "host_phase") this.#phased(body);
    else if (type === "host_move") this.#turned(body);
    else if (type === "host_hud") this.#counted(body);
    else if (type === "host_sounds") this.#picture.play(body.names);
  }

  /** Nothing of a worker is about a game on the host. */
  fromWorker() {}

  /** @param {boolean} online */
  connectionChanged(online) {
    this.#online = online;
    // What was sent meanwhile is lost, and what was held may be let go: both begin anew.
    if (online && this.#opened) this.#join();
    this.changed();
  }

  /** @param {{hidden: boolean, focused: boolean}} now */
  attentionChanged(now) {
    this.#attention = now;
    if (now.hidden) this.#metrics.flush();
    if (!now.focused) this.#release();
    this.#tellSeen();
    this.changed();
  }

  close() {
    this.#closed = true;
    this.#inputLog?.flush();
    clearTimeout(this.#telling);
    this.#picture.drop();
    this.#listeners.clear();
  }

  /** The page can draw: from here on the host sends pictures. */
  #join() {
    const { link } = this.#setting.services;
    if (this.#closed) return;
    const first = !this.#opened;
    this.#opened = true;
    this.#pictures.forget();
    this.#told = 0;
    this.#inputs.release();
    link.send("host_join", { match: this.id });
    if (first) void link.ask("match_ready", { match: this.id });
    this.changed();
  }

  /** @param {ArrayBuffer} body */
  #viewed(body) {
    this.#bytes += body.byteLength;
    this.#pictures.receive(parseView(body), (picture) => this.#show(picture));
  }

  /** @param {HostPicture} picture */
  #show({ number, frame, ops, pixels, size }) {
    if (this.#closed) return;
    this.#picture.draw({ type: "draw", episode: 0, frame, ops, frameAtMs: this.#setting.services.nowMs(), corrected: false, pixels, size });
    this.#number = number;
    this.#frame = frame;
    this.#shown += 1;
    this.#clock(frame);
    const nowMs = this.#setting.services.nowMs();
    if (nowMs - this.#seenMs >= SEEN_EVERY_MS) this.#tellSeen();
    if (nowMs - this.#metricsMs >= METRICS_EVERY_MS) this.#tellMetrics(nowMs);
  }

  /** @param {number} frame */
  #clock(frame) {
    if (!this.#hud) return;
    const { fps } = this.#setting.scene.spec.rendering;
    this.#hud = { ...this.#hud, frame: Math.max(0, frame), timeS: Math.floor(Math.max(0, frame) / fps) };
    this.changed();
  }

  /** @param {HostPhase} body */
  #phased({ phase, episode, until_ms: untilMs }) {
    if (phase === "countdown") this.#release();
    const { link } = this.#setting.services;
    this.#phase = { phase, untilMs: untilMs === null ? null : link.clock.toPage(untilMs), text: "" };
    if (this.#hud) this.#hud = { ...this.#hud, episode };
    this.changed();
  }

  /** @param {HostMove} body */
  #turned({ whose, until_ms: untilMs }) {
    this.#turn = { whose, untilMs: untilMs === null ? null : this.#setting.services.link.clock.toPage(untilMs) };
    this.changed();
  }

  /** @param {HostHud} body */
  #counted({ scores, text, episode }) {
    this.#hud = { frame: 0, timeS: 0, ...this.#hud, scores: /** @type {Record<string, number>} */ (scores), text, episode };
    this.changed();
  }

  /** @param {InputMessage} message */
  #pressed(message) {
    this.#inputLog?.hear(message);
    this.#inputs.hear(message);
    this.#tellInput(message.atMs);
  }

  #release() {
    this.#inputs.release();
    if (this.#opened) this.#tellInput(this.#setting.services.nowMs());
  }

  /**
   * The host hears of every change at once: it takes one for each frame.
   * @param {number} atMs
   */
  #tellInput(atMs) {
    const { link } = this.#setting.services;
    const { input, key, eventAtMs } = this.#inputs.sample();
    if (input === null) return;
    const once = this.#setting.scene.spec.gameplay.input_mode === "single_keystroke";
    const same = once ? (key ?? input) === 0 && this.#still(input) === this.#still(this.#told) : input === this.#told;
    if (same) return;
    this.#told = input;
    link.send("host_input", { match: this.id, input, at_ms: (eventAtMs ?? atMs) + link.clock.offsetMs });
  }

  /** Where sticks and pointer are in an input. @param {number} input */
  #still(input) {
    const { scene } = this.#setting;
    return withoutKey(input, ownControls(scene.spec, scene.match).action_mapping.length + 1);
  }

  /**
   * A picture has been drawn for a refresh of the display; the newest one, when several came in between.
   * @param {import("../game/recorder.js").ShownPicture} picture
   */
  #drawn({ frame, atMs, refreshMs }) {
    if (frame !== this.#frame || this.#closed) return;
    this.#inputLog?.shown({ episode: this.#hud?.episode ?? 0, frame });
    this.#toTell.push({ number: this.#number, at_ms: atMs + this.#setting.services.link.clock.offsetMs });
    this.#refreshMs = refreshMs;
    // Also told when no further picture comes: the last frames of an episode are rows like any other.
    this.#telling ??= setTimeout(() => this.#tellSeen(), SEEN_EVERY_MS);
  }

  #tellSeen() {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    if (!this.#opened || this.#closed) return;
    this.#seenMs = this.#setting.services.nowMs();
    const { focused, hidden } = this.#attention;
    const shown = this.#toTell.splice(0).slice(-MOST_TOLD);
    this.#setting.services.link.send("host_seen", { match: this.id, number: this.#number, focused, hidden, shown, refresh_ms: this.#refreshMs });
  }

  /** @param {number} nowMs */
  #tellMetrics(nowMs) {
    const first = this.#metricsMs === -Infinity;
    const seconds = (nowMs - this.#metricsMs) / 1000;
    const values = { fps: Math.round((this.#shown / seconds) * 10) / 10, bytes_in: this.#bytes };
    this.#metricsMs = nowMs;
    this.#shown = 0;
    if (!first && this.#phase?.phase === "playing") this.#metrics.take(values);
  }

  #situation() {
    const { scene, loading } = this.#setting;
    return {
      opened: this.#opened,
      failed: this.#failed !== null,
      lacksMemory: false,
      focused: this.#attention.focused,
      online: this.#online,
      cut: false,
      alone: this.isAlone,
      usesKeys: keyBindings(ownControls(scene.spec, scene.match)).length > 0,
      progress: loading().progress,
      match: this.#matchState,
      phase: this.#phase,
      turn: this.#turn,
    };
  }
}
