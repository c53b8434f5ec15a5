// Frames that wait until everybody whose turn it is has moved.
import assert from "node:assert/strict";
import { test } from "node:test";
import { END, LATE, Moves } from "../../../web_client/game/moves.js";
import { MatchBox } from "./match_box.js";

const BINDINGS = [{ keys: ["a"], action: 1 }, { keys: ["b"], action: 2 }];
const TICK_MS = 1000 / 30;

/** @param {object} options */
function inBox({ gameplay = {}, players = 2, acting = () => [...Array(players).keys()], ...more }, body) {
  const box = new MatchBox({ players, acting, ...more, gameplay: { pace: "on_input", input_mode: "single_keystroke", ...gameplay } });
  try {
    body(box);
    for (const { failures } of box.seats) assert.deepEqual(failures, []);
  } finally {
    box.close();
  }
}

/** Inputs of the rows, equal at every player. */
function inputsOf(box, episode = 0) {
  const rows = box.seats.map(({ me }) => box.rows(me, episode));
  for (const other of rows) assert.deepEqual(other, rows[0]);
  return rows[0].map(([inputs]) => inputs);
}

const over = (box) => () => box.seats.every(({ me }) => box.said(me, "gameOver").length > 0);
const frames = (box) => box.seats.map(({ env }) => env.frame);

test("alone, the game stands still until a key is pressed, and each press is one move", () => {
  inBox({ players: 1, lastFrame: 3 }, (box) => {
    box.start();
    box.run(5000);
    assert.deepEqual(frames(box), [0]);
    for (const code of ["b", "a", "a"]) {
      box.run(700);
      box.tap(0, code);
    }
    box.run(700);
    assert.deepEqual(frames(box), [3]);
    box.tap(0, "b");
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(inputsOf(box), [[2], [1], [1], [2]]);
    const [first, ...later] = box.seats[0].env.local.reaction_ms;
    assert.ok(first > 5000 && later.every((ms) => Math.abs(ms - 700) <= 2 * TICK_MS), `${first} ${later}`);
    assert.deepEqual(box.seats[0].env.local.stall_ms, [0, 0, 0, 0]);
  });
});

test("two choose at the same time: the frame comes with the later choice, and a second press is none of the next", () => {
  inBox({ lastFrame: 1 }, (box) => {
    box.start();
    box.run(500);
    box.tap(0, "a");
    box.run(300);
    box.tap(0, "b");
    box.run(2000);
    assert.deepEqual(frames(box), [0, 0]);
    box.tap(1, "b");
    box.run(500);
    assert.deepEqual(frames(box), [1, 1]);
    box.run(2000);
    assert.deepEqual(frames(box), [1, 1], "what was pressed too early would have moved on");
    box.tap(0, "b");
    box.tap(1, "a");
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(inputsOf(box), [[1, 2], [2, 1]]);
    assert.equal(box.seats[1].play === null, false);
    const rollbacks = box.seats.flatMap(({ env }) => env.local.rollback_frames);
    assert.deepEqual(new Set(rollbacks), new Set([0]), "nothing is guessed");
  });
});

test("by turns only who is on turn is waited for, and the other's keys do nothing", () => {
  inBox({ lastFrame: 3, acting: (frame) => [frame % 2] }, (box) => {
    box.start();
    box.run(500);
    for (const [me, code] of [[1, "b"], [0, "a"], [1, "b"], [0, "b"], [1, "a"]]) {
      box.tap(me, code);
      box.run(500);
    }
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(inputsOf(box), [[1, 0], [0, 2], [2, 0], [0, 1]]);
    const told = box.seats.map(({ env }) => env.local.reaction_ms.map((ms) => ms !== null));
    assert.deepEqual(told, [[true, false, true, false], [false, true, false, true]]);
  });
});

test("frames in which nobody can move come by themselves", () => {
  inBox({ lastFrame: 40, acting: (frame) => (frame < 40 ? [] : [0]) }, (box) => {
    box.start();
    box.run(3000);
    assert.deepEqual(frames(box), [40, 40]);
    box.tap(0, "a");
    assert.ok(box.runUntil(over(box)));
    assert.equal(inputsOf(box).length, 41);
  });
});

test("who is late takes the default action, on every side alike", () => {
  inBox({ lastFrame: 2, gameplay: { move_limit_s: 2, on_move_limit: "default_action" } }, (box) => {
    box.start();
    box.run(500);
    box.tap(0, "a");
    box.run(1400);
    assert.deepEqual(frames(box), [0, 0]);
    box.run(600);
    assert.deepEqual(frames(box), [1, 1]);
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(inputsOf(box), [[1, LATE], [LATE, LATE], [LATE, LATE]]);
  });
});

test("each page hears whose move it is, when one is taken, and when its own time is up", () => {
  inBox({ lastFrame: 2, acting: (frame) => (frame === 2 ? [1] : [0, 1]), gameplay: { move_limit_s: 20, on_move_limit: "default_action" } }, (box) => {
    const turns = (me) => box.said(me, "turn").map(({ whose }) => whose);
    box.start();
    box.run(500);
    assert.deepEqual([turns(0), turns(1)], [["mine"], ["mine"]]);
    const { untilMs } = box.said(0, "turn")[0];
    assert.ok(untilMs > Date.now() + 19_000 && untilMs <= Date.now() + 20_000, String(untilMs - Date.now()));
    box.tap(0, "a");
    box.run(500);
    assert.deepEqual([turns(0), turns(1)], [["mine", "made"], ["mine"]]);
    box.tap(1, "b");
    box.run(500);
    assert.deepEqual(turns(0), ["mine", "made", "mine"]);
    box.tap(0, "b");
    box.tap(1, "b");
    box.run(500);
    assert.equal(turns(0).at(-1), "others");
    assert.equal(turns(1).at(-1), "mine");
    box.tap(1, "a");
    assert.ok(box.runUntil(over(box)));
    assert.equal(inputsOf(box).length, 3);
  });
});

test("a pause is not counted as time to think", () => {
  inBox({ players: 1, lastFrame: 0, gameplay: { move_limit_s: 2, on_move_limit: "end" } }, (box) => {
    box.start();
    box.run(1500);
    box.seats[0].play.pause("researcher");
    box.run(10_000);
    box.seats[0].play.resume();
    box.run(1500);
    assert.deepEqual(frames(box), [0]);
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(inputsOf(box), [[END]]);
  });
});

test("nobody waits for who is gone, and who comes back is waited for again", () => {
  inBox({ lastFrame: 6 }, (box) => {
    box.start();
    box.run(500);
    box.tap(0, "a");
    box.tap(1, "b");
    box.run(500);
    box.cut = new Set(["0>1", "1>0"]);
    box.tap(0, "b");
    box.run(2000);
    assert.equal(box.seats[0].env.frame, 1);
    box.seats[0].play.absent(1);
    box.run(500);
    assert.equal(box.seats[0].env.frame, 2);
    box.tap(0, "a");
    box.run(500);
    assert.equal(box.seats[0].env.frame, 3);
    box.cut = new Set();
    box.run(3000);
    assert.deepEqual(frames(box), [3, 3]);
    for (const [a, b] of ["ab", "bb", "aa", "bb"].map((pair) => [...pair])) {
      box.tap(0, a);
      box.run(400);
      box.tap(1, b);
      box.run(400);
    }
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(inputsOf(box).slice(0, 3), [[1, 2], [2, 65_535], [1, 65_535]]);
    assert.equal(inputsOf(box).length, 7);
  });
});

test("a page loaded anew comes back to the move that is waited for", () => {
  inBox({ lastFrame: 4 }, (box) => {
    const both = (codes) => {
      [...codes].forEach((code, me) => box.tap(me, code));
      box.run(500);
    };
    box.start();
    box.run(500);
    both("ab");
    both("ba");
    box.open(1, { episode: 0, inputs: { 0: [1], 1: [2] }, stored: 1 });
    box.seats[1].play.start(Date.now());
    box.run(3000);
    assert.deepEqual(frames(box), [2, 2]);
    for (const codes of ["aa", "bb", "ab"]) both(codes);
    assert.ok(box.runUntil(over(box)));
    assert.deepEqual(box.rows(0).map(([inputs]) => inputs), [[1, 2], [2, 1], [1, 1], [2, 2], [1, 2]]);
    assert.equal(box.seats[1].env.chain, box.seats[0].env.chain);
  });
});

test("held keys go on moving where they act as long as they are held", () => {
  const moves = new Moves(/** @type {any} */ (BINDINGS), "pressed_keys", { limitS: null, late: LATE, me: 0, tell: () => {} });
  moves.begin(0);
  moves.down("KeyA", "a", 10);
  const at = (frame, nowMs) => moves.sample({ frame, acting: [0], paused: false, nowMs });
  assert.deepEqual([at(0, 30).input, at(1, 60).input, at(2, 90).input], [1, 1, 1]);
  moves.up("KeyA", 95);
  assert.equal(at(3, 120).input, null);
});

test("the rate of the ticks tells how the game runs, not how fast people think", () => {
  inBox({ players: 1 }, (box) => {
    box.start();
    box.run(4000);
    const rates = box.said(0, "stats").map(({ values }) => values.fps);
    assert.ok(rates.slice(1).every((fps) => fps > 25), String(rates));
  });
});
