import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { answerGames, closed, leave, matchState, openPage, scene } from "./app_parts.js";
import { settle, type } from "./dom.js";
import { GYM, MATCH, SPECS } from "./gallery/scenes.js";

let page;
const heading = () => page.root.querySelector("h1")?.textContent;
const view = () => page.root.querySelector(".view")?.className;
const button = (label) => [...document.querySelectorAll("button")].find((one) => one.textContent === label);
const sent = (kind) => page.socket.all(kind);
const solo = { ...MATCH, players: [MATCH.players[0]] };

beforeEach(async () => {
  sessionStorage.clear();
  answerGames();
  page = await openPage();
});

afterEach(() => leave(page));

test("between welcome and the first scene the page shows how loading goes", () => {
  page.worker.say({ type: "progress", step: "runtime", label: "Loading Python", loaded: 5_000_000, total: 10_000_000 });
  assert.match(page.root.textContent, /Getting ready/);
  assert.match(page.root.textContent, /5\.0 of 10\.0 MB/);
  assert.deepEqual(sent("loading"), [{ step: "runtime", label: "Loading Python", loaded: 5_000_000, total: 10_000_000 }]);
});

test("answers go to the host with the visit; what follows is the host's", async () => {
  page.socket.say("scene", scene(SPECS.text_box));
  page.clock.nowMs += 3000;
  type(page.root.querySelector("textarea"), "They wanted to pass the ball to me.");
  page.clock.nowMs += 1000;
  button("Continue").click();
  await settle();
  assert.deepEqual(sent("answers"), [{ visit: 1, values: { text: "They wanted to pass the ball to me." }, timing: { shown_ms: 0, submitted_ms: 4000, first_change_ms: { text: 3000 }, submitted_at_ms: page.clock.nowMs } }]);
  page.socket.say("scene", scene(SPECS.start, { visit: 2 }));
  assert.equal(heading(), SPECS.start.header);
});

test("a lost connection keeps the page, says so, and sends the answer when it is back", async () => {
  page.socket.say("scene", scene(SPECS.text_box));
  const textarea = page.root.querySelector("textarea");
  type(textarea, "An answer that is long enough.");
  page.socket.drop();
  button("Continue").click();
  await settle();
  assert.deepEqual(sent("answers"), []);
  page.socket.connect();
  await settle();
  page.socket.say("scene", scene(SPECS.text_box));
  assert.equal(sent("answers").length, 1);
  assert.equal(page.root.querySelector("textarea"), textarea);
  assert.deepEqual(sent("hello").at(-1), { visit: 1 });
});

test("whoever has connected too often reads so on their page, which keeps what was written", () => {
  page.socket.say("scene", scene(SPECS.text_box));
  type(page.root.querySelector("textarea"), "An answer that is long enough.");
  page.socket.drop();
  page.socket.fail({ data: { code: "busy", text: "This page has connected very often.", again_s: 5 } });
  assert.match(document.body.textContent, /This page has connected very often\./);
  assert.equal(page.root.querySelector("textarea").value, "An answer that is long enough.");
});

test("an answer whose acknowledgement was lost is no error on a page that was left long ago", async () => {
  page.socket.answer = (kind) => (kind === "answers" ? { ok: false, code: "not_current", text: "Page 1 is not open." } : { ok: true });
  page.socket.say("scene", scene(SPECS.text_box));
  type(page.root.querySelector("textarea"), "An answer that is long enough.");
  button("Continue").click();
  await settle();
  assert.equal(page.root.querySelector(".summary").hasAttribute("hidden"), true);
});

test("a reload brings back what was typed and the time since the page was first shown", async () => {
  page.socket.say("scene", scene(SPECS.text_box));
  page.clock.nowMs += 4000;
  type(page.root.querySelector("textarea"), "half a sentence");
  page.clock.nowMs += 6000;
  page = await openPage();
  page.clock.nowMs += 20_000;
  page.socket.say("scene", scene(SPECS.text_box));
  assert.equal(page.root.querySelector("textarea").value, "half a sentence");
  type(page.root.querySelector("textarea"), "half a sentence and the rest");
  button("Continue").click();
  await settle();
  const { timing } = sent("answers")[0];
  assert.equal(timing.submitted_ms - timing.shown_ms, 20_000, "all the time that the page was there, not only since the reload");
  assert.deepEqual(timing.first_change_ms, { text: 4000 }, "the first touch was before the reload");
});

test("globals written by a script reach the host before the answers do, once", async () => {
  page.socket.say("scene", scene(SPECS.start));
  assert.equal(page.app.globals.proxy.group, "b");
  page.app.globals.proxy.colour = { r: 1 };
  page.app.globals.proxy.count = 3;
  delete page.app.globals.proxy.group;
  button("Start").click();
  await settle();
  const kinds = page.socket.sent.map((message) => message.type);
  assert.deepEqual(sent("globals_set"), [{ values: { colour: { r: 1 }, count: 3, group: null } }]);
  assert.ok(kinds.indexOf("globals_set") < kinds.indexOf("advance"));
});

test("igym.advance presses the page's own button, with all its checks", async () => {
  page.socket.say("scene", scene(SPECS.text_box));
  page.app.advance();
  await settle();
  assert.deepEqual(sent("answers"), []);
  assert.match(page.root.textContent, /Please answer this question/);
});

test("a page may not be left before its shortest stay", () => {
  page.socket.say("scene", scene({ ...SPECS.static, min_display_s: 5 }));
  page.app.advance();
  button("Continue").click();
  assert.deepEqual(sent("advance"), []);
  assert.match(page.root.textContent, /You can go on in 5 seconds/);
});

test("a page whose time is up leaves by itself, with its answers so far", async () => {
  page.socket.say("scene", scene({ ...SPECS.text_box, max_display_s: 5 }));
  type(page.root.querySelector("textarea"), "Not");
  assert.match(page.root.textContent, /This page closes in 5 seconds/);
  page.clock.nowMs += 5001;
  page.socket.say("scene", scene({ ...SPECS.text_box, max_display_s: 5 }, { visit: 1, shown_before: true }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  await settle();
  assert.deepEqual(sent("answers").map(({ values, timed_out }) => [values, timed_out]), [[{ text: "Not" }, true]]);
  page.socket.say("scene", scene({ ...SPECS.static, max_display_s: 3 }, { visit: 2 }));
  page.clock.nowMs += 3001;
  await new Promise((resolve) => setTimeout(resolve, 300));
  await settle();
  assert.equal(sent("advance").at(-1).timed_out, true);
});

test("leaving asks first, and only then leaves", async () => {
  page.socket.say("scene", scene(SPECS.start));
  HTMLElement.prototype.showModal ??= function () {};
  button("Leave the study").click();
  assert.deepEqual(sent("leave"), []);
  button("Stay").click();
  assert.deepEqual(sent("leave"), []);
  button("Leave the study").click();
  document.querySelector(".dialog .button-danger").click();
  await settle();
  assert.equal(sent("leave").length, 1);
});

test("every way the study can end has its own words, and no way to leave what is over", () => {
  const titles = new Set();
  for (const outcome of ["finished", "excluded", "withdrawn", "timed_out", "dropped", "unfinished", "screened_out"]) {
    page.socket.say("closed", closed(outcome));
    titles.add(heading());
    assert.equal(button("Leave the study").hasAttribute("hidden"), true);
  }
  assert.equal(titles.size, 7);
});

test("the host's header, body and code are shown; a code can be copied", () => {
  page.socket.say("closed", closed("finished", { header: "Bye <b>x</b>", body: "<p id='own'>Own words</p>", code: "AB12" }));
  assert.equal(heading(), "Bye <b>x</b>");
  assert.equal(document.getElementById("own").textContent, "Own words");
  assert.equal(page.root.querySelector(".code-text").value, "AB12");
});

test("a page taken over by another tab stops for good and offers to go on here", () => {
  page.socket.say("closed", closed("taken_over"));
  assert.equal(page.link.state, "closed");
  assert.equal(page.socket.connected, false);
  assert.ok(button("Go on here instead"));
});

test("messages of the researcher are text, stay until closed, and go with the study", () => {
  page.socket.say("scene", scene(SPECS.start));
  page.socket.say("notice", { id: "n1", level: "info", text: "<img src=x onerror=alert(1)> Hello", expires_ms: null });
  page.socket.say("notice", { id: "n1", level: "info", text: "<img src=x onerror=alert(1)> Hello", expires_ms: null });
  assert.equal(document.querySelectorAll(".notice").length, 1);
  assert.equal(document.querySelector(".notice img"), null);
  button("Close").click();
  assert.equal(document.querySelectorAll(".notice").length, 0);
  page.socket.say("notice", { id: "n2", level: "warning", text: "Stay here", expires_ms: 1 });
  assert.equal(document.querySelectorAll(".notice").length, 0);
});

test("a message of the researcher stays until OK, which is told", () => {
  page.socket.say("scene", scene(SPECS.start));
  page.socket.say("notice", { id: "m1", level: "info", text: "Fire drill", expires_ms: null, receipt: true });
  button("OK").click();
  assert.equal(document.querySelectorAll(".notice").length, 0);
  assert.deepEqual(sent("notice_read"), [{ id: "m1" }]);
});

test("a scene this page does not know is an error page and a report, not a blank page", () => {
  page.socket.say("scene", scene({ ...SPECS.start, kind: "hologram" }));
  assert.match(heading(), /Something went wrong/);
  assert.match(sent("client_error")[0].message, /hologram/);
});

test("while the host cannot save, the participant is told that nothing is lost", async () => {
  page.socket.say("scene", scene(SPECS.start));
  page.socket.answer = (kind) => (kind === "advance" ? { ok: false, code: "storage", text: "disk full" } : { ok: true });
  button("Start").click();
  await settle();
  assert.match(document.querySelector(".notice").textContent, /cannot save at the moment/);
});

test("waiting shows the host's count and deadline, live", () => {
  const waiting = { visit: 1, scene: "match", header: "Duel", message: "Please wait.", waiting: 1, needed: 2, deadline_ms: page.clock.nowMs + 61_000, server_ms: page.clock.nowMs, phase: "waiting" };
  page.socket.say("waiting", waiting);
  assert.match(page.root.textContent, /1 of 2 people is here/);
  assert.match(page.root.textContent, /ends in 1:01/);
  page.socket.say("waiting", { ...waiting, waiting: 2, phase: "probing" });
  assert.match(page.root.textContent, /2 people are here\. It begins/);
  assert.match(page.root.textContent, /Checking the connection/);
  page.socket.say("waiting", { ...waiting, waiting: null, needed: null });
  assert.doesNotMatch(page.root.textContent, /people/);
});

test("who waits while the game still loads sees how far it is, and what to do when it fails", () => {
  page.socket.say("waiting", { visit: 1, scene: "match", header: "", message: "", waiting: 2, needed: 2, deadline_ms: null, server_ms: page.clock.nowMs, phase: "waiting" });
  page.worker.say({ type: "progress", step: "runtime", label: "", loaded: 2_000_000, total: 10_000_000 });
  const shown = document.querySelector(".wait-loading");
  assert.match(shown.textContent, /2\.0 of 10\.0 MB/);
  page.worker.say({ type: "error", phase: "load", message: "no wasm", traceback: "", file: null, line: null, fatal: true });
  assert.equal(shown.hidden, true);
  assert.match(page.root.textContent, /Loading did not work/);
  assert.ok(button("Reload this page"));
  assert.equal(sent("client_error")[0].where, "packages");
});

test("the game's page has a button that wakes up when the game has loaded", async () => {
  page.socket.say("scene", scene(GYM));
  assert.equal(button("Start").disabled, true);
  page.worker.say({ type: "loaded", loadMs: 1200, cold: true });
  assert.equal(button("Start").disabled, false);
  button("Start").click();
  await settle();
  assert.equal(sent("advance").length, 1);
  assert.deepEqual(sent("loaded"), [{ load_ms: 1200, cold: true }]);
});

async function play(match = solo) {
  page.socket.say("scene", scene(GYM, { match }));
  page.worker.say({ type: "loaded", loadMs: 1, cold: false });
  await settle();
  await settle();
  page.worker.say({ type: "opened", visit: 1, match: "m1", warnings: [], report: {} });
  page.socket.say("match_state", matchState("countdown", { starts_at_ms: page.clock.nowMs + 500 }));
}

const posted = (kind) => page.worker.posted.filter((message) => message.type === kind);

test("one person's game: opened, ready, started after the countdown, over when all rows are stored", async () => {
  await play();
  assert.equal(posted("open").length, 1);
  assert.deepEqual(sent("match_ready"), [{ match: "m1" }]);
  assert.deepEqual(posted("start"), [{ type: "start", atMs: page.clock.nowMs + 3000 }]);
  page.socket.say("match_state", matchState("playing", { starts_at_ms: page.clock.nowMs + 500 }));
  assert.equal(posted("start").length, 1);
  page.worker.say({ type: "episodeStarted", episode: 0 });
  page.worker.say({ type: "draw", frame: 0, ops: "{}" });
  page.worker.say({ type: "batch", key: { match: "m1", episode: 0, first: 0, count: 1, visit: 1 }, bytes: new Uint8Array(3) });
  page.worker.say({ type: "episodeEnded", episode: 0, frames: 1, reason: "terminated", chain: "ab", scores: { left: 1 } });
  page.worker.say({ type: "gameOver", reason: "complete" });
  await settle();
  assert.deepEqual(sent("episode_started"), [{ visit: 1, match: "m1", episode: 0 }]);
  assert.deepEqual(page.uploads.reports, [{ visit: 1, match: "m1", episode: 0, frames: 1, reason: "terminated", chain: "ab", scores: { left: 1 } }]);
  assert.equal(page.uploads.batches.length, 1);
  assert.deepEqual(sent("game_over"), []);
  page.uploads.drain();
  await settle();
  await settle();
  assert.deepEqual(sent("game_over"), [{ visit: 1, match: "m1", reason: "complete" }]);
});

test("what a game counted reaches the host before the end of its episode, and before the game is over", async () => {
  await play();
  page.socket.say("match_state", matchState("playing", { starts_at_ms: page.clock.nowMs + 500 }));
  page.worker.say({ type: "globals", values: { score: 3 } });
  page.worker.say({ type: "episodeEnded", episode: 0, frames: 1, reason: "terminated", chain: "ab", scores: {} });
  page.worker.say({ type: "globals", values: { score: 4 } });
  page.worker.say({ type: "gameOver", reason: "complete" });
  assert.equal(page.uploads.reports.length, 1);
  assert.deepEqual(sent("globals_set")[0], { values: { score: 3 } }, "what waits for the host's disk goes after it");
  page.uploads.drain();
  await settle();
  await settle();
  await settle();
  const told = page.socket.sent.map(({ type }) => type).filter((type) => ["globals_set", "game_over"].includes(type));
  assert.deepEqual(told, ["globals_set", "globals_set", "game_over"]);
  assert.deepEqual(sent("globals_set"), [{ values: { score: 3 } }, { values: { score: 4 } }]);
});

test("two people start at the host's moment, and ready means that the link carries packets", async () => {
  await play({ ...MATCH, players: [{ player: 0, agent: "left" }, { player: 1, agent: "right" }] });
  assert.deepEqual(sent("match_ready"), []);
  assert.deepEqual(posted("start"), [{ type: "start", atMs: page.clock.nowMs + 3500 }]);
});

test("a pause names its cause and its limit, and play goes on when the host says so", async () => {
  await play();
  page.worker.say({ type: "phase", phase: "playing", episode: 0, untilMs: null, text: "" });
  assert.equal(document.querySelector(".game-overlay").hidden, true);
  page.socket.say("match_state", matchState("paused", { reason: "link 0 1", deadline_ms: page.clock.nowMs + 4200 }));
  const overlay = document.querySelector(".game-overlay");
  assert.match(overlay.textContent, /connection to another player was lost/);
  assert.match(overlay.textContent, /5 seconds at the latest/);
  assert.equal(posted("pause").length, 1);
  page.socket.say("match_state", matchState("paused", { reason: "researcher" }));
  assert.match(overlay.textContent, /person running the study has paused/);
  page.socket.say("match_state", matchState("playing", { reason: "resumed" }));
  assert.equal(posted("resume").length, 1);
  assert.equal(overlay.hidden, true);
});

test("a match the host ends is closed in the worker, whose last rows still reach the host", async () => {
  await play();
  page.socket.say("match_state", matchState("ended", { reason: "partner left" }));
  assert.equal(posted("close").length, 1);
  page.socket.say("scene", scene(SPECS.start, { visit: 2 }));
  page.worker.say({ type: "batch", key: { match: "m1", episode: 0, first: 0, count: 1, visit: 1 }, bytes: new Uint8Array(3) });
  page.worker.say({ type: "gameOver", reason: "closed" });
  page.uploads.drain();
  await settle();
  assert.equal(page.uploads.batches.length, 1);
  assert.deepEqual(sent("game_over"), []);
  assert.equal(posted("close").length, 1);
});

test("late words of an earlier match do not touch the next one", async () => {
  await play();
  page.socket.say("waiting", { visit: 1, scene: "match", header: "", message: "", waiting: 1, needed: 2, deadline_ms: null, server_ms: page.clock.nowMs, phase: "waiting" });
  page.socket.say("scene", scene(GYM, { match: { ...solo, id: "m2" } }));
  page.worker.say({ type: "episodeEnded", episode: 0, frames: 1, reason: "partial", chain: "", scores: {} });
  page.worker.say({ type: "opened", visit: 1, match: "m1", warnings: [], report: {} });
  await settle();
  assert.deepEqual(page.uploads.reports, []);
  assert.equal(sent("match_ready").length, 1);
});

test("an error in the game is told kindly, reported with its place, and leaves two ways on", async () => {
  await play();
  page.worker.say({ type: "error", phase: "play", message: "ZeroDivisionError: division by zero", traceback: "File env.py", file: "env.py", line: 41, fatal: true });
  page.worker.say({ type: "gameOver", reason: "error" });
  page.uploads.drain();
  await settle();
  assert.deepEqual(sent("client_error"), [{ where: "python", message: "ZeroDivisionError: division by zero", traceback: "File env.py", file: "env.py", line: 41, fatal: true, sentence: null }]);
  assert.match(document.querySelector(".game-overlay").textContent, /This is not your fault/);
  assert.deepEqual(sent("game_over"), []);
  assert.ok(button("Reload this page"));
  button("Go on without this game").click();
  await settle();
  await settle();
  assert.deepEqual(sent("game_over"), [{ visit: 1, match: "m1", reason: "error" }]);
});

test("an error in a game with others is told in words that outlast the game's page", async () => {
  await play({ ...MATCH, players: [{ player: 0, agent: "left" }, { player: 1, agent: "right" }] });
  page.worker.say({ type: "error", phase: "play", message: "KeyError", traceback: "", file: null, line: null, fatal: true });
  page.socket.say("scene", scene(SPECS.start, { visit: 2 }));
  assert.match(document.querySelector(".notice").textContent, /stop for you because of an error/);
});

test("without the keyboard's attention the game says so, until it is back", async () => {
  await play();
  page.worker.say({ type: "phase", phase: "playing", episode: 0, untilMs: null, text: "" });
  page.gym.attentionChanged({ hidden: false, focused: false });
  assert.match(document.querySelector(".game-overlay").textContent, /Click here to go on playing/);
  assert.deepEqual(posted("visibility").at(-1), { type: "visibility", hidden: false, focused: false });
  page.gym.attentionChanged({ hidden: false, focused: true });
  assert.equal(document.querySelector(".game-overlay").hidden, true);
});

test("who stands in for an absent player is told to the worker once and to the player", async () => {
  await play();
  page.socket.say("match_state", matchState("playing", { substitutes: { 1: "bot" }, from_frame: 90 }));
  page.socket.say("match_state", matchState("playing", { substitutes: { 1: "bot" }, from_frame: 90 }));
  assert.deepEqual(posted("substitute"), [{ type: "substitute", player: 1, by: "bot", fromFrame: 90 }]);
  assert.match(page.root.textContent, /A computer player has taken over/);
});

test("the page of a game is built once, however often the host repeats itself", async () => {
  await play();
  const stage = document.querySelector(".game-stage");
  page.socket.drop();
  page.socket.connect();
  await settle();
  page.socket.say("scene", scene(GYM, { match: solo }));
  page.socket.say("match_state", matchState("playing"));
  assert.equal(document.querySelector(".game-stage"), stage);
  assert.equal(posted("open").length, 1);
  assert.match(view(), /view-game/);
});
