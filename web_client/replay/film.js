/**
 * Films replays for `igym replay` and the Data page: of each, every wanted frame is drawn, one after the other, and sent to
 * the replay server: encoded, as single pictures, or as one picture with all of them beside each other. Nobody looks at
 * this page.
 * @module
 */

import { opened as openedBy, working } from "./api.js";
import { Player } from "./player.js";
import { Screen } from "./screen.js";

/** @typedef {import("./messages.js").Opened} Opened */
/**
 * @typedef {object} Take what is wanted of one replay; see `Wanted` in `igym.host.replay.film`
 * @property {string} id
 * @property {"video"|"gif"|"strip"} kind
 * @property {number} speed
 * @property {number} view
 * @property {number} scale
 * @property {number} first
 * @property {number} last
 * @property {number} pictures
 * @property {number[]} at
 */

const token = new URLSearchParams(location.search).get("token") ?? "";
const meta = (/** @type {string} */ name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
const whole = (/** @type {string} */ name) => new URL(meta(name), location.href).href;
const stage = /** @type {HTMLElement} */ (document.getElementById("stage"));
const KEY_EVERY_S = 2;
const GAP_PX = 8;
/** Of VP9: 0 is best, 63 worst. */
const QUANTIZER = 12;
const MOST_WAITING = 8;
/** A GIF tells times in hundredths of a second, and programs slow down what is shown for less than two of them. */
const MOST_GIF_FPS = 20;
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
  const query = new URLSearchParams({ token, ...Object.fromEntries(Object.entries(told).map(([name, value]) => [name, String(value)])) });
  const answer = await fetch(`/replay/film/${what}?${query}`, { method: "POST", body: body ?? null });
  if (!answer.ok) throw new Error(`The replay server answered ${answer.status}.`);
  return answer.json();
}

/** Draws any frame of one replay, whole, when asked. */
class Camera {
  #screen;
  #arrived = () => {};
  #failed = (/** @type {Error} */ _error) => {};

  /**
   * @param {Opened} opened
   * @param {Take} take
   */
  constructor(opened, { scale, view }) {
    const { width, height } = opened.bundle.spec.rendering;
    Object.assign(stage.style, { width: `${Math.round(width * scale)}px`, height: `${Math.round(height * scale)}px` });
    const tell = () => {
      working(performance.now());
      this.#arrived();
    };
    const heard = { progress: tell, frames: tell, drawable: tell, drawn: tell, error: (/** @type {{message: string}} */ { message }) => this.#failed(new Error(message)) };
    this.#screen = new Screen({ stage, statics: whole("igym-static"), vendor: whole("igym-vendor"), warn: () => {}, heard });
    this.#screen.player = new Player(opened.replay);
    this.#screen.open(opened, view);
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

  close() {
    this.#screen.close();
  }
}

/**
 * @param {Opened} opened
 * @param {Take} take
 * @returns {{frames: number[], fps: number}} what is shown, and how many of them in a second
 */
function wanted({ replay }, { first, last, speed }) {
  const end = last < 0 ? replay.frames - 1 : last;
  return { frames: Array.from({ length: end - first + 1 }, (_, n) => first + n), fps: replay.fps * speed };
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
 * @param {Take} take
 * @param {Camera} camera
 */
async function video(opened, take, camera) {
  const { frames, fps } = wanted(opened, take);
  const first = await camera.picture(take.first);
  // Encoders take even sizes alone.
  const [width, height] = [first.width - (first.width % 2), first.height - (first.height % 2)];
  const { name, config, quantized } = await encoding({ width, height, fps });
  /** @type {Promise<unknown>} */ let sent = Promise.resolve();
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
  for (const [n, frame] of frames.entries()) {
    if (trouble) break;
    const canvas = await camera.picture(frame);
    const made = new VideoFrame(canvas, { timestamp: Math.round((n * 1e6) / fps), duration: Math.round(1e6 / fps), visibleRect: { x: 0, y: 0, width, height } });
    encoder.encode(made, { keyFrame: n % Math.max(1, Math.round(KEY_EVERY_S * fps)) === 0, ...(quantized ? { vp9: { quantizer: QUANTIZER } } : {}) });
    made.close();
    while (encoder.encodeQueueSize > MOST_WAITING && !trouble) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (!trouble) await encoder.flush();
  await sent;
  if (trouble) throw trouble;
  await send("done", { codec: name, width, height, pictures: frames.length, duration_ms: (1000 * frames.length) / fps });
}

/**
 * The pictures alone: the server puts them together.
 * @param {Opened} opened
 * @param {Take} take
 * @param {Camera} camera
 */
async function gif(opened, take, camera) {
  const { frames, fps } = wanted(opened, take);
  const every = Math.ceil(fps / MOST_GIF_FPS);
  const shown = Array.from({ length: Math.ceil(frames.length / every) }, (_, n) => n * every);
  const { width, height } = await camera.picture(take.first);
  for (const [number, n] of shown.entries()) {
    const { canvas, pen } = paper(width, height);
    pen.drawImage(await camera.picture(/** @type {number} */ (frames[n])), 0, 0);
    await send("picture", { number, at_ms: (1000 * n) / fps, key: 1 }, await canvas.convertToBlob({ type: "image/png" }));
  }
  await send("done", { codec: "gif", width, height, pictures: shown.length, duration_ms: (1000 * frames.length) / fps });
}

/**
 * @param {number} width
 * @param {number} height
 */
function paper(width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, width, height);
  return { canvas, pen };
}

/**
 * @param {Opened} opened
 * @param {Take} take
 * @returns {number[]} the frames of a strip: those that were named, or as many as wanted from the first to the last
 */
function chosen(opened, take) {
  if (take.at.length) return take.at;
  const { frames } = wanted(opened, take);
  const count = Math.max(1, Math.min(take.pictures, frames.length));
  return Array.from({ length: count }, (_, n) => /** @type {number} */ (frames[count === 1 ? 0 : Math.round((n * (frames.length - 1)) / (count - 1))]));
}

/**
 * @param {Opened} opened
 * @param {Take} take
 * @param {Camera} camera
 */
async function strip(opened, take, camera) {
  const frames = chosen(opened, take);
  const first = await camera.picture(/** @type {number} */ (frames[0]));
  const { canvas, pen } = paper(frames.length * first.width + (frames.length - 1) * GAP_PX, first.height);
  for (const [place, frame] of frames.entries()) pen.drawImage(await camera.picture(frame), place * (first.width + GAP_PX), 0);
  await send("picture", { number: 0, at_ms: 0, key: 1 }, await canvas.convertToBlob({ type: "image/png" }));
  await send("done", { codec: "png", width: canvas.width, height: canvas.height, pictures: 1, duration_ms: 0 });
}

const MADE = { video, gif, strip };

/** @param {Take} take */
async function film(take) {
  const opened = await openedBy(take.id);
  const camera = new Camera(opened, take);
  try {
    await camera.whole();
    await MADE[take.kind](opened, take, camera);
  } finally {
    camera.close();
  }
}

/** @returns {Promise<Take|null>} */
const next = async () => (await send("next", {})).take;

for (let take = await next(); take; take = await next()) {
  await film(take).catch((error) => send("failed", { text: String(error?.message ?? error).slice(0, 500) }));
}
