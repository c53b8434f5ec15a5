import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../core/sim.js";
import { MatchBox } from "./match_box.js";

const MATCHES = 120;
const LAST = 59;
const pick = (random, list) => list[Math.floor(random() * list.length)];

/** What the host has of a player's rows: all that was handed out. */
function onHost(box, me) {
  const episode = Number(box.said(me, "episodeStarted").at(-1)?.episode ?? 0);
  return box.onHost(me, episode);
}

/** These pages are loaded anew; the host holds the match until all are counted on again. */
function reload(box, players, awayMs) {
  const resumes = players.map((me) => onHost(box, me));
  const before = players.map((me) => box.said(me, "returned").length);
  for (const me of players) box.seats[me].play.dispose();
  for (const { me, play } of box.seats) if (!players.includes(me)) play.pause("away");
  box.run(awayMs);
  players.forEach((me, i) => {
    box.open(me, resumes[i]);
    box.seats[me].play.pause("");
    box.seats[me].play.start(Date.now());
  });
  assert.ok(box.runUntil(() => players.every((me, i) => box.said(me, "returned").length > before[i]), 8000), `players ${players} are counted on again`);
  for (const { play } of box.seats) play.resume();
}

/** Nothing passes between two players; the host hears of it and holds the match until the link is back. */
function cut(box, a, b, forMs, oneWay) {
  box.cut.add(`${a}>${b}`);
  if (!oneWay) box.cut.add(`${b}>${a}`);
  box.run(500);
  for (const { play } of box.seats) play.pause("cut");
  box.run(forMs);
  box.cut.clear();
  for (const { play } of box.seats) play.resume();
}

/** A moment in the match: at its start, anywhere in an episode, in its last second, or between two. */
function moment(box, random) {
  const frame = () => box.seats[0].env.frame;
  const wanted = pick(random, [0, 1, Math.floor(random() * LAST), LAST - Math.floor(random() * 24), LAST + 1]);
  box.runUntil(() => frame() >= wanted || isOver(box), 4000);
  box.run(random() * 250);
}

const isOver = (box) => box.seats.some(({ me }) => box.said(me, "gameOver").length > 0);

function walk(seed) {
  const random = randomFrom(seed + 1);
  const players = pick(random, [2, 2, 3]);
  const multiplayer = { input_delay_frames: pick(random, [0, 2]), max_prediction_frames: pick(random, [4, 8]) };
  const box = new MatchBox({ players, lastFrame: LAST, multiplayer, gameplay: { num_episodes: 2 } });
  const [delayMs, jitterMs, loss] = [random() * 80, random() * 60, pick(random, [0, 0, 0.1])];
  box.way = () => ({ delayMs: delayMs + random() * jitterMs, lost: random() < loss });
  try {
    box.start(300);
    for (let events = 1 + Math.floor(random() * 2); events > 0 && !isOver(box); events--) {
      moment(box, random);
      if (isOver(box)) break;
      const who = Math.floor(random() * players);
      const all = box.seats.map(({ me }) => me);
      const other = (who + 1) % players;
      pick(random, [
        () => reload(box, [who], random() * 1500),
        () => reload(box, all, random() * 1500),
        () => cut(box, who, other, random() * 3000, random() < 0.4),
        () => box.tap(who, "a"),
      ])();
    }
    const over = () => box.seats.every(({ me }) => box.said(me, "gameOver").length > 0);
    assert.ok(box.runUntil(over, 20_000), "it ends");
    for (const episode of [0, 1]) {
      const [first, ...rest] = box.seats.map(({ me }) => box.rows(me, episode));
      assert.equal(first.length, LAST + 1, `no gap in episode ${episode}`);
      rest.forEach((rows) => assert.deepEqual(rows, first));
    }
    for (const { me, failures } of box.seats) {
      assert.deepEqual(failures, []);
      assert.ok(!box.events(me).includes("refused"), "nobody is taken for a liar");
    }
  } finally {
    box.close();
  }
}

test(`${MATCHES} short matches with reloads and cuts at any moment end by rule, identical and without a gap`, () => {
  for (let seed = 0; seed < MATCHES; seed++) {
    try {
      walk(seed);
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
});
