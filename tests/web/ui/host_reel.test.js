// A recorded game that only the host can run: its pieces of pictures, and what is told of it in the words of the replay's worker.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { deflateSync } from "node:zlib";

import { HostReel } from "../../../web_client/replay/host_reel.js";
import { picturesOf } from "../../../web_client/replay/pieces.js";

const KINDS = ["list", "list_change", "pixels", "pixels_change"];

/** One picture of a piece, behind its length. */
function entry(kind, number, frame, body) {
  const name = new TextEncoder().encode("replay");
  const bytes = new Uint8Array(4 + 19 + name.length + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4, true);
  bytes.set([1, KINDS.indexOf(kind), name.length], 4);
  view.setUint32(7, number, true);
  view.setInt32(11, frame, true);
  bytes.set(name, 23);
  bytes.set(body, 23 + name.length);
  return bytes;
}

const put = (x) => ["put", "ball", "circle", 0, 0, 0, { x }];
const list = (number, frame) => entry("list", number, frame, new TextEncoder().encode(JSON.stringify({ before: [["clear"]], ops: [put(frame)] })));
const pixels = (kind, number, rgba) => entry(kind, number, number, new Uint8Array([1, 0, 1, 0, ...(rgba ? deflateSync(new Uint8Array(rgba)) : [])]));
const packed = (...entries) => new Uint8Array(deflateSync(Buffer.concat(entries)));

test("a piece is read frame by frame: lists, pixels told by those before, and nothing", async () => {
  const piece = packed(pixels("pixels", 0, [9, 8, 7, 255]), pixels("pixels_change", 1, [1, 0, 0, 0]), pixels("pixels_change", 2), list(3, 3), new Uint8Array(4));
  const found = await picturesOf(piece);
  assert.deepEqual(found.slice(0, 3).map((picture) => [...picture.pixels]), [[9, 8, 7, 255], [8, 8, 7, 255], [8, 8, 7, 255]]);
  assert.deepEqual(JSON.parse(found[3].ops).ops, [["clear"], put(3)]);
  assert.deepEqual(JSON.parse(found[4].ops).ops, [["clear"]]);
});

test("a damaged piece is told and not waited for", async () => {
  await assert.rejects(picturesOf(packed(list(0, 0), pixels("pixels_change", 7, [1, 2, 3, 4]))), /damaged/);
});

/** A host with 100 frames in pieces of 40; `runs` are the names it has for them, `asked` what came. */
class Host {
  runs = 0;
  asked = [];
  error = "";
  room = Infinity;
  gone = new Set();
  failing = 0;

  fetch = async (address, { method = "GET" } = {}) => {
    const path = String(address).replace("/replay/here/one", "");
    this.asked.push(`${method} ${path}`);
    if (this.failing-- > 0) throw new TypeError("the network is gone");
    if (method === "POST") {
      if (path.endsWith("1") || !this.runs) this.runs += 1;
      return Response.json({ run: `r${this.runs}` });
    }
    const [run, what, ...rest] = path.slice(1).split(/[/?]/);
    if (this.gone.delete(run)) return Response.json({ error: { code: "gone", text: "It was put away." } }, { status: 404 });
    return what === "news" ? Response.json(this.#news(Number(rest[0].split("=")[1]))) : new Response(this.#piece(...rest.map(Number)));
  };

  #news(after) {
    const first = after * 40;
    const count = Math.min(40, 100 - first);
    if (count <= 0) return { parts: [], earlier: [7, 9], error: this.error, done: true };
    const frames = Array.from({ length: count }, (_, n) => ({ actions: {}, rewards: { a: first + n }, scores: {} }));
    const part = { first, frames, checks: "abcdefgh".repeat(count), chain: `c${after}`, ended: -1, piece: after < this.room ? after : null };
    return { parts: [part], earlier: null, error: "", done: false };
  }

  #piece(player, number) {
    const first = number === 0 ? -1 : number * 40;
    const end = Math.min(100, (number + 1) * 40);
    return packed(...Array.from({ length: end - first }, (_, n) => list(n, 1000 * player + first + n)));
  }
}

const own = globalThis.fetch;
let host = new Host();
beforeEach(() => {
  host = new Host();
  globalThis.fetch = host.fetch;
});
afterEach(() => {
  globalThis.fetch = own;
});

const opened = (per_agent_view = false) => ({ played_here: "/replay/here/one", bundle: { spec: { rendering: { per_agent_view } } } });

/** A reel and what it tells; `until(type)` waits for it. */
function reel() {
  const told = [];
  let wake = () => {};
  const source = new HostReel((message) => {
    told.push(message);
    wake();
  });
  const until = async (type, count = 1) => {
    while (told.filter((message) => message.type === type).length < count) await new Promise((resolve) => (wake = resolve));
    return told.filter((message) => message.type === type).at(-1);
  };
  const seen = async (frame) => {
    const before = told.filter(({ type }) => type === "picture").length;
    source.postMessage({ type: "seek", frame });
    return JSON.parse((await until("picture", before + 1)).ops).ops[1][6].x;
  };
  return { source, told, until, seen, open: (me = 0, shown = opened()) => source.postMessage({ type: "open", vendor: "", opened: shown, me }) };
}

test("any frame is shown from its piece, which is fetched once, with the next", async () => {
  const { open, until, seen, told } = reel();
  open();
  await until("frames", 3);
  assert.deepEqual(told.filter(({ type }) => type === "frames").map(({ first, frames }) => [first, frames.length]), [[0, 40], [40, 40], [80, 20]]);
  for (const frame of [-1, 0, 39, 40, 99, 41, 79]) assert.equal(await seen(frame), frame);
  const fetched = host.asked.filter((path) => path.includes("pictures"));
  assert.deepEqual(fetched.map((path) => path.at(-1)).sort(), ["0", "1", "2"]);
});

test("who has a view of their own sees it, and all see the same where there is one for all", async () => {
  const { open, until, seen } = reel();
  open(1, opened(true));
  await until("frames", 3);
  assert.equal(await seen(3), 1003);
  open(1, opened(false));
  await until("frames", 6);
  assert.equal(await seen(3), 3);
});

test("verify plays it anew and tells all that came out", async () => {
  const { open, until, source } = reel();
  open();
  await until("frames", 3);
  source.postMessage({ type: "verify" });
  const { played } = await until("played");
  assert.deepEqual([played.checks.length, played.chain, played.ended, played.error], [800, "c2", -1, ""]);
  assert.equal(host.runs, 2, "a fresh env");
});

test("frames without room for their pictures are compared and not shown", async () => {
  host.room = 2;
  const { open, until, told, source } = reel();
  open();
  assert.match((await until("error")).message, /no room on the disk/);
  assert.equal(told.filter(({ type }) => type === "frames").length, 2);
  source.postMessage({ type: "verify" });
  const { played } = await until("played");
  assert.deepEqual([played.checks.length, played.error], [800, ""]);
});

test("what the env or the host says of a failure is told", async () => {
  host.error = "KeyError: the ball is lost (env.py, line 3)";
  const { open, until, source } = reel();
  open();
  assert.match((await until("error")).message, /the ball is lost/);
  source.postMessage({ type: "verify" });
  assert.match((await until("played")).played.error, /the ball is lost/);
});

test("a recording that was put away is played again, wherever that was noticed", async () => {
  host.gone.add("r1");
  const { open, until, seen, source } = reel();
  open();
  await until("began", 2);
  await until("frames", 3);
  assert.equal(await seen(99), 99);
  open();
  await until("frames", 6);
  host.gone.add("r1");
  source.postMessage({ type: "seek", frame: 50 });
  await until("began", 4);
  await until("frames", 9);
  assert.equal(await seen(50), 50);
});

test("a moment without a network costs nothing", async () => {
  host.failing = 1;
  const { open, until, told } = reel();
  open();
  await until("frames", 3);
  assert.ok(!told.some(({ type }) => type === "error"));
});

test("what belongs to one that is not shown any more is not told", async () => {
  const { open, until, told, source } = reel();
  open();
  await until("began");
  source.terminate();
  const before = told.length;
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told.length, before);
});
