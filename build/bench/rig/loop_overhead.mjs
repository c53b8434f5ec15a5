/**
 * What a frame of play costs in the browser's Python over the env's own step and render, and what a rollback costs.
 * Usage: node loop_overhead.mjs BUNDLES.json → JSON {name: {figure: [samples in ms]}} on stdout. A sample is the mean of a block of frames.
 * All times are CPU times of this process, and blocks of what is compared take turns, so that a busy computer falls on both alike.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createRollback } from "../../../web_client/core/rollback/rollback.js";
import { EnvLink, ORDER } from "../../../web_client/game/env_link.js";
import { InputState } from "../../../web_client/game/inputs.js";
import { rollbackOptions } from "../../../web_client/game/match_options.js";
import { PythonRuntime } from "../../../web_client/game/python.js";
import { Recorder } from "../../../web_client/game/recorder.js";
import { encode, results } from "../../../web_client/game/orders.js";
import { bridgeSources } from "../../../tests/web/game/bridge_sources.js";

const CLIENT = fileURLToPath(new URL("../../../web_client/", import.meta.url));
const VENDOR = pathToFileURL(CLIENT + "vendor/").href;
const BLOCKS = 40;
/** Blocks that are not counted. Until then other threads of the process compile what runs, which no frame waits for. */
const WARMING = 40;
/** Two batches of rows are handed out in so many, as in two seconds of play. */
const FRAMES = 63;
const DEPTH = 8;
const AT_ONCE = 10;
/** Frames from the beginning of an episode until what each step hands out anew is known. */
const SETTLING = 20;

const BARE = `
import random
def bare(env, actions, view, frames, drawn, block):
    env.reset(seed=block)
    for _ in range(frames):
        outcome = env.step(random.choice(actions))
        if drawn:
            env.render(*view)
        over = outcome[2]
        if all(over.values()) if isinstance(over, dict) else over:
            env.reset(seed=block)
`;

/** ms of CPU that \`action\` takes. @param {() => void} action */
function cost(action) {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The env as it is, without us: a block of frames. @param {any} python @param {any} bundle @param {any} match */
async function bare(python, bundle, match) {
  const game = await EnvLink.open(python, bundle, match, {}, VENDOR);
  const { pyodide } = python;
  pyodide.runPython(BARE);
  // What one player sees may be more work than what everybody sees.
  const view = bundle.spec.rendering.per_agent_view ? [bundle.spec.policies.agents[0].agent] : [];
  const run = pyodide.runPython(`
import sys
_env = sys.modules["env"].make_env(**${JSON.stringify(bundle.config)})
_actions = ${bundle.actions}
lambda frames, drawn, block, env=_env, actions=_actions: bare(env, actions, ${JSON.stringify(view)}, frames, drawn, block)
`);
  const block = (/** @type {boolean} */ drawn) => (/** @type {number} */ number) => cost(() => run(FRAMES, drawn, number)) / FRAMES;
  return { bare_step: block(false), bare_step_and_render: block(true), close: () => game.close() };
}

/** Frames as the worker plays them for one person, from the key to the row: everything but timers and the page. */
async function inPlay(python, bundle, match) {
  const game = await EnvLink.open(python, bundle, match, {}, VENDOR);
  const inputs = new InputState(bundle.spec.gameplay.action_mapping, "pressed_keys");
  const sink = { text: "" };
  const block = (/** @type {number} */ number) => {
    const rollback = createRollback(rollbackOptions(bundle.spec, match, 0, null));
    const recorder = new Recorder(game, { scene: "s", visit: 1, match: "m" }, match, () => {});
    game.reset(number, 0, 0);
    recorder.start(0, 0, 0);
    let frame = 0;
    const play = () => {
      for (; frame < FRAMES && !rollback.ended; frame++) {
        const sampled = inputs.sample();
        const turn = rollback.advance([sampled.input], frame * 33);
        recorder.noteTick(turn, { timestamp_ms: frame, focused: true, hidden: false, stall_ms: 0, rtt_ms: null, transport: null }, sampled);
        const { head, picture } = game.run(encode(turn, false, true));
        rollback.ran(results(turn, head));
        sink.text = picture;
        recorder.pass(head.rows, frame * 33);
      }
    };
    return cost(play) / frame;
  };
  return { in_play: block, close: () => game.close() };
}

/** @param {any} python @param {any} bundle @param {any} match */
async function rollbacks(python, bundle, match) {
  const game = await EnvLink.open(python, bundle, match, {}, VENDOR);
  game.prepare(true);
  const none = match.players.map(() => 0);
  const steps = (/** @type {number} */ from) => Array.from({ length: DEPTH }, (_, i) => [...(i === 0 ? [ORDER.SAVE, from] : []), ORDER.STEP, from + i, ...none]).flat();
  const replay = [ORDER.LOAD, 0, ...steps(0)];
  const many = (/** @type {number[]} */ orders, times = AT_ONCE) => Array.from({ length: times }, () => orders).flat();
  const step = [ORDER.STEP, 0, ...none];
  /** @param {number} number @param {number} frames after which `orders` are run @param {number[]} orders */
  const late = (number, frames, orders) => {
    game.reset(number, 0, 0);
    game.run([ORDER.SAVE, 1, ...step, ...many([ORDER.SAVE, 1, ...step], frames), ORDER.CHECK, 0]);
    return cost(() => game.run(many(orders))) / AT_ONCE;
  };
  /** What `orders` cost beyond a step. @param {number[]} orders @param {number} [frames] of the episode before */
  const beyond = (orders, frames = SETTLING) => (/** @type {number} */ number) => late(number, frames, [...orders, ...step]) - late(number, frames, step);
  const replayed = (/** @type {number} */ number) => {
    game.reset(number, 0, 0);
    game.run(steps(0));
    return cost(() => Array.from({ length: AT_ONCE }, () => game.run(replay))) / (AT_ONCE * DEPTH);
  };
  const first_checksum = (/** @type {number} */ number) => {
    game.reset(number, 0, 0);
    game.run([ORDER.SAVE, 0, ...step]);
    return cost(() => game.run([...step, ORDER.CHECK, 0])) - cost(() => game.run(step));
  };
  return {
    replayed,
    save: beyond([ORDER.SAVE, 1]),
    load: beyond([ORDER.LOAD, 1]),
    // The first of an episode reads everything, those after it what changed.
    checksum: beyond([ORDER.CHECK, 0]),
    first_checksum,
    close: () => game.close(),
  };
}

/** Name → samples of the blocks of each kind, one after the other in turns. @param {Record<string, (block: number) => number>} env @param {any} ours */
function inTurns(env, { close, ...ours }) {
  const kinds = Object.entries({ ...env, ...ours });
  const samples = Object.fromEntries(kinds.map(([kind]) => [kind, []]));
  for (let block = -WARMING; block < BLOCKS; block++) {
    for (const [kind, take] of kinds) {
      const taken = take(block + WARMING);
      if (block >= 0) samples[kind].push(taken);
    }
  }
  close();
  return samples;
}

const bundles = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { loadPyodide } = await import(VENDOR + "pyodide/pyodide.mjs");
const pyodide = await loadPyodide({ indexURL: CLIENT + "vendor/pyodide/", packages: ["numpy", "gymnasium", "pettingzoo"], env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }, stdout: () => {}, stderr: () => {} });
const found = {};
for (const { name, library, bundle, match } of bundles) {
  const python = PythonRuntime.around(pyodide, { ...library, ...bridgeSources() });
  const { bare_step, bare_step_and_render, close } = await bare(python, bundle, match);
  // A page plays one game, alone or with others: what is seldom done beside it would make it slower here than there.
  found[name] = { ...inTurns({ bare_step_and_render }, await inPlay(python, bundle, match)), ...inTurns({ bare_step }, await rollbacks(python, bundle, match)) };
  close();
}
process.stdout.write(JSON.stringify(found));
