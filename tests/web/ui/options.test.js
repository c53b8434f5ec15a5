import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { closed, matchState, openPage, scene } from "./app_parts.js";
import { freshRoot, settle } from "./dom.js";
import { GYM, MATCH, SPECS } from "./gallery/scenes.js";

const { GameClient } = await import("../../../web_client/game/client.js");
const { Form } = await import("../../../web_client/ui/form/form.js");
const { fieldFromSpec } = await import("../../../web_client/ui/form/spec.js");
const { hud } = await import("../../../web_client/ui/game/hud.js");
const { gymPage } = await import("../../../web_client/ui/game/gym_page.js");
const { lacksMemory } = await import("../../../web_client/ui/memory.js");
const { turnText } = await import("../../../web_client/ui/game/turn_text.js");
const { web } = await import("../../../web_client/ui/scenes/web.js");
const { speak, translator } = await import("../../../web_client/ui/text/index.js");

const t = translator("en");
await speak("de");
const solo = { ...MATCH, players: [MATCH.players[0]] };
let page;

beforeEach(async () => {
  sessionStorage.clear();
  globalThis.fetch = async () => ({ ok: true, status: 200, json: async () => ({ scene: "match", spec: GYM, files: {}, assets: {} }) });
  page = await openPage();
});

afterEach(() => {
  page.gym.stop();
  page.app.stage.clear();
});

const labels = () => [...document.querySelectorAll("button")].map((one) => one.textContent);

test("the button of a page has the researcher's words", () => {
  for (const spec of [SPECS.start, SPECS.text_box, SPECS.completion_code]) {
    page.socket.say("scene", scene({ ...spec, id: `${spec.id}2`, button_label: "Onwards" }));
    assert.ok(labels().includes("Onwards"), spec.kind);
  }
});

test("the button before a game has the researcher's words, the game's page its text", async () => {
  const spec = { ...GYM, content: { in_game_body: "<p>Mind the net.</p>", start_label: "Kick off" } };
  page.socket.say("scene", scene(spec));
  assert.ok(labels().includes("Kick off"));
  assert.ok(!page.root.textContent.includes("Mind the net."));
  page.socket.say("scene", scene(spec, { match: solo }));
  page.worker.say({ type: "loaded", loadMs: 1, cold: false });
  await settle();
  await settle();
  page.worker.say({ type: "opened", visit: 1, match: "m1", warnings: [], report: {} });
  page.socket.say("match_state", matchState("countdown", { starts_at_ms: page.clock.nowMs + 500 }));
  assert.ok(page.root.textContent.includes("Mind the net."));
});

test("a game is as wide, as high and as coloured as its researcher wants it", async () => {
  const rendering = { ...GYM.rendering, width: 320, height: 80, background: "#102030" };
  page.socket.say("scene", scene({ ...GYM, rendering }, { match: solo }));
  page.worker.say({ type: "loaded", loadMs: 1, cold: false });
  await settle();
  await settle();
  assert.match(page.root.querySelector(".game").getAttribute("style"), /--ratio: 4; --natural: 320px/);
  assert.match(page.root.querySelector(".game-stage").getAttribute("style"), /--game-ground: #102030/);
});

test("the last page leads elsewhere after the given seconds", () => {
  page.socket.say("closed", closed("finished", { redirect_url: "https://x.org/", redirect_after_s: 47 }));
  assert.match(page.root.textContent, /47/);
});

test("a frame is as high as asked for, and may what is allowed", () => {
  const root = freshRoot();
  const props = { t, participant: "p", globals: {}, elapsedMs: () => 0, shownMs: () => 0, touchedMs: {}, webEvent: () => {}, advance: async () => ({ ok: true }) };
  const spec = { id: "task", src: "about:blank", ends_by: "button", min_display_s: 0, frame_height: 345, allow: "fullscreen; camera", button_label: "Done" };
  web.mount(root, { ...props, scene: { visit: 1, spec } }).unmount();
  const frame = root.querySelector("iframe");
  assert.equal(frame.getAttribute("allow"), "fullscreen; camera");
  assert.match(frame.getAttribute("style"), /height: 345px/);
  assert.ok([...root.querySelectorAll("button")].some((one) => one.textContent === "Done"));
});

test("a question shows its help, unit and placeholder, and takes one line or several", () => {
  const root = freshRoot();
  const specs = [
    { name: "age", type: "number", label: "Age", help: "In full years.", required: true, unit: "years" },
    { name: "story", type: "textarea", label: "Story", help: "", required: true, placeholder: "A few sentences" },
    { name: "town", type: "text", label: "Town", help: "", required: true, placeholder: "Its name" },
  ];
  const form = new Form({ fields: specs.map((one) => fieldFromSpec(one, "")), submitLabel: "Go", t, elapsedMs: () => 0, shownMs: () => 0, touchedMs: {}, draft: null, onDraft: () => {}, onSubmit: async () => ({ ok: true }) });
  root.append(form.element);
  assert.match(root.textContent, /In full years\./);
  assert.match(root.textContent, /years/);
  assert.equal(root.querySelector("textarea[name=story]").getAttribute("placeholder"), "A few sentences");
  assert.equal(root.querySelector("input[name=town]").getAttribute("placeholder"), "Its name");
});

test("above a game stand the items that were chosen, or none", () => {
  const state = { scores: { left: 2 }, text: null, episode: 0, frame: 61, timeS: 2 };
  const shown = (option) => {
    const bar = hud({ t, option, episodes: 3, names: { left: "You" }, pingMs: () => 12 });
    bar.update(state);
    return [...bar.element.querySelectorAll(".hud-items > span")].map((part) => part.className);
  };
  assert.deepEqual(shown(true), ["hud-score", "hud-time", "hud-episode"]);
  assert.deepEqual(shown(["frame", "ping"]), ["hud-frame", "hud-ping"]);
  assert.deepEqual(shown(false), []);
});

test("where frames wait for moves, whose turn it is stands in the place of the time", () => {
  const parts = (option) => [...hud({ t, option, waits: true, episodes: 1, names: {}, pingMs: () => null }).element.querySelectorAll(".hud-items > span")];
  assert.deepEqual(parts(true).map((part) => part.className), ["hud-score", "hud-episode", "hud-turn"]);
  assert.deepEqual(parts(["score"]).map((part) => part.className), ["hud-score"]);
  const told = (language, turn, { others = 1, phase = "playing", nowMs = 5000 } = {}) =>
    turnText({ phase: { phase, untilMs: null, text: "" }, turn: { untilMs: null, ...turn } }, { t: translator(language), others, nowMs, sinceMs: 0 });
  assert.equal(told("en", { whose: "mine" }), "Your turn");
  assert.equal(told("en", { whose: "mine", untilMs: 8100 }), "Your turn · 4 seconds left");
  assert.equal(told("en", { whose: "mine", untilMs: 6000 }, { others: 0 }), "1 second left");
  assert.equal(told("en", { whose: "mine" }, { others: 0 }), "", "alone it is always their turn");
  assert.equal(told("en", { whose: "made" }), "Your choice is taken. Waiting for the other player…");
  assert.equal(told("en", { whose: "made" }, { others: 2 }), "Your choice is taken. Waiting for the other players…");
  assert.equal(told("de", { whose: "others" }), "Die andere Person ist am Zug …");
  assert.equal(told("en", { whose: "made" }, { nowMs: 100 }), "", "the other's choice may be on its way");
  for (const now of [{ whose: null }, { whose: "others" }]) assert.equal(told("en", now, { phase: "frozen" }), "");
});

test("Python is started anew before a scene that asks for it, and only then", () => {
  const started = [];
  const before = globalThis.Worker;
  globalThis.Worker = class {
    constructor() {
      started.push(this);
    }
    postMessage() {}
    addEventListener() {}
    terminate() {}
  };
  const client = new GameClient({ program: "http://x/game/worker.js", vendor: "http://x/" });
  const open = (restart_python) => client.post({ type: "open", bundle: { spec: { runtime: { restart_python } } } });
  client.load({ vendorPackages: [], packages: [], wheelsIndex: null });
  const counts = [true, false, true].map((restart) => (open(restart), started.length));
  globalThis.Worker = before;
  assert.deepEqual(counts, [1, 1, 2]);
});

test("a pilot presses the button that is to be seen, never the one to reload that is kept hidden", () => {
  const pressed = [];
  const root = freshRoot();
  const props = { t, scene: { visit: 1, spec: GYM }, elapsedMs: () => 0, shownMs: () => 0, advance: async () => (pressed.push("start"), { ok: true }), restart: () => pressed.push("reload") };
  gymPage.mount(root, { ...props, loading: { ready: true, progress: null, failed: null } });
  gymPage.simulate(root, props, Math.random);
  assert.deepEqual(pressed, ["start"]);
});

test("a device without enough memory for the game is told so, before the game and in it", () => {
  const words = /too little free memory/;
  page.socket.say("scene", scene(GYM));
  const trouble = { type: "error", traceback: "", file: null, line: null, fatal: true };
  page.worker.say({ ...trouble, phase: "load", message: "No module named 'cv2'" });
  assert.doesNotMatch(page.root.textContent, words);
  page.worker.say({ ...trouble, phase: "load", message: "WebAssembly.Memory(): could not allocate memory" });
  assert.match(page.root.querySelector("[role=alert]:not([hidden])").textContent, words);
  page.socket.say("scene", scene(GYM, { visit: 2, match: solo }));
  assert.match(page.root.querySelector(".game-overlay").textContent, words);
  // Chromium, Firefox, WebKit, Pyodide, Python.
  for (const said of ["Array buffer allocation failed", "out of memory", "Out of memory", "Aborted(OOM)", "MemoryError: Unable to allocate 1 GiB"]) assert.ok(lacksMemory(said), said);
  assert.ok(!lacksMemory("NameError: name 'zoom' is not defined") && !lacksMemory(null));
});
