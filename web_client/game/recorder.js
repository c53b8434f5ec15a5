/**
 * Gathers what only this browser knows about each frame and hands out batches of confirmed rows.
 * @module
 */

/**
 * What this browser went through in a frame; times are unix ms of the host's clock.
 * @typedef {{timestamp_ms: number, focused: boolean, hidden: boolean, predicted: boolean[], rollback_frames: number, stall_ms: number,
 *   rtt_ms: number|null, transport: string|null, frame_shown?: boolean, pointer_x?: number|null, pointer_y?: number|null, confirmed_ms?: number, shown_ms?: number, refresh_ms?: number|null}} LocalRow
 *   `timestamp_ms`: when it was first run; `frame_shown`: whether it was drawn as it was played, if that is recorded; `shown_ms`: the
 *   refresh of the display at which its picture was drawn, `refresh_ms`: the time from one refresh to the next
 * @typedef {{episode: number, frame: number, atMs: number, refreshMs: number|null}} ShownPicture `atMs`: this browser's clock
 */

const BATCH_MS = 1000;
const MOST_ROWS = 240;
/** Columns of some scenes only. */
const MAY_BE = /** @type {const} */ (["frame_shown", "pointer_x", "pointer_y"]);
/** A row waits so long for word that its picture is on the screen. */
const PICTURE_MS = 250;

export class Recorder {
  /** Host clock minus this browser's, ms. */
  clockOffsetMs = 0;
  #env;
  #head;
  #post;
  #waits;
  #me;
  #players;
  #known;
  /** @type {Map<number, LocalRow>} */ #local = new Map();
  /** Frames → when the player did what brought their own input. @type {Map<number, {atMs: number, reactionMs: number|null}>} */ #pressed = new Map();
  /** Frames whose picture is on its way to the screen → since when. @type {Map<number, number>} */ #drawn = new Map();
  #confirmed = -1;
  #first = 0;
  #sentAtMs = 0;
  #episode = 0;
  #marksOf;

  /**
   * @param {import("./env_link.js").EnvLink} env
   * @param {{scene: string, visit: number, match: string}} head
   * @param {{me: number, players: {player: number}[]}} match
   * @param {(message: import("./messages.js").FromWorker, transfer?: Transferable[]) => void} post
   * @param {(first: number, count: number) => string} [marksOf] what shows that confirmed inputs were made
   * @param {boolean} [waits] whether frames wait for the players' moves, so that these have a reaction time
   */
  constructor(env, head, { me, players }, post, marksOf = () => "", waits = false) {
    this.#waits = waits;
    this.#marksOf = marksOf;
    this.#env = env;
    this.#head = head;
    this.#me = me;
    this.#players = players.map(({ player }) => player);
    this.#known = this.#players.map(() => false);
    this.#post = post;
  }

  /**
   * @param {number} episode
   * @param {number} stored rows of it that are on the host already
   * @param {number} nowMs
   */
  start(episode, stored, nowMs) {
    this.#episode = episode;
    this.#first = stored;
    this.#sentAtMs = nowMs;
    this.#confirmed = -1;
    for (const notes of [this.#local, this.#pressed, this.#drawn]) notes.clear();
  }

  /**
   * What this tick's frames were like here: the new one, and those that were replayed because a guess was wrong.
   * @param {import("../core/rollback/types.js").Orders} orders
   * @param {Omit<LocalRow, "predicted"|"rollback_frames">} here with times of this browser's clock; it becomes the row of the one frame that is shown
   * @param {import("./inputs.js").Sample} sampled what brought this tick's input, which may be for a later frame
   */
  noteTick(orders, here, { eventAtMs, reactionMs = null }) {
    const timestamp_ms = this.#hostMs(here.timestamp_ms);
    if (eventAtMs !== null && orders.inputFrame !== null) {
      this.#pressed.set(orders.inputFrame, { atMs: this.#hostMs(eventAtMs), reactionMs });
    }
    const { steps, replayed } = counted(orders.requests);
    for (const request of orders.requests) {
      if (request.type !== "step") continue;
      const { frame, predicted, draw } = request;
      if (draw) this.#local.set(frame, Object.assign(here, { timestamp_ms, predicted: this.#guessed(predicted), rollback_frames: 0 }));
      else if (replayed) this.#corrected(frame, steps - 1);
    }
  }

  /** @param {boolean} predicted whether others' inputs were guessed @returns {boolean[]} of which players, in their order */
  #guessed(predicted) {
    if (!predicted) return this.#known;
    return this.#players.map((player) => player !== this.#me);
  }

  /**
   * Frames up to `last` are final.
   * @param {number} last
   * @param {number} nowMs
   */
  noteConfirmed(last, nowMs) {
    for (let frame = this.#confirmed + 1; frame <= last; frame++) {
      const row = this.#local.get(frame);
      if (row) row.confirmed_ms = this.#hostMs(nowMs);
    }
    this.#confirmed = Math.max(this.#confirmed, last);
  }

  /**
   * A picture after `frame` went to the page.
   * @param {number} frame
   * @param {number} nowMs
   */
  noteDrawn(frame, nowMs) {
    this.#drawn.set(frame, nowMs);
  }

  /**
   * It is on the screen; pictures from before it never were.
   * @param {ShownPicture} picture
   */
  noteShown({ episode, frame, atMs, refreshMs }) {
    if (episode !== this.#episode) return;
    for (const earlier of this.#drawn.keys()) if (earlier <= frame) this.#drawn.delete(earlier);
    const row = this.#local.get(frame);
    // A frame that is drawn once more, corrected or in a window that comes back, was seen already.
    if (row && row.shown_ms === undefined) Object.assign(row, { shown_ms: this.#hostMs(atMs), refresh_ms: refreshMs });
  }

  /** Rows of the episode that were handed out. */
  get sent() {
    return this.#first;
  }

  /** @param {number} ownMs */
  #hostMs(ownMs) {
    return Math.round((ownMs + this.clockOffsetMs) * 10) / 10;
  }

  /**
   * A frame that was shown on a guess is replayed.
   * @param {number} frame
   * @param {number} depth frames replayed with it
   */
  #corrected(frame, depth) {
    const row = this.#local.get(frame);
    if (row) row.rollback_frames = Math.max(row.rollback_frames, depth);
  }

  /**
   * Send what is confirmed, if a batch is due.
   * @param {number} waiting confirmed rows not sent yet
   * @param {number} nowMs
   * @returns {number} how many were sent
   */
  pass(waiting, nowMs) {
    if (waiting === 0 || (waiting < MOST_ROWS && nowMs - this.#sentAtMs < BATCH_MS)) return 0;
    const settled = this.#settled(waiting, nowMs);
    if (settled > 0) this.flush(settled, nowMs);
    return settled;
  }

  /**
   * @param {number} waiting
   * @param {number} nowMs
   * @returns {number} how many of the waiting rows will not learn any more when they were shown
   */
  #settled(waiting, nowMs) {
    for (let count = 0; count < waiting; count++) {
      const sinceMs = this.#drawn.get(this.#first + count);
      if (sinceMs !== undefined && nowMs - sinceMs < PICTURE_MS) return count;
    }
    return waiting;
  }

  /**
   * Send the first confirmed rows that were not sent yet.
   * @param {number} waiting how many
   * @param {number} nowMs
   */
  flush(waiting, nowMs) {
    this.#sentAtMs = nowMs;
    if (waiting === 0) return;
    const first = this.#first;
    this.#first += waiting;
    const marks = this.#marksOf(first, waiting);
    const head = marks ? { ...this.#head, marks } : this.#head;
    const bytes = this.#env.takeBatch(head, this.#columns(first, waiting), waiting);
    const { match, visit } = this.#head;
    this.#post({ type: "batch", key: { match, visit, episode: this.#episode, first, count: waiting }, bytes }, [bytes.buffer]);
  }

  /**
   * @param {number} first
   * @param {number} count
   */
  #columns(first, count) {
    /** @type {Record<string, any[]>} */ const columns = {};
    const rows = Array.from({ length: count }, (_, index) => this.#taken(first + index));
    const names = /** @type {(keyof LocalRow)[]} */ ([
      "timestamp_ms", "focused", "hidden", "rollback_frames", "stall_ms", "rtt_ms", "transport", "confirmed_ms", "shown_ms", "refresh_ms",
    ]); // prettier-ignore
    for (const name of MAY_BE) if (rows.some((row) => row?.[name] !== undefined)) names.push(name);
    for (const name of names) columns[name] = rows.map((row) => row?.[name] ?? null);
    const pressed = rows.map((_, index) => this.#pressed.get(first + index));
    columns.input_event_ms = pressed.map((press) => press?.atMs ?? null);
    if (this.#waits) columns.reaction_ms = pressed.map((press) => press?.reactionMs ?? null);
    for (const player of this.#players) {
      columns[`predicted.${player}`] = rows.map((row) => row?.predicted[player] ?? null);
    }
    return columns;
  }

  /** @param {number} frame */
  #taken(frame) {
    const row = this.#local.get(frame);
    this.#local.delete(frame);
    this.#drawn.delete(frame);
    return row;
  }
}

/** @param {import("../core/rollback/types.js").Request[]} requests */
function counted(requests) {
  let steps = 0;
  let replayed = false;
  for (const { type } of requests) {
    if (type === "step") steps++;
    else if (type === "load") replayed = true;
  }
  return { steps, replayed };
}
