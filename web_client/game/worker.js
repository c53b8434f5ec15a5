/**
 * The game worker: one Python for all scenes, one match at a time. See `messages.js` for what it understands.
 * @module
 */

import { fetchesAgain } from "../net/again.js";
import { EnvError, sentenceAt, toldAs } from "./env_error.js";
import { PythonRuntime } from "./python.js";

/** @typedef {import("./messages.js").ToWorker} ToWorker */
/** @typedef {import("./messages.js").FromWorker} FromWorker */
/** @typedef {import("./match_play.js").MatchPlay} MatchPlay */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const statics = new URL("../", import.meta.url).href;
const now = () => performance.timeOrigin + performance.now();

/** What a game needs beside Python, which takes long enough to start: these modules come meanwhile. */
const gameParts = Promise.all([import("./env_link.js"), import("./match_play.js")]);
gameParts.catch(() => {}); // told of by `load`

/** @type {PythonRuntime|null} */ let python = null;
/** Python before any study's packages: whether its files came over the network, and since when it has been started. */
/** @type {{cold: Promise<boolean>, sinceMs: number}|null} */ let prepared = null;
/** @type {Promise<void>|null} */ let loading = null;
/** @type {MatchPlay|null} */ let play = null;
let vendor = "";
let attention = { hidden: false, focused: true };
/** Opening takes turns: a scene that is left while it loads must not open over the next one. */
let queue = Promise.resolve();

// Pyodide asks for its files by itself.
fetchesAgain(scope);

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
function post(message, transfer = []) {
  scope.postMessage(message, transfer);
}

/**
 * @param {string} phase
 * @param {unknown} error
 * @param {boolean} fatal
 */
function fail(phase, error, fatal) {
  const known = error instanceof EnvError ? error.detail : null;
  const plain = error instanceof Error ? error : new Error(String(error));
  const detail = known ?? { message: plain.message, traceback: plain.stack ?? plain.message, file: null, line: null };
  post({ type: "error", phase, ...detail, fatal });
}

/**
 * Run what a message asks for; an error in play ends it and keeps what was confirmed.
 * @param {string} phase
 * @param {() => void} action
 */
function guarded(phase, action) {
  try {
    action();
  } catch (error) {
    fail(phase, error, true);
    play?.stopAfterError();
  }
}

/**
 * Start Python, before it is known which packages a study asks for.
 * @param {string} base URL of the vendored files
 */
function prepare(base) {
  const log = (/** @type {string} */ level, /** @type {string} */ text) => post({ type: "console", level, text });
  const report = (/** @type {import("./messages.js").Progress} */ progress) => post({ type: "progress", ...progress });
  vendor = base;
  python = new PythonRuntime({ vendor, statics, wheelsIndex: null, report, log });
  prepared = { cold: python.start([]), sinceMs: now() };
  prepared.cold.catch(() => {}); // told of by `load`
  return prepared;
}

/** @param {ToWorker & {type: "load"}} message */
async function load({ vendorPackages, packages }) {
  if (!python || !prepared) throw new Error("Python was not started before its packages were asked for.");
  const [cold] = await Promise.all([prepared.cold, gameParts]);
  await python.install(vendorPackages, packages);
  post({ type: "loaded", loadMs: now() - prepared.sinceMs, cold });
  void python.bringTheRest();
}

/** @param {ToWorker & {type: "open"}} message */
async function open({ visit, scene, bundle, match, resume, participantGlobals }) {
  // At once, and not when the next one is there: nothing of a game that was left is played on.
  play?.dispose();
  play = null;
  await loading;
  if (!python) throw new Error("Python was not loaded before the game was opened.");
  const [{ EnvLink }, { MatchPlay }] = await gameParts;
  await python.install([...(bundle.vendor_packages ?? []), ...PythonRuntime.implied(bundle)], bundle.packages ?? []);
  post({ type: "progress", step: "env", label: "Starting the game", loaded: 0, total: 1 });
  const env = await EnvLink.open(python, bundle, match, sharedValues(match, resume, participantGlobals), vendor);
  const report = env.prepare(match.players.length > 1);
  if (match.players.length > 1 && report.strategy === null) {
    env.close();
    const why = report.refusal ?? "";
    const told = toldAs(sentenceAt(report.told, "refusal"), "message");
    throw new EnvError({ message: why, traceback: why, file: bundle.spec.environment.file ?? null, line: null, ...told });
  }
  play = new MatchPlay({ env, spec: bundle.spec, match, scene, visit, resume, costs: report, post, now, fail: (error) => fail("play", error, true) });
  play.visibility(attention.hidden, attention.focused);
  post({ type: "progress", step: "env", label: "Starting the game", loaded: 1, total: 1 });
  post({ type: "opened", visit, match: match.id, warnings: report.reasons, report });
}

/**
 * What the game finds as `igym_globals`: an episode that goes on has what it began with, and with others a game has
 * what all of them have alike.
 * @param {import("./messages.js").MatchSpec} match
 * @param {import("./messages.js").Resume|null} resume
 * @param {Record<string, any>} own
 */
function sharedValues({ players, fixed }, resume, own) {
  const settled = players.length > 1 ? (fixed?.globals ?? {}) : own;
  return resume?.globals ?? settled;
}

/** @param {ToWorker} message */
function receive(message) {
  if (message.type === "prepare") return void prepare(message.vendor);
  if (message.type === "load") {
    loading = load(message);
    loading.catch((error) => fail("load", error, true));
    return;
  }
  if (message.type === "open") {
    queue = queue.then(() => open(message)).catch((error) => fail("open", error, true));
    return;
  }
  // Also for the game that is opened next.
  if (message.type === "visibility") attention = message;
  // Behind an opening that is under way, which would come after it otherwise.
  if (message.type === "close") queue = queue.then(() => play?.close(message.reason ?? "closed"));
  else if (play) {
    const current = play;
    guarded("play", () => toPlay(current, message));
  }
}

/**
 * @param {MatchPlay} current
 * @param {ToWorker} message
 */
function toPlay(current, message) {
  switch (message.type) {
    case "start":
      return current.start(message.atMs);
    case "input":
      return current.input(message);
    case "link":
      return current.receive(message.peer, message.bytes);
    case "linkState":
      return current.linkState(message);
    case "visibility":
      return current.visibility(message.hidden, message.focused);
    default:
      return command(current, message);
  }
}

/**
 * @param {MatchPlay} current
 * @param {ToWorker} message
 */
function command(current, message) {
  if (message.type === "pause") current.pause(message.text ?? "");
  else if (message.type === "resume") current.resume();
  else if (message.type === "allow") current.allow(message.episodes);
  else if (message.type === "clock") current.setClock(message.offsetMs);
  else if (message.type === "shown") current.shown(message);
  else if (message.type === "substitute") current.absent(message.player);
}

scope.addEventListener("message", ({ data }) => receive(data));
scope.addEventListener("unhandledrejection", (event) => fail("worker", event.reason, true));
