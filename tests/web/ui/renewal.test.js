/**
 * A page that was open while the host was replaced by another version.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { answerGames, leave, matchState, openPage, scene } from "./app_parts.js";
import { settle } from "./dom.js";
import { WELCOME } from "./gallery/fake_host.js";
import { GYM, MATCH, SPECS } from "./gallery/scenes.js";

const { isReplaced, Renewal } = await import("../../../web_client/app/renewal.js");

const SOLO = { ...MATCH, players: [MATCH.players[0]] };
const NO_WASM = { type: "error", phase: "load", message: "no wasm", traceback: "", file: null, line: null, fatal: true };
const TALK = { talk: "m1", visit: 1, free_text: true, phrases: [], reactions: [], longest: 20, left: null, closed: "", lines: [] };

let page;
const sent = (kind) => page.socket.all(kind);

beforeEach(async () => {
  sessionStorage.clear();
  answerGames();
  page = await openPage();
});

afterEach(() => leave(page));

/** Instead of the present one. @param {Map<string, string>} [kept] what the tab keeps of that one */
async function anotherPage(kept) {
  leave(page);
  sessionStorage.clear();
  page = await openPage({ kept });
}

const waiting = (more = {}) => ({ visit: 1, scene: "match", header: "", message: "", waiting: 1, needed: 2, deadline_ms: null, server_ms: page.clock.nowMs, phase: "waiting", ...more });
const waits = (more) => page.socket.say("waiting", waiting(more));

async function play() {
  page.socket.say("scene", scene(GYM, { match: SOLO }));
  page.worker.say({ type: "loaded", loadMs: 1, cold: false });
  await settle();
  await settle();
  page.worker.say({ type: "opened", visit: 1, match: "m1", warnings: [], report: {} });
  page.socket.say("match_state", matchState("countdown", { starts_at_ms: page.clock.nowMs + 500 }));
}

/** What is done each second is done some times. */
async function someSeconds() {
  for (let second = 0; second < 3; second++) {
    const due = page.timers.filter(({ ms }) => ms === 1000);
    for (const timer of due) page.timers.splice(page.timers.indexOf(timer), 1);
    for (const { run } of due) run();
    await settle();
  }
}

/** The host is started again, perhaps as another version. */
async function restarted(replaced) {
  page.files.replaced = replaced;
  page.socket.drop();
  page.socket.connect();
  await settle();
  page.socket.say("welcome", { ...WELCOME, server_ms: page.clock.nowMs });
  await settle();
  await someSeconds();
}

const PLACES = { waiting: () => waits(), preparing: () => {}, "a game's page": () => page.socket.say("scene", scene(GYM)) };

test("a page of another version than the host loads again where somebody waits, and not where the page that comes is the same", async () => {
  for (const [place, go] of Object.entries(PLACES)) {
    await anotherPage();
    go();
    await restarted(false);
    assert.equal(page.files.reloads, 0, `${place}: the same version`);
    await restarted(true);
    assert.equal(page.files.reloads, 1, place);
    await restarted(true);
    assert.equal(page.files.reloads, 1, "it is under way");
    await anotherPage(page.kept);
    go();
    await restarted(true);
    assert.equal(page.files.reloads, 0, `${place}: a cache, or a host of another version, has brought the same files once more`);
  }
});

test("pages that are being read, games in play and all that comes after a game are left in peace", async () => {
  page.socket.say("scene", scene(SPECS.start));
  await restarted(true);
  page.socket.say("scene", scene(SPECS.start, { visit: 2 }));
  await someSeconds();
  assert.equal(page.files.reloads, 0);
  waits({ visit: 3 });
  await someSeconds();
  assert.equal(page.files.reloads, 1, "until somebody waits");

  await anotherPage();
  await play();
  await restarted(true);
  assert.equal(page.files.reloads, 0);
  // What the worker confirms last is still on its way to the host.
  page.socket.say("match_state", matchState("ended", { reason: "partner_left" }));
  assert.ok(page.worker.posted.some(({ type }) => type === "close"));
  waits({ visit: 2 });
  await someSeconds();
  assert.equal(page.files.reloads, 0);
});

test("a page on which something is under way loads again when that is over", async () => {
  const own = (body) => page.socket.say("scene", scene({ ...GYM, body }, { visit: 2 }));
  const input = () => page.root.querySelector(".chat-input");
  const lasting = { id: "n1", level: "info", text: "Five more minutes.", expires_ms: null, receipt: false };
  const doings = {
    "a chat that is written": [() => (page.socket.say("chat", TALK), (input().value = "half a sent")), () => (input().value = "")],
    "connections that are tried out": [() => waits({ phase: "probing" }), () => waits()],
    "a message of the researcher": [() => page.socket.say("notice", lasting), () => page.app.notices.clear()],
    "a script of the study": [() => own("<script>window.clicks = 1</script>"), () => waits({ visit: 3 })],
    "a field of the study": [() => own("<input name=own>"), () => waits({ visit: 3 })],
  };
  for (const [doing, [begin, end]] of Object.entries(doings)) {
    await anotherPage();
    waits();
    begin();
    await restarted(true);
    assert.equal(page.files.reloads, 0, doing);
    end();
    await someSeconds();
    assert.equal(page.files.reloads, 1, `after ${doing}`);
  }
});

test("a page loads again only when the host has taken all that it had to say", async () => {
  for (const say of [() => page.link.post("web_event", {}), () => void page.link.ask("globals_set", {}), () => page.app.globals.set("round", 2)]) {
    await anotherPage();
    waits();
    page.socket.answer = (kind) => (kind === "web_event" || kind === "globals_set" ? null : { ok: true });
    say();
    await restarted(true);
    assert.equal(page.files.reloads, 0);
    page.socket.answer = () => ({ ok: true });
    await restarted(true);
    assert.equal(page.files.reloads, 1);
  }
});

test("an error of Python is told at once, whatever the host is, and no page loads again for it", async () => {
  page.files.replaced = true;
  page.socket.say("scene", scene(SPECS.start));
  page.worker.say(NO_WASM);
  assert.equal(sent("client_error").length, 1);
  page.socket.say("scene", scene(GYM, { match: SOLO }));
  assert.match(page.root.textContent, /no wasm/);
  await settle();
  for (const phase of ["open", "worker"]) {
    await anotherPage();
    await play();
    await restarted(true);
    page.socket.say("match_state", matchState("playing"));
    page.worker.say({ type: "episodeStarted", episode: 0 });
    page.worker.say({ ...NO_WASM, phase, message: "TypeError: x is undefined" });
    assert.equal(sent("client_error").length, 1, phase);
    await someSeconds();
    assert.equal(page.files.reloads, 0, phase);
  }
});

test("a browser that stores nothing never loads again by itself: nothing would end it", () => {
  const full = () => assert.fail("QuotaExceededError");
  const storages = [null, { getItem: full, setItem: full }, { getItem: () => null, setItem: full }, { getItem: () => null, setItem: () => {} }];
  for (const storage of storages) {
    const renewal = new Renewal({ folders: ["/static/a/"], isReplaced: async () => true, reload: () => assert.fail("it has"), later: () => {}, storage });
    assert.equal(renewal.renew(), false);
  }
});

test("a page of other files than those that have loaded again does so in its turn", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  const renew = (...folders) => new Renewal({ folders, isReplaced: async () => true, reload: () => {}, later: () => {}, storage }).renew();
  const pairs = [["/static/a/", "/vendor/a/"], ["/static/b/", "/vendor/a/"], ["/static/a/", "/vendor/a/"], ["/static/a/", "/vendor/b/"]];
  assert.deepEqual(pairs.map((pair) => renew(...pair)), [true, true, false, true]);
});

test("whether the host has other files is asked of each folder, and silence means no", async () => {
  const asked = [];
  const answering = (...statuses) => async (address) => {
    asked.push(address);
    const status = statuses.shift() ?? assert.fail("asked once more");
    return typeof status === "number" ? { status } : Promise.reject(status);
  };
  const lost = new TypeError("Failed to fetch");
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(204, 204)), false);
  assert.deepEqual(asked, ["/static/a/current", "/vendor/b/current"]);
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(204, 410)), true);
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(404, 204)), true, "an older host knows nothing of it");
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(lost, 410)), true, "one answer is enough");
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(502, lost)), false);
});
