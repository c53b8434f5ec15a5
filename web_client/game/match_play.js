/**
 * One match in the worker: countdown, ticks, episodes, and everything that leaves it for the page.
 * @module
 */

import { createRollback } from "../core/rollback/rollback.js";
import { Beat } from "./beat.js";
import { TOLD } from "./told.js";
import { DISPUTE, disputeNews, Disputes } from "./disputes.js";
import { Circumstances } from "./circumstances.js";
import { EpisodeLife } from "./episode_life.js";
import { Farewell } from "./farewell.js";
import { inputsOf } from "./moves.js";
import { marksText } from "./marks_text.js";
import { rollbackOptions } from "./match_options.js";
import { Packets } from "./packets.js";
import { PlayStats } from "./play_stats.js";
import { Recorder } from "./recorder.js";
import { Screen } from "./screen.js";
import { ORDER } from "./env_link.js";
import { encode, results } from "./orders.js";

/** @typedef {import("./messages.js").FromWorker} FromWorker */
/** @typedef {import("../core/rollback/types.js").Rollback} Rollback */
/** @typedef {import("../core/rollback/types.js").Event} RollbackEvent */
/** @typedef {(message: FromWorker, transfer?: Transferable[]) => void} Post */
/** @typedef {"idle"|"countdown"|"playing"|"frozen"|"over"} Phase */

const NOTHING_PRESSED = { input: 0, eventAtMs: null };

export class MatchPlay {
  #env;
  #spec;
  #match;
  #post;
  #now;
  #withOthers;
  #inputs;
  #recorder;
  #stats;
  #screen;
  /** @type {Rollback} */ #rollback;
  #beat;
  #disputes;
  #life;
  #circumstances;
  #packets;
  /** We come into a match that may run: the host hears when the others count on us again. */
  #returning;
  /** @type {Phase} */ #phase = "idle";
  #paused = false;
  #untilMs = 0;
  #farewell = new Farewell(() => this.#post({ type: "gameOver", reason: "complete" }));
  /** How often another course of the game was entered. */
  #entered = 0;

  /**
   * @param {{env: import("./env_link.js").EnvLink, spec: import("./messages.js").GymSpec, match: import("./messages.js").MatchSpec,
   *   scene: string, visit: number, resume: import("./messages.js").Resume|null,
   *   costs: {save_ms?: number, step_ms?: number}, post: Post, now: () => number,
   *   fail: (error: unknown) => void}} options `now`: unix ms of this browser; `fail`: tells what went wrong in play
   */
  constructor({ env, spec, match, scene, visit, resume, costs, post, now, fail }) {
    this.#env = env;
    this.#spec = spec;
    this.#match = match;
    this.#post = post;
    this.#now = now;
    this.#withOthers = match.players.length > 1;
    this.#returning = this.#withOthers && resume !== null;
    this.#inputs = inputsOf(spec, match, (turn) => post({ type: "turn", ...turn }));
    this.#recorder = new Recorder(env, { scene, visit, match: match.id }, match, post, (first, count) => marksText(this.#rollback.marks(first, count), match.me), spec.gameplay.pace === "on_input");
    this.#stats = new PlayStats(spec.gameplay.pace === "on_input");
    this.#circumstances = new Circumstances(this.#recorder, this.#stats, spec);
    this.#screen = new Screen({ env, rendering: spec.rendering, scores: resume?.scores ?? {}, post, now });
    this.#rollback = createRollback(rollbackOptions(spec, match, resume?.episode ?? match.episode ?? 0, resume, costs));
    this.#packets = new Packets(this.#rollback, this.#stats, post);
    this.#life = new EpisodeLife({ held: spec.gameplay.until ?? false, env, rollback: this.#rollback, recorder: this.#recorder, screen: this.#screen, match, resume, post, now });
    this.#disputes = new Disputes(env, (peer, bytes) => this.#packets.send("control", peer, bytes), (finding) => disputeNews(finding, match.me, spec).forEach((news) => post(news)));
    const onError = (/** @type {unknown} */ error) => {
      fail(error);
      this.stopAfterError();
    };
    this.#beat = new Beat({ fps: spec.rendering.fps, now, onBeat: (due, nowMs) => this.#onBeat(due, nowMs), onError });
  }

  /**
   * The first frame is due at `atMs`; until then the countdown shows.
   * @param {number} atMs
   */
  start(atMs) {
    if (this.#phase !== "idle") return;
    this.#life.begin();
    this.#countDown(atMs);
  }

  /** @param {import("./messages.js").ToWorker & {type: "input"}} message */
  input(message) {
    this.#inputs.hear(message);
    this.#circumstances.hear(message);
  }

  /** @param {number} peer @param {Uint8Array} bytes */
  receive(peer, bytes) {
    this.#stats.received(bytes.byteLength);
    if (bytes[0] === DISPUTE) return this.#disputes.receive(peer, bytes);
    this.#rollback.receive(peer, bytes, this.#now());
  }

  /** @param {number} offsetMs host clock minus this browser's: rows carry the host's time */
  setClock(offsetMs) {
    this.#recorder.clockOffsetMs = offsetMs;
  }

  /** @param {import("./recorder.js").ShownPicture} picture */
  shown(picture) {
    this.#recorder.noteShown(picture);
  }

  /** @param {{peer: number, state: string, transport: string, rttMs: number|null}} link */
  linkState(link) {
    this.#circumstances.linkState(link);
    if (link.rttMs !== null) this.#rollback.setRtt(link.peer, link.rttMs);
  }

  /**
   * @param {boolean} hidden
   * @param {boolean} focused
   */
  visibility(hidden, focused) {
    const back = this.#circumstances.hidden && !hidden;
    this.#circumstances.hidden = hidden;
    this.#circumstances.focused = focused;
    if (!focused) this.#inputs.release();
    if (back && this.#phase === "playing") this.#screen.show(this.#env.run([ORDER.DRAW, 0]), this.#rollback.frame - 1, false);
  }

  /** @param {string} text why, for the player */
  pause(text) {
    if (this.#paused || this.#phase === "over") return;
    this.#paused = true;
    this.#rollback.pause();
    this.#inputs.release();
    this.#tellPhase("paused", null, text);
  }

  /** @param {number} episodes that may be played so far, by the host's word */
  allow(episodes) {
    this.#life.allowed = Math.max(this.#life.allowed, episodes);
  }

  /** Play goes on. */
  resume() {
    if (!this.#paused) return;
    this.#paused = false;
    this.#inputs.forgetTaps();
    if (this.#phase !== "countdown") this.#rollback.resume();
    this.#tellPhase(/** @type {"countdown"|"playing"|"frozen"} */ (this.#phase), this.#untilMs, "");
  }

  /**
   * The server says that the others play on without `player`; from which frame on, the browsers agree among themselves.
   * @param {number} player
   */
  absent(player) {
    this.#rollback.declareAbsent(player);
  }

  /** @param {string} reason what ended the match from outside; everything confirmed is sent */
  close(reason) {
    if (this.#phase === "over") return;
    const playing = this.#phase === "playing" || this.#phase === "countdown";
    if (playing) this.#life.seal("partial");
    this.#gameOver(reason);
  }

  /** Stop at once and free the env. */
  dispose() {
    this.#beat.stop();
    this.#env.close();
  }

  /** @param {number} atMs when the episode's first frame is due */
  #countDown(atMs) {
    this.#inputs.release();
    this.#phase = "countdown";
    this.#untilMs = atMs;
    // Until then no frame is played, but the others are heard: somebody may come back meanwhile, or we may.
    this.#rollback.pause();
    this.#tellPhase(this.#paused ? "paused" : "countdown", this.#paused ? null : atMs, "");
    this.#beat.start(atMs, this.#withOthers);
  }

  /** The env failed: play cannot go on, but what was confirmed is sent. */
  stopAfterError() {
    this.#farewell.end();
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#beat.stop();
    this.#life.rescue();
    this.#tellPhase("over", null, "");
    this.#post({ type: "gameOver", reason: "error" });
  }

  /** @param {number} ticks due now @param {number} now */
  #onBeat(ticks, now) {
    const due = now >= this.#untilMs - 1;
    if (this.#phase === "countdown" && due && !this.#paused) this.#play();
    if (this.#phase === "frozen" && this.#life.mayGoOn(this.#paused, due)) {
      this.#life.next();
      this.#countDown(now + this.#spec.gameplay.countdown_s * 1000);
    } else if (this.#phase !== "playing") this.#keepInTouch(now);
    // One of them may end the episode, and those after it belong to no frame.
    for (let tick = 0; tick < ticks && this.#phase === "playing"; tick++) this.#tick(now, tick === ticks - 1);
  }

  /**
   * Between episodes and after the last one the others still have to hear what they missed, and that we are there.
   * @param {number} now
   */
  #keepInTouch(now) {
    if (!this.#withOthers) return;
    if (this.#rollback.ended || this.#phase === "countdown") {
      const orders = this.#rollback.advance([NOTHING_PRESSED.input], now);
      const asked = orders.requests.length > 0 || orders.confirmed !== null;
      if (this.#hear(orders.events) && asked) this.#run(orders, now, NOTHING_PRESSED, false);
    }
    this.#packets.flush(now);
    this.#farewell.check(now, this.#rollback.settled);
  }

  #play() {
    this.#phase = "playing";
    this.#inputs.forgetTaps();
    this.#rollback.resume();
    this.#inputs.begin(this.#now());
    this.#post({ type: "episodeStarted", episode: this.#life.number });
    this.#tellPhase("playing", null, "");
  }

  /**
   * @param {number} now
   * @param {boolean} last of the ticks due now: only this one is drawn
   */
  #tick(now, last) {
    const sampled = this.#inputs.sample({ frame: this.#rollback.frame, acting: this.#env.acting, paused: this.#paused, nowMs: now });
    const orders = this.#rollback.advance([sampled.input], now);
    // A tick that stalls uses no input up: the key that was pressed counts for the next one.
    if (!orders.took && !this.#paused) this.#inputs.giveBack();
    this.#beat.pace = this.#rollback.pace;
    // What was asked of the env belongs to the episode that was left.
    if (this.#hear(orders.events)) this.#run(orders, now, sampled, last && !this.#circumstances.hidden);
    this.#packets.flush(now);
    this.#stats.report(now, (values) => this.#post({ type: "stats", values: { ...values, ...this.#rollback.stats() } }));
    if (this.#rollback.ended && this.#phase === "playing") this.#endEpisode(now);
  }

  /**
   * @param {import("../core/rollback/types.js").Orders} orders
   * @param {number} now
   * @param {import("./inputs.js").Sample} sampled
   * @param {boolean} shown
   */
  #run(orders, now, sampled, shown) {
    if (!orders.requests.length && !orders.confirmed && orders.inputFrame === null) return this.#idle(now);
    this.#circumstances.note(orders, now, sampled, shown);
    const started = this.#now();
    const answer = this.#env.run(encode(orders, this.#withOthers, shown));
    this.#stats.ran(orders, now, this.#now() - started);
    this.#afterRun(orders, answer, now);
  }

  /**
   * @param {import("../core/rollback/types.js").Orders} orders
   * @param {import("./env_link.js").Answer} answer
   * @param {number} now
   */
  #afterRun(orders, answer, now) {
    const { head } = answer;
    this.#rollback.ran(results(orders, head));
    head.seals?.forEach(([frame, chain]) => this.#rollback.sealed(frame, chain));
    this.#life.waitingRows = head.rows;
    const corrected = orders.requests.some(({ type }) => type === "load");
    this.#recorder.noteConfirmed(head.confirmed, now);
    const frame = this.#rollback.frame - 1;
    if (this.#screen.show(answer, frame, corrected)) this.#recorder.noteDrawn(frame, now);
    this.#passRows(now);
    if (head.over && !this.#withOthers) this.#endEpisode(now);
  }

  /** @param {number} now */
  #passRows(now) {
    this.#life.waitingRows -= this.#recorder.pass(this.#life.waitingRows, now);
  }

  /** A tick without a frame: the one that comes next may be long in coming. @param {number} now */
  #idle(now) {
    this.#passRows(now);
    this.#stats.idle(now);
  }

  /**
   * @param {RollbackEvent[]} events
   * @returns {boolean} whether the episode they belong to goes on
   */
  #hear(events) {
    const before = this.#entered;
    for (const event of events) {
      this.#on(event, this.#entered === before);
    }
    return this.#entered === before;
  }

  /**
   * @param {RollbackEvent} event
   * @param {boolean} acting false: the episode it belongs to was left
   */
  #on(event, acting) {
    this.#stats.event(event);
    const act = /** @type {Record<string, ((event: any) => void)|undefined>} */ (this.#acts)[event.type];
    if (acting) act?.(event);
    if (TOLD.has(event.type)) this.#post({ type: "stats", values: { event } });
  }

  #acts = {
    /** @param {{frame: number}} event */
    state_wanted: ({ frame }) => this.#rollback.offerState(frame, this.#env.exportState(frame)),
    /** @param {{frame: number, bytes: Uint8Array}} event */
    state_received: ({ frame, bytes }) => {
      this.#env.importState(frame, bytes);
      this.#rollback.stateLoaded(frame);
    },
    /** @param {{kind: string, frame: number, peer: number}} event */
    desync: ({ kind, frame, peer }) => kind === "state" && this.#disputes.open(peer, frame),
    /** What was pressed while we were away is no move. @param {{players: number[]}} event */
    peer_returned: ({ players }) => {
      if (!players.includes(this.#match.me)) return;
      this.#inputs.forgetTaps();
      this.#tellReturned();
    },
    caught_up: () => this.#inputs.forgetTaps(),
    /** Somebody who comes back finds the others in a later episode. @param {{episode: number}} event */
    episode_ahead: ({ episode }) => episode > this.#life.number && episode < this.#spec.gameplay.num_episodes && this.#enter(() => this.#life.join(episode)),
    /** Ours is not the part of the match that counts. */
    split: () => this.#enter(() => this.#life.startOver()),
    /** @param {{reason: string}} event */
    episode_ended: ({ reason }) => {
      this.#life.endReason = reason;
      // Those who play a later episode count on us when we are there.
      if (!this.#rollback.behind) this.#tellReturned();
    },
  };

  #tellReturned() {
    if (!this.#returning) return;
    this.#returning = false;
    this.#post({ type: "returned" });
  }

  /** @param {number} now */
  #endEpisode(now) {
    if (this.#phase !== "playing") return;
    this.#life.end();
    if (this.#life.number + 1 >= this.#spec.gameplay.num_episodes) {
      if (!this.#withOthers) return this.#gameOver("complete");
      this.#phase = "over";
      this.#tellPhase("over", null, "");
      return this.#farewell.begin(now);
    }
    this.#phase = "frozen";
    this.#untilMs = now + this.#spec.gameplay.reset_freeze_s * 1000;
    this.#tellPhase("frozen", this.#untilMs, "");
  }

  /** Leave the course of the game we are in for the one the others play. @param {() => void} change */
  #enter(change) {
    if (this.#phase === "over") return;
    change();
    this.#entered += 1;
    if (this.#paused) this.#rollback.pause();
    this.#countDown(this.#now());
  }

  /** @param {string} reason */
  #gameOver(reason) {
    this.#phase = "over";
    if (!this.#withOthers) this.#beat.stop();
    this.#tellPhase("over", null, "");
    this.#post({ type: "gameOver", reason });
  }

  /**
   * @param {"countdown"|"playing"|"frozen"|"between"|"paused"|"over"} phase
   * @param {number|null} untilMs
   * @param {string} text
   */
  #tellPhase(phase, untilMs, text) {
    this.#post({ type: "phase", phase, episode: this.#life.number, untilMs, text });
  }
}
