/**
 * A match in a box: peers with their own clocks and environments over a seeded network that loses, delays, reorders and doubles.
 */
import assert from "node:assert/strict";
import { hash128 } from "../../../web_client/core/hash.js";

/** Seeded generator: numbers from 0 to 1. */
export function randomFrom(seed) {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What each pair of members knows, and each one alone, as the host gives it. */
export const keysOf = (me, peers) => Object.fromEntries(peers.map((peer) => [peer, [Math.min(me, peer), Math.max(me, peer)].map((id) => (id + 17).toString(16).padStart(16, "5")).join("")]));

/** An environment whose state depends on every input of every frame and on their order. */
export class HashEnv {
  constructor(seed, { lastsFrom = Infinity } = {}) {
    this.state = Math.imul(seed + 1, 0x9e3779b1) | 0;
    this.frame = 0;
    this.lastsFrom = lastsFrom;
  }

  step(inputs) {
    let state = Math.imul(this.state ^ (this.frame + 0x7f4a7c15), 0x85ebca6b);
    for (const input of inputs) state = Math.imul(((state << 13) | (state >>> 19)) ^ (input + 0x165667b1), 0xc2b2ae35);
    this.state = (state ^ (state >>> 15)) | 0;
    this.frame += 1;
    return this.frame >= this.lastsFrom && (this.state & 7) === 0;
  }

  save() {
    return [this.state, this.frame];
  }

  load([state, frame]) {
    this.state = state;
    this.frame = frame;
  }
}

/** One hash over all rows so far and their order, as the game worker's Python makes it. */
export class RowChain {
  words = new Int32Array(4);

  add(row) {
    this.words = hash128(Uint8Array.from([...new Uint8Array(this.words.buffer), ...row]));
  }

  hex() {
    return Array.from(this.words, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

/** Packets on their way, by time of arrival. */
export class Network {
  constructor(random, link) {
    this.random = random;
    this.link = link;
    this.queue = [];
    this.sent = 0;
    this.bytes = 0;
    /** pairs "from>to" that carry nothing now */
    this.cut = new Set();
  }

  send(from, to, bytes, nowMs) {
    this.sent += 1;
    this.bytes += bytes.length;
    const { loss, delayMs, jitterMs, doubles } = this.link(from, to);
    const copies = this.random() < doubles ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (this.random() < loss || this.cut.has(`${from}>${to}`)) continue;
      this.#push({ atMs: nowMs + delayMs + this.random() * jitterMs, from, to, bytes });
    }
  }

  #push(packet) {
    let i = this.queue.length;
    while (i > 0 && this.queue[i - 1].atMs > packet.atMs) i--;
    this.queue.splice(i, 0, packet);
  }

  arrived(nowMs) {
    let count = 0;
    while (count < this.queue.length && this.queue[count].atMs <= nowMs) count++;
    return this.queue.splice(0, count);
  }
}

/** One browser: its rollback core, an environment, a snapshot ring and a recorder. */
export class Browser {
  constructor({ id, make, seed, lastsFrom, input, ringLimit }) {
    this.id = id;
    this.make = make;
    this.seed = seed;
    this.lastsFrom = lastsFrom;
    this.input = input;
    this.ringLimit = ringLimit;
    this.open();
  }

  /** A page that was just loaded. */
  open(options = {}) {
    this.rollback = this.make(options);
    this.reset();
    this.frozenUntilMs = 0;
    this.replayed = 0;
    this.ringMost = 0;
  }

  reset(seed = this.seed) {
    this.env = new HashEnv(seed, { lastsFrom: this.lastsFrom });
    this.ring = new Map();
    this.rows = [];
    this.states = [];
    this.chain = new RowChain();
    this.events = [];
    this.firstFrame = 0;
    this.ended = null;
  }

  tick(nowMs) {
    const turn = this.rollback.advance(this.rollback.settings.local.map((player) => this.input(player, this.rollback.frame, nowMs)), nowMs);
    this.rollback.ran(this.run(turn.requests));
    this.ringMost = Math.max(this.ringMost, this.ring.size);
    for (const frame of this.ring.keys()) if (frame < turn.keepFrom && !turn.anchors.includes(frame)) this.ring.delete(frame);
    assert.ok(this.ring.size <= this.ringLimit, `peer ${this.id} keeps ${this.ring.size} snapshots, more than ${this.ringLimit}`);
    if (turn.confirmed) this.record(turn.confirmed);
    this.events.push(...turn.events);
    for (const event of turn.events) if (event.type === "episode_ended") this.end(event);
    return turn;
  }

  end(event) {
    this.ended = event;
    assert.equal(event.frame, this.firstFrame + this.rows.length - 1, `peer ${this.id} ended with a frame that is not its last confirmed one`);
    if (this.rows.length > 0) this.rollback.sealed(event.frame, this.chain.hex());
  }

  run(requests) {
    const results = [];
    for (const request of requests) {
      if (request.type === "load") this.load(request.frame);
      else if (request.type === "save") this.save(request.frame);
      else if (this.step(request, results)) break;
    }
    return results;
  }

  load(frame) {
    const state = this.ring.get(frame);
    assert.ok(state, `peer ${this.id} was told to load frame ${frame}, which is not in the ring (${[...this.ring.keys()]})`);
    for (const saved of this.ring.keys()) if (saved > frame) this.ring.delete(saved);
    this.env.load(state);
    assert.equal(this.env.frame, frame);
  }

  save(frame) {
    assert.equal(this.env.frame, frame, "a state is saved before its frame is stepped");
    this.ring.set(frame, this.env.save());
  }

  step(request, results) {
    assert.equal(this.env.frame, request.frame, `peer ${this.id} steps frame ${request.frame} in state ${this.env.frame}`);
    const terminal = this.env.step(request.inputs);
    this.disturb?.(this.env, request);
    this.states[request.frame] = this.env.state;
    results.push({ frame: request.frame, checksum: request.checksum ? (this.env.state >>> 0).toString(16) : undefined, terminal });
    return terminal;
  }

  record({ first, last, inputs }) {
    assert.equal(first, this.firstFrame + this.rows.length, `peer ${this.id} confirms frames twice or leaves some out`);
    assert.equal(last, first + inputs.length - 1);
    inputs.forEach((row, i) => {
      const frame = first + i;
      assert.notEqual(this.states[frame], undefined, `peer ${this.id} confirms frame ${frame}, which it has not stepped`);
      this.rows.push({ inputs: row, state: this.states[frame], marks: this.rollback.marks(frame, 1)[0] });
      this.chain.add(Uint8Array.from([...row, this.states[frame]].flatMap((value) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255])));
      this.rollback.sealed(frame, this.chain.hex());
    });
  }
}

/** Confirmed inputs, played once more from the start without any rollback. */
export function replay(seed, lastsFrom, rows) {
  const env = new HashEnv(seed, { lastsFrom });
  return rows.map(({ inputs }) => {
    const terminal = env.step(inputs);
    return { state: env.state, terminal };
  });
}

/** The peers' clocks tick on their own; packets arrive in between. */
export class Match {
  constructor({ browsers, network, fps, drift = () => 1 }) {
    this.browsers = browsers;
    this.network = network;
    this.nowMs = 1000;
    this.periodMs = 1000 / fps;
    this.drift = drift;
    this.due = browsers.map(() => this.nowMs);
    this.plans = [];
  }

  at(ms, action) {
    this.plans.push({ atMs: this.nowMs + ms, action });
    this.plans.sort((a, b) => a.atMs - b.atMs);
  }

  byId(id) {
    return this.browsers.find((browser) => browser.id === id);
  }

  deliver() {
    for (const { from, to, bytes } of this.network.arrived(this.nowMs)) {
      const browser = this.byId(to);
      if (browser && !browser.closed && this.nowMs >= browser.frozenUntilMs) browser.rollback.receive(from, bytes, this.nowMs);
    }
  }

  tick(i) {
    const browser = this.browsers[i];
    this.due[i] += this.periodMs * this.drift(browser.id) * browser.rollback.pace;
    if (browser.closed) return;
    if (this.nowMs < browser.frozenUntilMs) {
      this.due[i] = browser.frozenUntilMs;
      return;
    }
    browser.tick(this.nowMs);
    for (const { peer, bytes } of browser.rollback.outgoing(this.nowMs)) this.network.send(browser.id, peer, bytes, this.nowMs);
    for (const { peer, bytes } of browser.rollback.outgoingReliable()) this.network.send(browser.id, peer, bytes, this.nowMs);
    this.watch?.();
  }

  /** Run until `done()`, at most so long. @returns whether it was done in time */
  runUntil(done, limitMs) {
    const end = this.nowMs + limitMs;
    while (!done()) {
      const i = this.due.indexOf(Math.min(...this.due));
      this.nowMs = Math.max(this.nowMs, Math.min(this.due[i], this.plans[0]?.atMs ?? Infinity));
      if (this.nowMs > end) return false;
      this.deliver();
      while (this.plans.length > 0 && this.plans[0].atMs <= this.nowMs) this.plans.shift().action();
      if (this.due[i] <= this.nowMs) this.tick(i);
    }
    return true;
  }
}

/** Every browser's rows are what a serial replay of the confirmed inputs gives, and all agree. */
export function assertSameHistory(browsers, seed, lastsFrom) {
  const longest = browsers.filter((browser) => browser.firstFrame === 0).reduce((most, browser) => (browser.rows.length > most.rows.length ? browser : most));
  const truth = replay(seed, lastsFrom, longest.rows);
  for (const browser of browsers) {
    browser.rows.forEach((row, i) => {
      const frame = browser.firstFrame + i;
      assert.deepEqual(row.inputs, longest.rows[frame].inputs, `peer ${browser.id} has other inputs in frame ${frame}`);
      assert.equal(row.state, truth[frame].state, `peer ${browser.id} has another state after frame ${frame}`);
    });
  }
  return truth;
}

export const digest = (numbers) => hash128(Uint8Array.from(numbers))[0] >>> 0;
