import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { rollbackOptions } from "../../../web_client/game/match_options.js";
import { MatchBox } from "./match_box.js";

const SPEC = /** @type {any} */ ({
  rendering: { fps: 24 },
  gameplay: { action_population: "previous", max_steps: 77 },
  multiplayer: { input_delay_frames: 3, max_prediction_frames: 6, checksum_every_frames: 45, on_desync: "end" },
});

test("what a scene says about real-time play reaches the rollback of the match", () => {
  const asked = rollbackOptions(SPEC, /** @type {any} */ ({ me: 0, players: [{ player: 0 }, { player: 1 }] }), 0, null);
  const { fps, inputDelayFrames, maxPredictionFrames, checksumEveryFrames, predict, maxSteps, onDesync } = asked;
  assert.deepEqual([fps, inputDelayFrames, maxPredictionFrames, checksumEveryFrames, predict, maxSteps, onDesync], [24, 3, 6, 45, "previous", 77, "end"]);
});

test("each player's keys are those of their own agent", () => {
  const controls = { per_agent: [{ agent: "p1", action_mapping: [{ keys: ["x"], action: 5 }, { keys: ["a"], action: 6 }] }] };
  const box = new MatchBox({ players: 2, lastFrame: 20, gameplay: controls });
  box.start();
  box.run(200);
  for (const me of [0, 1]) box.seats[me].play.input({ type: "input", kind: "keydown", code: "a", key: "a", atMs: Date.now() });
  assert.ok(box.runUntil(() => box.said(0, "gameOver").length > 0 && box.said(1, "gameOver").length > 0));
  assert.deepEqual(box.rows(0), box.rows(1));
  assert.deepEqual(box.rows(0).at(-1)[0], [1, 2]);
  mock.timers.reset();
});

/** @param {object} gameplay */
function phasesOf(gameplay) {
  const box = new MatchBox({ players: 1, lastFrame: 9, gameplay: { num_episodes: 2, ...gameplay } });
  box.start();
  assert.ok(box.runUntil(() => box.said(0, "phase").some((one) => one.phase === "over")));
  const found = box.said(0, "phase");
  mock.timers.reset();
  return found;
}

test("between two episodes the picture stands still as long as asked for", () => {
  const lasting = (/** @type {any[]} */ phases, /** @type {string} */ name) => {
    const at = phases.findIndex((one) => one.phase === name);
    return at < 0 ? null : phases[at].untilMs;
  };
  const short = phasesOf({ reset_freeze_s: 0.5, countdown_s: 0.2 });
  const long = phasesOf({ reset_freeze_s: 2.5, countdown_s: 0.2 });
  assert.equal(Math.round(lasting(long, "frozen") - lasting(short, "frozen")), 2000);
});
