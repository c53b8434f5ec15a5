import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Assets } from "../../../web_client/render/assets.js";

const before = { Image: globalThis.Image, fetch: globalThis.fetch, location: globalThis.location };

class Texture {
  constructor({ source, frame }) {
    Object.assign(this, { source, frame, width: source.width, height: source.height });
  }
  static from(image) {
    return new Texture({ source: { url: image.src, width: 64, height: 32 } });
  }
  destroy() {}
}
const pixi = /** @type {any} */ ({ Texture: Object.assign(Texture, { EMPTY: "empty" }), Rectangle: class { constructor(...place) { this.place = place; } } }); // prettier-ignore

beforeEach(() => {
  globalThis.Image = /** @type {any} */ (class { async decode() { if (this.src.includes("gone")) throw new Error("404"); } }); // prettier-ignore
  globalThis.location = /** @type {any} */ ({ href: "http://host/page" });
  globalThis.fetch = /** @type {any} */ (async () => ({ ok: true, json: async () => ({ meta: { image: "tiles.png" }, frames: { tree: { frame: { x: 8, y: 0, w: 8, h: 16 } } } }) }));
});
afterEach(() => Object.assign(globalThis, before));

test("images, sprites and atlas parts are found by the names the researcher gave", async () => {
  const assets = new Assets(pixi);
  const spec = { images: { ball: "/a/ball.png" }, sprite_sheets: { hero: { url: "/a/hero.png", frame_width: 16, frame_height: 16 } }, atlases: { map: "/a/map.json" }, sounds: {} };
  await assets.load(/** @type {any} */ (spec), () => {});
  assert.deepEqual(assets.missing, []);
  assert.equal(/** @type {any} */ (assets.texture("ball")).source.url, "/a/ball.png");
  assert.deepEqual(/** @type {any} */ (assets.texture("hero", 5)).frame.place, [16, 16, 16, 16], "the sixth of four columns");
  assert.deepEqual(/** @type {any} */ (assets.texture("map", "tree")).frame.place, [8, 0, 8, 16]);
  assert.equal(assets.texture("nobody"), "empty");
});

test("an image that is not there is named", async () => {
  const assets = new Assets(pixi);
  await assets.load(/** @type {any} */ ({ images: { ball: "/a/gone.png" } }), () => {});
  assert.match(String(assets.missing[0]), /ball \(\/a\/gone\.png\)/);
});

test("a sound is played by its name once the browser allows it", async () => {
  const { Sounds } = await import("../../../web_client/render/sounds.js");
  /** @type {string[]} */ const heard = [];
  const context = class {
    state = "running";
    destination = {};
    async decodeAudioData(/** @type {string} */ data) { return data; }
    async resume() {}
    async close() {}
  }; // prettier-ignore
  const node = class {
    constructor(/** @type {any} */ _context, /** @type {{buffer: string}} */ { buffer }) { this.buffer = buffer; }
    connect() {}
    start() { heard.push(this.buffer); }
  }; // prettier-ignore
  Object.assign(globalThis, { AudioContext: context, AudioBufferSourceNode: node, window: { addEventListener: () => {} } });
  globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ url) => ({ ok: true, arrayBuffer: async () => url }));
  const sounds = new Sounds();
  await sounds.load({ bang: "/a/bang.wav" }, () => {});
  sounds.play(["bang", "nobody"]);
  assert.deepEqual(heard, ["/a/bang.wav"]);
});
