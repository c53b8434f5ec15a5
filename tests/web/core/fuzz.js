/**
 * One seeded match: everything that differs between matches is drawn from the seed.
 */
import assert from "node:assert/strict";
import { assertSameHistory, Browser, keysOf, Match, Network, randomFrom } from "./sim.js";

/** Nobody is left to tell those who come back where the match is, or it is about to end. */
const WITHOUT_A_HOST = ["all_reload", "all_reload", "reload_late"];

const pick = (random, list) => list[Math.floor(random() * list.length)];

/** @returns what the match is like */
export function draw(seed) {
  const random = randomFrom(seed);
  const players = pick(random, [2, 2, 2, 3, 3, 4]);
  const fps = pick(random, [20, 30, 60]);
  const maxPredictionFrames = pick(random, [8, 8, 8, 4, 2, 1, 0, 12]);
  const drawn = {
    seed,
    random,
    players,
    fps,
    maxPredictionFrames,
    loss: pick(random, [0, 0, 0.05, 0.15, 0.4]),
    delayMs: random() * pick(random, [5, 40, 120]),
    jitterMs: random() * pick(random, [1, 40, 150]),
    doubles: pick(random, [0, 0, 0.2]),
    delays: Array.from({ length: players }, () => pick(random, [0, 0, 1, 2, 3, "auto"])),
    predict: pick(random, ["previous", "default"]),
    saveMode: pick(random, ["every", "sparse"]),
    checksumEveryFrames: pick(random, [1, 5, 10]),
    onDesync: pick(random, ["flag", "resync", "end"]),
    timeSync: pick(random, ["skip", "skip", "stretch", "off"]),
    maxSteps: 15 + Math.floor(random() * 40),
    lastsFrom: pick(random, [Infinity, 25]),
    drifts: Array.from({ length: players }, () => 1 + (random() - 0.5) * pick(random, [0, 0.02, 0.1])),
    stutter: pick(random, [0, 0, 0.01, 0.05]),
    startsApartMs: random() * pick(random, [0, 100, 800]),
    story: pick(random, ["plain", "plain", "plain", "pause", "reload", "reload_paused", "freeze", "gone", "stop", "two_gone", "spectator", "reload_ledger", "state"]),
    atMs: 100 + random() * 900,
    who: Math.floor(random() * players),
  };
  return seed % 7 === 3 ? { ...drawn, story: pick(random, WITHOUT_A_HOST) } : drawn;
}

function makeBrowsers(settings, createRollback) {
  const { players, random, seed } = settings;
  // Twice the window: what we are ahead of what we know, and what that is ahead of what all know. Then the delay, and anchors.
  const ringLimit = 2 * settings.maxPredictionFrames + 7 + (settings.onDesync === "resync" ? 4 : 0);
  const inputs = Array.from({ length: players }, () => ({ value: 0, until: 0 }));
  const input = (player, frame) => {
    if (settings.awaitInputs && random() < 0.6) return null;
    const current = inputs[player];
    if (frame >= current.until) Object.assign(current, { value: Math.floor(random() * 6), until: frame + Math.floor(random() * 8) });
    return current.value;
  };
  const common = ["players", "fps", "maxPredictionFrames", "predict", "saveMode", "checksumEveryFrames", "onDesync", "timeSync", "maxSteps", "awaitInputs"];
  const shared = Object.fromEntries(common.map((name) => [name, settings[name]]));
  const defaultInputs = Array.from({ length: players }, (_, player) => player + 1);
  let incarnation = 1;
  const browser = (id, own) => {
    const make = (more) => createRollback({ ...shared, defaultInputs, incarnation: incarnation++, ...own, ...more });
    return new Browser({ id, make, seed, lastsFrom: settings.lastsFrom, input, ringLimit });
  };
  const all = Array.from({ length: players }, (_, player) => browser(player, { local: [player], inputDelayFrames: settings.delays[player], keys: keysOf(player, defaultInputs.map((_, peer) => peer)) }));
  if (settings.story === "spectator") all.push(browser(9, { local: [], spectatorId: 9 }));
  return all;
}

/** What happens besides playing. */
const STORIES = {
  plain() {},
  spectator() {},
  pause(match, { atMs, random }) {
    match.at(atMs, () => match.browsers.forEach((browser, i) => match.at(i * 30, () => browser.rollback.pause())));
    match.at(atMs + 300 + random() * 1500, () => match.browsers.forEach((browser, i) => match.at(i * 50, () => browser.rollback.resume())));
  },
  reload(match, { atMs, who, random }) {
    match.at(atMs, () => (match.byId(who).closed = true));
    match.at(atMs + random() * 1500, () => reopen(match, who, {}));
  },
  reload_ledger(match, { atMs, who, random }) {
    match.at(atMs, () => (match.byId(who).closed = true));
    match.at(atMs + random() * 1500, () => {
      const teller = match.browsers.find((browser) => browser.id !== who);
      const ledger = teller.rows.slice(0, Math.floor(teller.rows.length * 0.8));
      reopen(match, who, {});
      match.byId(who).rollback.feed(0, ledger.map((row) => row.inputs), ledger.map((row) => row.marks));
    });
  },
  all_reload(match, { atMs, random }) {
    match.at(atMs, () => match.browsers.forEach((browser, i) => match.at(i * random() * 80, () => reloadWithRows(match, browser, random))));
  },
  reload_late(match, { who, random, maxSteps }) {
    let frame = maxSteps - Math.floor(random() * 8);
    match.watch = () => {
      const browser = match.byId(who);
      if (browser.rollback.frame < frame || browser.closed || browser.ended) return;
      frame = Infinity;
      reloadWithRows(match, browser, random);
    };
  },
  state(match, { atMs, who }) {
    match.at(atMs, () => (match.byId(who).closed = true));
    match.at(atMs + 300, () => reopen(match, who, { wantState: true }));
    match.watch = () => match.browsers.forEach((browser) => carryState(browser));
  },
  reload_paused(match, { atMs, who, random }) {
    const others = () => match.browsers.filter((browser) => browser.id !== who);
    match.at(atMs, () => (match.byId(who).closed = true));
    match.at(atMs + 500, () => others().forEach((browser) => browser.rollback.pause()));
    match.at(atMs + 700 + random() * 500, () => reopen(match, who, {}));
    match.at(atMs + 1600, () => others().forEach((browser) => browser.rollback.resume()));
  },
  freeze(match, { atMs, who, random }) {
    const awake = atMs + 600 + random() * 2000;
    match.at(atMs, () => (match.byId(who).frozenUntilMs = match.nowMs + awake - atMs));
    match.at(atMs + 500, () => declare(match, who));
  },
  gone(match, { atMs, who, random }) {
    match.at(atMs, () => (match.byId(who).closed = true));
    match.at(atMs + 500 * random(), () => declare(match, who));
  },
  two_gone(match, { atMs, who, players, random }) {
    const second = (who + 1) % players;
    match.at(atMs, () => (match.byId(who).closed = true));
    match.at(atMs + 500, () => declare(match, who));
    if (players === 2) return;
    match.at(atMs + 480 + random() * 100, () => (match.byId(second).closed = true));
    match.at(atMs + 1100, () => declare(match, second));
  },
  others_leave(match, { atMs, random, players }) {
    const [returns, ...leave] = Array.from({ length: players }, (_, id) => id).filter((id) => id !== 1);
    const reload = (who, forMs) => {
      match.byId(who).closed = true;
      match.at(forMs, () => reopen(match, who, {}));
    };
    match.at(atMs, () => reload(returns, 300));
    const leaveAtMs = atMs + 350 + random() * 500;
    match.at(leaveAtMs, () => leave.forEach((who) => reload(who, 400 + random() * 400)));
    match.at(leaveAtMs + random() * 500, () => (match.byId(returns).frozenUntilMs = match.nowMs + random() * 3000));
  },
  stop(match, { atMs, who }) {
    match.at(atMs, () => match.byId(who).rollback.requestEnd("partial"));
  },
};

function declare(match, who) {
  match.browsers.filter((browser) => browser.id !== who && !browser.closed && browser.id < 8).forEach((browser, i) => match.at(i * 40, () => browser.rollback.declareAbsent(who)));
}

/** A page that finds on the host what it had sent there. */
function reloadWithRows(match, browser, random) {
  const sent = browser.rows.slice(0, Math.floor(browser.rows.length * random()));
  browser.closed = true;
  match.at(random() * 1500, () => {
    reopen(match, browser.id, {});
    if (sent.length > 0) browser.rollback.feed(0, sent.map((row) => row.inputs), sent.map((row) => row.marks));
  });
}

function reopen(match, who, options) {
  const browser = match.byId(who);
  browser.open({ rejoin: true, ...options });
  browser.closed = false;
}

/** What the worker does when a state is asked for, or arrives. */
function carryState(browser) {
  for (const event of browser.events.splice(0)) {
    if (event.type === "state_wanted") {
      const state = browser.ring.get(event.frame);
      assert.ok(state, `the state of frame ${event.frame} is asked for, but not in the ring`);
      browser.rollback.offerState(event.frame, new Uint8Array(Int32Array.from(state).buffer));
    }
    if (event.type === "state_received") {
      browser.ring = new Map([[event.frame, [...new Int32Array(event.bytes.slice().buffer)]]]);
      browser.firstFrame = event.frame;
      browser.rollback.stateLoaded(event.frame);
    }
  }
}

/** The same match, but each frame waits until everybody has moved, which takes them some ticks. */
export const waiting = (settings) => ({ ...settings, awaitInputs: true, maxPredictionFrames: 0, delays: settings.delays.map(() => 0), timeSync: "off" });

/** The same match, but somebody comes back, and has not yet heard of it, while all but one of the others load anew. */
export const crowded = (settings) => ({ ...settings, story: "others_leave", players: 4, delays: [0, 0, 1, 0], drifts: [1, 1, 1, 1], maxSteps: 120, lastsFrom: Infinity });

/** Play the match of a seed; throws when anything is not as it must be. @returns {{settings, browsers, match}} */
export function playSeed(seed, createRollback, changed = (settings) => settings) {
  const settings = changed(draw(seed));
  const { random, stutter } = settings;
  const browsers = makeBrowsers(settings, createRollback);
  const network = new Network(random, () => settings);
  const match = new Match({ browsers, network, fps: settings.fps, drift: (id) => settings.drifts[id] ?? 1 });
  match.due[match.due.length - 1] += settings.startsApartMs;
  STORIES[settings.story](match, settings);
  if (stutter > 0) stutterNow(match, random, stutter);
  const done = () => browsers.every((browser) => browser.closed || browser.ended) && match.plans.length === 0;
  const finished = match.runUntil(done, 40_000);
  const where = browsers.map((browser) => JSON.stringify({ id: browser.id, ...browser.rollback.stats(), ended: browser.ended }));
  assert.ok(finished, `seed ${seed} (${settings.story}) never ended: ${where.join(" ")}`);
  assertOutcome(settings, browsers);
  return { settings, browsers, match };
}

function stutterNow(match, random, chance) {
  const again = () => {
    for (const browser of match.browsers) if (random() < chance * 5) browser.frozenUntilMs = Math.max(browser.frozenUntilMs, match.nowMs + random() * 250);
    if (match.nowMs < 6000) match.at(100, again);
  };
  match.at(100, again);
}

function assertOutcome({ seed, lastsFrom, story, maxSteps }, browsers) {
  const truth = assertSameHistory(browsers, seed, lastsFrom);
  const alive = browsers.filter((browser) => !browser.closed);
  const [first] = alive;
  assert.ok(first.ended.frame >= (story === "stop" ? 0 : 1));
  for (const browser of alive) {
    assert.deepEqual(browser.ended, first.ended, `peers ${first.id} and ${browser.id} end differently`);
    if (browser.firstFrame === 0) assert.equal(browser.chain.hex(), alive.find((other) => other.firstFrame === 0).chain.hex());
    assert.equal(browser.rollback.stats().malformed, 0);
    assert.deepEqual(browser.events.filter((event) => ["desync", "split", "incompatible", "refused"].includes(event.type)), []);
  }
  assert.deepEqual(truth.findIndex(({ terminal }) => terminal), first.ended.reason === "terminated" ? first.ended.frame : -1);
  if (first.ended.reason === "max_steps") assert.equal(first.ended.frame, maxSteps - 1);
  if (story !== "stop") assert.notEqual(first.ended.reason, "partial");
  alive.forEach(assertAbsentActDefault);
}

/** Whoever is absent acts the default action from the agreed frame on, until the frame they are back. */
function assertAbsentActDefault(browser) {
  browser.rollback.episode.agreement.schedule.absences.forEach((absences, player) => {
    for (const { from, to } of absences) {
      const rows = browser.rows.slice(Math.max(0, from - browser.firstFrame), Math.max(0, to - browser.firstFrame));
      for (const { inputs } of rows) assert.equal(inputs[player], player + 1, `player ${player} is absent, but acts`);
    }
  });
}

/** Two peers that start apart and tick unevenly keep within a frame of each other, whatever the seed. */
export function converge(seed, createRollback) {
  const random = randomFrom(seed);
  const link = { loss: random() * 0.1, delayMs: random() * 60, jitterMs: random() * 20, doubles: 0 };
  const drifts = [1 + random() * 0.01, 1 - random() * 0.01];
  const timeSync = random() < 0.5 ? "skip" : "stretch";
  const make = (id) => () => createRollback({ players: 2, local: [id], fps: 30, incarnation: id + 1, timeSync, maxPredictionFrames: 12 });
  const browsers = [0, 1].map((id) => new Browser({ id, make: make(id), seed, lastsFrom: Infinity, ringLimit: 60, input: () => 0 }));
  const match = new Match({ browsers, network: new Network(random, () => link), fps: 30, drift: (id) => drifts[id] });
  match.due[Math.floor(random() * 2)] += random() * 300;
  match.runUntil(() => false, 5000);
  const apart = [];
  match.watch = () => apart.push(Math.abs(browsers[0].rollback.frame - browsers[1].rollback.frame));
  match.runUntil(() => false, 5000);
  const mean = apart.reduce((a, b) => a + b) / apart.length;
  assert.ok(mean <= 1, `seed ${seed} (${timeSync}): ${mean} frames apart on average`);
}
