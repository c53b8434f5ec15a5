/**
 * Joining, before there is a socket.
 * @module
 */

import { HOME } from "../net/home.js";

/** @typedef {Omit<import("../ui/join_page.js").JoinInfo, "title"> & {title: string | Record<string, string>, known: string | null, in_doubt: boolean, languages: string[], games: boolean}} JoinAnswer */

const SEAT = /\/seat\/([^/]+)\/?$/;

/**
 * @param {Location | URL} address of the page
 * @returns {{params: Record<string, string>, seat: string | null}}
 */
export function joinParameters(address) {
  const seat = SEAT.exec(address.pathname)?.[1];
  return { params: Object.fromEntries(new URLSearchParams(address.search)), seat: seat ? decodeURIComponent(seat) : null };
}

/**
 * @param {{params: Record<string, string>, seat: string | null}} where
 * @param {string | null} tab of a page that was loaded again: nobody came to it by opening an address
 * @returns {Promise<JoinAnswer>} rejects when the host does not answer
 */
export async function askJoin({ params, seat }, tab) {
  const query = new URLSearchParams(params);
  if (seat !== null) query.set("seat", seat);
  if (tab !== null) query.set("tab", tab);
  const response = await fetch(`${HOME}/api/join?${query}`, { cache: "no-store", credentials: "same-origin" });
  if (!response.ok) throw new Error(`The host answered ${response.status}.`);
  return await response.json();
}

/**
 * @param {{params: Record<string, string>, seat: string | null, label: string | null, language: string, isNew: boolean}} request `isNew`: not the one who began at this computer
 * @returns {Promise<{ok: true} | {ok: false, code: string, text: string}>} code `network` when the host did not answer
 */
export async function postJoin({ params, seat, label, language, isNew }) {
  const body = { params, language, ...(label === null ? {} : { label }), ...(seat === null ? {} : { seat }), ...(isNew ? { new: true } : {}) };
  try {
    const response = await fetch(`${HOME}/api/join`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
    });
    if (response.ok) return { ok: true };
    const { error } = await response.json().catch(() => ({ error: null }));
    return { ok: false, code: error?.code ?? "other", text: error?.text ?? "" };
  } catch {
    return { ok: false, code: "network", text: "" };
  }
}
