import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore } from "../../../web_client/net/batch_store.js";
import { Uploader } from "../../../web_client/net/uploader.js";

const key = (/** @type {number} */ first) => ({ match: "m", episode: 0, first, count: 10, visit: 1 });
const bytes = (/** @type {number} */ n) => Uint8Array.of(n);
/** Lets everything that is ready run, timers aside. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

/** A host whose answers the test gives. */
function host() {
  const sent = /** @type {number[]} */ ([]);
  const state = { answer: /** @type {any} */ ({ ok: true }), fails: false };
  const timers = /** @type {(() => void)[]} */ ([]);
  const warnings = /** @type {string[]} */ ([]);
  const store = new MemoryStore(1000);
  const make = () =>
    new Uploader({
      send: async (data) => {
        sent.push(data[0]);
        if (state.fails) throw new Error("gone");
        return state.answer;
      },
      participant: "p",
      later: (run) => void timers.push(run),
      warn: (text) => void warnings.push(text),
      store: Promise.resolve(store),
    });
  return { sent, state, timers, warnings, make, store };
}

test("batches go out in order, one at a time, and are drained when the host has them", async () => {
  const { make, sent, store } = host();
  const uploader = make();
  uploader.connectionChanged(true);
  [1, 2, 3].forEach((n) => uploader.add(key(n * 10), bytes(n)));
  await uploader.drained();
  assert.deepEqual(sent, [1, 2, 3]);
  assert.equal(await store.oldest(), null);
});

test("nothing is sent while the connection is lost, and everything afterwards", async () => {
  const { make, sent } = host();
  const uploader = make();
  uploader.add(key(0), bytes(1));
  await settle();
  assert.deepEqual(sent, []);
  uploader.connectionChanged(true);
  await uploader.drained();
  assert.deepEqual(sent, [1]);
});

test("a batch that was not acknowledged is sent again, before later ones", async () => {
  const { make, sent, state, timers } = host();
  const uploader = make();
  state.fails = true;
  uploader.connectionChanged(true);
  uploader.add(key(0), bytes(1));
  uploader.add(key(10), bytes(2));
  await settle();
  assert.deepEqual(sent, [1]);
  state.fails = false;
  timers.splice(0).forEach((run) => run());
  await uploader.drained();
  assert.deepEqual(sent, [1, 1, 2]);
});

test("after a reload the next page sends what the last one could not", async () => {
  const { make, sent, state } = host();
  state.fails = true;
  const before = make();
  before.connectionChanged(true);
  before.add(key(0), bytes(1));
  await settle();
  state.fails = false;
  const after = make();
  after.add(key(10), bytes(2));
  after.connectionChanged(true);
  await after.drained();
  assert.deepEqual(sent, [1, 1, 2]);
});

test("what the host will never take is told and let go; a busy host is asked again", async () => {
  const { make, sent, state, warnings, timers } = host();
  const uploader = make();
  state.answer = { ok: false, code: "storage", text: "the disk is full" };
  uploader.connectionChanged(true);
  uploader.add(key(0), bytes(1));
  await settle();
  assert.deepEqual([sent, warnings], [[1], []]);
  state.answer = { ok: false, code: "malformed", text: "not a batch" };
  timers.splice(0).forEach((run) => run());
  await uploader.drained();
  assert.deepEqual(warnings, ["The host refused rows: not a batch"]);
});

test("the same rows made twice are kept once, and memory is bounded", async () => {
  const store = new MemoryStore(10);
  await store.put("a", new Uint8Array(6));
  await store.put("a", new Uint8Array(6));
  await assert.rejects(store.put("b", new Uint8Array(6)), /too many rows/);
  await store.remove(1);
  await store.put("b", new Uint8Array(6));
  assert.equal((await store.oldest())?.bytes.length, 6);
});

test("rows go out although the browser is always busy putting later ones away", async () => {
  const { make, sent, store } = host();
  const put = store.put.bind(store);
  store.put = (name, data) => (data[0] === 1 ? put(name, data) : new Promise(() => {}));
  const uploader = make();
  uploader.connectionChanged(true);
  [1, 2].forEach((n) => uploader.add(key(n * 10), bytes(n)));
  await settle();
  assert.deepEqual(sent, [1]);
});
