/**
 * What a frame of play costs in the browser's Python over the env's own step and render, and what a rollback costs.
 * Usage: node loop_overhead.mjs BUNDLES.json → JSON {name: {figure: [samples in ms]}} on stdout. A sample is the mean of a block of frames.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createSession } from "../../../web_client/core/rollback/session.js";
import { EnvLink, ORDER } from "../../../web_client/game/env_link.js";
import { InputState } from "../../../web_client/game/inputs.js";
import { sessionOptions } from "../../../web_client/game/match_options.js";
import { BRIDGE_FILES, PythonRuntime } from "../../../web_client/game/python.js";
import { Recorder } from "../../../web_client/game/recorder.js";
import { encode, results } from "../../../web_client/game/orders.js";

const CLIENT = fileURLToPath(new URL("../../../web_client/", import.meta.url));
const VENDOR = pathToFileURL(CLIENT + "vendor/").href;
const BLOCKS = 40;
const FRAMES = 60;
const DEPTH = 8;

const BARE = `
import time, random
def bare(env, actions, blocks, frames, drawn):
    samples = []
    for block in range(blocks):
        env.reset(seed=block)
        started = time.perf_counter()
        for _ in range(frames):
            outcome = env.step(random.choice(actions))
            if drawn:
                env.render()
            over = outcome[2]
            if all(over.values()) if isinstance(over, dict) else over:
                env.reset(seed=block)
        samples.append((time.perf_counter() - started) * 1000 / frames)
    return samples
`;

/** @param {any} python @param {any} bundle @param {any} match @param {boolean} drawn */
async function bare(python, bundle, match, drawn) {
  const game = await EnvLink.open(python, bundle, match, {}, VENDOR);
  const { pyodide } = python;
  pyodide.runPython(BARE);
  const samples = pyodide.runPython(`
import sys
_env = sys.modules["env"].make_env(**${JSON.stringify(bundle.config)})
_actions = ${bundle.actions}
bare(_env, _actions, ${BLOCKS}, ${FRAMES}, ${drawn ? "True" : "False"})
`);
  const list = samples.toJs();
  samples.destroy();
  game.close();
  return list;
}

/** Frames as the worker plays them for one person, from the key to the row: everything but timers and the page. */
async function inPlay(python, bundle, match) {
  const game = await EnvLink.open(python, bundle, match, {}, VENDOR);
  const inputs = new InputState(bundle.spec.gameplay.action_mapping, "pressed_keys");
  const samples = [];
  const sink = { text: "" };
  for (let block = 0; block < BLOCKS; block++) {
    const session = createSession(sessionOptions(bundle.spec, match, 0, null));
    const recorder = new Recorder(game, { scene: "s", visit: 1, match: "m" }, match, () => {});
    game.reset(block, 0, 0);
    recorder.start(0, 0, 0);
    const started = performance.now();
    for (let frame = 0; frame < FRAMES && !session.ended; frame++) {
      const { input, eventAtMs } = inputs.sample();
      const turn = session.advance([input], frame * 33);
      recorder.noteTick(turn, { timestamp_ms: frame, focused: true, hidden: false, stall_ms: 0, rtt_ms: null, transport: null, input_event_ms: eventAtMs });
      const { head, picture } = game.run(encode(turn, false, true));
      session.ran(results(turn, head));
      sink.text = picture;
      recorder.pass(head.rows, frame * 33);
    }
    samples.push((performance.now() - started) / FRAMES);
  }
  game.close();
  return samples;
}

/** @param {any} python @param {any} bundle @param {any} match */
async function rollbacks(python, bundle, match) {
  const game = await EnvLink.open(python, bundle, match, {}, VENDOR);
  const { save_ms = 0, load_ms = 0, step_ms = 0 } = game.prepare(true);
  // As in play: where saving costs more than a step, only confirmed states are saved.
  const { saveMode } = sessionOptions(bundle.spec, match, 0, null, { save_ms, step_ms });
  const none = match.players.map(() => 0);
  const samples = [];
  for (let block = 0; block < BLOCKS; block++) {
    game.reset(block, 0, 0);
    const steps = (/** @type {number} */ from) => Array.from({ length: DEPTH }, (_, i) => [...(saveMode === "every" || i === 0 ? [ORDER.SAVE, from + i] : []), ORDER.STEP, from + i, ...none]).flat();
    game.run(steps(0));
    const replay = [ORDER.LOAD, 0, ...steps(0)];
    const started = performance.now();
    for (let round = 0; round < 4; round++) game.run(replay);
    samples.push((performance.now() - started) / (4 * DEPTH));
  }
  game.close();
  return { replayed: samples, save: [save_ms], load: [load_ms] };
}

const bundles = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { loadPyodide } = await import(VENDOR + "pyodide/pyodide.mjs");
const pyodide = await loadPyodide({ indexURL: CLIENT + "vendor/pyodide/", packages: ["numpy", "gymnasium"], env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }, stdout: () => {}, stderr: () => {} });
const bridge = BRIDGE_FILES.map((name) => [`igym_bridge/${name}.py`, readFileSync(`${CLIENT}game/igym_bridge/${name}.py`, "utf8")]);
const found = {};
for (const { name, library, bundle, match } of bundles) {
  const python = PythonRuntime.around(pyodide, { ...library, ...Object.fromEntries(bridge) });
  found[name] = {
    bare_step: await bare(python, bundle, match, false),
    bare_step_and_render: await bare(python, bundle, match, true),
    in_play: await inPlay(python, bundle, match),
    ...(await rollbacks(python, bundle, match)),
  };
}
process.stdout.write(JSON.stringify(found));
