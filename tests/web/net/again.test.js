import assert from "node:assert/strict";
import { test } from "node:test";

import { saidAgain, wholeAgain } from "../../../web_client/net/again.js";

/** @param {any[]} answers in turn @returns {() => number} how often was asked */
function host(...answers) {
  let asked = 0;
  globalThis.fetch = /** @type {any} */ (async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return () => asked;
}

const said = (/** @type {any} */ body, status = 200) => new Response(JSON.stringify(body), { status });
const brokenOff = () => {
  const answer = said({});
  answer.json = async () => {
    throw new TypeError("Failed to fetch");
  };
  return answer;
};
const atOnce = async () => {};

test("an answer that breaks off in its midst is asked for again, as one that never came", async () => {
  const asked = host(new TypeError("Failed to fetch"), brokenOff(), said({}, 503), said({ files: 1 }));
  assert.deepEqual(await saidAgain("/api/game/one", atOnce), { ok: true, status: 200, body: { files: 1 } });
  assert.equal(asked(), 4);
});

test("a page that is left while its answer comes reports nothing: it waits for another try", async () => {
  host(brokenOff());
  let waits = 0;
  const left = saidAgain("/api/game/one", () => new Promise(() => waits++));
  const first = await Promise.race([left.then(() => "came", () => "reported"), new Promise((done) => setTimeout(done, 20, "waits"))]);
  assert.deepEqual([first, waits], ["waits", 1]);
});

test("a refusal is an answer, with or without words", async () => {
  const asked = host(said({ error: { text: "No." } }, 404));
  assert.deepEqual(await saidAgain("/api/game/one", atOnce), { ok: false, status: 404, body: { error: { text: "No." } } });
  host(new Response("<html>", { status: 403 }));
  assert.deepEqual(await saidAgain("/api/game/one", atOnce), { ok: false, status: 403, body: null });
  assert.equal(asked(), 1);
});

test("a file that a host in trouble did not send is asked for again", async () => {
  const asked = host(said({}, 503), said({ frames: {} }));
  assert.deepEqual(await wholeAgain("/a.json", (answer) => answer.json(), {}, atOnce), { ok: true, status: 200, body: { frames: {} } });
  assert.equal(asked(), 2);
  host(said({}, 503));
  await assert.rejects(
    wholeAgain("/a.json", (answer) => answer.json(), {}, atOnce),
    /a\.json \(503\)/,
  );
});

test("a file is read whole, and that of a refusal not at all", async () => {
  host(said({ frames: {} }));
  assert.deepEqual(await wholeAgain("/a.json", (answer) => answer.json()), { ok: true, status: 200, body: { frames: {} } });
  host(said({}, 404));
  assert.deepEqual(await wholeAgain("/a.json", () => Promise.reject(new Error("was read"))), { ok: false, status: 404, body: null });
});
