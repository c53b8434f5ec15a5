/** Whoever comes back into a match gets on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT } from "../../../web_client/game/match_options.js";
import { ends, frame, inBox, inputsOf, lose, over, wholeAndEqual } from "./in_box.js";

/** The page is loaded anew; the host holds the match for everybody until all who came back are counted on again. */
function reload(box, players, whileAway = () => {}) {
  const resumes = players.map((me) => box.onHost(me, box.seats[me].play ? Number(box.said(me, "episodeStarted").at(-1)?.episode ?? 0) : 0));
  for (const me of players) box.seats[me].play.dispose();
  for (const { me, play } of box.seats) if (!players.includes(me)) play.pause("away");
  whileAway();
  players.forEach((me, i) => {
    box.open(me, resumes[i]);
    box.seats[me].play.pause("");
    box.seats[me].play.start(Date.now());
  });
  assert.ok(box.runUntil(() => players.every((me) => box.said(me, "returned").length > 0), 5000), "they are counted on again");
  for (const { play } of box.seats) play.resume();
}

test("all reload at once, in mid-episode: nobody serves, yet play goes on and no row is missing", () => {
  inBox({ gameplay: { num_episodes: 2 } }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 50);
    reload(box, [0, 1]);
    assert.ok(box.runUntil(over(box)));
    [0, 1].forEach((episode) => wholeAndEqual(box, episode, 89));
    [0, 1].forEach((me) => assert.deepEqual(ends(box, me), [[0, "terminated"], [1, "terminated"]]));
  });
});

for (const players of [[1], [0], [0, 1]]) {
  test(`a reload at frame 0 (players ${players})`, () => {
    inBox({ gameplay: { num_episodes: 2 } }, (box) => {
      box.start();
      box.runUntil(() => frame(box, 0) > 0);
      reload(box, players, () => box.run(500));
      assert.ok(box.runUntil(over(box)));
      [0, 1].forEach((episode) => wholeAndEqual(box, episode, 89));
    });
  });
}

for (const early of [1, 5, 12, 24]) {
  test(`a reload ${early} frames before the end of an episode: nobody plays the next one alone`, () => {
    inBox({ gameplay: { num_episodes: 2 } }, (box) => {
      box.start();
      box.runUntil(() => frame(box, 1) >= 90 - early);
      reload(box, [1], () => box.run(1500));
      assert.ok(box.runUntil(() => box.said(0, "episodeStarted").length === 2));
      assert.equal(ends(box, 1).length, 1, "who came back has ended the first episode by then");
      assert.ok(box.runUntil(over(box)));
      [0, 1].forEach((episode) => wholeAndEqual(box, episode, 89));
    });
  });
}

test("who comes back while the others agree that it was away believes what they tell of somebody who left", () => {
  inBox({ players: 4 }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 5);
    box.seats[2].play.close("left");
    lose(box, 2);
    [0, 1, 3].forEach((me) => box.seats[me].play.absent(2));
    box.runUntil(() => frame(box, 0) > 40);
    reload(box, [0]);
    assert.ok(box.runUntil(() => [0, 1, 3].every((me) => box.said(me, "gameOver").length > 0)));
    for (const me of [0, 1, 3]) assert.ok(!box.events(me).includes("refused"), `player ${me} takes somebody for a liar`);
    assert.deepEqual(box.rows(0), box.rows(1));
    assert.deepEqual(box.rows(0), box.rows(3));
  });
});

test("who comes back hears that it counts again though the one that decided it knows only the page before", () => {
  inBox({ players: 3 }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 20);
    box.cut.add("0>2");
    box.later(2500, () => box.cut.clear());
    reload(box, [0]);
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(box.rows(0), box.rows(1));
    assert.deepEqual(box.rows(0), box.rows(2));
  });
});

for (const forged of [false, true]) {
  test(`who reloads when the other has finished gets its word of the rest from the host${forged ? ", but no moves they never made" : ""}`, () => {
    inBox({ gameplay: { num_episodes: 1 } }, (box) => {
      box.start();
      box.runUntil(() => frame(box, 0) > 60);
      box.tap(0, "a");
      assert.ok(box.runUntil(over(box)));
      const [own, whole] = [box.onHost(0, 0), box.onHost(1, 0)];
      const stored = 60;
      const cut = (lists, from, to) => Object.fromEntries(Object.entries(lists).map(([player, list]) => [player, list.slice(from, to)]));
      const told = { player: 1, inputs: cut(whole.inputs, stored), marks: whole.marks.slice(stored) };
      if (forged) told.inputs[0][20] = 2;
      box.seats[1].play.dispose();
      const before = box.seats[0].said.length;
      box.open(0, { ...own, stored, inputs: cut(own.inputs, 0, stored), marks: own.marks.slice(0, stored), told });
      box.seats[0].play.absent(1);
      box.seats[0].play.start(Date.now());
      assert.ok(box.runUntil(() => box.seats[0].said.slice(before).some(({ type }) => type === "gameOver")));
      const again = box.rows(0).slice(own.stored);
      assert.deepEqual(again.map(([inputs]) => inputs[0]), forged ? new Array(30).fill(0) : box.rows(1).slice(stored).map(([inputs]) => inputs[0])); // prettier-ignore
      if (!forged) assert.deepEqual(again, box.rows(1).slice(stored));
    });
  });
}

test("both reload after one was away: what it lacks of its absence is shown by the other's ledger", () => {
  inBox({ lastFrame: 149 }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 20);
    lose(box, 1);
    box.seats[0].play.absent(1);
    box.runUntil(() => frame(box, 0) > 40);
    box.cut.clear();
    assert.ok(box.runUntil(() => box.events(1).includes("peer_returned")));
    box.run(1500);
    const [whole, all] = [0, 1].map((me) => box.onHost(me, 0));
    const stored = 10;
    const inputs = Object.fromEntries(Object.entries(all.inputs).map(([player, list]) => [player, list.slice(0, stored)]));
    [whole, { ...all, stored, inputs, marks: all.marks.slice(0, stored) }].forEach((resume, me) => {
      box.open(me, resume);
      box.seats[me].play.start(Date.now());
    });
    assert.ok(box.runUntil(over(box)));
    assert.ok(inputsOf(box, 0, 1).includes(ABSENT));
    assert.equal(box.rows(0).length, 150);
    assert.deepEqual(box.rows(1).slice(-140), box.rows(0).slice(-140));
  });
});
