/**
 * What a page with recordings needs: the host's answer about one, and a screen to show it on.
 * @module
 */
import { again } from "../net/again.js";
import { HOME } from "../net/home.js";
import { Screen } from "../replay/screen.js";

/** @typedef {import("../ui/scenes/scene.js").Recordings} Recordings */

/** @param {string} url */
async function answered(url) {
  const answer = await fetch(url, { cache: "no-store", credentials: "same-origin" });
  // A host in trouble is as good as silent; a refusal is an answer.
  if (answer.status >= 500) throw new Error(`The host answered ${answer.status}.`);
  return answer;
}

/**
 * @param {{statics: string, vendor: string, warn: (text: string) => void, later: (run: () => void, delayMs: number) => unknown}} parts
 * @returns {Recordings}
 */
export function recordings({ statics, vendor, warn, later }) {
  const pause = (/** @type {number} */ delayMs) => new Promise((resolve) => later(() => resolve(null), delayMs));
  const whole = (/** @type {string} */ path) => new URL(path, location.href).href;
  return {
    async open(visit, number) {
      const answer = await again(() => answered(`${HOME}/api/replay/${visit}/${number}`), pause);
      const body = await answer.json().catch(() => null);
      if (!answer.ok) throw new Error(body?.error?.text ?? `The host answered ${answer.status}.`);
      return body;
    },
    screen: (stage, heard) => new Screen({ stage, statics: whole(statics), vendor: whole(vendor), warn, heard }),
  };
}
