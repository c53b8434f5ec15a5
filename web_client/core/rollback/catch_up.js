/**
 * Coming back: the one side serves what was confirmed meanwhile, the other asks for it and says when it is ready to play again.
 * @module
 */
import { MAX_CHUNK, MAX_ROWS } from "../wire/codec.js";

/** @typedef {import("../wire/codec.js").ControlMessage} ControlMessage */
/** @typedef {import("../wire/codec.js").Schedule} Schedule */
/** @typedef {import("./types.js").Event} Event */

/** so many bytes of rows go into one message, as links carry them */
const MOST_BYTES = 12_000;
const INPUT_BYTES = 3;
const MARK_BYTES = 4;

/** fewer frames than this are replayed in no time: no state is asked for */
const WORTH_A_STATE = 16;

/**
 * @typedef {object} Guest
 * @property {number} sentThrough last row sent
 * @property {number} digest of the schedule sent last, -1 before
 * @property {boolean} spectator
 * @property {boolean} wantState waits for a state before any row
 * @property {boolean} asked the state was asked for
 * @property {boolean} greeted at least one message with rows was sent, perhaps empty
 */

/** @param {{rows: number[][], marks: number[][]}} block @returns {number} how many of them one message holds */
const mostRows = ({ rows, marks }) => Math.floor(MOST_BYTES / ((rows[0]?.length ?? 1) * INPUT_BYTES + (marks[0]?.length ?? 0) * MARK_BYTES));

/** Serves those who are behind. */
export class Sponsor {
  constructor() {
    /** @type {Map<number, Guest>} */
    this.guests = new Map();
  }

  /** @param {number} peer @param {{have: number, spectator: boolean, wantState: boolean}} request */
  ask(peer, { have, spectator, wantState }) {
    this.guests.set(peer, { sentThrough: have, digest: -1, spectator, wantState: wantState && have < 0, asked: false, greeted: false });
  }

  /** @param {number} peer @param {number} through it has the rows up to here */
  skipTo(peer, through) {
    const guest = this.guests.get(peer);
    if (guest) guest.sentThrough = Math.max(guest.sentThrough, through);
  }

  /** @param {number} peer */
  dismiss(peer) {
    this.guests.delete(peer);
  }

  /**
   * @param {number} peer
   * @param {{episode: number, schedule: Schedule, digest: number, through: number, start: number, rows: (first: number, end: number) => {rows: number[][], marks: number[][]}, base: number}} from
   *   rows `start` … `through` are there to be sent, of `rows` as many as can be shown to be true; `base`: the newest saved state nobody can change any more
   * @param {(message: ControlMessage) => void} post
   * @param {(event: Event) => void} emit
   */
  serve(peer, from, post, emit) {
    const guest = this.guests.get(peer);
    if (!guest) return;
    if (guest.digest !== from.digest) post({ type: "schedule", episode: from.episode, schedule: from.schedule });
    guest.digest = from.digest;
    if (guest.wantState && (from.base > 0 || from.through > WORTH_A_STATE)) return this.#askForState(peer, guest, from.base, emit);
    // Once it has rows from the start it needs no state any more.
    guest.wantState = false;
    this.#sendRows(guest, from, post);
  }

  /**
   * @param {Guest} guest
   * @param {{episode: number, through: number, start: number, rows: (first: number, end: number) => {rows: number[][], marks: number[][]}}} from
   * @param {(message: ControlMessage) => void} post
   */
  #sendRows(guest, { episode, through, start, rows }, post) {
    const first = Math.max(0, guest.sentThrough + 1);
    if (first < start) return;
    const block = { first, ...rows(first, Math.max(first, Math.min(through + 1, first + MAX_ROWS))) };
    const count = Math.min(block.rows.length, mostRows(block));
    if (count === 0 && guest.greeted) return;
    const sent = { first, rows: block.rows.slice(0, count), marks: block.marks.slice(0, count) };
    post({ type: "rows", episode, known: through, players: block.rows[0]?.length ?? 0, block: sent });
    guest.greeted = true;
    guest.sentThrough = Math.max(guest.sentThrough, first + count - 1);
  }

  /** @param {number} peer @param {Guest} guest @param {number} frame @param {(event: Event) => void} emit */
  #askForState(peer, guest, frame, emit) {
    if (guest.asked || frame <= 0) return;
    emit({ type: "state_wanted", peer, frame });
    guest.asked = true;
  }

  /**
   * The state asked for.
   * @param {number} episode @param {number} frame @param {Uint8Array} bytes
   * @param {(peer: number, message: ControlMessage) => void} post
   */
  offer(episode, frame, bytes, post) {
    for (const [peer, guest] of this.guests) {
      if (!guest.wantState || !guest.asked) continue;
      for (let offset = 0; offset === 0 || offset < bytes.length; offset += MAX_CHUNK) {
        post(peer, { type: "state", episode, frame, total: bytes.length, offset, bytes: bytes.slice(offset, offset + MAX_CHUNK) });
      }
      guest.wantState = false;
      guest.sentThrough = frame - 1;
    }
  }
}

const ASK_AGAIN_MS = 2000;
/** Longer than a question and its answer take, asked twice. */
const UNHEARD_MS = 3000;

/** The side that is away. */
export class Returner {
  /** @param {{spectator: boolean, wantState: boolean}} options */
  constructor({ spectator, wantState }) {
    this.spectator = spectator;
    this.wantState = wantState;
    this.askedAtMs = -Infinity;
    /** when somebody answered, or the first question was asked */
    this.heardAtMs = Infinity;
    /** a schedule of those who stayed was received */
    this.informed = false;
    /** last row the sponsor could have sent, -2 before the first message */
    this.announced = -2;
    this.saidReady = false;
    /** what we call this absence, from the first question on: another number each time */
    this.life = 0;
    /** @type {{frame: number, total: number, got: number, bytes: Uint8Array} | null} */
    this.state = null;
  }

  /** Something arrived: no need to ask again soon. What came before we asked at all is no answer. @param {number} nowMs */
  progress(nowMs) {
    if (this.askedAtMs > -Infinity) this.askedAtMs = this.heardAtMs = nowMs;
  }

  /** @param {number} nowMs @returns {boolean} we have asked for a while, and nobody answers any more */
  isUnheard(nowMs) {
    return nowMs - this.heardAtMs >= UNHEARD_MS;
  }

  /**
   * @param {number} nowMs
   * @param {number} have last frame whose row is final here
   * @returns {{have: number, life: number, wantState: boolean, spectator: boolean} | null} a question to everybody
   */
  question(nowMs, have) {
    const wait = this.spectator && this.informed ? Infinity : ASK_AGAIN_MS;
    if (nowMs - this.askedAtMs < wait) return null;
    this.askedAtMs = nowMs;
    this.heardAtMs = Math.min(this.heardAtMs, nowMs);
    this.saidReady = false;
    if (this.life === 0) this.life = 1 + ((Math.floor(nowMs) >>> 0) % (2 ** 32 - 1));
    return { have, life: this.life, wantState: this.wantState, spectator: this.spectator };
  }

  /** @param {number} frame next to step @returns {boolean} say once that we have stepped all there was */
  becomesReady(frame) {
    if (this.spectator || this.saidReady || !this.informed || this.announced < -1 || frame <= this.announced) return false;
    this.saidReady = true;
    return true;
  }

  /** @param {import("../wire/codec.js").StateMessage} chunk @returns {{frame: number, bytes: Uint8Array} | null} the whole state */
  take({ frame, total, offset, bytes }) {
    if (offset === 0) this.state = { frame, total, got: 0, bytes: new Uint8Array(Math.min(total, 2 ** 28)) };
    const state = this.state;
    if (!state || state.frame !== frame || state.got !== offset || offset + bytes.length > state.bytes.length) return null;
    state.bytes.set(bytes, offset);
    state.got += bytes.length;
    if (state.got < state.total) return null;
    this.state = null;
    this.wantState = false;
    return { frame, bytes: state.bytes };
  }
}
