import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT } from "../../../web_client/game/match_options.js";
import { marksFrom, marksText } from "../../../web_client/game/marks_text.js";
import { ends, frame, inBox, inputsOf, lose, over, wholeAndEqual } from "./in_box.js";

for (const mode of ["single_keystroke", "pressed_keys"]) {
  test(`a key struck while the game waits for the others counts once it goes on (${mode})`, () => {
    inBox({ gameplay: { input_mode: mode } }, (box) => {
      box.start();
      box.runUntil(() => frame(box, 0) > 10);
      lose(box, 1);
      box.run(400);
      const held = frame(box, 0);
      box.tap(0, "b");
      box.run(300);
      assert.equal(frame(box, 0), held, "it waits at the bound of prediction");
      box.cut.clear();
      assert.ok(box.runUntil(over(box)));
      assert.equal(inputsOf(box, 0, 0).filter((input) => input === 2).length, 1);
      assert.equal(inputsOf(box, 0, 0)[held], 2, "in the first frame that could take it");
      assert.deepEqual(box.rows(0), box.rows(1));
    });
  });
}

test("several strokes during a wait keep their order, one a frame", () => {
  inBox({ gameplay: { input_mode: "single_keystroke" } }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 10);
    lose(box, 1);
    box.run(400);
    const held = frame(box, 0);
    for (const key of ["a", "b", "a"]) box.tap(0, key);
    box.run(200);
    box.cut.clear();
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(inputsOf(box, 0, 0).slice(held, held + 4), [1, 2, 1, 0]);
  });
});

test("what is struck in the countdown or in a pause is no move", () => {
  inBox({ players: 1, gameplay: { input_mode: "single_keystroke" } }, (box) => {
    box.start(500);
    box.run(100);
    box.tap(0, "a");
    box.runUntil(() => frame(box, 0) > 10);
    box.seats[0].play.pause("a moment");
    box.tap(0, "b");
    box.run(300);
    box.seats[0].play.resume();
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual([...new Set(inputsOf(box, 0, 0))], [0]);
  });
});

test("who wakes up when the others are an episode further joins them there, once", () => {
  inBox({ players: 3, gameplay: { num_episodes: 3 } }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 2) > 20);
    lose(box, 2);
    [0, 1].forEach((me) => box.seats[me].play.absent(2));
    assert.ok(box.runUntil(() => box.said(0, "episodeStarted").length === 2 && frame(box, 0) > 30));
    box.cut.clear();
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(ends(box, 2), [[0, "partial"], [1, "terminated"], [2, "terminated"]]); // prettier-ignore
    assert.ok(box.events(2).includes("episode_ahead"));
    assert.deepEqual(box.rows(2, 1), box.rows(0, 1));
    assert.deepEqual(box.rows(2, 2), box.rows(1, 2));
    const partial = box.rows(2, 0);
    assert.deepEqual(partial, box.rows(0, 0).slice(0, partial.length));
    assert.equal(inputsOf(box, 0, 2, 1)[0], ABSENT, "until it was back its frames say that nobody was there");
    assert.equal(inputsOf(box, 0, 2, 1).at(-1), 0);
  });
});

test("who finished an episode and slept through the start of the next does not end it twice", () => {
  inBox({ players: 3, gameplay: { num_episodes: 2, reset_freeze_s: 0 } }, (box) => {
    box.start();
    box.runUntil(() => box.said(2, "episodeEnded").length === 1);
    box.seats[2].play.pause("asleep");
    box.runUntil(() => frame(box, 0) > 5 && box.said(0, "episodeStarted").length === 2);
    [0, 1].forEach((me) => box.seats[me].play.absent(2));
    box.run(1000);
    assert.equal(box.said(2, "episodeStarted").length, 1, "it is still paused");
    box.seats[2].play.resume();
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(ends(box, 2), [[0, "terminated"], [1, "terminated"]]); // prettier-ignore
    assert.deepEqual(box.rows(2, 1), box.rows(0, 1));
  });
});

test("a page loaded anew in an old episode comes to the running one", () => {
  inBox({ gameplay: { num_episodes: 2 } }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 20);
    lose(box, 1);
    box.seats[0].play.absent(1);
    assert.ok(box.runUntil(() => box.said(0, "episodeStarted").length === 2 && frame(box, 0) > 10));
    const stored = box.rows(1).length;
    const inputs = { 0: inputsOf(box, 0, 0).slice(0, 15), 1: inputsOf(box, 0, 1).slice(0, 15) };
    box.open(1, { episode: 0, inputs, stored });
    box.cut.clear();
    box.seats[1].play.start(Date.now());
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(box.rows(1, 1), box.rows(0, 1));
    assert.deepEqual(ends(box, 1).at(-1), [1, "terminated"]);
  });
});

test("where the host decides over another episode, all wait for its word and begin it alike", () => {
  inBox({ gameplay: { num_episodes: 5, until: true, reset_freeze_s: 0 } }, (box) => {
    box.start();
    assert.ok(box.runUntil(() => [0, 1].every((me) => box.said(me, "episodeEnded").length === 1)));
    box.run(5000);
    assert.deepEqual([0, 1].map((me) => box.said(me, "episodeStarted").length), [1, 1]); // prettier-ignore
    box.seats[0].play.allow(2);
    box.run(700);
    box.seats[1].play.allow(2);
    assert.ok(box.runUntil(() => [0, 1].every((me) => box.said(me, "episodeEnded").length === 2)));
    wholeAndEqual(box, 1, 89);
    [0, 1].forEach((me) => box.seats[me].play.close("complete"));
    [0, 1].forEach((me) => assert.deepEqual(ends(box, me), [[0, "terminated"], [1, "terminated"]]));
  });
});

test("a page loaded anew while the host decides plays no episode of its own accord", () => {
  inBox({ players: 1, gameplay: { num_episodes: 5, until: true, reset_freeze_s: 0 } }, (box) => {
    box.start();
    assert.ok(box.runUntil(() => box.said(0, "episodeEnded").length === 1));
    const inputs = { 0: inputsOf(box, 0, 0) };
    box.open(0, { episode: 0, inputs, stored: inputs[0].length });
    box.seats[0].play.start(Date.now());
    box.run(5000);
    assert.ok(!box.said(0, "episodeStarted").some(({ episode }) => episode > 0));
    box.seats[0].play.allow(2);
    assert.ok(box.runUntil(() => box.said(0, "episodeStarted").some(({ episode }) => episode === 1)));
  });
});

test("two halves that held each other for absent: the one that does not count plays the other's course", () => {
  inBox({ lastFrame: 239 }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 20);
    lose(box, 1);
    [0, 1].forEach((me) => box.seats[me].play.absent(1 - me));
    box.tap(0, "a");
    box.tap(1, "b");
    box.run(2500);
    assert.ok(frame(box, 1) > 60, "each half plays on");
    const [sent] = [box.rows(1)];
    assert.ok(sent.length > 30);
    box.cut.clear();
    assert.ok(box.runUntil(() => box.events(1).includes("split"), 3000));
    box.run(300);
    box.tap(1, "a");
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(box.events(0).filter((type) => type === "split"), []);
    const [counted, other] = [box.rows(0), box.rows(1)];
    assert.equal(counted.length, 240);
    assert.equal(other.length, 240);
    assert.deepEqual(other.slice(sent.length), counted.slice(sent.length), "from what was not sent yet on, both are the same");
    assert.notDeepEqual(other.slice(0, sent.length), counted.slice(0, sent.length));
    const chains = [0, 1].map((me) => box.said(me, "episodeEnded")[0].chain);
    assert.notEqual(chains[0], "");
    assert.equal(chains[1], "", "the host has to compare the rows");
    assert.equal(inputsOf(box, 0, 1).filter((input) => input === 1).length, 1, "it plays again");
  });
});

test("two halves in a pause: the change waits for the end of the pause", () => {
  inBox({ lastFrame: 239 }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 20);
    lose(box, 1);
    [0, 1].forEach((me) => box.seats[me].play.absent(1 - me));
    box.run(1500);
    box.seats.forEach(({ play }) => play.pause("the researcher"));
    box.cut.clear();
    assert.ok(box.runUntil(() => box.events(1).includes("split"), 3000));
    const before = frame(box, 0);
    box.run(500);
    assert.equal(frame(box, 0), before);
    box.seats.forEach(({ play }) => play.resume());
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(box.rows(1).slice(-60), box.rows(0).slice(-60));
  });
});

test("after the match nobody enters anything any more", () => {
  inBox({ players: 3, gameplay: { num_episodes: 2 } }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 2) > 20);
    box.seats[2].play.close("left");
    [0, 1].forEach((me) => box.seats[me].play.absent(2));
    assert.ok(box.runUntil(over(box)));
    box.run(1000);
    assert.deepEqual(ends(box, 2), [[0, "partial"]]);
    assert.equal(box.said(2, "gameOver").length, 1);
    assert.deepEqual(box.rows(0, 1), box.rows(1, 1));
  });
});

for (const players of [1, 2]) {
  test(`a row says when its frame was run, seen and final, and when its own key was pressed (${players})`, () => {
    inBox({ players, multiplayer: { input_delay_frames: 2 }, gameplay: { input_mode: "single_keystroke" } }, (box) => {
      box.screenMs = 15;
      box.start();
      box.runUntil(() => frame(box, 0) > 20);
      const pressedMs = Date.now();
      box.tap(0, "b");
      assert.ok(box.runUntil(over(box)));
      const inputs = inputsOf(box, 0, 0);
      const local = box.seats[0].env.local;
      const at = inputs.indexOf(2);
      assert.equal(local.input_event_ms[at], pressedMs, "the press belongs to the frame that it moved, not to the one that was played when it came");
      assert.equal(local.input_event_ms.filter((ms) => ms !== null).length, 1);
      const last = inputs.length - 1;
      assert.equal(local.shown_ms.length, inputs.length);
      for (let row = 0; row < last; row++) assert.equal(local.shown_ms[row] - local.timestamp_ms[row], 15);
      assert.ok(local.confirmed_ms.every((ms, row) => ms >= local.timestamp_ms[row]));
      if (players === 2) assert.ok(local.confirmed_ms[at] > local.timestamp_ms[at], "the other's input was not known yet");
      assert.ok(local.refresh_ms.slice(0, last).every((ms) => ms === 10));
      for (const { me } of box.seats) assert.deepEqual(box.rows(me), box.rows(0));
    });
  });
}

test("rows of pictures that no page shows are sent all the same, and say so", () => {
  inBox({ players: 1 }, (box) => {
    box.start();
    assert.ok(box.runUntil(over(box)));
    assert.equal(box.rows(0).length, 90);
    assert.deepEqual(new Set(box.seats[0].env.local.shown_ms), new Set([null]));
  });
});

test("rows wait for their picture no longer than it can still be on its way", () => {
  inBox({ players: 1, lastFrame: 200 }, (box) => {
    box.start();
    box.runUntil(() => frame(box, 0) > 100);
    assert.ok(box.rows(0).length > 60, `${box.rows(0).length} of ${frame(box, 0)} rows were sent`);
  });
});

test("marks come back from the ledger as they went there, without our own", () => {
  const rows = [[1, 2, 3, 0xfffffffe], [5, 6, 0, 8]];
  const text = marksText(rows, 0);
  assert.equal(text, "00000003fffffffe0000000000000008");
  assert.deepEqual(marksFrom([text.slice(0, 16), text.slice(16)], { me: 0, players: [0, 1] }), [[0, 0, 3, 0xfffffffe], [0, 0, 0, 8]]);
  assert.deepEqual(marksFrom([""], { me: 1, players: [0, 1] }), [[0, 0, 0, 0]], "a frame that was never marked");
  assert.equal(marksText([], 0), "");
});

for (const [forMs, what] of [[3000, "until the other has heard that all agree"], [Infinity, "for a few seconds only when nothing reaches the other"]]) {
  test(`who has finished the match stays ${what}`, () =>
    inBox({}, (box) => {
      const ended = (me) => ends(box, me).length > 0;
      const left = (me) => box.said(me, "gameOver").length > 0;
      const sinceMs = [];
      box.watch = () => ended(0) && sinceMs.push(Date.now());
      box.ways = (from, _to, channel) => [{ delayMs: 20, lost: from === 0 && channel === "control" && frame(box, 0) > 60 && !(Date.now() - sinceMs[0] > forMs) }];
      box.start();
      assert.ok(box.runUntil(() => ended(0)));
      assert.deepEqual([left(0), ended(1)], [false, false]);
      assert.ok(box.runUntil(() => left(0)));
      const stayedMs = Date.now() - sinceMs[0];
      assert.equal(ended(1), forMs < Infinity);
      assert.ok(stayedMs > 2900 && stayedMs < 9000, `${stayedMs} ms`);
    }));
}
