/** The game worker's place in the page: a worker whose files got lost on the way is made again. */
import assert from "node:assert/strict";
import test from "node:test";

globalThis.location ??= /** @type {any} */ ({ href: "http://x/" });
const { GameClient } = await import("../../../web_client/game/client.js");

/** A client with workers that say what the test has them say, and a clock the test moves. */
function scripted({ early = false } = {}) {
  const workers = [];
  const timers = [];
  const heard = [];
  globalThis.Worker = /** @type {any} */ (
    class {
      posted = [];
      listeners = { message: [], error: [] };
      constructor() {
        workers.push(this);
      }
      addEventListener(type, listener) {
        this.listeners[type].push(listener);
      }
      postMessage(message) {
        this.posted.push(message.type);
      }
      terminate() {}
      say(data) {
        this.listeners.message.forEach((listener) => listener({ data }));
      }
      break(event = {}) {
        this.listeners.error.forEach((listener) => listener(event));
      }
    }
  );
  const begun = early ? { worker: new Worker("http://x/game/worker.js"), told: [] } : null;
  const client = new GameClient({ program: "http://x/game/worker.js", vendor: "http://x/", later: (run) => timers.push(run), early: begun });
  client.onMessage((message) => heard.push(message));
  const pass = () => timers.splice(0).forEach((run) => run());
  return { client, workers, heard, pass, begun };
}

const LOADING = { vendorPackages: ["numpy"], packages: [], wheelsIndex: null };
const FAILED = { type: "error", phase: "load", message: "network error", traceback: "", file: null, line: null, fatal: true };

test("a worker whose files were lost is made again, loads again, and nobody hears of it", () => {
  const { client, workers, heard, pass } = scripted();
  client.load(LOADING);
  workers[0].break();
  pass();
  assert.equal(workers.length, 2);
  assert.deepEqual(workers[1].posted, ["prepare", "load"]);
  workers[1].say({ type: "loaded" });
  assert.deepEqual(heard, [{ type: "loaded" }]);
});

test("a worker that was not told to load yet is made again without", () => {
  const { client, workers, pass } = scripted();
  client.begin();
  workers[0].break();
  pass();
  assert.deepEqual(workers.map((one) => one.posted), [["prepare"], ["prepare"]]);
});

test("a worker that the page has begun is gone on with; what it said meanwhile counts", () => {
  const { client, workers, heard, begun } = scripted({ early: true });
  begun.told.push({ data: { type: "progress" } });
  client.load(LOADING);
  assert.equal(workers.length, 1);
  assert.deepEqual(workers[0].posted, ["load"], "it was told to prepare by the page");
  workers[0].say({ type: "loaded" });
  assert.deepEqual(heard.map(({ type }) => type), ["progress", "loaded"]);
});

test("a begun worker whose files were lost before anybody listened is made again", () => {
  const { client, workers, pass, begun } = scripted({ early: true });
  begun.told.push({});
  client.load(LOADING);
  pass();
  assert.deepEqual(workers.map((one) => one.posted), [[], ["prepare", "load"]]);
});

test("a begun worker that nobody needs ends", () => {
  const { client, workers } = scripted({ early: true });
  let ended = 0;
  workers[0].terminate = () => ended++;
  client.terminate();
  assert.equal(ended, 1);
});

test("what stays lost is an error at last", () => {
  const { client, workers, heard, pass } = scripted();
  client.load(LOADING);
  for (let tries = 0; tries < 10 && heard.length === 0; tries++) {
    workers.at(-1).break();
    pass();
  }
  assert.equal(heard[0].type, "error");
  assert.match(heard[0].message, /could not be started/);
  assert.equal(workers.length, 5);
});

test("Python that could not be loaded whole is loaded by another worker, and told when that fails too", () => {
  const { client, workers, heard, pass } = scripted();
  client.load(LOADING);
  for (let tries = 0; tries < 3; tries++) {
    workers.at(-1).say(FAILED);
    pass();
  }
  assert.equal(workers.length, 3);
  assert.deepEqual(heard, [FAILED]);
});

test("a mistake in the program is told at once", () => {
  const { client, workers, heard } = scripted();
  client.load(LOADING);
  workers[0].break({ message: "x is not defined", filename: "worker.js", lineno: 3 });
  assert.deepEqual([heard[0].message, heard[0].file, heard[0].line], ["x is not defined", "worker.js", 3]);
});

test("a worker that is not wanted any more is not made again", () => {
  const { client, workers, pass } = scripted();
  client.begin();
  workers[0].break();
  client.terminate();
  pass();
  assert.equal(workers.length, 1);
});
