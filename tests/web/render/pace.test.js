import assert from "node:assert/strict";
import { test } from "node:test";
import { graphicsNamed, resolutionFor } from "../../../web_client/render/graphics.js";
import { Pace } from "../../../web_client/render/pace.js";

const FRAME_MS = 1000 / 30;

/**
 * @param {Pace} pace
 * @param {{atMs: number, gapMs: number, tookMs: number, pictures: number, more?: boolean}} how
 * @returns {number} the time after the last picture, ms
 */
function paint(pace, { atMs, gapMs, tookMs, pictures, more = true }) {
  for (let number = 0; number < pictures; number += 1) pace.painted(atMs + number * gapMs, tookMs, more);
  return atMs + pictures * gapMs;
}

test("a fast computer draws between the frames all the time", () => {
  const pace = new Pace(FRAME_MS);
  const after = paint(pace, { atMs: 0, gapMs: 16.7, tookMs: 2, pictures: 1000 });
  assert.deepEqual([pace.smooth(after), pace.modest], [true, false]);
});

test("pictures that come late, or take long, end the motion between frames for a while", () => {
  for (const slow of [{ gapMs: 55, tookMs: 2 }, { gapMs: 16.7, tookMs: 12 }]) {
    const pace = new Pace(FRAME_MS);
    const after = paint(pace, { atMs: 0, pictures: 31, ...slow });
    assert.equal(pace.smooth(after), false);
    assert.equal(pace.smooth(after + 5_000), true);
  }
});

test("each rest is longer than the one before, and after the second fewer pixels are drawn", () => {
  const pace = new Pace(FRAME_MS);
  const seen = [];
  let atMs = 0;
  for (let tries = 0; tries < 6; tries += 1) {
    atMs = paint(pace, { atMs, gapMs: 100, tookMs: 2, pictures: 31 });
    const began = atMs;
    while (!pace.smooth(atMs)) atMs += 1000;
    seen.push(Math.ceil((atMs - began) / 5000) * 5);
    assert.equal(pace.modest, tries > 0);
  }
  assert.deepEqual(seen, [5, 10, 20, 40, 60, 60]);
});

test("some slow pictures among many fast ones change nothing", () => {
  const pace = new Pace(FRAME_MS);
  let atMs = 0;
  for (let number = 0; number < 300; number += 1) {
    pace.painted(atMs, number % 4 ? 2 : 40, true);
    atMs += number % 4 ? 16.7 : 60;
  }
  assert.equal(pace.smooth(atMs), true);
});

test("pictures nobody asked for at once, and a hidden page, are not late", () => {
  const still = new Pace(FRAME_MS);
  assert.equal(still.smooth(paint(still, { atMs: 0, gapMs: 500, tookMs: 2, pictures: 100, more: false })), true);
  const hidden = new Pace(FRAME_MS);
  for (let number = 0; number < 100; number += 1) {
    hidden.painted(number * 1000, 2, true);
    hidden.interrupted();
  }
  assert.equal(hidden.smooth(100_000), true);
});

test("a renderer that imitates a graphics card is known by its name", () => {
  const software = [
    "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
    "llvmpipe (LLVM 15.0.7, 256 bits)",
    "llvmpipe, or similar",
    "ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0)",
    "Apple Software Renderer",
  ];
  const cards = ["ANGLE (Intel, Intel(R) UHD Graphics 620 Direct3D11 vs_5_0 ps_5_0, D3D11)", "Mesa Intel(R) HD Graphics 4000 (IVB GT2)", "Apple GPU", ""];
  assert.deepEqual([...new Set(software.map(graphicsNamed))], ["software"]);
  assert.deepEqual([...new Set(cards.map(graphicsNamed))], ["card"]);
});

test("a graphics card draws every pixel of the display, up to three for one; a processor no more than Full HD has", () => {
  const box = { width: 1600, height: 900 };
  const pixels = (/** @type {number} */ ratio, /** @type {boolean} */ modest, size = box) => resolutionFor(size, { ratio, modest });
  assert.deepEqual([pixels(1, false), pixels(2, false), pixels(4, false)], [1, 2, 3]);
  assert.deepEqual([pixels(1, true), pixels(2, true, { width: 800, height: 400 })], [1, 2]);
  assert.equal(Math.round(1600 * 900 * pixels(2, true) ** 2), 1920 * 1080);
  assert.equal(pixels(1, true, { width: 9000, height: 9000 }), 0.5);
});
