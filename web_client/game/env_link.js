/**
 * The worker's end of the bridge: kept proxies, one call per tick, errors in the researcher's words.
 * @module
 */

import { wholeAgain } from "../net/again.js";
import { EnvError } from "./env_error.js";
import { EnvReplay } from "./env_replay.js";
import { parsed, SharedTick } from "./shared_tick.js";
import { loadOrt, SyncModel } from "./onnx.js";

/** @typedef {import("./messages.js").GameBundle} GameBundle */
/** @typedef {import("./messages.js").MatchSpec} MatchSpec */

/**
 * @typedef {{end: number, reason?: string, confirmed: number, rows: number, scores?: Record<string, number|string>, over?: [number, string], acting?: number[],
 *   checks?: [number, number][], seals?: [number, string][], sounds?: string[], hud?: string}} Head
 * @typedef {string|Uint8Array<ArrayBuffer>} PictureData JSON (`{ops}` or `{pixels}`, "": nothing to show), or ops as Python's marshal
 * @typedef {{head: Head, picture: PictureData}} Answer
 * @typedef {{kind: string, strategy: string|null, reasons: string[], refusal?: string, told?: import("./env_error.js").Told, save_ms?: number, load_ms?: number, step_ms?: number}} Preparation
 */

/** Requests of the bridge, as `bridge.py` names them. */
export const ORDER = Object.freeze({ SAVE: 1, LOAD: 2, STEP: 3, CONFIRM: 4, DRAW: 5, MUTE: 6, CHECK: 7, KEEP: 8 });

export class EnvLink {
  #pyodide;
  #bridge;
  #folder;
  #tick;
  /** @type {SyncModel[]} */ #models;
  /** The players whose moves the next frame waits for; null: it waits for nobody. @type {number[]|null} */
  acting = null;

  /**
   * @param {any} pyodide
   * @param {any} bridge
   * @param {string} folder
   * @param {SyncModel[]} models
   */
  constructor(pyodide, bridge, folder, models) {
    this.#pyodide = pyodide;
    this.#bridge = bridge;
    this.#folder = folder;
    this.#models = models;
    this.#tick = new SharedTick(bridge);
  }

  /**
   * Load a game's env. Throws `EnvError` when the researcher's files fail.
   * @param {import("./python.js").PythonRuntime} python
   * @param {GameBundle} bundle
   * @param {MatchSpec} match
   * @param {Record<string, any>} participantGlobals
   * @param {string} vendor
   */
  static async open(python, bundle, match, participantGlobals, vendor) {
    const options = bridgeConfig(bundle, match, participantGlobals);
    const models = await loadModels(modelsOf(options), bundle.onnx ?? {}, vendor);
    const pyodide = python.pyodide;
    const folder = python.writeFiles({ ...bundle.files, ...(await loadData(bundle.data ?? {})) });
    const config = JSON.stringify(options);
    const bot = (/** @type {string} */ path) => browserModel(pyodide, models, path);
    const module = pyodide.pyimport("igym_bridge");
    try {
      const bridge = guarded(pyodide, folder, () => module.open_bridge(config, folder, bot));
      module.set_aside();
      return new EnvLink(pyodide, bridge, folder, [...models.values()]);
    } finally {
      module.destroy();
    }
  }

  /**
   * @param {boolean} rollback whether frames may be replayed
   * @returns {Preparation}
   */
  prepare(rollback) {
    return JSON.parse(this.#guarded(() => this.#bridge.prepare(rollback)));
  }

  /**
   * @param {number} seed
   * @param {number} episode
   * @param {number} stored rows of this episode that are on the host already
   */
  reset(seed, episode, stored) {
    return this.#heard(parsed(this.#guarded(() => this.#bridge.reset(seed, episode, stored))));
  }

  /**
   * One tick's requests, flat.
   * @param {number[]} requests
   * @returns {Answer}
   */
  run(requests) {
    return this.#heard(this.#guarded(() => this.#tick.run(requests)));
  }

  /** @param {Answer} answer */
  #heard(answer) {
    this.acting = answer.head.acting ?? null;
    return answer;
  }

  /**
   * The first `count` confirmed rows that were not taken yet, as one msgpack batch.
   * @param {Record<string, any>} head
   * @param {Record<string, any[]>} local
   * @param {number} count
   * @returns {Uint8Array}
   */
  takeBatch(head, local, count) {
    return this.#guarded(() => this.#tick.batch(head, local, count));
  }

  /** @returns {string} hash over all confirmed rows of the episode, hex */
  get chain() {
    return this.#bridge.chain();
  }

  /** @returns {Record<string, any>|null} the participant's globals, if the researcher's code changed them */
  changedGlobals() {
    const text = this.#guarded(() => this.#bridge.changed_globals());
    return text ? JSON.parse(text) : null;
  }

  /** @returns {Uint8ClampedArray|null} a copy of the last rgb_array, RGBA */
  pixels() {
    const array = this.#bridge.pixels();
    if (!array) return null;
    const buffer = array.getBuffer("u8clamped");
    const copy = buffer.data.slice();
    buffer.release();
    array.destroy();
    return copy;
  }

  /**
   * The game as it was before `frame`, for another browser.
   * @param {number} frame a saved one
   * @returns {Uint8Array}
   */
  exportState(frame) {
    const bytes = this.#guarded(() => this.#bridge.export_state(frame));
    const copy = bytes.toJs();
    bytes.destroy();
    return copy;
  }

  /**
   * Take another browser's state into the snapshot ring under `frame`.
   * @param {number} frame
   * @param {Uint8Array} bytes
   */
  importState(frame, bytes) {
    this.#guarded(() => this.#bridge.import_state(frame, this.#pyodide.toPy(bytes)));
  }

  /** @param {number} frame a recent checksum frame */
  stateTable(frame) {
    return /** @type {string} */ (this.#guarded(() => this.#bridge.state_table(frame)));
  }

  /**
   * @param {number} frame
   * @param {string} table another browser's `stateTable`
   * @returns {string[]} the attributes that differ
   */
  differingAttributes(frame, table) {
    return JSON.parse(this.#guarded(() => this.#bridge.differing_attributes(frame, table)));
  }

  /**
   * @param {number} seed the episode's
   * @param {number} episode
   * @param {number[][]} inputs frame → inputs of all players
   */
  replay(seed, episode, inputs) {
    const replay = this.#guarded(() => this.#bridge.replay(seed, episode, JSON.stringify(inputs)));
    return new EnvReplay(replay, (action) => this.#guarded(action));
  }

  close() {
    this.#tick.close();
    this.#bridge.destroy();
    this.#models.forEach((model) => model.close());
  }

  /**
   * @template T
   * @param {() => T} action
   * @returns {T}
   */
  #guarded(action) {
    return guarded(this.#pyodide, this.#folder, action);
  }
}

/**
 * @template T
 * @param {any} pyodide
 * @param {string} folder
 * @param {() => T} action
 * @returns {T}
 */
function guarded(pyodide, folder, action) {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof pyodide.ffi.PythonError)) throw error;
    const tell = pyodide.runPython("import sys, igym_bridge\nlambda folder: igym_bridge.fault(sys.last_exc, folder)");
    const detail = JSON.parse(tell(folder));
    tell.destroy();
    throw new EnvError(detail);
  }
}

/**
 * Seen from this module, whatever address the worker itself was started from.
 * @param {string} url
 */
const onHost = (url) => new URL(url, import.meta.url).href;

/**
 * The files beside the env that its code reads.
 * @param {Record<string, {url: string}>} files by path
 * @returns {Promise<Record<string, Uint8Array>>} path → content
 */
async function loadData(files) {
  const coming = Object.entries(files).map(async ([path, { url }]) => {
    const { status, body } = await wholeAgain(onHost(url), (answer) => answer.arrayBuffer());
    if (!body) throw new Error(`The host did not send the game's file ${path} (${status}).`);
    return /** @type {const} */ ([path, new Uint8Array(body)]);
  });
  return Object.fromEntries(await Promise.all(coming));
}

/**
 * The networks that may act in this match: of its bots, and of the one that stands in for players who are gone.
 * @param {ReturnType<typeof bridgeConfig>} options
 * @returns {string[]} their paths in the experiment's folder
 */
function modelsOf({ policies, stand_in }) {
  const acting = [...policies.flatMap(({ policy }) => (policy.kind === "pool" ? policy.policies : [policy.shared ?? policy.advice ?? policy])), stand_in];
  return [...new Set(acting.filter((policy) => policy?.kind === "onnx").map(({ path }) => path))];
}

/**
 * @param {string[]} paths
 * @param {Record<string, string>} urls path of a model → its URL
 * @param {string} vendor
 */
async function loadModels(paths, urls, vendor) {
  /** @type {Map<string, SyncModel>} */ const models = new Map();
  for (const path of paths) {
    const url = urls[path];
    if (!url) throw new Error(`The game bundle has no model ${path}.`);
    const { status, body } = await wholeAgain(onHost(url), (answer) => answer.arrayBuffer());
    if (!body) throw new Error(`The host did not send the model ${path} (${status}).`);
    models.set(path, new SyncModel(await loadOrt(vendor), new Uint8Array(body)));
  }
  return models;
}

/**
 * @param {any} pyodide
 * @param {Map<string, SyncModel>} models
 * @param {string} path
 */
function browserModel(pyodide, models, path) {
  const model = models.get(path);
  if (!model) throw new Error(`The model ${path} was not loaded for this match.`);
  const wrap = pyodide.runPython(
    "from igym_bridge.browser_model import BrowserModel\nfrom pyodide.ffi import to_js\nlambda model: BrowserModel(model, to_js)",
  );
  try {
    return wrap(model);
  } finally {
    wrap.destroy();
  }
}

/**
 * @param {GameBundle} bundle
 * @param {MatchSpec} match
 * @param {Record<string, any>} participantGlobals
 */
export function bridgeConfig({ spec }, match, participantGlobals) {
  return {
    // What the match settled when it was formed: the same in every browser, on the host and in a replay.
    environment: { ...spec.environment, config: { ...spec.environment.config, ...match.fixed?.config } },
    reset_options: match.fixed?.episode_config ?? [spec.environment.episode_config ?? {}],
    // Where nobody came in time the host puts bots on players' seats, for this match alone.
    policies: spec.policies.agents.map(({ agent, ...policy }) => ({ agent, policy: match.fixed?.bot_policies?.[String(agent)] ?? drawn(policy, match.fixed?.pools?.[String(agent)]) })),
    frame_skip: spec.policies.frame_skip,
    players: match.players.map(({ agent }) => agent),
    me: match.me,
    seed: match.seed,
    ...inputConfig(spec.gameplay),
    max_steps: spec.gameplay.max_steps,
    record: spec.runtime.record,
    max_observation_numbers: spec.runtime.max_observation_numbers,
    row_content: spec.runtime.row_content ?? 1,
    on_step_code: spec.runtime.on_step_code,
    per_agent_view: spec.rendering.per_agent_view,
    hud_text: spec.rendering.hud_text,
    stand_in: match.players.length > 1 ? standIn(spec.multiplayer.reconnection) : null,
    globals: participantGlobals,
    apart: match.fixed?.apart ?? [],
  };
}

/** Which of a pool's bots plays in each episode is settled with the match. @param {any} policy @param {number[]|undefined} pool */
const drawn = (policy, pool) => (pool ? { ...policy, drawn: pool } : policy);

/** What the players' inputs mean. @param {import("./messages.js").GymSpec["gameplay"]} gameplay */
function inputConfig({ action_mapping, default_action, per_agent = [], analog = [], pace = "clock", move_limit_s = null, on_move_limit }) {
  const late_default = move_limit_s !== null && on_move_limit === "default_action";
  return { action_mapping, default_action, per_agent, analog, pace, late_default };
}

/** The bot that acts for a player who is gone; null: the default action. @param {{on_timeout?: string, bot?: object}|undefined} reconnection */
const standIn = (reconnection) => (reconnection?.on_timeout === "bot" ? (reconnection.bot ?? { kind: "random" }) : null);
