/**
 * Gathers what only this browser knows about each frame and hands out batches of confirmed rows.
 * @module
 */

/**
 * What this browser went through in a frame; times are unix ms of the host's clock.
 * @typedef {{timestamp_ms: number, focused: boolean, hidden: boolean, predicted: boolean[], rollback_frames: number, stall_ms: number,
 *   rtt_ms: number|null, transport: string|null, input_event_ms: number|null, frame_shown?: boolean}} LocalRow
 *   `frame_shown`: whether the frame was drawn as it was played, if that is recorded
 */

const BATCH_MS = 1000;
const MOST_ROWS = 240;

export class Recorder {
  /** Host clock minus this browser's, ms. */
  clockOffsetMs = 0;
  #env;
  #head;
  #post;
  #me;
  #players;
  /** @type {Map<number, LocalRow>} */ #local = new Map();
  #first = 0;
  #sentAtMs = 0;
  #episode = 0;

  /**
   * @param {import("./env_link.js").EnvLink} env
   * @param {{scene: string, visit: number, match: string}} head
   * @param {{me: number, players: {player: number}[]}} match
   * @param {(message: import("./messages.js").FromWorker, transfer?: Transferable[]) => void} post
   */
  constructor(env, head, { me, players }, post) {
    this.#env = env;
    this.#head = head;
    this.#me = me;
    this.#players = players.map(({ player }) => player);
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
    this.#local.clear();
  }

  /**
   * What this tick's frames were like here: the new one, and those that were replayed because a guess was wrong.
   * @param {import("../core/rollback/types.js").Orders} orders
   * @param {Omit<LocalRow, "predicted"|"rollback_frames">} here with times of this browser's clock
   */
  noteTick(orders, here) {
    const now = { ...here, timestamp_ms: this.#hostMs(here.timestamp_ms), input_event_ms: here.input_event_ms && this.#hostMs(here.input_event_ms) };
    const steps = orders.requests.filter((request) => request.type === "step");
    const replayed = orders.requests.some(({ type }) => type === "load");
    for (const { frame, predicted, draw } of steps) {
      if (draw) {
        const guessed = this.#players.map((player) => predicted && player !== this.#me);
        this.#local.set(frame, { ...now, predicted: guessed, rollback_frames: 0 });
      } else if (replayed) this.#corrected(frame, steps.length - 1);
    }
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
   */
  pass(waiting, nowMs) {
    if (waiting > 0 && (waiting >= MOST_ROWS || nowMs - this.#sentAtMs >= BATCH_MS)) this.flush(waiting, nowMs);
  }

  /**
   * Send what is confirmed.
   * @param {number} waiting
   * @param {number} nowMs
   */
  flush(waiting, nowMs) {
    this.#sentAtMs = nowMs;
    if (waiting === 0) return;
    const first = this.#first;
    this.#first += waiting;
    const bytes = this.#env.takeBatch(this.#head, this.#columns(first, waiting));
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
      "timestamp_ms", "focused", "hidden", "rollback_frames", "stall_ms", "rtt_ms", "transport", "input_event_ms",
    ]); // prettier-ignore
    if (rows.some((row) => row?.frame_shown !== undefined)) names.push("frame_shown");
    for (const name of names) columns[name] = rows.map((row) => row?.[name] ?? null);
    for (const player of this.#players) {
      columns[`predicted.${player}`] = rows.map((row) => row?.predicted[player] ?? null);
    }
    return columns;
  }

  /** @param {number} frame */
  #taken(frame) {
    const row = this.#local.get(frame);
    this.#local.delete(frame);
    return row;
  }
}
