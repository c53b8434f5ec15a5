import assert from "node:assert/strict";
import { test } from "node:test";
import { fire, freshRoot, settle } from "./dom.js";
import { closed, openPage, scene } from "./app_parts.js";
import { SPECS } from "./gallery/scenes.js";
import { fakeRecordings } from "./gallery/recordings.js";

const { Course } = await import("../../../web_client/ui/scenes/replay_course.js");
const { replay } = await import("../../../web_client/ui/scenes/replay.js");
const { translator } = await import("../../../web_client/ui/text/index.js");

const course = (more = {}) => new Course({ shown: [{ frames: 300, fps: 30 }], stops: [], speed: 1, ...more });
const stops = [2, 5, 50].map((at_s, n) => ({ at_s, fields: [`q_${n + 1}`] }));

test("two recordings run on one clock, and the shorter one stands at its end", () => {
  const both = course({ shown: [{ frames: 60, fps: 30 }, { frames: 40, fps: 10 }] });
  both.toggle();
  both.pass(1500, Infinity);
  assert.deepEqual([both.frame(0), both.frame(1)], [44, 14]);
  assert.equal(both.pass(60_000, Infinity), "end");
  assert.deepEqual([both.frame(0), both.frame(1), both.playing, both.ended], [59, 39, false, true]);
});

test("it stands still at each stop until its questions are answered; stops after the end are left out", () => {
  const watched = course({ stops });
  watched.toggle();
  assert.equal(watched.pass(2500, Infinity), "stop");
  assert.equal(watched.position, 2);
  assert.deepEqual(watched.stop?.fields, ["q_1"]);
  watched.toggle();
  assert.equal(watched.playing, false, "questions hold it");
  watched.answered();
  watched.toggle();
  assert.equal(watched.pass(9000, Infinity), "stop");
  assert.deepEqual([watched.position, watched.isLastStop], [5, true]);
  watched.answered();
  assert.equal(watched.allAnswered, true);
});

test("after a reload it goes on from the last stop that was answered", () => {
  const again = course({ stops, answered: 1 });
  assert.equal(again.position, 2);
  assert.equal(again.stop, null);
});

test("speed is seconds of the recording for each second of watching; what is not run yet is waited for", () => {
  const fast = course({ speed: 2 });
  fast.toggle();
  fast.pass(1000, Infinity);
  assert.equal(fast.position, 2);
  fast.pass(1000, 2.5);
  assert.equal(fast.position, 2.5);
  fast.pass(100, Infinity);
  assert.equal(fast.position, 2.7);
});

/** A page whose time is moved by hand. */
function watching(spec, more = {}) {
  const root = freshRoot();
  const recordings = fakeRecordings();
  const told = [];
  const sent = [];
  let turn = (_atMs) => {};
  let atMs = 0;
  globalThis.requestAnimationFrame = (next) => ((turn = next), 1);
  const props = {
    scene: { visit: 1, spec }, t: translator("en"), recordings, elapsedMs: () => atMs, shownMs: () => 0, draft: null, touchedMs: {}, onDraft: () => {},
    answer: async (values, timing) => (sent.push({ values, timing }), { ok: true }), advance: async () => (sent.push("advance"), { ok: true }),
    replayEvent: (event, positionS, text) => told.push([event, positionS, ...(text ? [text] : [])]), ...more,
  };
  const mounted = replay.mount(root, props);
  const pass = (seconds) => {
    for (let left = seconds * 1000; left > 0; left -= 500) turn((atMs += Math.min(500, left)));
  };
  const press = (name) => [...root.querySelectorAll("button")].find((one) => one.textContent === name && !one.closest("[hidden]"))?.click();
  return { root, recordings, told, sent, pass, press, mounted };
}
const rating = (name) => ({ name, type: "scale", label: "How good?", help: "", required: true, min: 1, max: 7, step: 1, labels: [] });
const one = { ...SPECS.replay, compare: 1, shown: [{ frames: 300, fps: 30, player: 0 }], body: "" };

test("questions come when it has ended, and go with where the recording stood", async () => {
  const page = watching({ ...one, fields: [rating("good")], stops: [{ at_s: null, fields: ["good"] }] });
  await settle();
  page.pass(0.5);
  assert.equal(page.root.querySelector("form"), null);
  page.press("Play");
  page.pass(11);
  assert.deepEqual(page.told, [["play", 0], ["end", 10]]);
  assert.equal(page.recordings.screens[0].shown.at(-1), 299);
  const six = page.root.querySelectorAll("input[type=radio]")[5];
  six.checked = true;
  fire(six, "change");
  page.press("Continue");
  await settle();
  assert.deepEqual(page.sent[0].values, { good: 6 });
  assert.deepEqual(page.sent[0].timing.video_s, { good: 10 });
  page.mounted.unmount();
  assert.equal(page.recordings.screens[0].isClosed, true);
});

test("at each stop its questions, the recording goes on by itself, and all answers go together", async () => {
  const spec = { ...one, fields: [rating("good_1"), rating("good_2")], stops: [{ at_s: 2, fields: ["good_1"] }, { at_s: 4, fields: ["good_2"] }] };
  const page = watching(spec);
  await settle();
  page.pass(0.5);
  page.press("Play");
  for (const answer of [3, 5]) {
    page.pass(3);
    const chosen = page.root.querySelectorAll("input[type=radio]")[answer - 1];
    chosen.checked = true;
    fire(chosen, "change");
    page.press("Continue");
    await settle();
  }
  assert.deepEqual(page.sent, [{ ...page.sent[0], values: { good_1: 3, good_2: 5 } }]);
  assert.deepEqual(page.sent[0].timing.video_s, { good_1: 2, good_2: 4 });
});

test("without a second look the button to watch again is not there", async () => {
  for (const [may_rewatch, shown] of [[true, true], [false, false]]) {
    const page = watching({ ...one, may_rewatch, fields: [], stops: [] });
    await settle();
    page.pass(0.5);
    page.press("Play");
    page.pass(11);
    const again = [...page.root.querySelectorAll("button")].find((button) => button.textContent === "Watch again");
    assert.equal(Boolean(again && !again.hidden), shown);
    page.press("Continue");
    await settle();
    assert.deepEqual(page.sent, ["advance"]);
  }
});

test("two recordings stand side by side with their letters, each on a screen of its own", async () => {
  const page = watching(SPECS.replay);
  await settle();
  assert.deepEqual([...page.root.querySelectorAll("figcaption")].map((mark) => mark.textContent), ["Recording A", "Recording B"]);
  assert.equal(page.recordings.screens.length, 2);
});

test("a recording that cannot be shown is told to the host, and the page says so", async () => {
  const recordings = { ...fakeRecordings(), open: async () => Promise.reject(new Error("It is gone.")) };
  const page = watching(one, { recordings });
  await settle();
  assert.deepEqual(page.told, [["failed", 0, "It is gone."]]);
  assert.match(page.root.querySelector("[role=status]").textContent, /cannot be shown/);
});

test("a pilot watches nothing and answers everything", async () => {
  globalThis.fetch = async () => ({ ok: true, status: 200, json: async () => ({ files: {}, assets: {} }) });
  const page = await openPage({ pilot: () => 0.4 });
  globalThis.requestAnimationFrame = () => 1;
  page.socket.say("scene", scene(SPECS.replay));
  for (let tries = 0; tries < 100 && !page.socket.all("answers").length; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  const [answers] = page.socket.all("answers");
  assert.ok(["a", "b"].includes(answers.values.better));
  page.socket.say("closed", closed("finished")); // a page that stands there would keep this program running
});
