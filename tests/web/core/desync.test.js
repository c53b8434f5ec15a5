import assert from "node:assert/strict";
import { test } from "node:test";
import { allEnded, events, makeMatch, run } from "./matches.js";

/** An environment that is not the same everywhere from a frame on. */
function disturb(browser, fromFrame, untilFrame = Infinity) {
  browser.disturb = (env, request) => {
    if (request.frame >= fromFrame && request.frame < untilFrame) env.state ^= 1;
  };
}

test("a state that differs is named by frame, and flagged only", () => {
  const match = makeMatch({ shared: { maxSteps: 60, checksumEveryFrames: 10 } });
  disturb(match.byId(1), 25);
  assert.ok(match.runUntil(allEnded(match), 10_000));
  run(match, 500);
  for (const browser of match.browsers) {
    const state = events(browser, "desync").find(({ kind }) => kind === "state");
    assert.deepEqual([state.frame, state.equalThrough, state.peer], [29, 19, 1 - browser.id]);
    assert.notEqual(state.mine, state.theirs);
    assert.ok(events(browser, "desync").some(({ kind }) => kind === "rows"));
  }
});

test("with 'end' a difference ends the episode at one frame for all", () => {
  const match = makeMatch({ count: 3, shared: { checksumEveryFrames: 10, onDesync: "end" } });
  disturb(match.byId(1), 25);
  assert.ok(match.runUntil(allEnded(match), 10_000));
  const ends = match.browsers.map((browser) => browser.ended);
  assert.deepEqual(ends, [ends[0], ends[0], ends[0]]);
  assert.equal(ends[0].reason, "desync");
  assert.ok(ends[0].frame < 60);
});

for (const saveMode of ["every", "sparse"]) {
  test(`with 'resync' all go back to the last agreed state and are equal again (${saveMode})`, () => {
    const shared = { maxSteps: 200, checksumEveryFrames: 10, onDesync: "resync", saveMode };
    const match = makeMatch({ count: 3, shared, link: { loss: 0.1, delayMs: 30, jitterMs: 20, doubles: 0 } });
    // A passing disturbance: whoever goes back before it gets it right.
    const disturbed = match.byId(2);
    disturb(disturbed, 64, 65);
    const load = disturbed.load.bind(disturbed);
    disturbed.load = (frame) => {
      if (frame === 60 && disturbed.env.frame > 69) disturbed.disturb = null;
      load(frame);
    };
    assert.ok(match.runUntil(allEnded(match), 20_000));
    run(match, 500);
    const resynced = match.browsers.map((browser) => events(browser, "resynced"));
    assert.deepEqual(resynced.map((list) => list.length), [1, 1, 1]);
    const [{ from, cleanFrom }] = resynced[0];
    assert.equal(from, 60, "the last state all had agreed on");
    const truth = match.byId(0).rows.map(({ state }) => state);
    for (const browser of match.browsers) {
      assert.deepEqual([resynced[browser.id][0].from, resynced[browser.id][0].cleanFrom], [from, cleanFrom]);
      const clean = browser.rows.map(({ state }) => state).slice(cleanFrom);
      assert.deepEqual(clean, truth.slice(cleanFrom), `peer ${browser.id} is equal again from frame ${cleanFrom}`);
      assert.equal(events(browser, "desync").filter(({ kind }) => kind === "state").length <= 2, true);
    }
  });
}

test("an environment that never repeats itself is resynchronised a few times, not for ever", () => {
  let noise = 0;
  const match = makeMatch({ shared: { maxSteps: 400, checksumEveryFrames: 5, onDesync: "resync" } });
  match.byId(1).disturb = (env, request) => {
    if (request.frame >= 50) env.state ^= noise++;
  };
  assert.ok(match.runUntil(allEnded(match), 40_000));
  const tries = events(match.byId(0), "resynced").length + events(match.byId(0), "resync_failed").length;
  assert.ok(tries >= 1 && tries <= 6, `${tries} resynchronisations`);
});

test("a peer whose environment ends earlier is a difference, and the earlier end counts for all", () => {
  const match = makeMatch({ count: 3, shared: { maxSteps: 90 } });
  const step = match.byId(1).env.step.bind(match.byId(1).env);
  match.byId(1).env.step = (inputs) => step(inputs) || match.byId(1).env.frame === 31;
  assert.ok(match.runUntil(allEnded(match), 20_000));
  for (const browser of match.browsers) assert.equal(browser.ended.frame, 30);
  const told = events(match.byId(0), "desync").find(({ kind }) => kind === "end");
  assert.deepEqual([told.frame, told.peer, told.mine, told.theirs], [30, 1, null, 30]);
});
