/**
 * What the host has ready for a game: its bundle, and the inputs of an episode that is already running.
 * @module
 */

import { saidAgain } from "../net/again.js";
import { HOME } from "../net/home.js";

/** @typedef {Omit<import("../game/messages.js").GameBundle, "spec">} GameFiles the spec comes with the scene */
/** @typedef {import("../game/messages.js").Resume} Resume */

/**
 * @param {string} url
 * @param {(delayMs: number) => Promise<void>} pause
 * @returns {Promise<any>} rejects when the host refuses, or stays silent over several tries
 */
async function fetchJson(url, pause) {
  const { ok, status, body } = await saidAgain(url, pause).catch(() => Promise.reject(new Error("The host did not send the game.")));
  if (ok) return body;
  throw new Error(body?.error?.text ?? `The host answered ${status}.`);
}

/**
 * @param {(delayMs: number) => Promise<void>} pause
 */
export function gameFiles(pause) {
  /** @type {Map<string, Promise<GameFiles>>} */
  const bundles = new Map();
  /**
   * @param {string} scene id
   * @returns {Promise<GameFiles>}
   */
  const bundle = (scene) => {
    const known = bundles.get(scene);
    if (known) return known;
    const coming = fetchJson(`${HOME}/api/game/${encodeURIComponent(scene)}`, pause);
    bundles.set(scene, coming);
    coming.catch(() => bundles.delete(scene));
    return coming;
  };
  /**
   * @param {string} match
   * @param {number} episode
   * @param {boolean} begun the match may be running, though nothing of it is stored yet
   * @returns {Promise<Resume | null>} of a later episode if the match has come to one meanwhile; null: the episode has not begun
   */
  const resume = async (match, episode, begun) => {
    const { frames, inputs, scores, stored, marks, due, globals, told, playing = episode } = await fetchJson(`${HOME}/api/inputs/${encodeURIComponent(match)}/${episode}`, pause);
    if (playing > episode) return resume(match, playing, begun);
    if (!begun && frames === 0 && episode === 0) return null;
    const more = Object.entries({ scores, stored, marks, due, globals, told }).filter(([, value]) => value !== undefined && value !== null);
    return { episode, inputs: frames > 0 ? inputs : {}, ...Object.fromEntries(more) };
  };
  return { bundle, resume };
}
