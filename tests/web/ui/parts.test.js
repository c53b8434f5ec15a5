import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { fire, freshRoot, settle } from "./dom.js";
import { GYM } from "./gallery/scenes.js";

const { joinParameters } = await import("../../../web_client/app/join_api.js");
const { tabId } = await import("../../../web_client/app/browser_facts.js");
const { errorMessage, Reporter } = await import("../../../web_client/app/report.js");
const { fractionOf, progressed } = await import("../../../web_client/app/runtime.js");
const { VisitMemory } = await import("../../../web_client/app/visit_memory.js");
const { watchAttention } = await import("../../../web_client/app/attention.js");
const { captureInput } = await import("../../../web_client/ui/game/input_capture.js");
const { controlsOf, keyBindings } = await import("../../../web_client/game/controls.js");
const { keyHints } = await import("../../../web_client/ui/game/key_hints.js");
const { gamepadButtons, isGameKey, keysToTell, keysToTouch, keyText, mouseButtons, usedKeys, wayOf } = await import("../../../web_client/ui/game/keys.js");
const { overlayFor } = await import("../../../web_client/ui/game/overlay_choice.js");
const { htmlBody, startBody } = await import("../../../web_client/ui/html_body.js");
const { joinPage } = await import("../../../web_client/ui/join_page.js");
const { whoPage } = await import("../../../web_client/ui/plain_pages.js");
const { readFrameMessage, web } = await import("../../../web_client/ui/scenes/web.js");
const { translator } = await import("../../../web_client/ui/text/index.js");
const { clockText } = await import("../../../web_client/ui/time.js");

const t = translator("en");
let root;
beforeEach(() => (root = freshRoot()));

// ---------- joining

const info = (more) => ({ title: "Study", mode: "anonymous", labels: null, link_id: null, admission: "open", ...more });
function joining(more, answer = { ok: true }) {
  const asked = [];
  joinPage.mount(root, { info: info(more), t, join: async (label) => (asked.push(label), answer) });
  return { asked, press: async () => (fire(root.querySelector("form"), "submit"), await settle()) };
}

test("nobody joins by opening the page; one press joins once", async () => {
  const page = joining({});
  assert.deepEqual(page.asked, []);
  await page.press();
  await page.press();
  assert.deepEqual(page.asked, [null]);
});

test("a label has to be typed; the host's objection is shown and can be mended", async () => {
  const page = joining({ mode: "typed_label" }, { ok: false, text: "Somebody already takes part under this name." });
  await page.press();
  assert.deepEqual(page.asked, []);
  assert.match(root.textContent, /Please enter your participant code/);
  const input = root.querySelector("input");
  input.value = "  P-01 ";
  await page.press();
  assert.deepEqual(page.asked, ["P-01"]);
  assert.match(root.textContent, /Somebody already takes part/);
  assert.equal(document.activeElement, input);
  await page.press();
  assert.equal(page.asked.length, 2);
});

test("at a lab computer nobody is shown another one's part: it is asked whose it is", () => {
  const answers = [];
  whoPage.mount(root, { t, answer: (who) => answers.push(who) });
  for (const one of root.querySelectorAll("button")) fire(one, "click");
  assert.deepEqual(answers, ["same", "new"]);
});

test("a list is chosen from, or typed when the study hides it; a link's id is shown to be checked", async () => {
  const page = joining({ mode: "list", labels: ["Anna", "Ben"] });
  root.querySelector("select").value = "Ben";
  await page.press();
  assert.deepEqual(page.asked, ["Ben"]);
  freshRoot().append((root = document.createElement("div")));
  joining({ mode: "list", labels: null });
  assert.ok(root.querySelector("input"));
  root.replaceChildren();
  joining({ mode: "link", link_id: "<i>x</i>" });
  assert.equal(root.querySelector(".join-as strong").textContent, "<i>x</i>");
});

test("a closed or full study says so and has no button", () => {
  for (const admission of ["closed", "full"]) {
    root.replaceChildren();
    joining({ admission });
    assert.equal(root.querySelector("button"), null);
    assert.ok(root.querySelector("h1").textContent);
  }
});

test("the address tells the seat and the link's parameters", () => {
  assert.deepEqual(joinParameters(new URL("http://10.0.0.5/seat/PC%2007?id=a&x=1")), { seat: "PC 07", params: { id: "a", x: "1" } });
  assert.deepEqual(joinParameters(new URL("http://10.0.0.5/")), { seat: null, params: {} });
});

test("a tab keeps its id over a reload, a duplicated tab gets its own", () => {
  sessionStorage.clear();
  const first = tabId(sessionStorage);
  assert.match(first, /^t[a-z2-9]{16}$/);
  assert.equal(sessionStorage.getItem("igym.tab"), null);
  assert.notEqual(tabId(sessionStorage), first);
  sessionStorage.clear();
  const second = tabId(sessionStorage);
  window.dispatchEvent(new window.Event("pagehide"));
  assert.equal(tabId(sessionStorage).length, second.length);
});

// ---------- the researcher's HTML

test("scripts in a body run in order, with relative files from the experiment's folder", async () => {
  const body = htmlBody('<p id="a"></p><img src="assets/x.png"><img src="/abs.png"><a href="http://10.0.0.5/y">y</a><a href="#part">p</a><script>window.ran = (window.ran ?? "") + "1"</script><script>window.ran += "2"</script>');
  assert.deepEqual([...body.querySelectorAll("img")].map((image) => image.getAttribute("src")), ["/assets/assets/x.png", "/abs.png"]);
  assert.deepEqual([...body.querySelectorAll("a")].map((link) => link.getAttribute("target")), ["_blank", null]);
  assert.equal(window.ran, undefined);
  root.append(body);
  await startBody(body);
  assert.equal(window.ran, "12");
});

// ---------- tasks in a frame

test("only the three words of the frame's protocol are understood", () => {
  assert.deepEqual(readFrameMessage({ type: "data", data: { a: 1 } }), { type: "data", data: { a: 1 } });
  assert.deepEqual(readFrameMessage('{"type":"igym:end","data":3}'), { type: "end", data: 3 });
  for (const other of [null, 5, "hello", { type: "start" }, { type: 7 }, [], { type: "constructor" }]) assert.equal(readFrameMessage(other), null);
});

test("a frame's end ends the scene once; other windows are not listened to", () => {
  const events = [];
  const props = { scene: { visit: 1, spec: { id: "task", header: "Task", src: "about:blank", ends_by: "message", min_display_s: 0 } }, t, participant: "p 1", globals: { a: 1 }, elapsedMs: () => 0, shownMs: () => 0, touchedMs: {}, webEvent: (name, data) => events.push([name, data]), advance: async () => ({ ok: true }) };
  const mounted = web.mount(root, props);
  const frame = root.querySelector("iframe");
  const say = (data, source) => {
    const event = new window.Event("message");
    Object.defineProperty(event, "data", { value: data });
    Object.defineProperty(event, "source", { value: source });
    window.dispatchEvent(event);
  };
  say({ type: "end" }, {});
  assert.deepEqual(events, []);
  say({ type: "data", data: 1 }, frame.contentWindow);
  say({ type: "end", data: 2 }, frame.contentWindow);
  say({ type: "end", data: 3 }, frame.contentWindow);
  assert.deepEqual(events, [["data", 1], ["end", 2]]);
  mounted.unmount();
  say({ type: "data", data: 4 }, frame.contentWindow);
  assert.equal(events.length, 2);
});

// ---------- keys

test("a key is the game's by what it writes or by where it lies", () => {
  const used = new Set(["ArrowLeft", "a", "KeyW", "Space"]);
  assert.equal(isGameKey(used, { key: "ArrowLeft", code: "ArrowLeft" }), true);
  assert.equal(isGameKey(used, { key: "A", code: "KeyQ" }), true);
  assert.equal(isGameKey(used, { key: "z", code: "KeyW" }), true);
  assert.equal(isGameKey(used, { key: " ", code: "Space" }), true);
  assert.equal(isGameKey(used, { key: "Tab", code: "Tab" }), false);
});

test("players are told each key once, and combinations only for a key of their own", () => {
  assert.deepEqual(keysToTell([{ keys: ["ArrowLeft", "ArrowUp"] }, { keys: ["ArrowLeft"] }, { keys: ["ArrowUp"] }, { keys: ["Shift", "x"] }]), [["ArrowLeft"], ["ArrowUp"], ["Shift", "x"]]);
  assert.deepEqual(["ArrowUp", "KeyW", "a", "Digit3", " ", "GamepadA", "F5"].map((key) => keyText(key, t)), ["↑", "W", "A", "3", "Space", "Gamepad A", "F5"]);
});

test("mouse and gamepad buttons have the names of the mapping", () => {
  assert.deepEqual(mouseButtons(0b111), ["MouseLeft", "MouseMiddle", "MouseRight"]);
  assert.deepEqual(mouseButtons(2), ["MouseRight"]);
  const buttons = Array.from({ length: 16 }, (_, index) => ({ pressed: index === 0 || index === 9 }));
  assert.deepEqual(gamepadButtons({ buttons, axes: [-0.9, 0.2] }), ["GamepadA", "GamepadLeft", "GamepadStart"]);
  assert.deepEqual(gamepadButtons({ buttons: [], axes: [] }), []);
});

function capturing(used = ["ArrowLeft", "Space"]) {
  const stage = document.createElement("div");
  root.append(stage);
  stage.getBoundingClientRect = () => ({ left: 100, top: 50, width: 300, height: 125 });
  stage.setPointerCapture = () => {};
  const told = [];
  const stop = captureInput({ stage, width: 600, height: 250, used: new Set(used), emit: (message) => told.push(message) });
  const key = (type, code, more = {}) => {
    const event = new window.KeyboardEvent(type, { code, key: code === "Space" ? " " : code, bubbles: true, cancelable: true, ...more });
    (more.target ?? root).dispatchEvent(event);
    return event.defaultPrevented;
  };
  return { stage, told, stop, key };
}

test("only the game's keys are taken from the page, and repeats are not told", () => {
  const { told, key, stop } = capturing();
  assert.equal(key("keydown", "ArrowLeft"), true);
  assert.equal(key("keydown", "ArrowLeft", { repeat: true }), true);
  assert.equal(key("keydown", "Tab"), false);
  assert.equal(key("keyup", "ArrowLeft"), true);
  assert.deepEqual(told.map(({ kind, code }) => `${kind} ${code}`), ["keydown ArrowLeft", "keydown Tab", "keyup ArrowLeft"]);
  assert.ok(told[0].atMs > 1e12);
  stop();
  assert.equal(key("keydown", "ArrowLeft"), false);
});

test("typing in a field, browser shortcuts and an open dialog are left alone", () => {
  const { told, key, stop } = capturing();
  const input = document.createElement("input");
  root.append(input);
  assert.equal(key("keydown", "Space", { target: input }), false);
  assert.equal(key("keydown", "ArrowLeft", { ctrlKey: true }), false);
  assert.equal(key("keydown", "ArrowLeft", { metaKey: true }), false);
  const dialog = document.createElement("dialog");
  dialog.setAttribute("open", "");
  root.append(dialog);
  assert.equal(key("keydown", "Space"), false);
  assert.deepEqual(told, []);
  stop();
});

test("the release of a key is told wherever the focus is by then", () => {
  const { told, key, stop } = capturing();
  key("keydown", "Space");
  const input = document.createElement("input");
  root.append(input);
  key("keyup", "Space", { target: input });
  assert.deepEqual(told.map(({ kind }) => kind), ["keydown", "keyup"]);
  stop();
});

test("a character that AltGr writes is no shortcut of the system", () => {
  const { told, stop } = capturing();
  const press = (altGraph) => {
    const event = new window.KeyboardEvent("keydown", { code: "KeyQ", key: "@", ctrlKey: true, altKey: true, bubbles: true });
    event.getModifierState = (name) => name === "AltGraph" && altGraph;
    window.dispatchEvent(event);
  };
  press(false);
  assert.deepEqual(told, []);
  press(true);
  assert.equal(told[0].key, "@");
  stop();
});

test("the pointer is told in the env's own coordinates", () => {
  const { stage, told, stop } = capturing();
  stage.dispatchEvent(new window.PointerEvent("pointerdown", { clientX: 250, clientY: 112.5, buttons: 1, bubbles: true }));
  const { kind, x, y, buttons } = told[0];
  assert.deepEqual({ kind, x, y, buttons }, { kind: "mouse", x: 300, y: 125, buttons: ["MouseLeft"] });
  stop();
});

test("when the window loses the keyboard, the game is told to let all keys go", () => {
  const { told, stop } = capturing();
  window.dispatchEvent(new window.Event("blur"));
  assert.equal(told.at(-1).kind, "blur");
  stop();
});

test("a touch screen has one key for each action, those that lead somewhere as a cross", () => {
  const mapping = [{ keys: ["ArrowLeft"], action: 1 }, { keys: ["a"], action: 1 }, { keys: ["ArrowUp"], action: 2 }, { keys: ["ArrowLeft", "ArrowUp"], action: 3 }, { keys: ["Space"], action: 4 }];
  assert.deepEqual(keysToTouch(mapping), ["ArrowLeft", "ArrowUp", "Space"]);
  assert.deepEqual(["ArrowLeft", "KeyD", "w", "Space", "MouseLeft"].map(wayOf), ["left", "right", "up", null, null]);
});

test("on a touch screen the keys are there to be pressed", () => {
  const original = globalThis.matchMedia;
  globalThis.matchMedia = () => ({ matches: true });
  const told = [];
  root.append(keyHints({ spec: GYM, controls: controlsOf(GYM.gameplay, "agent_0"), t, press: ({ kind, code }) => told.push(`${kind} ${code}`) }));
  globalThis.matchMedia = original;
  const pad = root.querySelector(".key-pad");
  pad.dispatchEvent(new window.PointerEvent("pointerdown", { bubbles: true }));
  pad.dispatchEvent(new window.PointerEvent("pointerup", { bubbles: true }));
  assert.deepEqual(told, ["keydown ArrowLeft", "keyup ArrowLeft"]);
});

test("keys to take over and to praise are told like the others, and are the game's own", () => {
  const axis = { name: "x", component: null, part: null, sources: [], low: 0, high: 1, levels: 2, dead_zone: 0 };
  const analog = [{ ...axis, role: "takeover", keys: { Space: 1 } }, { ...axis, role: "feedback", keys: { KeyG: 1, KeyB: 2 } }];
  const gameplay = { ...GYM.gameplay, per_agent: [{ agent: "agent_0", analog }] };
  const controls = controlsOf(gameplay, "agent_0");
  root.append(keyHints({ spec: { ...GYM, gameplay, content: {} }, controls, t, press: () => {} }));
  const told = [...root.querySelectorAll("kbd")].map(({ textContent }) => textContent);
  assert.ok(["Space", "G", "B"].every((key) => told.includes(key)), told.join());
  const used = usedKeys(keyBindings(controls));
  assert.ok(isGameKey(used, { code: "Space", key: " " }) && isGameKey(used, { code: "KeyG", key: "g" }) && !isGameKey(used, { code: "KeyQ", key: "q" }));
});

// ---------- what lies over the game

const playing = { opened: true, failed: false, focused: true, online: true, alone: true, usesKeys: true, progress: null, match: { state: "playing", reason: "", text: "", deadline_ms: null, starts_at_ms: null, substitutes: {} }, phase: { phase: "playing", untilMs: null, text: "" } };
const over = (more) => overlayFor({ ...playing, ...more }, (ms) => ms - 100);
const shown = (more) => over(more) ?? { kind: "nothing" };
const phase = (name, untilMs = null) => ({ phase: name, untilMs, text: "" });
const match = (state, more = {}) => ({ ...playing.match, state, ...more });

test("nothing lies over a game in play", () => assert.equal(over({}), null));

test("the most important thing lies over the game", () => {
  assert.equal(shown({ failed: true, opened: false }).kind, "error");
  assert.deepEqual(over({ opened: false, match: match("paused", { reason: "return 0", deadline_ms: 9 }) }), { kind: "loading", limitHostMs: 9 });
  assert.equal(shown({ opened: false, match: match("validating", { deadline_ms: 9 }) }).limitHostMs, null);
  assert.equal(shown({ phase: phase("over"), match: match("paused") }).title, "game.over");
  assert.deepEqual(over({ match: match("paused", { reason: "focus 1", deadline_ms: 9 }) }), { kind: "words", title: "game.paused", text: "game.paused.focus", ownText: "", limitHostMs: 9 });
  assert.equal(shown({ match: match("paused", { reason: "return 1" }) }).text, "game.paused.return");
  assert.equal(shown({ phase: phase("countdown", 5000) }).untilMs, 5000);
  assert.equal(shown({ phase: null, match: match("countdown", { starts_at_ms: 5000 }) }).untilMs, 4900);
  assert.equal(shown({ phase: null, alone: false, match: match("connecting") }).title, "game.connecting");
  assert.equal(shown({ phase: phase("paused"), online: false }).text, "game.offline");
  assert.equal(shown({ phase: phase("frozen"), alone: false }).title, "game.frozen");
  assert.equal(over({ phase: phase("frozen") }), null);
  assert.equal(shown({ focused: false }).kind, "focus");
  assert.equal(over({ focused: false, usesKeys: false }), null);
});

// ---------- small things

test("attention is told when it changes, and afresh after a reconnection", () => {
  const told = [];
  let online = false;
  const watch = watchAttention({ send: (type, body) => online && told.push([type, body]) > 0, hostNowMs: () => 5, onChange: () => {} });
  watch.retell();
  assert.deepEqual(told, []);
  online = true;
  watch.retell();
  document.dispatchEvent(new window.Event("visibilitychange"));
  assert.equal(told.length, 1);
  watch.retell();
  assert.equal(told.length, 2);
});

test("an error message keeps the host's limits whatever happened", () => {
  const told = errorMessage({ where: "javascript", message: "", traceback: "x".repeat(99_999), file: "f".repeat(900), line: 1.5 });
  assert.ok(told.message.length > 0 && told.traceback.length <= 24_000 && told.file.length <= 500);
  assert.equal(told.line, null);
});

test("an error goes with what its message was made of, unless that is too much", () => {
  const sentence = { key: "There is no file {file}.", values: { file: "x" } };
  assert.deepEqual(errorMessage({ where: "python", message: "There is no file x.", sentence }).sentence, sentence);
  assert.equal(errorMessage({ where: "python", message: "ZeroDivisionError" }).sentence, null);
  const long = { key: "{text}", values: { text: "x".repeat(9000) } };
  assert.equal(errorMessage({ where: "python", message: long.values.text, sentence: long }).sentence, null);
});

test("a page in a loop of errors does not drown the host", () => {
  const posted = [];
  const reporter = new Reporter({ link: { post: (type) => posted.push(type) }, hostNowMs: () => 1, later: () => {} });
  for (let round = 0; round < 500; round++) reporter.error({ where: "javascript", message: "again" });
  assert.equal(posted.length, 50);
});

test("progress never runs backwards", () => {
  const first = progressed(null, { step: "packages", label: "", loaded: 1, total: 2 });
  const second = progressed(first, { step: "runtime", label: "", loaded: 1, total: 10 });
  assert.equal(second.fraction, first.fraction);
  assert.equal(fractionOf({ step: "models", label: "", loaded: 3, total: 3 }).toFixed(3), "1.000");
});

test("a visit's draft survives only with its own visit, and broken storage harms nothing", () => {
  sessionStorage.clear();
  const open = (visit, storage = sessionStorage, now = 50) => new VisitMemory({ storage, nowMs: () => now, session: "s", participant: "p", visit });
  assert.equal(open(1).shownMs(), 0);
  open(1).keep({ a: 1 }, { a: 7 });
  assert.deepEqual(open(1, sessionStorage, 80).draft, { a: 1 });
  assert.equal(open(1, sessionStorage, 80).elapsedMs(), 30);
  assert.equal(open(1, sessionStorage, 80).shownMs(), 0);
  assert.deepEqual(open(1, sessionStorage, 80).touchedMs, { a: 7 });
  assert.equal(open(1, sessionStorage, 20).elapsedMs(), 0, "a clock that was set back does not turn the visit's time back");
  assert.equal(open(2).draft, null);
  assert.equal(open(1).draft, null);
  assert.equal(open(3, null).draft, null);
});

test("countdowns are read as minutes and seconds", () => {
  assert.deepEqual([-5, 0, 999, 61_000, 600_001].map(clockText), ["0:00", "0:00", "0:01", "1:01", "10:01"]);
});

// ---------- contrast

const tokens = readFileSync(new URL("../../../web_client/ui/style/tokens.css", import.meta.url), "utf8");
const [light = "", dark = ""] = tokens.split("@media (prefers-color-scheme: dark)");
const colours = (text) => Object.fromEntries([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const luminance = (hex) => [1, 3, 5].map((at) => channel(parseInt(hex.slice(at, at + 2), 16) / 255)).reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
const contrast = (a, b) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

for (const [name, theme] of [["light", colours(light)], ["dark", { ...colours(light), ...colours(dark) }]]) {
  test(`every text colour keeps 4.5:1 and every control's edge 3:1 (${name})`, () => {
    const texts = [["ink", "ground"], ["ink", "surface"], ["ink", "surface-sunken"], ["ink", "accent-wash"], ["ink-soft", "ground"], ["ink-soft", "surface"], ["ink-soft", "surface-sunken"], ["accent", "ground"], ["accent", "surface"], ["accent-ink", "accent"], ["accent-ink", "accent-strong"], ["danger", "ground"], ["danger", "surface"], ["danger", "danger-wash"], ["ink", "danger-wash"], ["warning-ink", "warning-wash"], ["surface", "danger"]];
    for (const [text, ground] of texts) assert.ok(contrast(theme[text], theme[ground]) >= 4.5, `${text} on ${ground}: ${contrast(theme[text], theme[ground]).toFixed(2)}`);
    for (const ground of ["ground", "surface"]) assert.ok(contrast(theme["line-strong"], theme[ground]) >= 3, `edge on ${ground}: ${contrast(theme["line-strong"], theme[ground]).toFixed(2)}`);
  });
}

test("a player whose link is cut sees what the page knows, and a game that stands still says so with its end", () => {
  assert.deepEqual(shown({ cut: true }), { kind: "words", title: "game.paused", text: "game.paused.link" });
  assert.equal(shown({ cut: true, online: false }).text, "game.offline");
  const still = shown({ match: match("playing", { reason: "still 0 1", deadline_ms: 5000 }) });
  assert.deepEqual(still, { kind: "words", title: "game.still", text: "game.still.body", limitHostMs: 5000 });
});
