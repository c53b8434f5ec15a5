/**
 * What the host is told about this browser.
 * @module
 */
import { graphics } from "../render/graphics.js";

const KEY = "igym.tab";
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/**
 * @param {string} stem a letter
 * @returns {string} an id nobody can guess
 */
export function drawId(stem) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return stem + [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/**
 * An id of this tab that survives a reload. A duplicated tab copies the storage, so the id is only left there while the page is away.
 * @param {Storage} storage
 */
export function tabId(storage = sessionStorage) {
  const id = storage.getItem(KEY) ?? drawId("t");
  storage.removeItem(KEY);
  window.addEventListener("pagehide", () => storage.setItem(KEY, id));
  window.addEventListener("pageshow", () => storage.removeItem(KEY));
  return id;
}

/** @returns {boolean} the page was loaded again, or come back to: nobody opened its address */
export function isLoadedAgain() {
  const [entry] = performance.getEntriesByType("navigation");
  return ["reload", "back_forward"].includes(/** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type ?? "");
}

export function browserFacts() {
  return {
    user_agent: navigator.userAgent.slice(0, 500),
    language: navigator.language ?? "",
    screen_width: Math.round(screen.width),
    screen_height: Math.round(screen.height),
    viewport_width: Math.round(window.innerWidth),
    viewport_height: Math.round(window.innerHeight),
    pixel_ratio: window.devicePixelRatio,
    touch: navigator.maxTouchPoints > 0,
    webgl: graphics() !== "none",
    hardware_threads: navigator.hardwareConcurrency ?? 1,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "",
  };
}
