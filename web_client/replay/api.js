/**
 * What the replay server says.
 * @module
 */

/** @typedef {import("./messages.js").Listed} Listed */
/** @typedef {import("./messages.js").Opened} Opened */
/** @typedef {import("./messages.js").Played} Played */
/** @typedef {import("./messages.js").Finding} Finding */

const token = new URLSearchParams(location.search).get("token") ?? "";

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function asked(path, options) {
  const answer = await fetch(`/replay/${path}?token=${encodeURIComponent(token)}`, { cache: "no-store", ...options });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(body?.error?.text ?? `The replay server answered ${answer.status}.`);
  return body;
}

/** @returns {Promise<Listed[]>} */
export const listed = async () => (await asked("list")).replays;

/** @param {string} id @returns {Promise<Opened>} */
export const opened = (id) => asked(`episode/${encodeURIComponent(id)}`);

/** @param {string} id @param {Played} played @returns {Promise<Finding>} */
export const verdict = (id, played) => asked(`verdict/${encodeURIComponent(id)}`, { method: "POST", body: JSON.stringify(played) });

const TOLD_EVERY_MS = 10_000;
let toldMs = -Infinity;

/**
 * This page is busy with an episode: whoever waits for it must not take it for one that has stopped working.
 * @param {number} nowMs
 */
export function working(nowMs) {
  if (nowMs - toldMs < TOLD_EVERY_MS) return;
  toldMs = nowMs;
  // Nothing hangs on a single one; whether the server is still there is noticed by what asks for an answer.
  asked("working", { method: "POST" }).catch(() => {});
}

/** Ids that are to be checked at once, for whoever opened this page. */
export const toVerify = () => new URLSearchParams(location.search).get("verify")?.split(",").filter(Boolean) ?? [];
