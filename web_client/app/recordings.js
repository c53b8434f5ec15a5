/**
 * What a page with recordings needs: the host's answer about one, and a screen to show it on.
 * @module
 */
import { saidAgain } from "../net/again.js";
import { HOME } from "../net/home.js";
import { Screen } from "../replay/screen.js";

/** @typedef {import("../ui/scenes/scene.js").Recordings} Recordings */

/**
 * @param {{statics: string, vendor: string, warn: (text: string) => void, later: (run: () => void, delayMs: number) => unknown}} parts
 * @returns {Recordings}
 */
export function recordings({ statics, vendor, warn, later }) {
  const pause = (/** @type {number} */ delayMs) => new Promise((resolve) => later(() => resolve(null), delayMs));
  const whole = (/** @type {string} */ path) => new URL(path, location.href).href;
  return {
    async open(visit, number) {
      const { ok, status, body } = await saidAgain(`${HOME}/api/replay/${visit}/${number}`, pause);
      if (!ok) throw new Error(body?.error?.text ?? `The host answered ${status}.`);
      return body;
    },
    screen: (stage, heard) => new Screen({ stage, statics: whole(statics), vendor: whole(vendor), warn, heard }),
  };
}
