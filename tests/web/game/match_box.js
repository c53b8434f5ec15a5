/** Whole matches without a browser: real worker code over an env, a network and a clock made for the test. */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { ORDER } from "../../../web_client/game/env_link.js";
import { keysOf } from "../core/sim.js";
import { MatchPlay } from "../../../web_client/game/match_play.js";

/** An env link whose state depends on every input of every frame; rows are [inputs, state]. */
class BoxEnv {
  constructor(players, lastFrame, acting) {
    Object.assign(this, { players, lastFrame, ring: new Map(), local: {}, actingIn: acting });
  }

  /** Whose moves the next frame waits for. */
  get acting() {
    return this.actingIn?.(this.frame) ?? null;
  }

  reset(seed, episode, stored) {
    Object.assign(this, { state: seed, episode, frame: 0, stored, pending: new Map(), rows: [], confirmed: -1, end: -1, over: null, chain: "00" });
    this.ring.clear();
    return this.#answer([]);
  }

  run(flat) {
    const checks = [];
    this.drawn = false;
    for (let at = 0; at < flat.length; ) {
      const [order, frame] = [flat[at], flat[at + 1]];
      at += 2;
      if (order === ORDER.STEP) {
        this.#step(frame, flat.slice(at, at + this.players));
        at += this.players;
      } else if (order === ORDER.KEEP) at += 1 + flat[at];
      else if (order === ORDER.SAVE) this.ring.set(frame, [this.state, this.frame, this.end]);
      else if (order === ORDER.LOAD) this.#load(frame);
      else if (order === ORDER.CONFIRM) this.#confirm(frame);
      else if (order === ORDER.DRAW) this.drawn = true;
      else if (order === ORDER.CHECK) checks.push([frame, this.state]);
    }
    return this.#answer(checks);
  }

  #step(frame, inputs) {
    if (this.end >= 0) return;
    if (frame !== this.frame) throw new Error(`frame ${frame} is asked for, but the env is at ${this.frame}`);
    this.state = inputs.reduce((state, input) => (Math.imul(state, 31) + input + 7) >>> 0, this.state);
    this.pending.set(frame, [inputs, this.state]);
    this.frame += 1;
    if (frame === this.lastFrame) this.end = frame;
  }

  #load(frame) {
    const saved = this.ring.get(frame);
    if (!saved) throw new Error(`no state was saved before frame ${frame}`);
    [this.state, this.frame, this.end] = saved;
  }

  #confirm(last) {
    for (let frame = this.confirmed + 1; frame <= last && this.pending.has(frame); frame++) {
      const row = this.pending.get(frame);
      this.chain = (this.chain + row[1].toString(16)).slice(-24);
      if (frame >= this.stored) this.rows.push(row);
      this.confirmed = frame;
      if (frame === this.end) this.over = [frame, "terminated"];
    }
  }

  #answer(checks) {
    const { end, confirmed, over } = this;
    return { head: { end, reason: end >= 0 ? "terminated" : "", confirmed, rows: this.rows.length, checks, over: over ?? undefined }, picture: this.drawn ? "{}" : "" };
  }

  stateTable() {
    return {};
  }

  takeBatch(head, local, count) {
    const each = (head.marks ?? "").length / count;
    this.marked?.(this.episode, Array.from({ length: count }, (_, i) => (head.marks ?? "").slice(i * each, (i + 1) * each)));
    for (const [name, values] of Object.entries(local)) (this.local[name] ??= []).push(...values);
    return new TextEncoder().encode(JSON.stringify(this.rows.splice(0, count)));
  }

  changedGlobals() {
    return null;
  }

  close() {}
}

const gym = (more) => ({
  environment: { config: {} },
  rendering: { fps: 30, carry_score_over: false, width: 400, height: 200, ...more.rendering },
  gameplay: {
    action_mapping: [{ keys: ["a"], action: 1 }, { keys: ["b"], action: 2 }],
    default_action: 0, input_mode: "pressed_keys", action_population: "default", num_episodes: 1, max_steps: null, reset_freeze_s: 0.2, countdown_s: 0.2,
    ...more.gameplay,
  },
  runtime: { record: [], ...more.runtime },
  multiplayer: { input_delay_frames: 0, max_prediction_frames: 4, checksum_every_frames: 10, on_desync: "flag", ...more.multiplayer },
}); // prettier-ignore

/** So often nobody reads the clock within one step of time, unless it is the only thing that is still done. */
const MOST_READS = 100_000;

/** Players in one process; time passes only in `run`. */
export class MatchBox {
  constructor({ players = 2, lastFrame = 89, acting = null, skewsMs = [], ...more } = {}) {
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
    this.spec = gym(more);
    this.lastFrame = lastFrame;
    /** Whose moves a frame waits for; null: it waits for nobody. */
    this.acting = acting;
    /** What happens on the way from one player to another: each copy that arrives. @type {(from: number, to: number, channel: string) => {delayMs: number, lost?: boolean}[]} */
    this.ways = () => [this.way()];
    /** The same for all, one copy of each packet. @type {() => {delayMs: number, lost?: boolean}} */
    this.way = () => ({ delayMs: 20 });
    /** Hears everything a page says that is no packet. @type {(page: object, message: object) => void} */
    this.onSaid = () => {};
    /** How long after it was drawn a picture is on the screen; null: no page shows it. @type {number|null} */
    this.screenMs = null;
    /** "from>to" that carry nothing now */
    this.cut = new Set();
    /** "from>to" that never will again */
    this.closed = new Set();
    this.clockReads = 0;
    /** Called as time passes. */
    this.watch = () => {};
    /** The page each player has now. */
    this.pages = [];
    this.seats = Array.from({ length: players }, (_, me) => ({ me, bytes: 0, said: [], failures: [], marks: {}, skewMs: skewsMs[me] ?? 0 }));
    for (const seat of this.seats) this.open(seat.me);
  }

  /** Open a player's game, anew if it was open; `beside`: the former page lives on. @returns {object} the page */
  open(me, resume = null, { beside = false } = {}) {
    const players = this.seats.map((_, player) => ({ player, agent: `p${player}` }));
    const seat = this.seats[me];
    // A page reads the time of day once; a clock that is set later moves only the next one.
    const { skewMs } = seat;
    if (!beside) seat.play?.dispose();
    const page = { me };
    seat.env = new BoxEnv(players.length, this.lastFrame, this.acting);
    seat.env.marked = (episode, texts) => {
      (seat.marks[episode] ??= []).push(...texts);
      page.marks = texts;
    };
    const keys = keysOf(me, players.map(({ player }) => player));
    seat.play = new MatchPlay({
      env: seat.env, spec: this.spec, match: { id: "m", seed: 5, me, players, bots: [], episode: 0, keys }, scene: "s", visit: 1, resume, costs: {},
      post: (message) => this.#hear(seat, page, message), now: () => this.#timeOfDay(skewMs), fail: (error) => seat.failures.push(String(error)),
    }); // prettier-ignore
    page.play = seat.play;
    this.pages[me] = page;
    // A page tells its links as soon as they are up, before the first tick.
    for (const { player } of players) if (player !== me) seat.play.linkState({ peer: player, state: "up", transport: "p2p", rttMs: 40 });
    return page;
  }

  #hear(seat, page, message) {
    if (message.type === "draw" && this.screenMs !== null) this.#show(seat, message);
    if (message.type === "send") return this.#carry(seat, message);
    seat.said.push(message);
    this.onSaid(page, message);
  }

  #carry({ me }, { peer, bytes, channel }) {
    this.seats[me].bytes += bytes.byteLength;
    const { play } = this.seats[peer];
    for (const { delayMs, lost = false } of this.ways(me, peer, channel)) {
      if (lost || this.cut.has(`${me}>${peer}`) || this.closed.has(`${me}>${peer}`)) continue;
      setTimeout(() => this.seats[peer].play === play && play.receive(me, bytes), delayMs);
    }
  }

  #show({ play }, { episode, frame }) {
    setTimeout(() => play.shown({ episode, frame, atMs: Date.now(), refreshMs: 10 }), this.screenMs);
  }

  start(delayMs = 100) {
    for (const { play, skewMs } of this.seats) play.start(Date.now() + skewMs + delayMs);
  }

  run(ms, stepMs = 5) {
    for (let passed = 0; passed < ms; passed += stepMs) this.#pass(stepMs);
  }

  /** @returns {boolean} whether it came true within the time */
  runUntil(done, limitMs = 20_000) {
    for (let passed = 0; passed < limitMs && !done(); passed += 5) this.#pass(5);
    return done();
  }

  /** A timer that sets itself again for the same moment would never let time pass. */
  #timeOfDay(skewMs) {
    this.clockReads += 1;
    assert.ok(this.clockReads < MOST_READS, `time stands still at ${Date.now()}`);
    return Date.now() + skewMs;
  }

  #pass(ms) {
    this.clockReads = 0;
    mock.timers.tick(ms);
    this.watch();
  }

  /** @param {() => void} action */
  later(ms, action) {
    setTimeout(action, ms);
  }

  tap(me, code) {
    for (const kind of ["keydown", "keyup"]) this.seats[me].play.input({ type: "input", kind, code, key: code, atMs: Date.now() });
  }

  /** Messages of a kind that a player's page got. */
  said(me, type) {
    return this.seats[me].said.filter((message) => message.type === type);
  }

  /** Names of what happened, as it is told to the host. */
  events(me) {
    return this.said(me, "stats").flatMap(({ values }) => (values.event ? [values.event.type] : []));
  }

  /** What the host answers a page that is loaded anew: all that was handed out, and how far the match can be. */
  onHost(me, episode) {
    const rows = this.rows(me, episode).map(([inputs]) => inputs);
    const inputs = Object.fromEntries(this.seats.map((_, player) => [player, rows.map((row) => row[player])]));
    return { episode, inputs, stored: rows.length, marks: this.seats[me].marks[episode] ?? [], due: this.framesDue() };
  }

  /** Most frames that can have been played by now. */
  framesDue() {
    return Math.ceil(((Date.now() - 1_000_000) / 1000 + 3) * this.spec.rendering.fps);
  }

  /** Rows of an episode that a player's page got to send. */
  rows(me, episode = 0) {
    const batches = this.said(me, "batch").filter(({ key }) => key.episode === episode);
    return batches.flatMap(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)));
  }

  close() {
    for (const { play } of this.seats) play.dispose();
    mock.timers.reset();
  }
}
