/**
 * Films a replay for `igym replay --video` and `--strip`: every wanted frame is drawn, one after the other, and sent to the
 * replay server, encoded or as one picture with all of them beside each other. Nobody looks at this page.
 * @module
 */

import { opened as openedBy } from "./api.js";
import { Player } from "./player.js";
import { Screen } from "./screen.js";

/** @typedef {import("./messages.js").Opened} Opened */

const asked = new URLSearchParams(location.search);
const meta = (/** @type {string} */ name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
const whole = (/** @type {string} */ name) => new URL(meta(name), location.href).href;
const stage = /** @type {HTMLElement} */ (document.getElementById("stage"));
const KEY_EVERY_S = 2;
const GAP_PX = 8;
/** Of VP9: 0 is best, 63 worst. */
const QUANTIZER = 12;
const MOST_WAITING = 8;
const CODECS = [
  { name: "vp9", codec: "vp09.00.41.08", bitrateMode: /** @type {const} */ ("quantizer") },
  { name: "vp9", codec: "vp09.00.41.08", bitrate: 20_000_000 },
  { name: "vp8", codec: "vp8", bitrate: 20_000_000 },
];

/**
 * @param {string} what
 * @param {Record<string, string|number>} told
 * @param {BodyInit} [body]
 */
async function send(what, told, body) {
  const query = new URLSearchParams({ token: asked.get("token") ?? "", ...Object.fromEntries(Object.entries(told).map(([name, value]) => [name, String(value)])) });
  const answer = await fetch(`/replay/film/${what}?${query}`, { method: "POST", body: body ?? null });
  if (!answer.ok) throw new Error(`The replay server answered ${answer.status}.`);
}

/** Draws any frame of one replay, whole, when asked. */
class Camera {
  #screen;
  #arrived = () => {};
  #failed = (/** @type {Error} */ _error) => {};

  /** @param {Opened} opened */
  constructor(opened) {
    const { width, height } = opened.bundle.spec.rendering;
    const scale = Number(asked.get("scale") ?? 1);
    Object.assign(stage.style, { width: `${Math.round(width * scale)}px`, height: `${Math.round(height * scale)}px` });
    const tell = () => this.#arrived();
    const heard = { progress: tell, frames: tell, drawable: tell, drawn: tell, error: (/** @type {{message: string}} */ { message }) => this.#failed(new Error(message)) };
    this.#screen = new Screen({ stage, statics: whole("igym-static"), vendor: whole("igym-vendor"), warn: () => {}, heard });
    this.#screen.player = new Player(opened.replay);
    this.#screen.open(opened, Number(asked.get("view") ?? 0));
  }

  /** @param {() => boolean} there */
  #until(there) {
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      this.#arrived = () => there() && resolve(null);
      this.#arrived();
    });
  }

  /** @returns {Promise<unknown>} every frame was run and something can be drawn on */
  whole() {
    return this.#until(() => this.#screen.isWhole && this.#screen.isDrawable);
  }

  /** @param {number} frame */
  async picture(frame) {
    this.#screen.player.seek(frame);
    this.#screen.show();
    await this.#until(() => this.#screen.shownFrame === frame);
    return this.#screen.still();
  }
}

/** @param {{width: number, height: number, fps: number}} size */
async function encoding({ width, height, fps }) {
  for (const { name, ...rest } of CODECS) {
    const config = { ...rest, width, height, framerate: fps, latencyMode: /** @type {const} */ ("quality") };
    const { supported } = await VideoEncoder.isConfigSupported(config).catch(() => ({ supported: false }));
    if (supported) return { name, config, quantized: "bitrateMode" in rest };
  }
  throw new Error("This browser cannot encode videos.");
}

/**
 * @param {Opened} opened
 * @param {Camera} camera
 */
async function video({ replay }, camera) {
  const fps = replay.fps * Number(asked.get("speed") ?? 1);
  const first = await camera.picture(0);
  // Encoders take even sizes alone.
  const [width, height] = [first.width - (first.width % 2), first.height - (first.height % 2)];
  const { name, config, quantized } = await encoding({ width, height, fps });
  /** @type {Promise<void>} */ let sent = Promise.resolve();
  /** @type {Error|null} */ let trouble = null;
  let number = 0;
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      const told = { number: number++, at_ms: chunk.timestamp / 1000, key: Number(chunk.type === "key") };
      sent = sent.then(() => send("picture", told, data));
      sent.catch((error) => (trouble = error));
    },
    error: (error) => (trouble = error),
  });
  encoder.configure(config);
  for (let frame = 0; frame < replay.frames && !trouble; frame++) {
    const canvas = await camera.picture(frame);
    const made = new VideoFrame(canvas, { timestamp: Math.round((frame * 1e6) / fps), duration: Math.round(1e6 / fps), visibleRect: { x: 0, y: 0, width, height } });
    encoder.encode(made, { keyFrame: frame % Math.max(1, Math.round(KEY_EVERY_S * fps)) === 0, ...(quantized ? { vp9: { quantizer: QUANTIZER } } : {}) });
    made.close();
    while (encoder.encodeQueueSize > MOST_WAITING && !trouble) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (!trouble) await encoder.flush();
  await sent;
  if (trouble) throw trouble;
  await send("done", { codec: name, width, height, frames: replay.frames, duration_ms: (1000 * replay.frames) / fps });
}

/**
 * @param {Opened} opened
 * @param {Camera} camera
 */
async function strip({ replay }, camera) {
  const count = Math.max(1, Math.min(Number(asked.get("frames") ?? 6), replay.frames));
  const frames = Array.from({ length: count }, (_, n) => (count === 1 ? 0 : Math.round((n * (replay.frames - 1)) / (count - 1))));
  const first = await camera.picture(0);
  const all = new OffscreenCanvas(count * first.width + (count - 1) * GAP_PX, first.height);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (all.getContext("2d"));
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, all.width, all.height);
  for (const [place, frame] of frames.entries()) pen.drawImage(await camera.picture(frame), place * (first.width + GAP_PX), 0);
  await send("picture", { number: 0, at_ms: 0, key: 1 }, await all.convertToBlob({ type: "image/png" }));
  await send("done", { codec: "png", width: all.width, height: all.height, frames: count, duration_ms: 0 });
}

async function film() {
  const opened = await openedBy(asked.get("film") ?? "");
  const camera = new Camera(opened);
  await camera.whole();
  await (asked.get("as") === "strip" ? strip : video)(opened, camera);
}

film().catch((error) => send("failed", { text: String(error?.message ?? error).slice(0, 500) }));
