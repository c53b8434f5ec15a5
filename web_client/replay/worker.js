/**
 * The replay page's worker: the same Python and the same bridge as in play, driven by recorded inputs.
 * @module
 */

import { EnvError } from "../game/env_error.js";
import { EnvLink } from "../game/env_link.js";
import { PythonRuntime } from "../game/python.js";
import { shown } from "../game/shown.js";

/** @typedef {import("./messages.js").ToReplayWorker} ToReplayWorker */
/** @typedef {import("./messages.js").FromReplayWorker} FromReplayWorker */
/** @typedef {import("../game/env_replay.js").EnvReplay} EnvReplay */
/** @typedef {ToReplayWorker & {type: "open"}} Open */

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const statics = new URL("../", import.meta.url).href;
/** Frames run before messages are looked at again. */
const AT_ONCE = 60;

/** @type {PythonRuntime|null} */ let python = null;
/** @type {{env: EnvLink, replay: EnvReplay, reached: number}|null} */ let game = null;
/** @type {Open|null} */ let asked = null;
/** Opening and checking take turns; a newer one ends the older one's work. */
let queue = Promise.resolve();
let number = 0;

/**
 * @param {FromReplayWorker} message
 * @param {Transferable[]} [transfer]
 */
function post(message, transfer = []) {
  scope.postMessage(message, transfer);
}

const breath = () => new Promise((done) => setTimeout(done, 0));

/** @param {unknown} error */
function wordsOf(error) {
  if (error instanceof EnvError) return { message: error.detail.message, traceback: error.detail.traceback };
  const plain = error instanceof Error ? error : new Error(String(error));
  return { message: plain.message, traceback: plain.stack ?? "" };
}

/** @param {Open} message */
async function pythonFor({ vendor, opened: { bundle } }) {
  const named = bundle.vendor_packages ?? [];
  if (!python) {
    const report = (/** @type {import("../game/messages.js").Progress} */ progress) => post({ type: "progress", ...progress });
    python = new PythonRuntime({ vendor, statics, wheelsIndex: null, report, log: () => {} });
    await python.start(named);
  }
  await python.install([...named, ...PythonRuntime.implied(bundle)], bundle.packages ?? []);
  return python;
}

/**
 * A new env in which the match's earlier episodes were played, as in the browsers that recorded it.
 * @param {Open} message
 * @param {boolean} seekable false: exactly as it was played
 */
async function openGame(message, seekable) {
  const { bundle, match, earlier, replay } = message.opened;
  game?.replay.close();
  game?.env.close();
  game = null;
  const globals = (earlier[0] ?? replay).globals ?? {};
  const env = await EnvLink.open(await pythonFor(message), bundle, { ...match, me: message.me }, globals, message.vendor);
  env.prepare(seekable || match.players.length > 1);
  const total = earlier.reduce((frames, { inputs }) => frames + inputs.length, 0);
  let loaded = 0;
  for (const { seed, episode, inputs } of earlier) {
    const before = env.replay(seed, episode, inputs);
    for (let run = AT_ONCE; run === AT_ONCE; loaded += run) {
      run = before.run(AT_ONCE).frames.length;
      post({ type: "progress", label: "Earlier episodes", loaded, total });
      await breath();
    }
    before.close();
  }
  game = { env, replay: env.replay(replay.seed, replay.episode, replay.inputs), reached: 0 };
  post({ type: "began" });
  return game;
}

/**
 * @param {Open} message
 * @param {number} mine
 */
async function open(message, mine) {
  const current = await openGame(message, true);
  for (let done = false; !done && mine === number;) {
    const { first, frames } = current.replay.run(AT_ONCE);
    current.reached = first + frames.length;
    done = frames.length < AT_ONCE;
    post({ type: "frames", first, frames, done });
    if (first === 0) show(-1);
    await breath();
  }
}

/** @param {number} wanted */
function show(wanted) {
  if (!game) return;
  const frame = Math.min(wanted, game.reached - 1);
  const { shown: drawn, transfer } = shown(game.env, game.replay.seek(frame));
  post({ type: "picture", frame, ...drawn }, transfer);
}

/**
 * Play it once more from a fresh env, exactly as the browsers did, and tell what came out.
 * @param {Open} message
 */
async function verify(message) {
  const played = { checks: "", chain: "", ended: -1, error: "" };
  try {
    const { replay } = await openGame(message, false);
    for (let done = false; !done;) {
      const part = replay.run(AT_ONCE);
      done = part.frames.length < AT_ONCE;
      Object.assign(played, { checks: played.checks + part.checks, chain: part.chain, ended: part.ended });
      post({ type: "checking", frames: played.checks.length / 8 });
      await breath();
    }
  } catch (error) {
    played.error = wordsOf(error).message;
  }
  post({ type: "played", played });
}

/** @param {() => Promise<void>} action */
function inTurn(action) {
  queue = queue.then(action).catch((error) => post({ type: "error", ...wordsOf(error) }));
}

/** @param {ToReplayWorker} message */
function receive(message) {
  if (message.type === "seek") {
    try {
      show(message.frame);
    } catch (error) {
      post({ type: "error", ...wordsOf(error) });
    }
    return;
  }
  if (message.type === "open") asked = message;
  const current = asked;
  if (!current) return;
  number += 1;
  const mine = number;
  if (message.type === "verify") inTurn(() => verify(current));
  inTurn(() => open(current, mine));
}

scope.addEventListener("message", ({ data }) => receive(data));
