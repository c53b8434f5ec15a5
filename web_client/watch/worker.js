/**
 * Plays a running match again from what its members confirmed. The players' browsers are not asked for anything.
 * @module
 */
import { EnvError } from "../game/env_error.js";
import { EnvLink } from "../game/env_link.js";
import { episodeSeed } from "../game/match_options.js";
import { PythonRuntime } from "../game/python.js";
import { shown } from "../game/shown.js";
import { Pace } from "./pace.js";

/** @typedef {import("./messages.js").ToWatchWorker} ToWatchWorker */
/** @typedef {import("./messages.js").FromWatchWorker} FromWatchWorker */
/** @typedef {ToWatchWorker & {type: "open"}} Open */
/** @typedef {ToWatchWorker & {type: "inputs"}} Inputs */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const statics = new URL("../", import.meta.url).href;
const BEAT_MS = 30;
const ASK_AGAIN_MS = 900;
const nowMs = () => performance.timeOrigin + performance.now();

/**
 * @param {FromWatchWorker} message
 * @param {Transferable[]} [transfer]
 */
const post = (message, transfer = []) => scope.postMessage(message, transfer);

/** @type {PythonRuntime | null} */
let python = null;
/** @type {Watching | null} */
let watching = null;
let queue = Promise.resolve();

/** One view of the match, from its first frame on. */
class Watching {
  #env;
  #match;
  #pace;
  /** @type {import("../game/env_replay.js").EnvReplay} */
  #replay;
  #episode = 0;
  #given = 0;
  #reached = 0;
  #ended = false;
  #asked = 0;
  #beatMs = nowMs();
  /** @type {Record<string, number | string>} */
  #scores = {};
  #timer;

  /**
   * @param {EnvLink} env
   * @param {import("./messages.js").Watched} watched
   */
  constructor(env, { match, bundle }) {
    this.#env = env;
    this.#match = match;
    this.#pace = new Pace(bundle.spec.rendering.fps);
    this.#replay = env.replay(episodeSeed(match, 0), 0, []);
    this.#show(-1);
    this.#ask();
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
  }

  close() {
    clearInterval(this.#timer);
    this.#replay.close();
    this.#env.close();
  }

  /** @param {Inputs} message */
  take({ number, confirmed }) {
    if (number !== this.#asked) return;
    this.#replay.more(confirmed.frames);
    this.#given += confirmed.frames.length;
    if (confirmed.frames.length) setTimeout(() => watching === this && this.#ask(), ASK_AGAIN_MS);
    else if (confirmed.over && this.#reached === this.#given) this.#next(confirmed.reason);
    else setTimeout(() => watching === this && this.#ask(), ASK_AGAIN_MS);
  }

  #ask() {
    post({ type: "wanted", number: ++this.#asked, episode: this.#episode, first: this.#given });
  }

  /** @param {string | null} reason why the match ended */
  #next(reason) {
    if (reason !== null && this.#given === 0) return this.#end(reason);
    this.#replay.close();
    this.#episode += 1;
    this.#given = this.#reached = 0;
    this.#ended = false;
    this.#replay = this.#env.replay(episodeSeed(this.#match, this.#episode), this.#episode, []);
    this.#ask();
  }

  /** @param {string} reason */
  #end(reason) {
    clearInterval(this.#timer);
    post({ type: "ended", reason });
  }

  #beat() {
    const now = nowMs();
    const elapsedMs = now - this.#beatMs;
    this.#beatMs = now;
    try {
      this.#play(elapsedMs);
    } catch (error) {
      clearInterval(this.#timer);
      tell(error);
    }
  }

  /** @param {number} elapsedMs */
  #play(elapsedMs) {
    const { play, draw, catchingUp } = this.#pace.due(elapsedMs, this.#given - this.#reached);
    if (!play) return;
    if (this.#ended) {
      this.#reached = this.#given;
      return;
    }
    const part = this.#replay.run(play);
    this.#reached += part.frames.length;
    this.#scores = part.frames.at(-1)?.scores ?? this.#scores;
    this.#ended = part.ended >= 0;
    if (this.#ended) this.#reached = this.#given;
    if (draw) this.#show(part.first + part.frames.length - 1);
    post({ type: "place", episode: this.#episode, frame: part.first + part.frames.length - 1, behind: this.#given - this.#reached, catchingUp, scores: this.#scores });
  }

  /** @param {number} frame */
  #show(frame) {
    const { shown: drawn, transfer } = shown(this.#env, this.#replay.seek(frame));
    post({ type: "picture", frame, ...drawn, frameAtMs: nowMs() }, transfer);
  }
}

/** @param {unknown} error */
function tell(error) {
  const known = error instanceof EnvError ? error.detail : null;
  const plain = error instanceof Error ? error : new Error(String(error));
  post({ type: "error", message: known?.message ?? plain.message, traceback: known?.traceback ?? plain.stack ?? "" });
}

/** @param {Open} message */
async function open({ vendor, watched, me }) {
  const { bundle, match, globals } = watched;
  watching?.close();
  watching = null;
  const named = bundle.vendor_packages ?? [];
  if (!python) {
    const report = (/** @type {import("../game/messages.js").Progress} */ progress) => post({ type: "progress", ...progress });
    python = new PythonRuntime({ vendor, statics, wheelsIndex: null, report, log: () => {} });
    await python.start(named);
  }
  await python.install([...named, ...PythonRuntime.implied(bundle)], bundle.packages ?? []);
  const env = await EnvLink.open(python, bundle, { ...match, me }, globals, vendor);
  // As in the players' browsers: preparing draws numbers of the env's own.
  env.prepare(match.players.length > 1);
  post({ type: "began" });
  watching = new Watching(env, watched);
}

scope.addEventListener("message", ({ data }) => {
  const message = /** @type {ToWatchWorker} */ (data);
  if (message.type === "open") queue = queue.then(() => open(message)).catch(tell);
  else watching?.take(message);
});
