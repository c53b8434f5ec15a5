import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { SharedGlobals } from "../../../web_client/app/page_api.js";
import { ServerClock } from "../../../web_client/net/server_clock.js";
import { ServerLink } from "../../../web_client/net/server_link.js";
import { FakeSocket } from "./gallery/fake_host.js";

let socket;
let link;
let states;
let messages;
let timers;
let unknown;
let refused;
let held;
let heldOff;
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  socket = new FakeSocket();
  states = [];
  messages = [];
  timers = [];
  unknown = [];
  refused = [];
  held = 0;
  heldOff = [];
  link = new ServerLink({
    socket,
    hello: () => ({ visit: 4 }),
    onMessage: (type, body) => messages.push([type, body]),
    onState: (state) => states.push(state),
    onRefusedHello: (ack) => refused.push(ack.code),
    onUnknownParticipant: (code) => unknown.push(code),
    onHeldOff: (text, againMs) => heldOff.push([text, againMs]),
    onHeld: () => held++,
    nowMs: () => 1000,
    later: (run, ms) => timers.push({ run, ms }),
  });
});

test("hello comes first, everything else after it was accepted", async () => {
  link.post("globals_set", { values: { a: 1 } });
  const answered = link.ask("answers", { visit: 4 });
  assert.equal(link.send("focus", {}), false);
  link.open();
  await settle();
  assert.deepEqual(socket.sent.slice(0, 3).map(({ type }) => type), ["hello", "globals_set", "answers"]);
  assert.deepEqual(socket.all("hello"), [{ visit: 4 }]);
  assert.deepEqual(await answered, { ok: true });
  assert.deepEqual(states, ["online"]);
});

test("an unacknowledged message is sent again after a reconnection, once, and settles once", async () => {
  link.open();
  await settle();
  socket.answer = () => null;
  const answered = link.ask("answers", { visit: 4 });
  socket.drop();
  assert.deepEqual(states, ["online", "offline"]);
  socket.answer = () => ({ ok: true, stored: 1 });
  socket.connect();
  await settle();
  assert.deepEqual(await answered, { ok: true, stored: 1 });
  assert.equal(socket.all("answers").length, 2);
  assert.equal(link.unacknowledged, 0);
});

test("who is told to come later comes then, and reads why", async () => {
  link.open();
  await settle();
  socket.drop();
  timers.length = 0;
  socket.active = false;
  socket.fail({ data: { code: "busy", text: "Please wait.", again_s: 5 } });
  assert.deepEqual([heldOff, timers.map(({ ms }) => ms), unknown], [[["Please wait.", 5000]], [5000], []]);
  socket.fail({ data: { code: "busy" } });
  assert.deepEqual([heldOff.length, timers.map(({ ms }) => ms)], [1, [5000, 1000]]);
  timers.forEach(({ run }) => run());
  await settle();
  assert.equal(link.state, "online");
});

test("an acknowledgement from before the drop does not count for the new connection", async () => {
  let late;
  link.open();
  await settle();
  socket.emit = (type, body, ack) => {
    socket.sent.push({ type, body });
    if (type === "answers") late ??= ack;
    else ack?.({ ok: true });
  };
  let settled = false;
  void link.ask("answers", {}).then(() => (settled = true));
  socket.drop();
  late({ ok: true });
  await settle();
  assert.equal(settled, false);
});

test("while the host cannot save, the message is sent again by itself", async () => {
  let tries = 0;
  socket.answer = (type) => (type === "answers" && ++tries === 1 ? { ok: false, code: "storage", text: "full" } : { ok: true });
  link.open();
  await settle();
  const answered = link.ask("answers", {});
  await settle();
  assert.equal(link.unacknowledged, 1);
  timers.splice(0).forEach(({ run }) => run());
  assert.deepEqual(await answered, { ok: true });
  assert.equal(tries, 2);
  assert.equal(held, 1);
});

test("rows that the host could not look at are kept through it all and settle once", async () => {
  const answers = [{ ok: false, code: "busy" }, { ok: false, code: "closed" }, { ok: false, code: "storage" }];
  let settled = 0;
  socket.answer = (type) => (type === "rows" ? (answers.shift() ?? { ok: true }) : { ok: true });
  link.open();
  await settle();
  const answered = link.ask("rows", new Uint8Array(1)).then((ack) => (settled++, ack));
  await settle();
  timers.splice(0).forEach(({ run }) => run());
  await settle();
  socket.drop();
  socket.connect();
  await settle();
  assert.equal(settled, 0);
  timers.splice(0).forEach(({ run }) => run());
  assert.deepEqual(await answered, { ok: true });
  assert.deepEqual([settled, link.unacknowledged, answers.length], [1, 0, 0]);
});

for (const asked of ["rows", "answers", "advance", "chat_say", "match_ready"]) test(`${asked}: without an answer over a living connection it is sent again, and settles once`, async () => {
  link.open();
  await settle();
  const answers = [];
  const { emit } = socket;
  socket.emit = (type, body, ack) => {
    if (type !== asked) return void emit.call(socket, type, body, ack);
    socket.sent.push({ type, body });
    answers.push(ack);
  };
  const settled = [];
  void link.ask(asked, { first: 0 }).then((ack) => settled.push(ack));
  const passed = () => timers.splice(0).forEach(({ run, ms }) => ms >= 6000 && run());
  passed();
  assert.equal(socket.all(asked).length, 2);
  answers[1]({ ok: true, stored_to: 10 });
  answers[0]({ ok: false, code: "try_again" });
  await settle();
  timers.splice(0).forEach(({ run }) => run());
  assert.deepEqual([settled, socket.all(asked).length, link.unacknowledged], [[{ ok: true, stored_to: 10 }], 2, 0]);
});

for (const code of ["wrong_type", "malformed"]) test(`bytes that came to the host as something else (${code}) are sent again, a few times`, async () => {
  link.open();
  await settle();
  socket.answer = (type) => (type === "rows" ? { ok: false, code } : { ok: true });
  const settled = [];
  void link.ask("rows", new Uint8Array([0x81])).then((ack) => settled.push(ack.code));
  void link.ask("rows", { first: 0 }).then((ack) => settled.push(ack.code));
  for (let turn = 0; turn < 9; turn++) {
    await settle();
    timers.splice(0).forEach(({ run, ms }) => ms < 6000 && run());
  }
  assert.deepEqual([settled, socket.all("rows").length], [[code, code], 6]);
});

test("a value of the page that is sent again is the newest one", async () => {
  link.open();
  await settle();
  const globals = new SharedGlobals((values) => link.ask("globals_set", { values }), (run) => run());
  socket.answer = () => null;
  globals.set("score", 1);
  socket.answer = () => ({ ok: true });
  globals.set("score", 2);
  await settle();
  timers.splice(0).forEach(({ run, ms }) => ms >= 6000 && run());
  assert.deepEqual(socket.all("globals_set").map(({ values }) => values.score), [1, 2, 2]);
  await globals.flush();
});

test("what was posted over a line that turns out dead is sent again, and no more once the host has it", async () => {
  link.open();
  await settle();
  const answers = [];
  const { emit } = socket;
  socket.emit = (type, body, ack) => {
    if (type !== "loaded") return void emit.call(socket, type, body, ack);
    socket.sent.push({ type, body });
    answers.push(ack);
  };
  link.post("loaded", { load_ms: 5 });
  link.post("loaded", { load_ms: 6 });
  answers[0]();
  socket.drop("ping timeout");
  socket.connect();
  await settle();
  assert.deepEqual(socket.all("loaded").map(({ load_ms }) => load_ms), [5, 6, 6]);
  answers[2]({ ok: false, code: "closed" });
  socket.drop();
  socket.connect();
  await settle();
  answers[3]();
  socket.drop();
  socket.connect();
  await settle();
  assert.deepEqual(socket.all("loaded").map(({ load_ms }) => load_ms), [5, 6, 6, 6]);
});

for (const [why, reply] of [["nobody answers", null], ["the host was busy", { ok: false, code: "busy" }]]) test(`a hello is said again over a new connection when ${why}, and the page tells of it`, async () => {
  socket.answer = (type) => (type === "hello" ? reply : { ok: true });
  link.open();
  await settle();
  const limit = reply ? 1000 : 15_000;
  timers.splice(0).forEach(({ run, ms }) => ms === limit && run());
  assert.deepEqual(states, ["offline"]);
  socket.answer = () => ({ ok: true });
  await settle();
  assert.deepEqual([states, socket.all("hello").length, refused], [["offline", "online"], 2, []]);
  timers.splice(0).forEach(({ run }) => run());
  assert.deepEqual([states, socket.connected], [["offline", "online"], true]);
});

test("a refusal is final and reaches the asker", async () => {
  socket.answer = (type) => (type === "answers" ? { ok: false, code: "invalid_answers", text: "age: too young" } : { ok: true });
  link.open();
  await settle();
  assert.equal((await link.ask("answers", {})).text, "age: too young");
});

test("pings are answered at once, before and without anybody else knowing", async () => {
  link.open();
  socket.say("ping", { n: 9 });
  assert.deepEqual(socket.all("pong"), [{ n: 9 }]);
  assert.deepEqual(messages, []);
});

test("a cookie the host does not know ends the link and leads back to joining", () => {
  link.open();
  socket.fail({ data: { code: "unknown_participant" } });
  assert.deepEqual(unknown, ["unknown_participant"]);
  assert.equal(link.state, "closed");
});

test("a hello that is refused ends the link with the reason", async () => {
  socket.answer = () => ({ ok: false, code: "protocol_version" });
  link.open();
  await settle();
  assert.deepEqual(refused, ["protocol_version"]);
  assert.equal(link.state, "closed");
});

test("when the host hangs up, the link comes back by itself; a closed one does not", async () => {
  link.open();
  await settle();
  timers.length = 0;
  socket.drop("io server disconnect");
  assert.equal(timers.length, 1);
  timers[0].run();
  await settle();
  assert.equal(link.state, "online");
  link.close();
  timers.length = 0;
  assert.equal(link.state, "closed");
  assert.equal(timers.length, 0);
});

test("the clock believes the shortest round trip", () => {
  const clock = new ServerClock(() => 5000);
  clock.hint(5600);
  assert.equal(clock.now(), 5600);
  clock.add(1000, 1700, 1700, 1200);
  assert.equal(clock.offsetMs, 600);
  clock.add(2000, 2505, 2505, 2010);
  assert.equal(clock.offsetMs, 500);
  assert.equal(clock.rttMs, 10);
  clock.add(3000, 3900, 3900, 3400);
  assert.equal(clock.offsetMs, 500);
  assert.equal(clock.toPage(5500), 5000);
});

test("of two exchanges that contradict each other the older one is forgotten: a clock was set", () => {
  const clock = new ServerClock(() => 0);
  clock.add(1000, 1501, 1501, 1002);
  assert.equal(clock.offsetMs, 500);
  clock.add(2000, 9040, 9040, 2080);
  assert.equal(clock.offsetMs, 7000);
  assert.equal(clock.rttMs, 80);
});

test("an old exchange loses against a slightly longer new one, because clocks run apart", () => {
  const clock = new ServerClock(() => 0);
  clock.add(0, 101, 101, 2);
  for (let n = 1; n <= 20; n++) clock.add(n * 10_000, n * 10_000 + 102 + n * 0.5, n * 10_000 + 102 + n * 0.5, n * 10_000 + 4);
  assert.ok(Math.abs(clock.offsetMs - 110) <= 2, String(clock.offsetMs));
});

test("each burst tells the host what the last one gave", async () => {
  link.open();
  for (let n = 0; n < 6; n++) {
    await settle();
    timers.splice(0).forEach(({ run }) => run());
  }
  const told = socket.all("clock").slice(0, 6);
  assert.deepEqual(told.map(({ offset_ms }) => typeof offset_ms), [...Array(5).fill("undefined"), "number"]);
  assert.equal(told[5].rtt_ms, link.clock.rttMs);
});
