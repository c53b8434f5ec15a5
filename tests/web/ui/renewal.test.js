/**
 * A page that was open while the host was replaced by another version.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { matchState, openPage, scene } from "./app_parts.js";
import { settle } from "./dom.js";
import { WELCOME } from "./gallery/fake_host.js";
import { GYM, MATCH, SPECS } from "./gallery/scenes.js";

const { isReplaced } = await import("../../../web_client/app/renewal.js");

let page;
const sent = (kind) => page.socket.all(kind);

beforeEach(async () => {
  sessionStorage.clear();
  globalThis.fetch = async (url) => {
    const answer = String(url).startsWith("/api/game/") ? { scene: "match", files: {}, assets: {} } : { seed: 1, frames: 0, inputs: {} };
    return { ok: true, status: 200, json: async () => answer };
  };
  page = await openPage();
});

function leave() {
  page.gym.stop();
  page.app.stage.clear();
  page.app.banner.gone();
  page.app.notices.clear();
}

afterEach(leave);

/** Instead of the present one. */
async function anotherPage() {
  leave();
  sessionStorage.clear();
  page = await openPage();
}

async function play() {
  page.socket.say("scene", scene(GYM, { match: { ...MATCH, players: [MATCH.players[0]] } }));
  page.worker.say({ type: "loaded", loadMs: 1, cold: false });
  await settle();
  await settle();
  page.worker.say({ type: "opened", visit: 1, match: "m1", warnings: [], report: {} });
  page.socket.say("match_state", matchState("countdown", { starts_at_ms: page.clock.nowMs + 500 }));
}

/** The host is started again, perhaps as another version. */
async function restarted(replaced) {
  page.files.replaced = replaced;
  page.socket.drop();
  page.socket.connect();
  await settle();
  page.socket.say("welcome", { ...WELCOME, server_ms: page.clock.nowMs });
  await settle();
}

test("a page of another version than the host loads again as soon as nothing is lost by it", async () => {
  const waiting = { visit: 1, scene: "match", header: "", message: "", waiting: 1, needed: 2, deadline_ms: null, server_ms: page.clock.nowMs, phase: "waiting" };
  const places = { waiting: () => page.socket.say("waiting", waiting), preparing: () => {}, "a game's page": () => page.socket.say("scene", scene(GYM)) };
  for (const [place, go] of Object.entries(places)) {
    await anotherPage();
    go();
    await restarted(false);
    assert.equal(page.files.reloads, 0, `${place}: the same version`);
    await restarted(true);
    assert.equal(page.files.reloads, 1, place);
    await restarted(true);
    assert.equal(page.files.reloads, 1, "hosts of two versions that take turns do not have it load again and again");
  }
});

test("a page that is being read, and a game in play, are left in peace until they end", async () => {
  page.socket.say("scene", scene(SPECS.start));
  await restarted(true);
  assert.equal(page.files.reloads, 0);
  page.socket.say("scene", scene(SPECS.start, { visit: 1, shown_before: true }));
  assert.equal(page.files.reloads, 0, "the host shows it once more after it was gone");
  page.socket.say("scene", scene(SPECS.start, { visit: 2 }));
  assert.equal(page.files.reloads, 1);
  await anotherPage();
  await play();
  await restarted(true);
  assert.equal(page.files.reloads, 0);
  page.socket.say("scene", scene(SPECS.start, { visit: 2 }));
  assert.equal(page.files.reloads, 1);
});

test("a game that cannot begin because the host was replaced meanwhile begins after the page has loaded again, and nobody is told of an error", async () => {
  const lacking = { type: "error", phase: "open", message: "OSError: [Errno 29] I/O error", traceback: "", file: "env.py", line: 1, fatal: true };
  page.files.replaced = true;
  await play();
  page.worker.say(lacking);
  await settle();
  assert.equal(page.files.reloads, 1);
  assert.deepEqual(sent("client_error"), []);
  await anotherPage();
  await play();
  page.worker.say(lacking);
  await settle();
  assert.equal(page.files.reloads, 0, "the same version: the game's own error");
  assert.equal(sent("client_error").length, 1);
});

test("whether the host has other files is asked of each folder, and silence means no", async () => {
  const asked = [];
  const answering = (...statuses) => async (address) => (asked.push(address), { status: statuses.shift() ?? assert.fail("asked once more") });
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(204, 204)), false);
  assert.deepEqual(asked, ["/static/a/current", "/vendor/b/current"]);
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(204, 410)), true);
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(404, 204)), true, "an older host knows nothing of it");
  assert.equal(await isReplaced(["/static/a/", "/vendor/b/"], answering(502, 502)), false);
  assert.equal(await isReplaced(["/static/a/"], async () => Promise.reject(new TypeError("Failed to fetch"))), false);
});
