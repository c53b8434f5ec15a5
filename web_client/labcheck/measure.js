/**
 * What a seat's page measures by itself: how often the screen is drawn, and what the experiment's game costs here.
 * @module
 */
import { GameClient } from "../game/client.js";
import { HOME } from "../net/home.js";

/** @typedef {import("../protocol/lab_client_messages.js").SeatMeasured} SeatMeasured */
/** @typedef {import("../protocol/lab_client_messages.js").GameMeasured} GameMeasured */
/** @typedef {import("../protocol/lab_server_messages.js").SeatWelcome} SeatWelcome */
/** @typedef {(step: "display" | "runtime" | "packages" | "env", loaded?: number, total?: number) => void} Tell */

const FRAMES = 60;
const DISPLAY_LIMIT_MS = 3000;
const GAME_LIMIT_MS = 180_000;
const MOST_TEXT = 4000;

/**
 * @param {number[]} values at least one
 */
const median = (values) => Number([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);

/** @returns {Promise<number | null>} null: the page is not in front, so nothing is drawn */
export function refreshHz() {
  return new Promise((resolve) => {
    /** @type {number[]} */
    const gaps = [];
    let last = 0;
    const limit = setTimeout(() => resolve(null), DISPLAY_LIMIT_MS);
    const frame = (/** @type {number} */ at) => {
      if (last) gaps.push(at - last);
      last = at;
      if (gaps.length < FRAMES) return void requestAnimationFrame(frame);
      clearTimeout(limit);
      resolve(1000 / Math.max(0.1, median(gaps)));
    };
    requestAnimationFrame(frame);
  });
}

/**
 * @param {SeatWelcome} welcome
 * @param {{statics: string, vendor: string}} bases
 * @param {Tell} tell
 * @returns {Promise<GameMeasured | null>} null: there is no game that runs in browsers
 */
async function game(welcome, bases, tell) {
  if (!welcome.match) return null;
  const answer = await fetch(`${HOME}/api/labcheck/game`, { cache: "no-store" });
  if (!answer.ok) return { problem: `The host did not send the game (${answer.status}).` };
  const bundle = await answer.json();
  const client = new GameClient({ program: `${bases.statics}game/worker.js`, vendor: bases.vendor });
  try {
    return await opened(client, welcome, bundle, tell);
  } finally {
    client.terminate();
  }
}

/**
 * @param {GameClient} client
 * @param {SeatWelcome} welcome
 * @param {any} bundle
 * @param {Tell} tell
 * @returns {Promise<GameMeasured>}
 */
function opened(client, { match, preload }, bundle, tell) {
  return new Promise((resolve) => {
    /** @type {number | null} */
    let loadMs = null;
    const end = (/** @type {Partial<GameMeasured>} */ found) => {
      clearTimeout(limit);
      resolve({ load_ms: loadMs, ...found });
    };
    const limit = setTimeout(() => end({ problem: "The game did not open in time." }), GAME_LIMIT_MS);
    client.onMessage((message) => {
      if (message.type === "progress") tell(/** @type {"runtime"} */ (message.step), Math.round(message.loaded), Math.round(message.total));
      else if (message.type === "loaded") loadMs = message.loadMs;
      else if (message.type === "opened") end({ step_ms: message.report["step_ms"] ?? null, save_ms: message.report["save_ms"] ?? null });
      else if (message.type === "error" && message.fatal) end({ problem: message.message.slice(0, MOST_TEXT) });
    });
    client.load({ vendorPackages: preload.vendor_packages, packages: preload.packages, wheelsIndex: preload.wheels_index });
    client.post({ type: "open", visit: 0, scene: bundle.scene, bundle, match: /** @type {any} */ (match), resume: null, participantGlobals: {} });
  });
}

/**
 * Everything this page can say without the other seats.
 * @param {SeatWelcome} welcome
 * @param {{statics: string, vendor: string}} bases
 * @param {Tell} tell
 * @returns {Promise<SeatMeasured>}
 */
export async function measure(welcome, bases, tell) {
  tell("display");
  const wasm = typeof WebAssembly === "object";
  const inFront = document.visibilityState === "visible";
  const hz = await refreshHz();
  const found = wasm ? await game(welcome, bases, tell).catch((error) => ({ problem: String(error).slice(0, MOST_TEXT) })) : null;
  return { wasm, webrtc: hasWebrtc(), in_front: inFront && document.visibilityState === "visible", refresh_hz: hz, game: found };
}

export const hasWebrtc = () => typeof RTCPeerConnection === "function";
