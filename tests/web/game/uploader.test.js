import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { DoubleStore, MemoryStore, openBatchStore } from "../../../web_client/net/batch_store.js";
import { toHost, Uploader } from "../../../web_client/net/uploader.js";

const key = (/** @type {number} */ first) => ({ match: "m", episode: 0, first, count: 10, visit: 1 });
const bytes = (/** @type {number} */ n) => Uint8Array.of(n);
/** Lets everything that is ready run, timers aside. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

/** A host whose answers the test gives; "lost" is a connection that does not come back. */
function host() {
  const sent = /** @type {number[]} */ ([]);
  const state = { answer: /** @type {any} */ ({ ok: true }) };
  const warnings = /** @type {string[]} */ ([]);
  const store = new MemoryStore(1000);
  const make = () =>
    new Uploader({
      send: (data) => {
        sent.push(data[0]);
        return state.answer === "lost" ? new Promise(() => {}) : Promise.resolve(state.answer);
      },
      participant: "p",
      warn: (text) => void warnings.push(text),
      store: Promise.resolve(store),
    });
  return { sent, state, warnings, make, store };
}

test("batches go out in order, one at a time, and are drained when the host has them", async () => {
  const { make, sent, store } = host();
  const uploader = make();
  [1, 2, 3].forEach((n) => uploader.add(key(n * 10), bytes(n)));
  await uploader.drained();
  assert.deepEqual(sent, [1, 2, 3]);
  assert.equal(await store.oldest(), null);
});

test("a batch stays, and later ones wait, until the host has it", async () => {
  const { make, sent, state, store } = host();
  state.answer = "lost";
  const uploader = make();
  uploader.add(key(0), bytes(1));
  uploader.add(key(10), bytes(2));
  await settle();
  assert.deepEqual(sent, [1]);
  assert.equal((await store.oldest())?.bytes[0], 1);
});

test("after a reload the next page sends at once what the last one could not", async () => {
  const { make, sent, state } = host();
  state.answer = "lost";
  make().add(key(0), bytes(1));
  await settle();
  state.answer = { ok: true };
  const after = make();
  after.add(key(10), bytes(2));
  await after.drained();
  assert.deepEqual(sent, [1, 1, 2]);
});

test("what the host will never take is told and let go", async () => {
  const { make, sent, state, warnings } = host();
  state.answer = { ok: false, code: "malformed", text: "not a batch" };
  const uploader = make();
  uploader.add(key(0), bytes(1));
  await uploader.drained();
  assert.deepEqual([sent, warnings], [[1], ["The host refused rows: not a batch"]]);
});

test("the same rows made twice are kept once, and memory is bounded", async () => {
  const store = new MemoryStore(10);
  await store.put("a", new Uint8Array(6));
  await store.put("a", new Uint8Array(6));
  await assert.rejects(store.put("b", new Uint8Array(6)), /too many rows/);
  await store.remove("a");
  await store.put("b", new Uint8Array(6));
  assert.equal((await store.oldest())?.bytes.length, 6);
});

test("rows go out although the browser is always busy putting later ones away", async () => {
  const { make, sent, store } = host();
  const put = store.put.bind(store);
  store.put = (name, data) => (data[0] === 1 ? put(name, data) : new Promise(() => {}));
  const uploader = make();
  [1, 2].forEach((n) => uploader.add(key(n * 10), bytes(n)));
  await settle();
  assert.deepEqual(sent, [1]);
});

test("the host hears of an episode's end after its rows, also when the page that told it is gone", async () => {
  const { make, state, store } = host();
  state.answer = "lost";
  const former = make();
  former.add(key(0), Uint8Array.of(0x81, 7));
  former.addReport({ match: "m", episode: 0, frames: 10, reason: "terminated" });
  await settle();
  const asked = /** @type {any[]} */ ([]);
  const link = { ask: async (/** @type {string} */ type, /** @type {any} */ body) => (asked.push([type, body]), { ok: true }) };
  const after = new Uploader({ send: toHost(link), participant: "p", warn: assert.fail, store: Promise.resolve(store) });
  await after.drained();
  assert.deepEqual(asked, [
    ["rows", Uint8Array.of(0x81, 7)],
    ["episode_ended", { match: "m", episode: 0, frames: 10, reason: "terminated" }],
  ]);
});

test("where nothing can be kept any more the end of an episode is told all the same", async () => {
  const { sent, warnings } = host();
  const send = async (/** @type {Uint8Array} */ data) => (sent.push(data[0]), { ok: true });
  const uploader = new Uploader({ send, participant: "p", warn: (text) => void warnings.push(text), store: Promise.resolve(new MemoryStore(1)) });
  uploader.addReport({ match: "m", episode: 0 });
  await uploader.drained();
  await settle();
  assert.deepEqual([sent, warnings.length], [["{".charCodeAt(0)], 1]);
});

/** A browser's storage: "fails" and "hangs" concern the operations that are named. */
function storage() {
  const disk = new MemoryStore(1000);
  const trouble = /** @type {Record<string, "fails"|"hangs">} */ ({});
  const guarded = (/** @type {"put"|"oldest"|"remove"} */ name) => (/** @type {any[]} */ ...given) => {
    if (trouble[name] === "fails") return Promise.reject(new Error("the disk is full"));
    return trouble[name] === "hangs" ? new Promise(() => {}) : disk[name](...given);
  };
  return { disk, trouble, store: { put: guarded("put"), oldest: guarded("oldest"), remove: guarded("remove") } };
}

for (const how of /** @type {const} */ (["fails", "hangs"])) {
  for (const names of [["put"], ["oldest"], ["remove"], ["put", "oldest", "remove"]]) {
    test(`rows go on in order and are drained when the browser's storage ${how} from then on: ${names.join(", ")}`, async () => {
      mock.timers.enable({ apis: ["setTimeout"] });
      try {
        const { trouble, store, disk } = storage();
        await disk.put("of an earlier page", bytes(1));
        const [sent, warnings] = [/** @type {number[]} */ ([]), /** @type {string[]} */ ([])];
        const host = { answer: (/** @type {any} */ _ack) => {} };
        const send = (/** @type {Uint8Array} */ data) => (sent.push(data[0]), new Promise((resolve) => (host.answer = resolve)));
        const double = new DoubleStore(store, new MemoryStore(1000), (text) => void warnings.push(text));
        const uploader = new Uploader({ send, participant: "p", warn: assert.fail, store: Promise.resolve(double) });
        [2, 3].forEach((n) => uploader.add(key(n * 10), bytes(n)));
        await settle();
        assert.deepEqual(sent, [1]);
        for (const name of names) trouble[name] = how;
        [4, 5].forEach((n) => uploader.add(key(n * 10), bytes(n)));
        let isDrained = false;
        void uploader.drained().then(() => (isDrained = true));
        for (let turn = 0; turn < 20; turn++) {
          host.answer({ ok: true });
          await settle();
          mock.timers.tick(1000);
          await settle();
        }
        assert.deepEqual([sent, isDrained, warnings.length > 0], [[1, 2, 3, 4, 5], true, true]);
      } finally {
        mock.timers.reset();
      }
    });
  }
}

test("what the disk would not take goes out before later rows that it took", async () => {
  const { disk } = storage();
  const put = async (/** @type {string} */ name, /** @type {Uint8Array} */ data) => {
    if (data[0] === 2) throw new Error("the disk is full");
    await disk.put(name, data);
  };
  const store = { put, oldest: () => disk.oldest(), remove: (/** @type {string} */ name) => disk.remove(name) };
  const sent = /** @type {number[]} */ ([]);
  const send = async (/** @type {Uint8Array} */ data) => (sent.push(data[0]), { ok: true });
  const uploader = new Uploader({ send, participant: "p", warn: assert.fail, store: Promise.resolve(new DoubleStore(store, new MemoryStore(1000), () => {})) });
  [1, 2, 3].forEach((n) => uploader.add(key(n * 10), bytes(n)));
  await uploader.drained();
  assert.deepEqual(sent.filter((n, i) => n !== sent[i - 1]), [1, 2, 3]);
});

test("a storage that never opens is not waited for", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.indexedDB = /** @type {any} */ ({ open: () => ({}) });
  try {
    const opening = openBatchStore("p", 1000);
    await settle();
    mock.timers.tick(5000);
    assert.ok((await opening) instanceof MemoryStore);
  } finally {
    mock.timers.reset();
    delete (/** @type {any} */ (globalThis).indexedDB);
  }
});
