/**
 * Packets between browsers: one type byte, then little-endian fields. `decode` answers null for anything it cannot read.
 * @module
 */
import { Malformed, Reader, Writer } from "./bytes.js";

export const VERSION = 3;

/** most frames of inputs in one packet of the unreliable channel */
export const MAX_INPUTS = 128;
/** most frames in one catch-up message */
export const MAX_ROWS = 512;
/** most bytes of a state in one message */
export const MAX_CHUNK = 16_000;
/** the frame number that means "open end" */
export const NEVER = 0x7fffffff;

const LAST_FRAME = NEVER - 1;
const MAX_PLAYERS = 8;
const MAX_ABSENCES = 255;
const MAX_ANCHORS = 16;
/** each of eight for each of eight */
const MAX_MARKS = MAX_PLAYERS * MAX_PLAYERS;

/**
 * @typedef {{first: number, rows: number[][], marks: number[][]}} Block `rows[i]`: the inputs of frame `first + i`; `marks[i]`: what shows that they
 *   were made, for each author's row and each member in turn (none without keys)
 */
/** @typedef {{from: number, to: number}} Absence from frame `from` up to, not including, `to` (NEVER: still absent) */
/**
 * @typedef {object} Schedule everything that was agreed upon in this episode
 * @property {number} version how many decisions led to it
 * @property {number[]} lives per peer 0 … 7: what it called its last absence, 0 before the first: a question it asked in that one is answered
 * @property {Absence[][]} absences per peer 0 … 7
 * @property {number} stopAt last frame of an episode that is ended on request, NEVER without a request
 * @property {string} stopReason
 * @property {number} epoch how many times the states were resynchronised
 * @property {number} resyncFrom the state everyone loaded in the last resynchronisation, -1 before the first
 * @property {number} cleanFrom rows are comparable again from this frame on
 */

/**
 * @typedef {{type: "inputs", episode: number, digest: number, flags: number, frame: number, advantage: number, ack: number, known: number,
 *   sentMs: number, echoMs: number, stream: number, ackStream: number, ackSeq: number, players: number, block: Block}} InputsMessage
 * @typedef {{type: "envelope", stream: number, seq: number, body: Uint8Array}} EnvelopeMessage
 * @typedef {{type: "hello", version: number, players: number, settings: number}} HelloMessage
 * @typedef {{type: "checksum", episode: number, epoch: number, kind: number, frame: number, value: string}} ChecksumMessage
 * @typedef {{type: "end", episode: number, digest: number, frame: number, reason: string, final: boolean}} EndMessage
 * @typedef {{peer: number, players: number, block: Block}} Have inputs of a leaving peer
 * @typedef {{type: "vote", episode: number, base: number, leaves: number, returns: number, lives: number[], resync: boolean, stop: boolean,
 *   stopReason: string, committed: number, anchors: number[], haves: Have[]}} VoteMessage
 * @typedef {{type: "decided", episode: number, base: number, leaves: number, returns: number, schedule: Schedule, haves: Have[]}} DecidedMessage
 * @typedef {{type: "rejoin", episode: number, have: number, version: number, life: number, wantState: boolean, spectator: boolean}} RejoinMessage
 * @typedef {{type: "ready", episode: number, life: number, through: number}} ReadyMessage
 * @typedef {{type: "rows", episode: number, known: number, players: number, block: Block}} RowsMessage
 * @typedef {{type: "schedule", episode: number, schedule: Schedule}} ScheduleMessage
 * @typedef {{type: "state", episode: number, frame: number, total: number, offset: number, bytes: Uint8Array}} StateMessage
 * @typedef {HelloMessage | ChecksumMessage | EndMessage | VoteMessage | DecidedMessage | RejoinMessage | ReadyMessage | RowsMessage | ScheduleMessage | StateMessage} ControlMessage
 * @typedef {InputsMessage | EnvelopeMessage | ControlMessage} Message
 */

/** @param {Writer} w @param {Block} block @param {number} players */
function writeBlock(w, block, players) {
  const marks = block.marks[0]?.length ?? 0;
  w.u8(players);
  w.u8(marks);
  w.i32(block.first);
  w.u16(block.rows.length);
  block.rows.forEach((row, i) => {
    for (let player = 0; player < players; player++) w.varint(row[player]);
    for (let at = 0; at < marks; at++) w.u32(block.marks[i][at]);
  });
}

/** @param {Reader} r @param {number} most @returns {{players: number, block: Block}} */
function readBlock(r, most) {
  const players = r.within(r.u8(), 0, MAX_PLAYERS);
  const each = r.within(r.u8(), 0, MAX_MARKS);
  const first = r.within(r.i32(), 0, LAST_FRAME);
  const count = r.within(r.u16(), 0, most);
  /** @type {Block} */
  const block = { first, rows: [], marks: [] };
  for (let i = 0; i < count; i++) {
    block.rows.push(Array.from({ length: players }, () => r.varint()));
    block.marks.push(Array.from({ length: each }, () => r.u32()));
  }
  return { players, block };
}

/** @param {Writer} w @param {Have[]} haves */
function writeHaves(w, haves) {
  w.u8(haves.length);
  for (const have of haves) {
    w.u8(have.peer);
    writeBlock(w, have.block, have.players);
  }
}

/** @param {Reader} r @returns {Have[]} */
function readHaves(r) {
  const count = r.within(r.u8(), 0, MAX_PLAYERS);
  return Array.from({ length: count }, () => ({ peer: r.within(r.u8(), 0, MAX_PLAYERS - 1), ...readBlock(r, MAX_ROWS) }));
}

/** @param {Writer} w @param {Schedule} schedule */
export function writeSchedule(w, schedule) {
  w.u32(schedule.version);
  for (const life of schedule.lives) w.u32(life);
  for (const list of schedule.absences) {
    w.u8(list.length);
    for (const { from, to } of list) {
      w.i32(from);
      w.i32(to);
    }
  }
  w.i32(schedule.stopAt);
  w.text(schedule.stopReason);
  w.u16(schedule.epoch);
  w.i32(schedule.resyncFrom);
  w.i32(schedule.cleanFrom);
}

/** @param {Reader} r @returns {number[]} per peer */
const readLives = (r) => Array.from({ length: MAX_PLAYERS }, () => r.u32());

/** @param {Reader} r @returns {Absence} */
function readAbsence(r) {
  const from = r.within(r.i32(), 0, LAST_FRAME);
  return { from, to: r.within(r.i32(), from, NEVER) };
}

/** @param {Reader} r @returns {Schedule} */
function readSchedule(r) {
  const version = r.u32();
  const lives = readLives(r);
  const absences = Array.from({ length: MAX_PLAYERS }, () => Array.from({ length: r.within(r.u8(), 0, MAX_ABSENCES) }, () => readAbsence(r)));
  return {
    version,
    lives,
    absences,
    stopAt: r.within(r.i32(), -1, NEVER),
    stopReason: r.text(),
    epoch: r.u16(),
    resyncFrom: r.within(r.i32(), -1, NEVER),
    cleanFrom: r.within(r.i32(), 0, NEVER),
  };
}

/** @param {Reader} r @returns {number} */
const readFrame = (r) => r.within(r.i32(), -1, LAST_FRAME);

/** @param {Reader} r @returns {number[]} */
const readAnchors = (r) => Array.from({ length: r.within(r.u8(), 0, MAX_ANCHORS) }, () => r.within(r.i32(), 0, LAST_FRAME));

/** @type {{[type: string]: {code: number, write: (w: Writer, m: any) => void, read: (r: Reader) => object}}} */
const MESSAGES = {
  inputs: {
    code: 1,
    write(w, m) {
      w.u16(m.episode);
      w.u32(m.digest);
      w.u8(m.flags);
      w.i32(m.frame);
      w.i16(Math.max(-32768, Math.min(32767, Math.round(m.advantage * 16))));
      w.i32(m.ack);
      w.i32(m.known);
      w.u32(m.sentMs);
      w.u32(m.echoMs);
      w.u32(m.stream);
      w.u32(m.ackStream);
      w.u32(m.ackSeq);
      writeBlock(w, m.block, m.players);
    },
    read: (r) => ({
      episode: r.u16(), digest: r.u32(), flags: r.u8(), frame: r.within(r.i32(), 0, NEVER), advantage: r.i16() / 16,
      ack: readFrame(r), known: readFrame(r), sentMs: r.u32(), echoMs: r.u32(), stream: r.u32(), ackStream: r.u32(), ackSeq: r.u32(), ...readBlock(r, MAX_INPUTS),
    }),
  },
  envelope: {
    code: 2,
    write(w, m) {
      w.u32(m.stream);
      w.u32(m.seq);
      w.raw(m.body);
    },
    read: (r) => ({ stream: r.u32(), seq: r.u32(), body: r.raw(r.bytes.length - r.at) }),
  },
  hello: {
    code: 3,
    write(w, m) {
      w.u16(m.version);
      w.u8(m.players);
      w.u32(m.settings);
    },
    read: (r) => ({ version: r.u16(), players: r.u8(), settings: r.u32() }),
  },
  checksum: {
    code: 4,
    write(w, m) {
      w.u16(m.episode);
      w.u16(m.epoch);
      w.u8(m.kind);
      w.i32(m.frame);
      w.text(m.value);
    },
    read: (r) => ({ episode: r.u16(), epoch: r.u16(), kind: r.within(r.u8(), 0, 1), frame: readFrame(r), value: r.text() }),
  },
  end: {
    code: 5,
    write(w, m) {
      w.u16(m.episode);
      w.u32(m.digest);
      w.i32(m.frame);
      w.text(m.reason);
      w.u8(m.final ? 1 : 0);
    },
    read: (r) => ({ episode: r.u16(), digest: r.u32(), frame: readFrame(r), reason: r.text(), final: r.within(r.u8(), 0, 1) === 1 }),
  },
  vote: {
    code: 6,
    write(w, m) {
      w.u16(m.episode);
      w.u32(m.base);
      w.u8(m.leaves);
      w.u8(m.returns);
      for (const life of m.lives) w.u32(life);
      w.u8((m.resync ? 1 : 0) + (m.stop ? 2 : 0));
      w.text(m.stopReason);
      w.i32(m.committed);
      w.u8(m.anchors.length);
      for (const anchor of m.anchors) w.i32(anchor);
      writeHaves(w, m.haves);
    },
    read(r) {
      const head = { episode: r.u16(), base: r.u32(), leaves: r.u8(), returns: r.u8(), lives: readLives(r) };
      const flags = r.within(r.u8(), 0, 3);
      const rest = { stopReason: r.text(), committed: readFrame(r), anchors: readAnchors(r), haves: readHaves(r) };
      return { ...head, resync: (flags & 1) !== 0, stop: (flags & 2) !== 0, ...rest };
    },
  },
  decided: {
    code: 7,
    write(w, m) {
      w.u16(m.episode);
      w.u32(m.base);
      w.u8(m.leaves);
      w.u8(m.returns);
      writeSchedule(w, m.schedule);
      writeHaves(w, m.haves);
    },
    read: (r) => ({ episode: r.u16(), base: r.u32(), leaves: r.u8(), returns: r.u8(), schedule: readSchedule(r), haves: readHaves(r) }),
  },
  rejoin: {
    code: 8,
    write(w, m) {
      w.u16(m.episode);
      w.i32(m.have);
      w.u32(m.version);
      w.u32(m.life);
      w.u8((m.wantState ? 1 : 0) + (m.spectator ? 2 : 0));
    },
    read(r) {
      const head = { episode: r.u16(), have: readFrame(r), version: r.u32(), life: r.u32() };
      const flags = r.within(r.u8(), 0, 3);
      return { ...head, wantState: (flags & 1) !== 0, spectator: (flags & 2) !== 0 };
    },
  },
  ready: {
    code: 9,
    write(w, m) {
      w.u16(m.episode);
      w.u32(m.life);
      w.i32(m.through);
    },
    read: (r) => ({ episode: r.u16(), life: r.u32(), through: readFrame(r) }),
  },
  rows: {
    code: 10,
    write(w, m) {
      w.u16(m.episode);
      w.i32(m.known);
      writeBlock(w, m.block, m.players);
    },
    read: (r) => ({ episode: r.u16(), known: readFrame(r), ...readBlock(r, MAX_ROWS) }),
  },
  schedule: {
    code: 11,
    write(w, m) {
      w.u16(m.episode);
      writeSchedule(w, m.schedule);
    },
    read: (r) => ({ episode: r.u16(), schedule: readSchedule(r) }),
  },
  state: {
    code: 12,
    write(w, m) {
      w.u16(m.episode);
      w.i32(m.frame);
      w.u32(m.total);
      w.u32(m.offset);
      w.u16(m.bytes.length);
      w.raw(m.bytes);
    },
    read(r) {
      const head = { episode: r.u16(), frame: r.within(r.i32(), 0, LAST_FRAME), total: r.u32(), offset: r.u32() };
      return { ...head, bytes: r.raw(r.within(r.u16(), 0, MAX_CHUNK)) };
    },
  },
};

/** @type {Map<number, string>} */
const TYPES = new Map(Object.entries(MESSAGES).map(([type, { code }]) => [code, type]));

/** One buffer for all packets: it grows to the largest and is not made anew thirty times a second. */
const writer = new Writer();

/**
 * @param {Message} message
 * @returns {Uint8Array}
 */
export function encode(message) {
  const { code, write } = MESSAGES[message.type];
  writer.length = 0;
  writer.u8(code);
  write(writer, message);
  return writer.done();
}

/**
 * @param {Uint8Array} bytes
 * @returns {Message | null} null when these bytes are no packet of ours
 */
export function decode(bytes) {
  try {
    const reader = new Reader(bytes);
    const type = TYPES.get(reader.u8());
    if (type === undefined) return null;
    const fields = MESSAGES[type].read(reader);
    reader.end();
    return /** @type {Message} */ ({ type, ...fields });
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
