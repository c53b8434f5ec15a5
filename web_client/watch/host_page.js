/**
 * A live view of a game that runs on the host: its own pictures, asked for one after the other.
 * @module
 */
import { drawId } from "../app/browser_facts.js";
import { HostPictures, parseView } from "../net/host_pictures.js";
import { HOME } from "../net/home.js";
import { ask, canvas, pause, say, showScores, showViews, t } from "./parts.js";

/** @typedef {import("./messages.js").Watched} Watched */
/** @typedef {{view: string|null, episode: number, scores: Record<string, number|string>, reason: string|null}} Look as the host tells it */

const NEXT_MS = 50;

export class HostPage {
  #watched;
  #canvas = canvas();
  #pictures;
  /** One name for this page: the host counts who watches. */
  #watcher = drawId("w");
  #player;
  #frame = -1;

  /** @param {Watched} watched */
  constructor(watched) {
    this.#watched = watched;
    this.#pictures = new HostPictures(watched.match.id);
    this.#player = watched.match.players[0]?.player ?? 0;
    showViews(watched, (player) => (this.#player = player));
  }

  /**
   * Until the match is over.
   * @returns {Promise<void>} rejects in words for the person who watches
   */
  async run() {
    say(t("watch.waiting"));
    await this.#canvas.begin(this.#watched.bundle).catch((error) => {
      throw new Error(t("watch.failed", { why: error.message }));
    });
    for (;;) {
      const player = this.#player;
      /** @type {Look} */ const look = await ask(`${HOME}/api/watch/picture`, { player: String(player), watcher: this.#watcher });
      if (look.reason !== null) return say(t("watch.ended", { reason: look.reason }));
      // What was asked for before another view was chosen is not shown any more.
      if (player === this.#player) this.#show(look);
      await pause(NEXT_MS);
    }
  }

  /** @param {Look} look */
  #show({ view, episode, scores }) {
    showScores(this.#watched, scores);
    if (view === null) return;
    const bytes = Uint8Array.from(atob(view), (letter) => letter.charCodeAt(0));
    this.#pictures.receive(parseView(bytes), ({ frame, ops, pixels, size }) => {
      this.#frame = frame;
      this.#canvas.draw({ type: "picture", frame, ops, pixels, size });
    });
    say(`${t("watch.episode", { n: episode + 1, frame: this.#frame + 1 })} · ${t("watch.now")}`);
  }
}
