/** A file that is read while it is being brought: the worker stands still until it has been read, and nothing it waits for does. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Later } from "../../../web_client/game/later_files.js";
import { sumOf } from "../../../web_client/game/start_parts.js";
import { again, AGAIN_MS } from "../../../web_client/net/again.js";

const EIGHT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const PART = { bytes: 8, sum: sumOf(EIGHT) };
const scope = /** @type {any} */ (globalThis);
const plain = { fetch: scope.fetch, XMLHttpRequest: scope.XMLHttpRequest };
afterEach(() => Object.assign(scope, plain));

/** A host whose slow answers come when they are let, and whose immediate ones have this status. */
function host(status = 200) {
  /** @type {{address: string, signal: AbortSignal}[]} */
  const slow = [];
  /** @type {string[]} */
  const immediate = [];
  let letCome = () => {};
  const come = new Promise((resolve) => (letCome = () => resolve(null)));
  scope.fetch = (/** @type {string} */ address, /** @type {{signal: AbortSignal}} */ { signal }) => {
    slow.push({ address, signal });
    const givenUp = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return Promise.race([givenUp, come.then(() => new Response(EIGHT))]);
  };
  scope.XMLHttpRequest = class {
    status = status;
    response = EIGHT.slice().buffer;
    open(/** @type {string} */ _method, /** @type {string} */ address) {
      immediate.push(address);
    }
    send() {}
  };
  return { slow, immediate, letCome };
}

test("what is read while it is on its way is asked for under another address, and what was on its way is given up", async () => {
  const { slow, immediate } = host();
  const later = new Later("/rest.bin", PART);
  const coming = later.bring();
  assert.deepEqual(later.bytes, EIGHT);
  assert.equal(slow.length, 1);
  assert.equal(slow[0]?.signal.aborted, true);
  assert.notEqual(immediate[0], slow[0]?.address, "a browser's cache lets one request for an address wait for the other");
  await assert.rejects(coming, { name: "AbortError" });
  await later.bring();
  assert.deepEqual([slow.length, immediate.length], [1, 1], "it is here");
});

test("what could not be read at once is brought later", async () => {
  const { letCome, slow } = host(503);
  const later = new Later("/rest.bin", PART);
  const coming = later.bring();
  assert.throws(() => later.bytes, /503/);
  await assert.rejects(coming, { name: "AbortError" });
  letCome();
  await later.bring();
  assert.deepEqual(later.bytes, EIGHT);
  assert.equal(slow.length, 2);
});

test("what somebody gave up is not asked for again", async () => {
  const tries = { lost: 0, given: 0 };
  const wait = () => Promise.resolve();
  await assert.rejects(again(() => (tries.given++, Promise.reject(new DOMException("", "AbortError"))), wait), { name: "AbortError" });
  await assert.rejects(again(() => (tries.lost++, Promise.reject(new TypeError("lost"))), wait), TypeError);
  assert.deepEqual(tries, { lost: AGAIN_MS.length + 1, given: 1 });
});
