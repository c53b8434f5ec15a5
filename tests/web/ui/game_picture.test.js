import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { GamePicture } from "../../../web_client/app/game_picture.js";

let made;
let waiting;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const renderer = (stage) => ({ stage, drawn: 0, destroyed: false, draw() { this.drawn++; }, play() {}, destroy() { this.destroyed = true; } });
const make = (stage) =>
  new Promise((resolve, reject) =>
    waiting.push({
      finish: () => {
        made.push(renderer(stage));
        resolve(made.at(-1));
      },
      fail: reject,
    }),
  );

beforeEach(() => {
  made = [];
  waiting = [];
});

test("one renderer, whichever of place and content comes first", async () => {
  for (const order of ["stage first", "content first"]) {
    waiting = [];
    const picture = new GamePicture(make);
    if (order === "stage first") picture.attach({});
    const ready = picture.prepare({});
    if (order === "content first") {
      await ready;
      picture.attach({});
    }
    await settle();
    assert.equal(waiting.length, 1, order);
    waiting[0].finish();
    await ready;
    await settle();
    picture.draw({});
    assert.equal(made.at(-1).drawn, 1, order);
  }
});

test("a picture taken away while it was being made does not stay behind", async () => {
  const picture = new GamePicture(make);
  const takeAway = picture.attach({});
  const ready = picture.prepare({});
  takeAway();
  waiting[0].finish();
  await ready;
  assert.equal(made[0].destroyed, true);
  picture.draw({});
  assert.equal(made[0].drawn, 0);
});

test("a browser that cannot draw is told to whoever opens the game", async () => {
  const picture = new GamePicture(make);
  picture.attach({});
  const ready = picture.prepare({});
  waiting[0].fail(new Error("no graphics"));
  await assert.rejects(ready, /no graphics/);
});
