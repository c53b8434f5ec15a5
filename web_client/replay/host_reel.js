/**
 * A recorded game that only the host can run: it plays it again and sends what was seen, in the words of the replay's worker.
 * @module
 */
import { again } from "../net/again.js";
import { Pieces } from "./pieces.js";

/** @typedef {import("./messages.js").ToReplayWorker} ToReplayWorker */
/** @typedef {import("./messages.js").FromReplayWorker} FromReplayWorker */
/** @typedef {ToReplayWorker & {type: "open"}} Open */
/**
 * @typedef {{first: number, frames: import("./messages.js").ReplayFrame[], checks: string, chain: string, ended: number,
 *   piece: number|null}} Part `piece`: null when there was no room for its pictures
 * @typedef {{parts: Part[], earlier: [number, number]|null, error: string, done: boolean}} News
 */

const NO_ROOM = "There is no room on the disk for all pictures of this recording: it can be shown up to here. Verify compares every frame.";

/** The host has put the recording away meanwhile. */
class Gone extends Error {}

/**
 * @param {string} address
 * @param {RequestInit} [options]
 */
function asked(address, options) {
  return again(async () => {
    const answer = await fetch(address, { credentials: "same-origin", ...options });
    // A host in trouble is as good as silent; a refusal is an answer.
    if (answer.status >= 500) throw new Error(`The host answered ${answer.status}.`);
    return answer;
  });
}

/** @param {Response} answer */
async function worthy(answer) {
  if (answer.ok) return answer;
  const { error } = await answer.json().catch(() => ({ error: null }));
  const text = error?.text ?? `The host answered ${answer.status}.`;
  throw error?.code === "gone" ? new Gone(text) : new Error(text);
}

export class HostReel {
  #hear;
  /** @type {Open|null} */ #open = null;
  /** Of what is being shown; what belongs to an older one is not told any more. */
  #number = 0;
  /** @type {Pieces|null} */ #pieces = null;

  /** @param {(message: FromReplayWorker) => void} hear */
  constructor(hear) {
    this.#hear = hear;
  }

  /** @param {ToReplayWorker} message */
  postMessage(message) {
    if (message.type === "seek") void this.#seek(message.frame, this.#number);
    else {
      if (message.type === "open") this.#open = message;
      void this.#play(message.type === "verify", ++this.#number);
    }
  }

  terminate() {
    this.#number += 1;
  }

  /**
   * @param {boolean} verifies from the start in a fresh env, telling what came out
   * @param {number} mine
   * @returns {Promise<void>}
   */
  async #play(verifies, mine) {
    const whole = { checks: "", chain: "", ended: -1, error: "" };
    try {
      await this.#follow(verifies, mine, whole);
    } catch (error) {
      if (mine !== this.#number) return;
      if (error instanceof Gone) return this.#play(verifies, ++this.#number);
      whole.error ||= error instanceof Error ? error.message : String(error);
    }
    if (mine !== this.#number) return;
    const { error } = whole;
    // What there is no room to show was compared all the same.
    if (verifies) this.#hear({ type: "played", played: { ...whole, error: error === NO_ROOM ? "" : error } });
    if (error) this.#hear({ type: "error", message: error, traceback: "" });
  }

  /**
   * @param {boolean} verifies
   * @param {number} mine
   * @param {import("./messages.js").Played} whole filled with what comes
   */
  async #follow(verifies, mine, whole) {
    const base = this.#base;
    const begun = await worthy(await asked(`${base}?anew=${Number(verifies)}`, { method: "POST" }));
    const { run } = await begun.json();
    if (mine !== this.#number) return;
    const pieces = new Pieces(async (number) => {
      const answer = await worthy(await asked(`${base}/${run}/pictures/${this.#view}/${number}`));
      return new Uint8Array(await answer.arrayBuffer());
    });
    this.#pieces = pieces;
    this.#hear({ type: "began" });
    for (let known = 0, done = false; !done;) {
      const answer = await worthy(await asked(`${base}/${run}/news?after=${known}`, { cache: "no-store" }));
      /** @type {News} */ const news = await answer.json();
      if (mine !== this.#number) return;
      known += news.parts.length;
      ({ done } = news);
      if (news.earlier && !known) this.#hear({ type: "progress", label: "Earlier episodes", loaded: news.earlier[0], total: news.earlier[1] });
      for (const part of news.parts) this.#take(part, pieces, whole);
      if (verifies && news.parts.length) this.#hear({ type: "checking", frames: whole.checks.length / 8 });
      if (news.error) whole.error = news.error;
    }
  }

  /**
   * @param {Part} part
   * @param {Pieces} pieces
   * @param {import("./messages.js").Played} whole
   */
  #take({ first, frames, checks, chain, ended, piece }, pieces, whole) {
    Object.assign(whole, { checks: whole.checks + checks, chain, ended });
    if (piece === null) whole.error = NO_ROOM;
    else {
      pieces.add(piece === 0 ? -1 : first);
      this.#hear({ type: "frames", first, frames, done: false });
    }
  }

  get #base() {
    return String(this.#open?.opened.played_here);
  }

  /** The player whose pictures are wanted: where all see the same, the first one's. */
  get #view() {
    return this.#open?.opened.bundle.spec.rendering.per_agent_view ? this.#open.me : 0;
  }

  /**
   * @param {number} frame
   * @param {number} mine
   */
  async #seek(frame, mine) {
    try {
      const picture = await this.#pieces?.picture(frame);
      if (picture && mine === this.#number) this.#hear({ type: "picture", frame, ops: picture.ops, pixels: picture.pixels, size: picture.size });
    } catch (error) {
      if (mine !== this.#number) return;
      if (error instanceof Gone) void this.#play(false, ++this.#number);
      else this.#hear({ type: "error", message: error instanceof Error ? error.message : String(error), traceback: "" });
    }
  }
}
