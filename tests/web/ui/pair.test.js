import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { decodeLinkPacket, encodeLinkPacket } from "../../../web_client/net/link_packets.js";
import { Links, relayed } from "../../../web_client/net/links.js";
import { Pair } from "../../../web_client/net/pair.js";

let nowMs;
let queue;

/** Two ends with a direct way and a relay between them; each way can be cut in each direction. */
function world(transport = "auto", delayMs = { direct: 5, relay: 10 }) {
  const cut = { direct: { a: false, b: false }, relay: { a: false, b: false }, unnoticed: false };
  const open = { value: true };
  const ends = {};
  const other = { a: "b", b: "a" };
  const log = { restarts: [], turned: false };
  const make = (name) => {
    const states = [];
    const packets = [];
    const direct = {
      get isOpen() {
        return open.value;
      },
      start: () => {},
      restart: (anew) => log.restarts.push([name, anew]),
      send: (channel, bytes) => {
        if (!cut.direct[name]) queue.push({ atMs: nowMs + delayMs.direct, to: other[name], way: "direct", run: () => ends[other[name]].pair.fromDirect(channel, bytes.slice()) });
        return true;
      },
      receive: () => {},
      isTurned: async () => log.turned,
      close: () => {},
    };
    const relay = (bytes) => {
      if (!cut.relay[name]) queue.push({ atMs: nowMs + delayMs.relay, to: other[name], way: "relay", run: () => ends[other[name]].pair.fromRelay(bytes.slice()) });
      return !cut.relay[name] || cut.unnoticed;
    };
    const pair = new Pair({ transport, direct: transport === "relay" ? null : direct, relay, nowMs: () => nowMs, onPacket: (channel, bytes) => packets.push([...bytes]), onState: (state, way) => states.push(`${state} ${way}`) });
    ends[name] = { pair, states, packets };
  };
  make("a");
  make("b");
  return { ...ends, cut, open, delayMs, log };
}

/** Lets time go by: beats ten times a second, packets as they are due. */
function pass(milliseconds, ...pairs) {
  const endMs = nowMs + milliseconds;
  while (nowMs < endMs) {
    nowMs += 5;
    for (const item of queue.filter(({ atMs }) => atMs <= nowMs)) {
      queue.splice(queue.indexOf(item), 1);
      item.run();
    }
    if (nowMs % 100 === 0) for (const pair of pairs) pair.beat();
  }
}

/** As `pass`, while page b stands still; then it gets what came meanwhile, in the order in which it looks. */
function standStill(milliseconds, { a, b }, { beatFirst, first }) {
  const waiting = [];
  const isForB = ({ to }) => to === "b";
  const endMs = nowMs + milliseconds;
  while (nowMs < endMs) {
    for (const item of queue.filter(isForB)) waiting.push(...queue.splice(queue.indexOf(item), 1));
    pass(5, a.pair);
  }
  if (beatFirst) b.pair.beat();
  for (const { run } of [...waiting.filter(({ way }) => way === first), ...waiting.filter(({ way }) => way !== first)]) run();
  if (!beatFirst) b.pair.beat();
}

/** As `pass`, while page b beats only where `isBeat` says so. */
function passSlowly(milliseconds, { a, b }, isBeat) {
  const endMs = nowMs + milliseconds;
  while (nowMs < endMs) {
    pass(5, a.pair);
    if (isBeat(nowMs)) b.pair.beat();
  }
}

/** Beats of a slow page: always so far apart, or well for a while and then not at all. */
const SLOW = { ...Object.fromEntries([100, 300, 450, 600, 1000].map((everyMs) => [`each ${everyMs} ms`, (atMs) => atMs % everyMs === 0])), stuttering: (atMs) => atMs % 850 <= 400 && (atMs % 850) % 100 === 0 };

const DELAYS = [{ direct: 5, relay: 10 }, { direct: 20, relay: 5 }];

/** Every kind of standing still: for how long, since when, what comes first afterwards, and how far apart the two are. */
function* standStills(fromMs, toMs) {
  for (let forMs = fromMs; forMs <= toMs; forMs += 75) {
    for (let phaseMs = 0; phaseMs < 100; phaseMs += 15) {
      for (const beatFirst of [true, false]) for (const first of ["direct", "relay"]) for (const delayMs of DELAYS) yield { forMs, phaseMs, beatFirst, first, delayMs };
    }
  }
}

beforeEach(() => {
  nowMs = 1000;
  queue = [];
});

test("link packets survive the wire, game packets are not taken for them", () => {
  const packet = { type: "ping", hears: true, n: 65535, sentMs: 1234567.25 };
  assert.deepEqual(decodeLinkPacket(encodeLinkPacket(packet)), packet);
  assert.equal(decodeLinkPacket(new Uint8Array(12)), null);
  assert.equal(decodeLinkPacket(encodeLinkPacket(packet).slice(0, 11)), null);
  assert.deepEqual([...relayed(3, new Uint8Array([7, 8]))], [1, 3, 7, 8]);
});

test("the direct way comes up on both ends, with a measured round trip", () => {
  const { a, b } = world();
  pass(600, a.pair, b.pair);
  assert.deepEqual([a.states, b.states], [["up p2p"], ["up p2p"]]);
  assert.equal(a.pair.rttMs, 10);
});

test("when the direct way is cut, the relay takes over at once and no packet is sent into the void", () => {
  const { a, b, cut, log } = world();
  pass(3000, a.pair, b.pair);
  cut.direct.a = cut.direct.b = true;
  pass(700, a.pair, b.pair);
  assert.deepEqual(a.states, ["up p2p", "up relay"]);
  assert.deepEqual(b.states, ["up p2p", "up relay"]);
  a.pair.send("inputs", new Uint8Array([1, 2, 3]));
  pass(50, a.pair, b.pair);
  assert.deepEqual(b.packets, [[1, 2, 3]]);
  assert.ok(log.restarts.length >= 2);
});

test("a cut in one direction only moves both ends to the relay", () => {
  const { a, b, cut } = world();
  pass(3000, a.pair, b.pair);
  cut.direct.a = true;
  pass(900, a.pair, b.pair);
  assert.equal(a.states.at(-1), "up relay");
  assert.equal(b.states.at(-1), "up relay");
});

test("play goes back to the direct way when it heals", () => {
  const { a, b, cut } = world();
  pass(3000, a.pair, b.pair);
  cut.direct.a = cut.direct.b = true;
  pass(2000, a.pair, b.pair);
  cut.direct.a = cut.direct.b = false;
  pass(500, a.pair, b.pair);
  assert.deepEqual(a.states, ["up p2p", "up relay", "up p2p"]);
});

test("with neither way the link is lost, and up again when one is back", () => {
  const { a, b, cut } = world();
  pass(1000, a.pair, b.pair);
  cut.direct.a = cut.direct.b = cut.relay.a = cut.relay.b = true;
  pass(1600, a.pair, b.pair);
  assert.match(a.states.at(-1), /^lost/);
  assert.match(b.states.at(-1), /^lost/);
  cut.relay.a = cut.relay.b = false;
  pass(400, a.pair, b.pair);
  assert.equal(a.states.at(-1), "up relay");
});

test("a page whose own network is gone knows it within two seconds, whichever way it used and whether or not the socket noticed", () => {
  const took = [];
  for (const transport of ["auto", "p2p", "relay"]) {
    for (let at = 1000; at < 1300; at += 15) {
      for (const unnoticed of [true, false]) {
        const { a, b, cut } = world(transport);
        pass(at, a.pair, b.pair);
        Object.assign(cut, { direct: { a: true, b: true }, relay: { a: true, b: true }, unnoticed });
        const since = nowMs;
        while (!/^lost/.test(a.states.at(-1)) && nowMs - since < 10_000) pass(100, a.pair, b.pair);
        took.push(nowMs - since);
      }
    }
  }
  assert.ok(Math.max(...took) <= 2000, `${Math.max(...took)} ms`);
});

test("transport p2p never uses the relay, transport relay never the direct way", () => {
  const direct = world("p2p");
  pass(500, direct.a.pair, direct.b.pair);
  direct.cut.direct.a = direct.cut.direct.b = true;
  pass(5000, direct.a.pair, direct.b.pair);
  assert.deepEqual(direct.a.states, ["up p2p", "lost p2p"]);
  const relay = world("relay");
  pass(500, relay.a.pair, relay.b.pair);
  assert.deepEqual(relay.a.states, ["up relay"]);
});

test("where no direct way opens, the relay helps after its head start, or at once when the host says so", () => {
  const slow = world();
  slow.open.value = false;
  pass(2800, slow.a.pair, slow.b.pair);
  assert.deepEqual(slow.a.states, []);
  pass(700, slow.a.pair, slow.b.pair);
  assert.deepEqual(slow.a.states, ["up relay"]);
  const told = world();
  told.open.value = false;
  told.a.pair.useRelay();
  told.b.pair.useRelay();
  pass(400, told.a.pair, told.b.pair);
  assert.deepEqual(told.a.states, ["up relay"]);
});

test("a page that stood still does not blame the others", () => {
  const { a, b } = world("p2p");
  pass(1000, a.pair, b.pair);
  nowMs += 5000;
  queue.length = 0;
  a.pair.beat();
  assert.deepEqual(a.states, ["up p2p"]);
});

test("a page that stands still for a moment moves no link, whenever it does and whatever it looks at first afterwards", () => {
  for (const how of standStills(300, 1150)) {
    const { a, b, log } = world("auto", how.delayMs);
    pass(4000 + how.phaseMs, a.pair, b.pair);
    standStill(how.forMs, { a, b }, how);
    pass(3000, a.pair, b.pair);
    assert.deepEqual([a.states, b.states, log.restarts], [["up p2p"], ["up p2p"], []], JSON.stringify(how));
    queue.length = 0;
  }
});

test("a page that stands still for longer is lost, and comes back the way it went", () => {
  for (const how of standStills(1500, 4000)) {
    const { a, b } = world("auto", how.delayMs);
    pass(4000 + how.phaseMs, a.pair, b.pair);
    standStill(how.forMs, { a, b }, how);
    pass(3000, a.pair, b.pair);
    assert.deepEqual([a.states, b.states], [["up p2p", "lost p2p", "up p2p"], ["up p2p"]], JSON.stringify(how));
    queue.length = 0;
  }
});

for (const [how, isBeat] of Object.entries(SLOW)) {
  const onlyUp = (states) => states.every((state) => state.startsWith("up"));

  test(`a page that is slow all the while (beats ${how}) keeps its direct way while it is there, and gives up one that breaks`, () => {
    for (const phaseMs of [0, 35, 70, 400, 730]) {
      const { a, b, cut } = world();
      passSlowly(6000 + phaseMs, { a, b }, isBeat);
      assert.deepEqual([a.states, b.states], [["up p2p"], ["up p2p"]]);
      cut.direct.a = cut.direct.b = true;
      passSlowly(4000, { a, b }, isBeat);
      assert.deepEqual([a.states, b.states], [["up p2p", "up relay"], ["up p2p", "up relay"]]);
      a.pair.send("inputs", Uint8Array.of(8));
      b.pair.send("inputs", Uint8Array.of(7));
      passSlowly(100, { a, b }, isBeat);
      assert.deepEqual([a.packets, b.packets], [[[7]], [[8]]]);
      cut.direct.a = cut.direct.b = false;
      passSlowly(4000, { a, b }, isBeat);
      assert.deepEqual([a.states.at(-1), b.states.at(-1)], ["up p2p", "up p2p"]);
      queue.length = 0;
    }
  });

  test(`what is sent arrives where the direct way breaks in one direction and one page is slow all the while (beats ${how})`, () => {
    for (const broken of ["a", "b"]) {
      const { a, b, cut, log } = world();
      passSlowly(6000, { a, b }, isBeat);
      cut.direct[broken] = true;
      passSlowly(4000, { a, b }, isBeat);
      a.pair.send("inputs", Uint8Array.of(8));
      b.pair.send("inputs", Uint8Array.of(7));
      passSlowly(100, { a, b }, isBeat);
      const sender = broken === "a" ? a : b;
      assert.deepEqual([a.packets, b.packets, sender.states.at(-1), onlyUp(a.states), onlyUp(b.states)], [[[7]], [[8]], "up relay", true, true], broken);
      assert.ok(log.restarts.some(([name]) => name === broken), "a better way is looked for");
      queue.length = 0;
    }
  });
}

test("a page tells that it hears only what it has heard, also after it stood still", () => {
  const { a, b } = world();
  pass(4000, a.pair, b.pair);
  const told = [];
  const fromDirect = a.pair.fromDirect.bind(a.pair);
  a.pair.fromDirect = (channel, bytes) => (told.push(decodeLinkPacket(bytes)?.hears), fromDirect(channel, bytes));
  nowMs += 700;
  queue.length = 0;
  b.pair.beat();
  pass(10, a.pair);
  assert.deepEqual(told, [false]);
});

test("where the way through the host carries one direction only, a direct way that breaks is mended all the same", () => {
  const { a, b, cut, log } = world();
  pass(4000, a.pair, b.pair);
  cut.direct.a = cut.direct.b = cut.relay.a = true;
  pass(3000, a.pair, b.pair);
  assert.ok(log.restarts.some(([name]) => name === "a"));
});

test("what was on its way through the host when the direct way opened takes nobody back", () => {
  for (const relayMs of [20, 100, 250, 400]) {
    const { a, b, open, delayMs } = world();
    open.value = false;
    delayMs.relay = relayMs;
    a.pair.useRelay();
    b.pair.useRelay();
    pass(2500, a.pair, b.pair);
    open.value = true;
    pass(5000, a.pair, b.pair);
    assert.deepEqual([a.states, b.states], [["up relay", "up p2p"], ["up relay", "up p2p"]], `${relayMs} ms`);
    queue.length = 0;
  }
});

test("a match of one has no links, and all of them are up", () => {
  const wiring = { send: () => true, nowMs: () => nowMs, everyBeat: () => assert.fail("nothing to beat for"), drawTag: () => "t" };
  const links = new Links({ id: "m", me: 0, players: [{ player: 0 }], transport: "auto", ice: { stun: null, turn: null } }, wiring);
  assert.equal(links.allUp(), true);
  assert.deepEqual(links.report(), {});
});

test("packets and signals reach the right pair, and only of this match", () => {
  const events = [];
  const beats = [];
  const wiring = {
    send: (type, body) => events.push([type, body]),
    nowMs: () => nowMs,
    everyBeat: (beat) => (beats.push(beat), () => {}),
    onPacket: (peer, _channel, bytes) => events.push(["packet", peer, [...bytes]]),
    onState: () => {},
    onRtt: () => {},
    drawTag: () => "t",
  };
  const links = new Links({ id: "m", me: 0, players: [{ player: 0 }, { player: 1 }, { player: 2 }], transport: "relay", ice: { stun: null, turn: null } }, wiring);
  links.receive("relay_in", new Uint8Array([1, 2, 55, 66]).buffer);
  links.receive("relay_in", new Uint8Array([9, 2, 55, 66]).buffer);
  links.receive("relay_in", new Uint8Array([1, 7, 55, 66]).buffer);
  assert.deepEqual(events, [["packet", 2, [55, 66]]]);
  beats[0]();
  const targets = events.filter(([type]) => type === "relay").map(([, bytes]) => bytes[1]);
  assert.deepEqual(targets, [1, 2]);
});

test("a side that is done tells nobody of a link that breaks, mends nothing and sends nothing to a player who has left", () => {
  const { a, b, cut, log } = world();
  pass(3000, a.pair, b.pair);
  a.pair.finish();
  b.pair.close();
  cut.direct.a = cut.direct.b = true;
  let relayed = 0;
  Object.defineProperty(cut.relay, "a", { get: () => (relayed++, false) });
  pass(2000, a.pair);
  a.pair.send("inputs", new Uint8Array([1]));
  assert.deepEqual(a.states, ["up p2p"]);
  assert.deepEqual(log.restarts, []);
  assert.equal(relayed, 0);
});

test("over TURN the direct way is looked for again, and told once it is there", async () => {
  const { a, b, log } = world();
  log.turned = true;
  pass(1000, a.pair, b.pair);
  await Promise.resolve();
  pass(1000, a.pair, b.pair);
  assert.equal(a.states.at(-1), "up turn");
  const before = log.restarts.length;
  pass(10_000, a.pair, b.pair);
  assert.ok(log.restarts.length > before, "it is looked for");
  assert.ok(log.restarts.slice(before).every(([, anew]) => !anew), "without giving up the way there is");
  log.turned = false;
  pass(21_000, a.pair, b.pair);
  await Promise.resolve();
  pass(1000, a.pair, b.pair);
  assert.equal(a.states.at(-1), "up p2p");
});
