/**
 * Plays games in the browser's Python with and without rollbacks, and tells what came out.
 * Usage: node play.mjs GAMES.json → JSON {name: {strategy, chain, seals, batch, count, rows, pictures, …}} on stdout; what is long is told by its hash.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DrawLists } from "../../../web_client/render/draw_lists.js";
import { EnvLink, ORDER } from "../../../web_client/game/env_link.js";
import { PythonRuntime } from "../../../web_client/game/python.js";
import { decode } from "../../../web_client/vendor/msgpack.mjs";
import { bridgeSources } from "../../web/game/bridge_sources.js";

const CLIENT = fileURLToPath(new URL("../../../web_client/", import.meta.url));
const VENDOR = pathToFileURL(CLIENT + "vendor/").href;
const FRAMES = 150;
const DEEPEST = 8;
const SHOWN_ROWS = [0, 40];

/** The same inputs in each run. @param {number} seed */
function draws(seed) {
  let state = seed >>> 0 || 1;
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const hash = (/** @type {string | Uint8Array} */ data) => createHash("sha256").update(data).digest("hex").slice(0, 32);

/** Text of a picture in which every value is told apart, -0 and 0 too. @param {any} value */
const exact = (value) => JSON.stringify(value, (_, one) => (Object.is(one, -0) ? "-0" : one));

/** @param {EnvLink} env @param {DrawLists} lists @param {any} picture */
function pictureHash(env, lists, picture) {
  if (!picture) return "none";
  const isList = typeof picture !== "string" || !picture.startsWith('{"pixels"');
  const told = isList ? { ops: lists.read(picture) } : JSON.parse(picture);
  if (told.pixels) return hash(exact(told.pixels) + hash(new Uint8Array(env.pixels()?.buffer ?? new ArrayBuffer(0))));
  return hash(exact(told));
}

class Played {
  pictures = [];
  checks = new Map();
  seals = [];
  sounds = [];
  scores = null;
  end = -1;
  lists = new DrawLists();
  /** @param {EnvLink} env @param {import("../../../web_client/game/env_link.js").Answer} answer */
  take(env, { head, picture }) {
    for (const [frame, sum] of head.checks ?? []) this.checks.set(frame, sum);
    this.seals.push(...(head.seals ?? []).map(([, chain]) => chain));
    this.sounds.push(...(head.sounds ?? []));
    if (head.scores) this.scores = head.scores;
    if (picture) this.pictures.push(pictureHash(env, this.lists, picture));
    this.end = head.end;
    return head;
  }
  /** @param {EnvLink} env */
  finish(env) {
    const batch = env.takeBatch({ match: "m" }, {});
    const { parity, count } = /** @type {any} */ (decode(batch));
    const rows = Object.fromEntries(SHOWN_ROWS.filter((row) => row < count).map((row) => [row, Object.fromEntries(Object.entries(parity).map(([name, values]) => [name, values[row]]))]));
    return {
      chain: env.chain, seals: hash(this.seals.join()), batch: hash(batch), count, rows,
      pictures: hash(this.pictures.join()), drawn: this.pictures.length, sounds: hash(this.sounds.join()), scores: exact(this.scores),
    }; // prettier-ignore
  }
}

/** Every frame is right at once. @param {EnvLink} env @param {number[][]} inputs @param {number} seed @param {boolean} rollback */
function straight(env, inputs, seed, rollback) {
  const played = new Played();
  played.take(env, env.reset(seed, 0, 0));
  for (let frame = 0; frame < inputs.length; frame++) {
    const saved = rollback ? [ORDER.SAVE, frame] : [];
    const check = rollback ? [ORDER.CHECK, frame] : [];
    const keep = rollback ? [ORDER.KEEP, frame, 0] : [];
    const head = played.take(env, env.run([...saved, ORDER.STEP, frame, ...inputs[frame], ...check, ORDER.CONFIRM, frame, ...keep, ORDER.DRAW, 0]));
    if (head.end >= 0) break;
  }
  return played;
}

/** Wrong guesses, taken back from one to eight frames later, now and then twice. @param {EnvLink} env @param {number[][]} inputs @param {number} seed @param {number} choices */
function bent(env, inputs, seed, choices) {
  const played = new Played();
  const draw = draws(seed + 77);
  played.take(env, env.reset(seed, 0, 0));
  const guess = (/** @type {number[]} */ row) => row.map((number) => (draw(2) ? draw(choices) : number));
  for (let frame = 0; frame < inputs.length && !(played.end >= 0 && played.end < frame);) {
    const depth = Math.min(1 + draw(DEEPEST), inputs.length - frame);
    for (let round = 0; round < 1 + draw(2); round++) {
      const back = round ? [ORDER.LOAD, frame] : [];
      for (let step = 0; step < depth; step++) {
        const at = frame + step;
        played.take(env, env.run([...(step ? [] : back), ...(back.length && !step ? [] : [ORDER.SAVE, at]), ORDER.STEP, at, ...guess(inputs[at]), ORDER.DRAW, 0]));
      }
    }
    const again = Array.from({ length: depth }, (_, step) => [...(step ? [ORDER.SAVE, frame + step] : []), ORDER.STEP, frame + step, ...inputs[frame + step], ORDER.CHECK, frame + step]).flat();
    const last = frame + depth - 1;
    played.take(env, env.run([ORDER.LOAD, frame, ...again, ORDER.CONFIRM, last, ORDER.KEEP, last, 0, ORDER.DRAW, 0]));
    frame += depth;
  }
  return played;
}

/** @param {any} python @param {any} game */
async function told(python, { bundle, match, seed, rollback }) {
  const choices = bundle.spec.gameplay.action_mapping.length + 1;
  const draw = draws(seed);
  const inputs = Array.from({ length: FRAMES }, () => match.players.map(() => draw(choices)));
  const open = async () => EnvLink.open(python, bundle, match, {}, VENDOR);
  const one = await open();
  const strategy = rollback ? one.prepare(true).strategy : null;
  const plain = straight(one, inputs, seed, rollback);
  const found = { strategy, ...plain.finish(one) };
  one.close();
  if (!rollback) return found;
  const other = await open();
  other.prepare(true);
  const rolled = bent(other, inputs, seed, choices);
  const after = rolled.finish(other);
  other.close();
  const sums = [...rolled.checks].filter(([frame]) => frame < after.count).every(([frame, sum]) => plain.checks.get(frame) === sum);
  return { ...found, rolled_back: { chain: after.chain, seals: after.seals, batch: after.batch, pictures: after.pictures, drawn: after.drawn, sounds: after.sounds, scores: after.scores, same_checksums: sums } }; // prettier-ignore
}

const games = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { loadPyodide } = await import(VENDOR + "pyodide/pyodide.mjs");
const pyodide = await loadPyodide({ indexURL: CLIENT + "vendor/pyodide/", packages: ["numpy", "gymnasium", "pettingzoo"], env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" }, stdout: () => {}, stderr: () => {} });
const python = PythonRuntime.around(pyodide, { ...games.library, ...bridgeSources() });
const found = {};
for (const [name, game] of Object.entries(games.games)) {
  found[name] = await told(python, game).catch((error) => {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  });
}
process.stdout.write(JSON.stringify(found));
