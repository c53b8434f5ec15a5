/**
 * The episodes of a match in this browser: beginning one, ending it, and coming into one that the others already play.
 * @module
 */

import { marksFrom } from "./marks_text.js";
import { byFrame, episodeSeed } from "./match_options.js";

/** @typedef {import("./messages.js").Resume} Resume */
/** @typedef {import("./messages.js").FromWorker} FromWorker */

export class EpisodeLife {
  /** Confirmed rows that were not sent yet. */
  waitingRows = 0;
  /** @type {string|null} why the browsers agreed to end the episode; the env's own word counts more */
  endReason = null;
  /** So many episodes may be played so far: where each decides if there is another, the host has the word. */
  allowed;
  #env;
  #rollback;
  #recorder;
  #screen;
  #match;
  #post;
  #now;
  /** @type {Resume|null} */ #resume;
  #number;
  /** The running episode has begun and its end was not told yet. */
  #open = false;
  /** Rows on the host may belong to a course of the game that does not count. */
  #mixed = false;

  /**
   * @param {{held: boolean, env: import("./env_link.js").EnvLink, rollback: import("../core/rollback/types.js").Rollback, recorder: import("./recorder.js").Recorder,
   *   screen: import("./screen.js").Screen, match: import("./messages.js").MatchSpec, resume: Resume|null,
   *   post: (message: FromWorker) => void, now: () => number}} options
   */
  constructor({ held, env, rollback, recorder, screen, match, resume, post, now }) {
    this.#env = env;
    this.#rollback = rollback;
    this.#recorder = recorder;
    this.#screen = screen;
    this.#match = match;
    this.#resume = resume;
    this.#post = post;
    this.#now = now;
    this.#number = resume?.episode ?? match.episode ?? 0;
    this.allowed = held ? this.#number + 1 : Infinity;
  }

  get number() {
    return this.#number;
  }

  /** The env stands before frame 0; what the host already has of a resumed episode is played again. */
  begin() {
    const resume = this.#resume;
    this.#resume = null;
    const rows = resume ? byFrame(resume.inputs, this.#match.players.length) : [];
    this.#reset(resume?.stored ?? rows.length);
    if (rows.length) this.#rollback.feed(0, rows, marksFrom(resume?.marks ?? [], this.#match));
    if (resume?.told) this.#hearOut(rows.length, resume.told);
  }

  /**
   * Who has finished cannot tell us any more what we lack: the host has their word.
   * @param {number} first
   * @param {NonNullable<Resume["told"]>} told
   */
  #hearOut(first, { player, inputs, marks }) {
    const { players } = this.#match;
    this.#rollback.feed(first, byFrame(inputs, players.length), marksFrom(marks, { me: player, players }), player);
  }

  /**
   * Nobody begins the next episode before this one is over for all. In a pause we follow those who have begun it: whoever comes
   * back to them is counted on again when all agree.
   * @param {boolean} paused
   * @param {boolean} due the picture stood still for long enough
   */
  mayGoOn(paused, due) {
    const { settled, behind, isAwaited } = this.#rollback;
    return this.#number + 1 < this.allowed && settled && !behind && (paused ? isAwaited : due);
  }

  /** Go on to the next episode. */
  next() {
    this.#enter(this.#number + 1, false);
  }

  /**
   * The others play `episode` already. What is confirmed of ours is sent, and we come to them with nothing in our hands.
   * @param {number} episode a later one
   */
  join(episode) {
    if (this.#open && this.#rollback.ended) this.end();
    else if (this.#open) this.seal("partial");
    this.#enter(episode, true);
  }

  /** The running episode is over for all. */
  end() {
    this.seal(null);
    this.#screen.scores.carry();
  }

  /**
   * Two parts of the match went on without each other, and ours does not count: play the others' course from frame 0. Rows
   * of ours that are on the host already stay there, so the host has to compare the rows themselves.
   */
  startOver() {
    const { sent } = this.#recorder;
    this.#rollback.startEpisode({ episode: this.#number, rejoin: true });
    this.#reset(sent);
    this.#mixed = sent > 0;
  }

  /**
   * Send what is confirmed and tell the end.
   * @param {string|null} reason null: what the env says
   */
  seal(reason) {
    const { head } = this.#env.run([]);
    // Rows first: what has to reach the host leaves in the order in which it is told.
    this.#recorder.flush(head.rows, this.#now());
    const values = this.#env.changedGlobals();
    if (values) this.#post({ type: "globals", values });
    const why = reason ?? head.over?.[1] ?? this.endReason ?? "partial";
    this.endReason = null;
    this.#open = false;
    const chain = this.#mixed ? "" : this.#env.chain;
    this.#post({ type: "episodeEnded", episode: this.#number, frames: head.confirmed + 1, reason: why, chain, scores: this.#screen.scores.episode() });
  }

  /** After an error: whatever is confirmed and can still be sent. */
  rescue() {
    try {
      this.#recorder.flush(this.waitingRows, this.#now());
    } catch {
      // The error that ended play has been told already.
    }
  }

  /**
   * @param {number} episode
   * @param {boolean} rejoin
   */
  #enter(episode, rejoin) {
    this.#number = episode;
    this.#rollback.startEpisode({ episode, rejoin });
    this.#reset(0);
  }

  /** @param {number} stored rows of the episode that are on the host already */
  #reset(stored) {
    this.waitingRows = 0;
    this.endReason = null;
    this.#mixed = false;
    const answer = this.#env.reset(episodeSeed(this.#match, this.#number), this.#number, stored);
    this.#recorder.start(this.#number, stored, this.#now());
    this.#screen.begin(this.#number, answer);
    this.#open = true;
  }
}
