import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { openPage, scene } from "./app_parts.js";
import { settle, type } from "./dom.js";
import { GYM, MATCH, SPECS } from "./gallery/scenes.js";

let page;
const TALK = { talk: "m1", visit: 1, free_text: true, phrases: ["Well played"], reactions: ["👍"], longest: 20, left: null, closed: "", lines: [] };
const line = (number, text, more = {}) => ({ number, who: 2, name: "", mine: false, text, to: null, at_ms: 1_700_000_000_000, ...more });
const panel = () => document.querySelector(".chat");
const texts = () => [...panel().querySelectorAll(".chat-text")].map((one) => one.textContent);
const said = () => page.socket.all("chat_say").map(({ text, phrase, reaction, to }) => ({ text, phrase, reaction, to }));
const button = (label) => [...document.querySelectorAll("button")].find((one) => one.textContent === label);

beforeEach(async () => {
  sessionStorage.clear();
  globalThis.fetch = async () => ({ ok: true, status: 200, json: async () => ({ seed: 1, frames: 0, inputs: {}, files: {}, assets: {} }) });
  page = await openPage();
});

afterEach(() => {
  page.gym.stop();
  page.app.stage.clear();
});

function play(talk = TALK) {
  page.socket.say("scene", scene(GYM, { match: MATCH }));
  page.socket.say("chat", talk);
}

test("a page without a talk shows none", () => {
  page.socket.say("scene", scene(SPECS.start));
  assert.equal(panel()?.hidden ?? true, true);
});

test("what is said stands there once, with who said it, and never as HTML", () => {
  play({ ...TALK, lines: [line(1, "<b>hello</b>")] });
  page.socket.say("chat_said", { talk: "m1", line: line(2, "hi", { who: 1, mine: true }) });
  page.socket.say("chat_said", { talk: "m1", line: line(2, "hi", { who: 1, mine: true }) });
  page.socket.say("chat_said", { talk: "another", line: line(3, "not for us") });
  assert.deepEqual(texts(), ["<b>hello</b>", "hi"]);
  assert.equal(panel().querySelector("b"), null);
  assert.deepEqual([...panel().querySelectorAll(".chat-head strong")].map((one) => one.textContent), ["Person 2", "You"]);
});

test("each line stands in the direction of its own words, as does what is being written", () => {
  play({ ...TALK, lines: [line(1, "Hello, (again)!"), line(2, "مرحبا", { name: "PC-2" })] });
  const own = [...panel().querySelectorAll(".chat-text, .chat-head strong"), panel().querySelector("input")];
  assert.deepEqual(own.map((one) => one.getAttribute("dir")), Array(5).fill("auto"));
});

test("own words, a phrase and a sign go to the host, each with an id of its own", async () => {
  play({ ...TALK, lines: [line(1, "shall we?")] });
  type(panel().querySelector("input"), "  yes  ");
  panel().querySelector("form").requestSubmit();
  await settle();
  button("Well played").click();
  button("👍").click();
  await settle();
  const nothing = { text: undefined, phrase: undefined, reaction: undefined, to: undefined };
  assert.deepEqual(said(), [{ ...nothing, text: "yes" }, { ...nothing, phrase: 0 }, { ...nothing, reaction: 0, to: 1 }]);
  assert.equal(new Set(page.socket.all("chat_say").map(({ id }) => id)).size, 3);
  assert.equal(panel().querySelector("input").value, "");
});

test("a sign stands at the line it answers", () => {
  play({ ...TALK, lines: [line(1, "shall we?", { mine: true })] });
  page.socket.say("chat_said", { talk: "m1", line: line(2, "👍", { to: 1 }) });
  assert.deepEqual(texts(), ["shall we?"]);
  assert.equal(panel().querySelector(".chat-sign").textContent, "👍");
});

test("what the host refuses stays in the field, with its reason", async () => {
  play();
  page.socket.answer = (kind) => (kind === "chat_say" ? { ok: false, code: "closed_chat", text: "Not now." } : { ok: true });
  type(panel().querySelector("input"), "keep this");
  panel().querySelector("form").requestSubmit();
  await settle();
  assert.equal(panel().querySelector("input").value, "keep this");
  assert.match(panel().textContent, /Not now\./);
});

test("a closed talk can be read and not written in, and says why", () => {
  play({ ...TALK, closed: "playing", lines: [line(1, "hello")] });
  assert.equal(panel().querySelector("input").disabled, true);
  assert.match(panel().textContent, /when this round is over/);
  page.socket.say("chat", { ...TALK, lines: [line(1, "hello")] });
  assert.equal(panel().querySelector("input").disabled, false);
});

test("how many messages are left is told, and counted down", () => {
  play({ ...TALK, left: 2 });
  assert.match(panel().textContent, /2 more messages/);
  page.socket.say("chat_said", { talk: "m1", line: line(1, "one", { mine: true }) });
  assert.match(panel().textContent, /1 more message\./);
});

test("the talk ends with the page it belongs to, and what was typed with it", () => {
  play({ ...TALK, lines: [line(1, "hello")] });
  page.socket.say("scene", scene(SPECS.start, { visit: 2 }));
  assert.equal(panel().hidden, true);
});

test("on a page of its own the talk stands above the button that goes on", () => {
  page.socket.say("scene", scene(SPECS.chat));
  page.socket.say("chat", { ...TALK, talk: "talk g1" });
  assert.ok(page.root.querySelector("main .chat-slot .chat"));
  assert.equal(page.root.querySelector("aside").hidden, true);
});
