import assert from "node:assert/strict";
import { test } from "node:test";
import { Returner, Sponsor } from "../../../web_client/core/rollback/catch_up.js";
import { InputLog } from "../../../web_client/core/rollback/input_log.js";
import { OwnInputs } from "../../../web_client/core/rollback/own_inputs.js";
import { emptySchedule } from "../../../web_client/core/rollback/schedule.js";
import { Timeline } from "../../../web_client/core/rollback/timeline.js";
import { MAX_CHUNK, MAX_ROWS, NEVER } from "../../../web_client/core/wire/codec.js";

const from = (more) => ({
  episode: 0, schedule: emptySchedule(), digest: 5, through: 99, start: 0, base: 0,
  rows: (first, end) => ({ rows: Array.from({ length: end - first }, (_, i) => [first + i, 1]), marks: [] }), ...more,
});

/** What a sponsor says to one guest. */
function serve(sponsor, more) {
  const said = [];
  sponsor.serve(3, from(more), (message) => said.push(message), (event) => said.push(event));
  return said;
}

test("a guest is told the schedule once, then rows in pieces, then nothing until there is more", () => {
  const sponsor = new Sponsor();
  assert.deepEqual(serve(sponsor, {}), [], "nobody asked");
  sponsor.skipTo(3, 50);
  sponsor.ask(3, { have: 9, spectator: false, wantState: true });
  const first = serve(sponsor, { through: 9 + MAX_ROWS + 5 });
  assert.deepEqual(first.map(({ type }) => type), ["schedule", "rows"]);
  assert.deepEqual([first[1].block.first, first[1].block.rows.length, first[1].players], [10, MAX_ROWS, 2]);
  const [second] = serve(sponsor, { through: 9 + MAX_ROWS + 5 });
  assert.equal(second.block.rows.length, 5);
  assert.deepEqual(serve(sponsor, { through: 9 + MAX_ROWS + 5 }), []);
  assert.deepEqual(serve(sponsor, { through: 9 + MAX_ROWS + 5, digest: 6 }).map(({ type }) => type), ["schedule"]);
});

test("a guest with nothing yet is greeted with no rows; one without our past is not served from it", () => {
  const sponsor = new Sponsor();
  sponsor.ask(3, { have: -1, spectator: false, wantState: false });
  assert.deepEqual(serve(sponsor, { through: -1 }).map(({ type, known, players }) => [type, known, players]).at(-1), ["rows", -1, 0]);
  sponsor.ask(3, { have: -1, spectator: false, wantState: false });
  assert.deepEqual(serve(sponsor, { start: 40 }).map(({ type }) => type), ["schedule"]);
});

test("a state is asked for once it is worth it, sent in pieces, and put together", () => {
  const sponsor = new Sponsor();
  sponsor.ask(3, { have: -1, spectator: false, wantState: true });
  sponsor.ask(4, { have: 5, spectator: false, wantState: true });
  assert.deepEqual(serve(sponsor, { base: 0 }).map(({ type }) => type), ["schedule"], "no state is there yet");
  assert.deepEqual(serve(sponsor, { base: 60 }), [{ type: "state_wanted", peer: 3, frame: 60 }]);
  assert.deepEqual(serve(sponsor, { base: 68 }), [], "asked once");
  const bytes = Uint8Array.from({ length: MAX_CHUNK * 2 + 7 }, (_, i) => i);
  const chunks = [];
  sponsor.offer(0, 60, bytes, (peer, message) => chunks.push({ peer, ...message }));
  assert.deepEqual(chunks.map(({ peer, bytes: part }) => [peer, part.length]), [[3, MAX_CHUNK], [3, MAX_CHUNK], [3, 7]]);
  assert.equal(serve(sponsor, {}).at(-1).block.first, 60, "rows go on from the state");

  const returner = new Returner({ spectator: false, wantState: true });
  assert.equal(returner.take(chunks[1]), null, "not from the middle");
  assert.equal(returner.take(chunks[0]), null);
  assert.equal(returner.take(chunks[2]), null, "not with a hole");
  assert.equal(returner.take({ ...chunks[1], frame: 61 }), null, "not of another state");
  assert.equal(returner.take({ ...chunks[1], bytes: new Uint8Array(MAX_CHUNK * 9) }), null, "not more than was announced");
  assert.equal(returner.take(chunks[1]), null);
  assert.deepEqual(returner.take(chunks[2]), { frame: 60, bytes });
  assert.equal(returner.wantState, false);
});

test("an empty state is a state", () => {
  const sponsor = new Sponsor();
  sponsor.ask(3, { have: -1, spectator: false, wantState: true });
  serve(sponsor, { base: 60 });
  const chunks = [];
  sponsor.offer(0, 60, new Uint8Array(), (_peer, message) => chunks.push(message));
  assert.deepEqual(new Returner({ spectator: false, wantState: true }).take(chunks[0]), { frame: 60, bytes: new Uint8Array() });
});

test("who comes back asks again when nothing comes; who watches only until it is answered", () => {
  const returner = new Returner({ spectator: false, wantState: false });
  assert.deepEqual(returner.question(7, -1), { have: -1, life: 8, wantState: false, spectator: false });
  assert.equal(returner.question(1999, -1), null);
  returner.progress(1500);
  assert.equal(returner.question(3000, 7), null);
  assert.equal(returner.question(3500, 7)?.have, 7);
  assert.equal(returner.life, 8, "it is still the same absence");
  const spectator = new Returner({ spectator: true, wantState: false });
  spectator.question(0, -1);
  assert.ok(spectator.question(2000, -1));
  spectator.informed = true;
  assert.equal(spectator.question(90_000, -1), null);
  spectator.announced = 3;
  assert.equal(spectator.becomesReady(99), false, "who watches never plays");
});

const settings = {
  players: 2, local: [0], owners: [0, 1], defaultInputs: [0, 0], predict: "previous", saveMode: "every",
  maxPredictionFrames: 8, checksumEveryFrames: 0, onDesync: "flag", inputDelayFrames: 0,
};

test("results that do not follow are not taken; a state that is not there cannot be loaded", () => {
  const timeline = new Timeline(settings, new InputLog(settings));
  const requests = [];
  for (let i = 0; i < 4; i++) timeline.step({ known: -1, stable: -1, last: true }, requests);
  timeline.ran([{ frame: 1 }, { frame: 0, checksum: 12 }, { frame: 0 }, { frame: 1, terminal: "truncated" }, { frame: 2 }]);
  assert.deepEqual([timeline.resultsThrough, timeline.frame, timeline.terminalFrame, timeline.sums.get(0)], [1, 2, 1, "12"]);
  assert.deepEqual(timeline.snapshots.frames, [0, 1]);
  timeline.rewind(1, -1, requests);
  assert.equal(timeline.terminalFrame, Infinity, "what is stepped again may end otherwise");
  timeline.snapshots.frames = [];
  assert.throws(() => timeline.rewind(0, -1, requests), /no saved state to go back to frame 0/);
});

test("own inputs are fixed once, also over gaps, and end with the default action", () => {
  const log = new InputLog({ ...settings, defaultInputs: [4, 4] });
  const own = new OwnInputs({ ...settings, defaultInputs: [4, 4] }, log, 2);
  own.commit([1], 2);
  own.commit([9], 2);
  own.commit([2], 5);
  assert.deepEqual(log.columns[0], [4, 4, 1, 1, 1, 2]);
  own.stop(7);
  own.stop(3);
  assert.deepEqual(log.columns[0].slice(6), [4, 4]);
  log.useAbsences([[{ from: 8, to: NEVER }], []]);
  own.stop(20);
  assert.equal(own.committed, 7, "whoever is absent fixes nothing");
  assert.deepEqual([new OwnInputs({ ...settings, local: [] }, log, 0).committed, new OwnInputs({ ...settings, local: [] }, log, 0).lackPast], [-1, false]);
});
