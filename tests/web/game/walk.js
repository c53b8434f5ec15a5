/**
 * One seeded match of the whole worker code with the host's rules: who plays, over which network and what happens is drawn from the seed.
 */
import assert from "node:assert/strict";
import { randomFrom } from "../core/sim.js";
import { BoxHost } from "./box_host.js";
import { MatchBox } from "./match_box.js";

const LAST = 59;
/** Of a game whose frames wait for moves. */
const LAST_MOVE = 9;
const HOUR_MS = 3_600_000;
/** Nobody is waited for longer in a study: it would be let go. */
const LIMIT_MS = 120_000;
const pick = (random, list) => list[Math.floor(random() * list.length)];

function draw(seed) {
  const random = randomFrom(seed + 1);
  const players = pick(random, [2, 2, 2, 3, 3, 4]);
  const waits = random() < 0.2;
  return {
    random,
    players,
    waits,
    lastFrame: waits ? LAST_MOVE : LAST,
    episodes: pick(random, [2, 2, 3]),
    multiplayer: { input_delay_frames: waits ? 0 : pick(random, [0, 2]), max_prediction_frames: pick(random, [4, 8]) },
    freezeS: pick(random, [0, 0.2, 1]),
    delayMs: random() * 80,
    jitterMs: random() * 60,
    loss: pick(random, [0, 0, 0.1]),
    doubles: pick(random, [0, 0, 0.3]),
    burstMs: pick(random, [0, 0, 0, 300]),
    relayed: random() < 0.2,
    skewsMs: Array.from({ length: players }, () => pick(random, [0, 0, HOUR_MS, -HOUR_MS / 7])),
    hostMs: random() * pick(random, [30, 30, 800]),
    events: 1 + Math.floor(random() * 3),
  };
}

/** What arrives of a packet: copies, late ones before earlier ones, all that was held in a burst at once; over the host in order. */
function network(box, { random, delayMs, jitterMs, loss, doubles, burstMs, relayed }) {
  const lastMs = new Map();
  const held = (ms) => (burstMs ? Math.ceil((Date.now() + ms) / burstMs) * burstMs - Date.now() : ms);
  box.ways = (from, to) => {
    if (relayed) {
      const atMs = Math.max(lastMs.get(`${from}>${to}`) ?? 0, Date.now() + held(2 * delayMs + random() * jitterMs));
      lastMs.set(`${from}>${to}`, atMs);
      return [{ delayMs: atMs - Date.now() }];
    }
    return Array.from({ length: random() < doubles ? 2 : 1 }, (_, copy) => ({ delayMs: held(delayMs + random() * (jitterMs + copy * 200)), lost: random() < loss }));
  };
}

/** What can happen to a match. */
export const EVENTS = {
  reload: ({ host, who, random }) => host.reload(who, random() * 1500, random() * 1500),
  all_reload: ({ host, everybody, random, box }) => {
    const apartMs = pick(random, [0, 60, 700]);
    for (const me of everybody) {
      const [awayMs, loadMs] = [random() * 1500, random() * 1500];
      box.later(random() * apartMs, () => host.reload(me, awayMs, loadMs));
    }
  },
  second_tab: ({ host, who, random }) => host.takeOver(who, random() * 1500),
  cut: ({ host, who, other, random }) => host.cut([`${who}>${other}`, `${other}>${who}`], random() * 3000),
  one_way_cut: ({ host, who, other, random }) => host.cut([`${who}>${other}`], pick(random, [300, 3000, 8000, 20_000])),
  offline: ({ host, who, everybody }) => {
    const ways = everybody.filter((me) => me !== who).flatMap((me) => [`${who}>${me}`, `${me}>${who}`]);
    host.cut(ways, 30_000);
    host.unplug(who, 30_000);
  },
  host_away: ({ host, everybody, random }) => {
    const forMs = random() * 6000;
    for (const me of everybody) host.unplug(me, forMs);
  },
  clock: ({ box, who, random }) => {
    const jumpMs = pick(random, [HOUR_MS, -HOUR_MS]);
    box.seats[who].skewMs += jumpMs;
    box.seats[who].play.setClock(jumpMs);
  },
  leaves: ({ host, who, everybody }) => everybody.length > 2 && host.release(who),
  key: ({ box, who }) => box.tap(who, "a"),
};

/** A moment of the match: in an episode at its start, anywhere, in its last second, in the freeze after it. */
function moment(box, { random, lastFrame, players, episodes }) {
  const seat = box.seats[Math.floor(random() * players)];
  const episode = Math.floor(random() * episodes);
  const frame = pick(random, [0, 1, Math.floor(random() * lastFrame), lastFrame - Math.floor(random() * 24), lastFrame + 1]);
  const afterMs = random() * pick(random, [30, 250, 1500]);
  const phaseOf = (type) => box.said(seat.me, "phase").at(-1)?.[type] ?? 0;
  return { afterMs, isNow: () => phaseOf("episode") > episode || (phaseOf("episode") === episode && seat.env.frame >= Math.max(0, frame)) };
}

/** Everybody moves now and then. */
function playAll(box, random, everyMs) {
  const again = (me) =>
    box.later(random() * everyMs, () => {
      box.tap(me, pick(random, ["a", "b"]));
      again(me);
    });
  for (const { me } of box.seats) again(me);
}

function happenings(box, host, drawn) {
  const { random, events } = drawn;
  const names = Object.keys(EVENTS);
  const log = [];
  const plan = Array.from({ length: events }, () => ({ ...moment(box, drawn), name: pick(random, names), done: false }));
  box.watch = () => {
    for (const one of plan.filter(({ done, isNow }) => !done && isNow())) {
      one.done = true;
      box.later(one.afterMs, () => {
        const everybody = box.seats.map(({ me }) => me).filter((me) => !host.members[me].gone);
        const who = pick(random, everybody);
        const other = pick(random, everybody.filter((me) => me !== who));
        log.push(`${one.name} ${who} (episode ${host.episode}, frame ${box.seats[who].env.frame})`);
        if (!host.isOver && everybody.length > 1) EVENTS[one.name]({ box, host, who, other, everybody, random });
      });
    }
  };
  return log;
}

/** Play the match of a seed; throws when anything is not as it must be. @returns {string[]} what happened */
export function walk(seed) {
  const drawn = draw(seed);
  const { random, players, waits, lastFrame, episodes, multiplayer, freezeS, skewsMs, hostMs } = drawn;
  const box = new MatchBox({
    players,
    lastFrame,
    multiplayer,
    skewsMs,
    acting: waits ? () => box.seats.map(({ me }) => me) : null,
    gameplay: { num_episodes: episodes, reset_freeze_s: freezeS, ...(waits ? { pace: "on_input", input_mode: "single_keystroke", move_limit_s: 3, on_move_limit: "default_action" } : {}) },
  });
  const host = new BoxHost(box, { episodes, delayMs: () => hostMs });
  let log = [];
  try {
    network(box, drawn);
    log = happenings(box, host, drawn);
    box.pages.forEach((page) => host.greet(page));
    playAll(box, random, waits ? 400 : 1500);
    box.start(300);
    assert.ok(box.runUntil(() => host.isOver, LIMIT_MS), `it never ended: ${whereAll(box, host)}`);
    box.run(3000);
    assertOutcome(box, host, drawn);
    return log;
  } catch (error) {
    error.message = `seed ${seed}, ${players} players${waits ? " whose moves are waited for" : ""}: ${error.message}\n  ${log.join("\n  ")}`;
    throw error;
  } finally {
    box.close();
  }
}

const whereAll = (box, host) =>
  JSON.stringify({ episode: host.episode, pauses: [...host.pauses], seats: box.seats.map(({ me, env }) => ({ frame: env.frame, confirmed: env.confirmed, phase: box.said(me, "phase").at(-1), over: host.members[me].over })) });

function assertOutcome(box, host, { lastFrame, episodes }) {
  for (const { me, failures } of box.seats) {
    assert.deepEqual(failures, [], `player ${me} fails`);
    assert.ok(!box.events(me).includes("refused"), `player ${me} takes somebody for a liar`);
  }
  for (let episode = 0; episode < episodes; episode++) {
    const [first, ...rest] = host.staying;
    const rows = first.rows.get(episode) ?? [];
    assert.equal(rows.length, lastFrame + 1, `rows of episode ${episode} are missing`);
    for (const other of rest) assert.deepEqual(other.rows.get(episode) ?? [], rows, `rows of episode ${episode} differ`);
    for (const member of host.members.filter(({ gone }) => gone)) {
      const some = (member.rows.get(episode) ?? []).slice(0, host.sharedFrames(member, episode));
      assert.deepEqual(some, rows.slice(0, some.length), `rows of who left differ in episode ${episode}`);
    }
    const reports = host.staying.map((member) => member.reports.get(episode)).map((report) => report && [report.frames, report.reason]);
    assert.deepEqual(reports, host.staying.map(() => [lastFrame + 1, "terminated"]), `reports of episode ${episode}`);
    const chains = host.staying.map((member) => member.reports.get(episode)?.chain).filter((chain) => chain !== "");
    assert.ok(new Set(chains).size <= 1, `chains of episode ${episode} differ: ${chains}`);
  }
}
