// Games on the host: pictures put together again, and what the page says to the host.
import assert from "node:assert/strict";
import { test } from "node:test";

import { HostRun } from "../../../web_client/app/host_run.js";
import { HostPictures, parseView, toldBy } from "../../../web_client/net/host_pictures.js";

const KINDS = ["list", "list_change", "pixels", "pixels_change"];
const put = (id, x) => ["put", id, "rect", 0, 0, 0, { x, y: 1 }];
const text = (value) => new TextEncoder().encode(JSON.stringify(value));

function packet(kind, number, body, { match = "m001", frame = 0 } = {}) {
  const bytes = new Uint8Array(19 + match.length + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set([1, KINDS.indexOf(kind), match.length]);
  view.setUint32(3, number, true);
  view.setInt32(7, frame, true);
  view.setFloat64(11, 5, true);
  bytes.set(new TextEncoder().encode(match), 19);
  bytes.set(body, 19 + match.length);
  return bytes;
}

async function shownOf(pictures, ...packets) {
  const shown = [];
  for (const bytes of packets) pictures.receive(parseView(bytes), (picture) => shown.push(picture));
  for (let turn = 0; turn < 20; turn++) await null;
  return shown;
}

const opsOf = ({ ops }) => JSON.parse(ops).ops;

test("a list is told by the one before", () => {
  assert.deepEqual(toldBy([put("a", 1), put("b", 2), put("c", 3)], [["=", 0, 2], ["~", 2, { x: 9 }], put("d", 4), ["del", "e"]]), [put("a", 1), put("b", 2), put("c", 9), put("d", 4), ["del", "e"]]);
});

test("what is no picture of this version, or cut short, is nothing", () => {
  assert.equal(parseView(new Uint8Array(5)), null);
  assert.equal(parseView(new Uint8Array(40)), null);
  const unknown = packet("list", 0, text({}));
  unknown[1] = 9;
  assert.equal(parseView(unknown), null);
  const long = packet("list", 0, new Uint8Array(0));
  long[2] = 200;
  assert.equal(parseView(long), null);
});

test("changes count from a whole picture on, and not across a gap or another match", async () => {
  const pictures = new HostPictures("m001");
  const whole = packet("list", 7, text({ before: [["clear"], put("floor", 0)], ops: [put("a", 1)] }), { frame: 6 });
  const shown = await shownOf(
    pictures,
    packet("list_change", 6, text({ ops: [put("a", 0)] })),
    packet("list", 3, text({ before: [], ops: [put("z", 0)] }), { match: "m002" }),
    whole,
    packet("list_change", 8, text({ ops: [["~", 0, { x: 2 }]] })),
    packet("list_change", 10, text({ ops: [["=", 0, 1]] })),
    packet("list_change", 11, text({ ops: [["=", 0, 1]] })),
  );
  assert.deepEqual(shown.map(opsOf), [[["clear"], put("floor", 0), put("a", 1)], [put("a", 2)]]);
  assert.equal(shown[0].frame, 6);
  pictures.forget();
  assert.deepEqual(await shownOf(pictures, packet("list_change", 12, text({ ops: [] }))), []);
});

test("pixels are combined with the last ones", async () => {
  const pictures = new HostPictures("m001", async (data) => data);
  const of = (...values) => Uint8Array.from([1, 0, 1, 0, ...values]);
  const shown = await shownOf(pictures, packet("pixels", 0, of(1, 2, 3, 255)), packet("pixels_change", 1, of(0, 2, 0, 0)), packet("pixels_change", 2, of()));
  assert.deepEqual(shown.map(({ pixels }) => [...pixels]), [[1, 2, 3, 255], [1, 0, 3, 255], [1, 0, 3, 255]]);
  assert.deepEqual(shown[0].size, [1, 1]);
});

function run(mode = "pressed_keys", record = /** @type {string[]} */ ([])) {
  const said = [];
  const link = { clock: { offsetMs: 1000, toPage: (ms) => ms - 1000 }, send: (type, body) => said.push([type, body]), ask: async (type, body) => said.push([type, body]) };
  const drawn = [];
  const renderer = { draw: ({ ops }) => drawn.push(JSON.parse(ops).ops), play: (names) => drawn.push(names), destroy: () => {} };
  const gameplay = { action_mapping: [{ keys: ["ArrowLeft"] }, { keys: ["ArrowRight"] }], input_mode: mode };
  const scene = { visit: 3, spec: { id: "duel", gameplay, rendering: { fps: 10 }, runtime: { record } }, match: { id: "m001", players: [{}, {}] } };
  const kept = [];
  const uploader = { addMessage: (key, type, body) => kept.push([type, body]) };
  const services = { link, uploader, reporter: { error: () => {} }, nowMs: () => 50, files: { bundle: async () => ({}) }, makeRenderer: async () => renderer, assetsLoaded: () => {} };
  const game = new HostRun({ scene, services, attention: { hidden: false, focused: true }, loading: () => ({ progress: null }) });
  return { game, said, drawn, renderer, kept };
}

const settled = async () => {
  for (let turn = 0; turn < 30; turn++) await null;
};

async function opened(mode, record) {
  const parts = run(mode, record);
  parts.game.face.draw({});
  await parts.game.open();
  await settled();
  return parts;
}

test("the page asks for pictures once it can draw, again after each lost connection, and says that it is ready once", async () => {
  const { game, said } = await opened();
  game.connectionChanged(false);
  game.connectionChanged(true);
  assert.deepEqual(said.map(([type]) => type), ["host_join", "match_ready", "host_join"]);
});

test("keys are told when what they mean changes, on the host's clock", async () => {
  const { game, said } = await opened();
  said.length = 0;
  const key = (kind, code, atMs) => game.face.input({ type: "input", kind, code, key: code, atMs });
  key("keydown", "ArrowLeft", 10);
  key("keydown", "ArrowLeft", 11);
  key("keydown", "x", 12);
  key("keyup", "ArrowLeft", 13);
  assert.deepEqual(said, [
    ["host_input", { match: "m001", input: 1, at_ms: 1010 }],
    ["host_input", { match: "m001", input: 0, at_ms: 1013 }],
  ]);
});

test("where inputs are recorded, every key goes on its way to the host, also one that means nothing", async () => {
  const { game, said, kept } = await opened("pressed_keys", ["input"]);
  said.length = 0;
  game.face.input({ type: "input", kind: "keydown", code: "KeyX", key: "x", atMs: 12 });
  game.close();
  assert.deepEqual(said, []);
  const [[type, { events, match, visit }]] = kept;
  assert.deepEqual([type, match, visit, events], ["input_log", "m001", 3, [{ at_ms: 1012, kind: "down", device: "keyboard", code: "KeyX", key: "x" }]]);
  const { game: other, kept: none } = await opened();
  other.face.input({ type: "input", kind: "keydown", code: "KeyX", key: "x", atMs: 12 });
  other.close();
  assert.deepEqual(none, []);
});

test("a keystroke is told each time", async () => {
  const { game, said } = await opened("single_keystroke");
  said.length = 0;
  for (const kind of ["keydown", "keyup", "keydown"]) game.face.input({ type: "input", kind, code: "ArrowRight", key: "", atMs: 20 });
  assert.deepEqual(said.map(([, body]) => body.input), [2, 2]);
});

test("a pause, a countdown and a lost focus let all keys go", async () => {
  const { game, said } = await opened();
  const releases = [
    () => game.setMatchState({ match: "m001", state: "paused" }),
    () => game.receive("host_phase", { match: "m001", phase: "countdown", episode: 1, until_ms: 5000 }),
    () => game.attentionChanged({ hidden: false, focused: false }),
  ];
  for (const release of releases) {
    game.face.input({ type: "input", kind: "keydown", code: "ArrowLeft", key: "", atMs: 20 });
    said.length = 0;
    release();
    assert.equal(said.find(([type]) => type === "host_input")?.[1].input, 0);
  }
});

test("pictures, sounds, numbers and phases of this match reach the view", async () => {
  const { game, drawn, said } = await opened();
  game.receive("host_hud", { match: "m001", scores: { a: 2 }, text: "Go", episode: 0 });
  game.receive("host_phase", { match: "m001", phase: "playing", episode: 0, until_ms: null });
  game.receive("host_phase", { match: "m999", phase: "over", episode: 0, until_ms: null });
  game.receive("host_view", packet("list", 4, text({ before: [], ops: [put("a", 1)] }), { frame: 25 }).buffer);
  game.receive("host_sounds", { match: "m001", names: ["hit"] });
  await settled();
  assert.deepEqual(drawn, [["hit"], [put("a", 1)]]);
  assert.deepEqual(game.face.hud(), { frame: 25, timeS: 2, scores: { a: 2 }, text: "Go", episode: 0 });
  assert.equal(game.face.situation().phase?.phase, "playing");
  assert.deepEqual(said.filter(([type]) => type === "host_seen").map(([, body]) => body), [
    { match: "m001", number: 4, focused: true, hidden: false, shown: [], refresh_ms: null },
  ]);
});

test("when a picture was drawn is told on the host's clock, also when no further picture comes", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { game, said, renderer } = await opened();
  const shown = () => said.filter(([type]) => type === "host_seen").map(([, body]) => [body.shown, body.refresh_ms]);
  game.receive("host_view", packet("list", 4, text({ before: [], ops: [put("a", 1)] }), { frame: 25 }).buffer);
  await settled();
  said.length = 0;
  renderer.onShown({ episode: 0, frame: 25, atMs: 60, refreshMs: 16.7 });
  game.receive("host_view", packet("list_change", 5, text({ ops: [["=", 0, 1]] }), { frame: 26 }).buffer);
  await settled();
  renderer.onShown({ episode: 0, frame: 25, atMs: 77, refreshMs: 16.7 });
  renderer.onShown({ episode: 0, frame: 26, atMs: 80, refreshMs: 16.7 });
  assert.deepEqual(shown(), []);
  t.mock.timers.tick(200);
  assert.deepEqual(shown(), [[[{ number: 4, at_ms: 1060 }, { number: 5, at_ms: 1080 }], 16.7]]);
  game.close();
});

test("a browser that cannot draw tells the host", async () => {
  const { game } = run();
  const told = [];
  const broken = new HostRun({
    scene: { visit: 1, spec: { id: "duel", gameplay: { action_mapping: [], input_mode: "pressed_keys" }, rendering: { fps: 10 } }, match: { id: "m001", players: [{}] } },
    services: { link: { clock: { offsetMs: 0 }, send() {}, ask() {} }, reporter: { error: (trouble) => told.push(trouble.fatal) }, nowMs: () => 0, files: { bundle: async () => { throw new Error("no way"); } }, makeRenderer: async () => {}, assetsLoaded: () => {} },
    attention: { hidden: false, focused: true },
    loading: () => ({ progress: null }),
  });
  await broken.open();
  assert.deepEqual(told, [true]);
  assert.equal(broken.face.situation().failed, true);
  assert.equal(game.face.situation().opened, false);
});
