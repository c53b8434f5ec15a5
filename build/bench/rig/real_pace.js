/**
 * What calls into the browser's Python cost when one comes every 33 ms, as in play: caches and clock are cold after each pause. Served to a
 * page beside the web client's own modules (`real_pace.py`); kinds of calls take turns, so that all have the same pauses.
 */
import { createRollback } from "./core/rollback/rollback.js";
import { EnvLink, ORDER } from "./game/env_link.js";
import { InputState } from "./game/inputs.js";
import { rollbackOptions } from "./game/match_options.js";
import { encode, results } from "./game/orders.js";
import { PythonRuntime } from "./game/python.js";
import { Recorder } from "./game/recorder.js";

const PERIOD_MS = 33;
const TIGHT = 200;

const BARE = `
import random
class Bare:
    def __init__(self, env, actions, view):
        self.env, self.actions, self.view = env, actions, view
        self.env.reset(seed=1)
    def frame(self, drawn):
        outcome = self.env.step(random.choice(self.actions))
        if drawn:
            self.env.render(*self.view)
        over = outcome[2]
        if all(over.values()) if isinstance(over, dict) else over:
            self.env.reset(seed=1)
    def tight(self, frames):
        for _ in range(frames):
            self.frame(False)
`;

/** ms @param {() => void} action */
function cost(action) {
  const begun = performance.now();
  action();
  return performance.now() - begun;
}

/** One person's frames, as the worker plays them; only the call into Python is timed. */
async function onePlayer(python, bundle, match, vendor) {
  const game = await EnvLink.open(python, bundle, match, {}, vendor);
  const inputs = new InputState(bundle.spec.gameplay.action_mapping, "pressed_keys");
  let rollback, recorder, frame;
  const begin = () => {
    rollback = createRollback(rollbackOptions(bundle.spec, match, 0, null));
    recorder = new Recorder(game, { scene: "s", visit: 1, match: "m" }, match, () => {});
    game.reset(1, 0, 0);
    recorder.start(0, 0, 0);
    frame = 0;
  };
  begin();
  return () => {
    if (rollback.ended) begin();
    const sampled = inputs.sample();
    const turn = rollback.advance([sampled.input], frame * PERIOD_MS);
    recorder.noteTick(turn, { timestamp_ms: frame, focused: true, hidden: false, stall_ms: 0, rtt_ms: null, transport: null }, sampled);
    const flat = encode(turn, false, true);
    let answer;
    const took = cost(() => (answer = game.run(flat)));
    rollback.ran(results(turn, answer.head));
    recorder.pass(answer.head.rows, frame * PERIOD_MS);
    frame++;
    return took;
  };
}

/** Frames of a game of several, every second after a wrong guess of one frame. */
async function several(python, bundle, match, vendor) {
  const game = await EnvLink.open(python, bundle, match, {}, vendor);
  game.prepare(true);
  const none = match.players.map(() => 0);
  const step = (/** @type {number} */ frame) => [ORDER.SAVE, frame, ORDER.STEP, frame, ...none];
  let frame = 0;
  const begin = () => {
    game.reset(1, 0, 0);
    game.run([...step(0), ...step(1)]);
    frame = 2;
  };
  begin();
  const after = () => [ORDER.CONFIRM, frame - 2, ORDER.KEEP, frame, 0, ORDER.DRAW, 0];
  const take = (/** @type {number[]} */ orders) => {
    let head;
    const took = cost(() => ({ head } = game.run([...orders, ...after()])));
    frame++;
    if (head.end >= 0) begin();
    return took;
  };
  return {
    plain: () => take(step(frame)),
    corrected: () => take([ORDER.LOAD, frame - 1, ORDER.STEP, frame - 1, ...none, ...step(frame)]),
  };
}

/**
 * @param {any[]} games as `loop_overhead.py` describes them
 * @param {{statics: string, vendor: string, rounds: number}} where
 * @returns {Promise<Record<string, Record<string, number[]>>>} name → kind → ms of each call
 */
export async function measure(games, { statics, vendor, rounds }) {
  const python = new PythonRuntime({ vendor, statics, wheelsIndex: null, report: () => {}, log: () => {} });
  await python.start([]);
  // Here is no worker that may wait for a file when it is read.
  await python.bringTheRest();
  /** @type {Record<string, any>} */ const found = {};
  for (const { name, bundle, match } of games) {
    const view = bundle.spec.rendering.per_agent_view ? [bundle.spec.policies.agents[0].agent] : [];
    const solo = await onePlayer(python, bundle, match, vendor);
    const { plain, corrected } = await several(python, bundle, match, vendor);
    python.pyodide.runPython(BARE);
    const bare = python.pyodide.runPython(`
import sys
Bare(sys.modules["env"].make_env(**${JSON.stringify(bundle.config)}), ${bundle.actions}, ${JSON.stringify(view)})`);
    const kinds = { bare: () => cost(() => bare.frame(true)), in_play: solo, plain, corrected };
    const samples = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [kind, take] of Object.entries(kinds)) {
        await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
        samples[kind].push(take());
      }
    }
    samples.tight = Array.from({ length: 50 }, () => cost(() => bare.tight(TIGHT)) / TIGHT);
    found[name] = samples;
  }
  return found;
}
