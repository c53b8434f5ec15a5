/**
 * What this computer draws with, and the PixiJS renderer that suits it: a graphics card's WebGL, or a plain canvas where the
 * processor would have to imitate one.
 * @module
 */

/** @typedef {typeof import("pixi.js")} Pixi */
/** @typedef {import("pixi.js").Renderer} PixiRenderer */
/** @typedef {"card"|"software"|"none"} Graphics what WebGL runs on */

const MOST_PIXELS_RATIO = 3;
/** Without a card every pixel costs the processor: no more of them than a Full HD screen has. */
const MOST_SOFTWARE_PIXELS = 1920 * 1080;
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render|gdi generic|offscreen/i;

/** @type {Graphics | null} */ let known = null;

/** @returns {Graphics} asked once a page */
export function graphics() {
  known ??= ask();
  return known;
}

/**
 * @param {string} name of a WebGL renderer, as the browser tells it
 * @returns {Graphics}
 */
export const graphicsNamed = (name) => (SOFTWARE.test(name) ? "software" : "card");

/**
 * @param {{width: number, height: number}} box CSS px
 * @param {{ratio: number, modest: boolean}} display device pixels per CSS px; `modest`: drawing is slow here
 * @returns {number} device pixels to draw per CSS px
 */
export function resolutionFor({ width, height }, { ratio, modest }) {
  const wanted = Math.min(MOST_PIXELS_RATIO, ratio || 1);
  if (!modest) return wanted;
  return Math.min(wanted, Math.max(0.5, Math.sqrt(MOST_SOFTWARE_PIXELS / Math.max(1, width * height))));
}

/** @returns {Graphics} */
function ask() {
  try {
    const canvas = document.createElement("canvas");
    const gl = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
    if (!gl) return "none";
    const info = gl.getExtension("WEBGL_debug_renderer_info");
    const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    return graphicsNamed(name);
  } catch {
    return "none";
  }
}

/**
 * @param {Pixi} pixi
 * @param {HTMLElement} stage
 * @returns {Promise<PixiRenderer>} rejects, in words for the participant, where the browser cannot draw at all
 */
export async function makePixiRenderer(pixi, stage) {
  const { width, height } = stage.getBoundingClientRect();
  const box = { width: Math.max(1, width), height: Math.max(1, height) };
  const card = graphics() === "card";
  const resolution = resolutionFor(box, { ratio: window.devicePixelRatio, modest: !card });
  const preference = /** @type {("webgl"|"canvas")[]} */ (card ? ["webgl", "canvas"] : ["canvas"]);
  try {
    const renderer = await pixi.autoDetectRenderer({ ...box, resolution, preference, antialias: true, autoDensity: true, backgroundAlpha: 0 });
    // PixiJS tidies up at every refresh of the display, drawn or not; here it does so when something is drawn.
    pixi.Ticker.system.autoStart = false;
    pixi.Ticker.system.stop();
    return renderer;
  } catch {
    throw new Error("This browser cannot draw the game. Please update it or use another computer, and tell the person running the study.");
  }
}
