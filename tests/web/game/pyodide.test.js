/** The bridge in the browser's own Python, under node: networks inside the step, and the same rows each time. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bridgeConfig, EnvLink, ORDER } from "../../../web_client/game/env_link.js";
import { loadOrt, SyncModel } from "../../../web_client/game/onnx.js";
import { decode } from "../../../web_client/vendor/msgpack.mjs";
import { PythonRuntime } from "../../../web_client/game/python.js";
import { bridgeSources } from "./bridge_sources.js";

const CLIENT = fileURLToPath(new URL("../../../web_client/", import.meta.url));
const VENDOR = pathToFileURL(CLIENT + "vendor/").href;

/** state' = state + mean(obs) + 1; logits = [state', -state', 0.5] */
const MODEL = Buffer.from(
  "CAg6ugIKKAoDb2JzEgRtZWFuIgpSZWR1Y2VNZWFuKg8KCGtlZXBkaW1zGAGgAQIKGgoFc3RhdGUKBG1lYW4SBnJhaXNlZCIDQWRkChgKBnJhaXNlZAoDb25lEgRuZXh0IgNBZGQKFQoEbmV4dBIIbmVnYXRpdmUiA05lZwozCgRuZXh0CghuZWdhdGl2ZQoEaGFsZhIGbG9naXRzIgZDb25jYXQqCwoEYXhpcxgBoAECEgNib3QqEggBCAEQASIEAAAAP0IEaGFsZioRCAEIARABIgQAAIA/QgNvbmVaFQoDb2JzEg4KDAgBEggKAggBCgIIAloXCgVzdGF0ZRIOCgwIARIICgIIAQoCCAFiGAoGbG9naXRzEg4KDAgBEggKAggBCgIIA2IWCgRuZXh0Eg4KDAgBEggKAggBCgIIAUIECgAQDQ==",
  "base64",
);
const ENV = `
import gymnasium
import numpy as np
from gymnasium import spaces


class Pair(gymnasium.Env):
    def __init__(self):
        self.action_space = spaces.Dict({name: spaces.Discrete(3) for name in ("me", "bot")})

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.at = {"me": 0.0, "bot": 0.0}
        return self._see(), {}

    def step(self, actions):
        for name, action in actions.items():
            self.at[name] += action + float(self.np_random.normal()) * 0.01
        return self._see(), {name: int(action) for name, action in actions.items()}, False, False, {}

    def _see(self):
        return {name: np.array([self.at["me"], self.at["bot"]]) for name in self.at}

    def render(self):
        return np.zeros((2, 3, 3), np.uint8) + 7


def make_env():
    return Pair()
`;
const BUNDLE = /** @type {any} */ ({
  scene: "pair",
  files: { "env.py": ENV, "sub/__init__.py": "" },
  assets: {},
  packages: [],
  vendor_packages: [],
  onnx: { "bot.onnx": "data:application/octet-stream;base64," + MODEL.toString("base64") },
  spec: {
    environment: { file: "env.py", config: {} },
    rendering: { fps: 30, per_agent_view: false, hud_text: null },
    policies: {
      frame_skip: 2,
      agents: [
        { agent: "me", kind: "human" },
        { agent: "bot", kind: "onnx", path: "bot.onnx", state_inputs: ["state"], state_outputs: ["next"], state_shape: [1, 1], logit_output: "logits", choose: "sample" },
      ],
    },
    gameplay: { action_mapping: [{ keys: ["a"], action: 1 }, { keys: ["b"], action: 2 }], default_action: 0, max_steps: null }, // prettier-ignore
    runtime: { record: ["actions", "rewards", "observations"], max_observation_numbers: 64, on_step_code: null },
    multiplayer: { reconnection: {} },
  },
});
const MATCH = /** @type {any} */ ({ id: "m", seed: 3, me: 0, players: [{ player: 0, agent: "me" }], bots: ["bot"], episode: 0 });

/** @type {PythonRuntime} */ let python;

before(async () => {
  const { loadPyodide } = await import(VENDOR + "pyodide/pyodide.mjs");
  const pyodide = await loadPyodide({ indexURL: CLIENT + "vendor/pyodide/", packages: ["numpy", "gymnasium"], env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }, stdout: () => {} });
  python = PythonRuntime.around(pyodide, bridgeSources());
});

const openGame = (/** @type {any} */ bundle = BUNDLE) => EnvLink.open(python, bundle, MATCH, {}, VENDOR);
const stepAll = (/** @type {number[]} */ inputs) => inputs.flatMap((input, frame) => [ORDER.STEP, frame, input]);

test("a network runs at once, without a promise", async () => {
  const model = new SyncModel(await loadOrt(VENDOR), MODEL);
  assert.deepEqual(JSON.parse(model.describe()), { inputs: [["obs", "float32", [1, 2]], ["state", "float32", [1, 1]]], outputs: [["logits", [1, 3]], ["next", [1, 1]]] }); // prettier-ignore
  const out = model.run(new Uint8Array(new Float32Array([2, 4, 10]).buffer), "[[1,2],[1,1]]");
  assert.deepEqual([...new Float32Array(out.buffer)], [14, -14, 0.5, 14]);
  assert.deepEqual(JSON.parse(model.layout), [["float32", [1, 3]], ["float32", [1, 1]]]); // prettier-ignore
  assert.throws(() => model.run(new Uint8Array(16), "[[1,3],[1,1]]"), /run the model/);
  model.close();
});

test("a file that is no network is told in words", async () => {
  const ort = await loadOrt(VENDOR);
  assert.throws(() => new SyncModel(ort, new Uint8Array([1, 2, 3])), /could not read the model/);
});

test("a network with a memory plays inside the step: the same again after a rollback", async () => {
  const inputs = [1, 2, 0, 1, 1, 2, 0, 0, 1, 2];
  const straight = await openGame();
  straight.reset(5, 0, 0);
  straight.run([...stepAll(inputs), ORDER.CONFIRM, 9]);
  const truth = straight.takeBatch({ match: "m" }, {});
  const chain = straight.chain;
  straight.close();
  const bent = await openGame();
  assert.equal(bent.prepare(true).strategy, "copy");
  bent.reset(5, 0, 0);
  for (let frame = 0; frame < 10; frame++) bent.run([ORDER.SAVE, frame, ORDER.STEP, frame, 2]);
  bent.run([ORDER.LOAD, 0, ...stepAll(inputs), ORDER.CONFIRM, 9]);
  assert.equal(bent.chain, chain);
  assert.deepEqual(bent.takeBatch({ match: "m" }, {}), truth);
  bent.close();
});

test("a batch is whole however many rows it holds, and stays as it was when the next one comes", async () => {
  const game = await openGame();
  game.reset(5, 0, 0);
  const SIZES = [1, 700, 2];
  game.run([...stepAll(Array.from({ length: 703 }, (_, frame) => frame % 3)), ORDER.CONFIRM, 702]);
  const batches = SIZES.map((count) => game.takeBatch({ match: "m" }, { focused: Array(count).fill(true) }, count));
  assert.ok(batches[1].length > 16_384, "it should need more room than there is at first");
  const told = batches.map((batch) => /** @type {any} */ (decode(batch)));
  assert.deepEqual(told.map(({ first, count, local }) => [first, count, local.focused.length]), [[0, 1, 1], [1, 700, 700], [701, 2, 2]]); // prettier-ignore
  assert.deepEqual(told.flatMap(({ parity }) => parity["actions.me"]), Array.from({ length: 703 }, (_, frame) => frame % 3));
  assert.equal(told[2].chain, game.chain);
  game.close();
});

test("scores come when they change, as the numbers they are or in words", async () => {
  const rewards = ["0", "1", "0.5", "0", "-2", "0", "0", "float('inf')", "0"];
  const env = ENV.replace("{name: int(action) for name, action in actions.items()}", `{"me": [${rewards}][self.n], "bot": [0, 1, 2, 0, 4, 10**400, 5 - 10**400, 0, 0][self.n]}`);
  const counted = env.replace("    def step(self, actions):\n", "    n = -1\n\n    def step(self, actions):\n        self.n += 1\n");
  const game = await openGame({ ...BUNDLE, files: { ...BUNDLE.files, "env.py": counted } });
  game.reset(5, 0, 0);
  const heads = rewards.map((_, frame) => game.run([ORDER.STEP, frame, 0, ORDER.CONFIRM, frame]).head.scores ?? null);
  assert.deepEqual(heads.slice(0, 5), [null, { me: 1, bot: 1 }, { me: 1.5, bot: 3 }, null, { me: -0.5, bot: 7 }]);
  assert.deepEqual(heads.slice(5), [{ me: -0.5, bot: Infinity }, { me: -0.5, bot: 12 }, { me: "inf", bot: 12 }, null]);
  assert.equal(game.run([]).head.scores, undefined);
  game.close();
});

test("this Python shows what modules and classes hold: saves need not read them name by name", async () => {
  const game = await openGame();
  const told = python.pyodide.runPython(`
import env
from igym_bridge.namespaces import Namespaces
spaces = Namespaces([env, env.Pair])
def told():
    contents = spaces.contents()
    return [spaces._tables.told() is not None, *({**dict(zip(one.names, values))} for one, values in zip(spaces.holding, contents))]
found = [told()]
env.LEVEL = env.Pair.made = 1
found.append(told())
env.LEVEL = [2]
found.append(told())
del env.LEVEL, env.Pair.made
found.append(told())
import json
json.dumps([[shown, module.get("LEVEL"), kind.get("made")] for shown, module, kind in found])
`);
  assert.deepEqual(JSON.parse(told), [[true, null, null], [true, 1, 1], [true, [2], 1], [true, null, null]]); // prettier-ignore
  game.close();
});

/** A copy of the network above whose third logit is 100: it always takes action 2, where that one takes action 0. */
function otherModel() {
  const copy = Buffer.from(MODEL);
  copy.writeFloatLE(100, copy.indexOf(Buffer.from(new Float32Array([0.5]).buffer)));
  return copy;
}

test("the waitroom's bot and the one that stands in for lost players act with a network each", async () => {
  const address = (/** @type {Buffer} */ model) => "data:application/octet-stream;base64," + model.toString("base64");
  const network = (/** @type {string} */ path) => ({ ...BUNDLE.spec.policies.agents[1], agent: undefined, path, choose: "greedy", frame_skip: 1 });
  const names = '"me", "bot", "late"';
  const env = ENV.replace('"me", "bot"', names).replace('"bot": 0.0}', '"bot": 0.0, "late": 0.0}');
  const agents = ["me", "bot", "late"].map((agent) => ({ agent, kind: "human" }));
  const bundle = {
    ...BUNDLE,
    files: { "env.py": env },
    onnx: { "lost.onnx": address(MODEL), "late.onnx": address(otherModel()), "nobodys.onnx": "data:,no network" },
    spec: {
      ...BUNDLE.spec,
      policies: { frame_skip: 2, agents },
      multiplayer: { reconnection: { on_timeout: "bot", bot: network("lost.onnx") } },
    },
  };
  const players = ["me", "bot"].map((agent, player) => ({ player, agent }));
  const fixed = { bot_policies: { late: network("late.onnx") } };
  const game = await EnvLink.open(python, bundle, { ...MATCH, players, bots: ["late"], fixed }, {}, VENDOR);
  const ABSENT = 65535;
  game.reset(1, 0, 0);
  game.run([...[1, ABSENT, ABSENT].flatMap((input, frame) => [ORDER.STEP, frame, input, 1]), ORDER.CONFIRM, 2]);
  const { parity } = /** @type {any} */ (decode(game.takeBatch({ match: "m" }, {})));
  assert.deepEqual(["me", "bot", "late"].map((agent) => parity[`actions.${agent}`]), [[1, 0, 0], [1, 1, 1], [2, 2, 2]]); // prettier-ignore
  game.close();
  await assert.rejects(EnvLink.open(python, { ...bundle, onnx: {} }, { ...MATCH, players, fixed }, {}, VENDOR), /no model lost\.onnx|no model late\.onnx/);
});

test("a network beside a person acts unless they take over, and another one advises", async () => {
  const address = (/** @type {Buffer} */ model) => "data:application/octet-stream;base64," + model.toString("base64");
  const network = (/** @type {string} */ path) => ({ ...BUNDLE.spec.policies.agents[1], agent: undefined, path, choose: "greedy", frame_skip: 1 });
  const takeover = { name: "takeover", component: null, part: null, sources: [], role: "takeover", keys: { Space: 1 }, low: 0, high: 1, levels: 2, dead_zone: 0 };
  const agents = [
    { agent: "me", kind: "human", shared: network("pilot.onnx") },
    { agent: "bot", kind: "human", advice: network("coach.onnx"), advice_text: "Do {keys}" },
  ];
  const gameplay = { ...BUNDLE.spec.gameplay, per_agent: [{ agent: "me", analog: [takeover] }] };
  const bundle = {
    ...BUNDLE,
    onnx: { "pilot.onnx": address(otherModel()), "coach.onnx": address(MODEL) },
    spec: { ...BUNDLE.spec, gameplay, policies: { frame_skip: 1, agents } },
  };
  const players = ["me", "bot"].map((agent, player) => ({ player, agent }));
  const game = await EnvLink.open(python, bundle, { ...MATCH, me: 1, players, bots: [] }, {}, VENDOR);
  game.reset(1, 0, 0);
  const KEYS = 3;
  const { head } = game.run([...[1, KEYS + 1, 0].flatMap((input, frame) => [ORDER.STEP, frame, input, frame]), ORDER.CONFIRM, 2, ORDER.DRAW, 0]);
  const { parity } = /** @type {any} */ (decode(game.takeBatch({ match: "m" }, {})));
  assert.deepEqual(parity["actor.me"], ["policy", "person", "policy"]);
  assert.deepEqual([parity["actions.me"], parity["actions.bot"], parity["advice.bot"]], [[2, 1, 2], [0, 1, 2], [0, 0, 0]]); // prettier-ignore
  assert.deepEqual(parity["agreed.bot"], [true, false, false]);
  assert.equal(head.hud, "Do –");
  game.close();
});

test("pixels are copied out of Python", async () => {
  const game = await openGame();
  const answer = game.reset(1, 0, 0);
  assert.equal(answer.picture, '{"pixels":[3,2]}');
  assert.deepEqual([...(game.pixels() ?? [])].slice(0, 8), [7, 7, 7, 255, 7, 7, 7, 255]);
  game.close();
});

test("a state travels as bytes", async () => {
  const game = await openGame();
  game.prepare(true);
  game.reset(1, 0, 0);
  for (let frame = 0; frame < 3; frame++) game.run([ORDER.SAVE, frame, ORDER.STEP, frame, 1]);
  const state = game.exportState(2);
  const first = game.run([ORDER.LOAD, 2, ORDER.STEP, 2, 2, ORDER.CHECK, 2]).head.checks;
  game.importState(2, state);
  assert.deepEqual(game.run([ORDER.LOAD, 2, ORDER.STEP, 2, 2, ORDER.CHECK, 2]).head.checks, first);
  game.close();
});

test("an error in the researcher's file is told with its line", async () => {
  const files = { "env.py": ENV.replace("self.at[name] += action", "self.at[name] += missing") };
  const game = await openGame({ ...BUNDLE, files });
  game.reset(1, 0, 0);
  assert.throws(
    () => game.run(stepAll([1])),
    (/** @type {any} */ error) => {
      assert.equal(error.detail.message, "NameError: name 'missing' is not defined");
      assert.deepEqual([error.detail.file, error.detail.line], ["env.py", 18]);
      assert.doesNotMatch(error.detail.traceback, /igym_bridge|pyodide/);
      return true;
    },
  );
  game.close();
  await assert.rejects(openGame({ ...BUNDLE, files: { "env.py": "import nothing_like_this" } }), (/** @type {any} */ error) => error.detail.line === 1);
});

test("a second scene does not see the first one's modules", async () => {
  const helper = { ...BUNDLE, files: { "env.py": "import shared\n" + ENV + "\nshared.value += 1\n", "shared.py": "value = 1" } };
  (await openGame(helper)).close();
  const other = { ...helper, files: { ...helper.files, "shared.py": "value = 100" } };
  const game = await openGame(other);
  assert.equal(python.pyodide.runPython("import sys; sys.modules['shared'].value"), 101);
  game.close();
});

test("the collector leaves a running game alone, and an ended one does not stay", async () => {
  const first = await openGame();
  const { pyodide } = python;
  pyodide.runPython("import gc, sys, weakref; kept = weakref.ref(sys.modules['env'].Pair); first_count = gc.get_freeze_count()");
  assert.ok(pyodide.runPython("first_count") > 10_000);
  first.close();
  const second = await openGame();
  assert.ok(pyodide.runPython("kept() is None"));
  assert.ok(pyodide.runPython("gc.get_freeze_count() < 1.05 * first_count"));
  second.close();
});

test("the stand-in of a scene comes from its rules for lost players", () => {
  const two = { ...MATCH, players: [{ player: 0, agent: "me" }, { player: 1, agent: "bot" }] }; // prettier-ignore
  const spec = { ...BUNDLE.spec, multiplayer: { reconnection: { on_timeout: "bot", bot: { kind: "random", seed: 1 } } } };
  assert.deepEqual(bridgeConfig({ ...BUNDLE, spec }, two, {}).stand_in, { kind: "random", seed: 1 });
  assert.equal(bridgeConfig(BUNDLE, two, {}).stand_in, null);
});

test("what the match settled is what the env is made with, beside the scene's own", () => {
  const environment = { ...BUNDLE.spec.environment, config: { size: 3, speed: 1 }, episode_config: { layout: "a" } };
  const bundle = { ...BUNDLE, spec: { ...BUNDLE.spec, environment } };
  const settled = bridgeConfig(bundle, { ...MATCH, fixed: { config: { speed: 2 }, episode_config: [{ layout: "b" }, { layout: "a" }] } }, {});
  assert.deepEqual(settled.environment.config, { size: 3, speed: 2 });
  assert.deepEqual(settled.reset_options, [{ layout: "b" }, { layout: "a" }]);
  const pool = { agents: [{ agent: "bot", kind: "pool", policies: [{ kind: "random" }, { kind: "fixed", action: 1 }] }], frame_skip: 1 };
  const withPool = bridgeConfig({ ...BUNDLE, spec: { ...BUNDLE.spec, policies: pool } }, { ...MATCH, fixed: { pools: { bot: [1, 0] } } }, {});
  assert.deepEqual(withPool.policies[0].policy.drawn, [1, 0], "and so is who of a pool plays in each episode");
  const plain = bridgeConfig(bundle, MATCH, {});
  assert.deepEqual([plain.environment.config, plain.reset_options], [{ size: 3, speed: 1 }, [{ layout: "a" }]]);
});
