import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader, Writer } from "../../../web_client/core/wire/bytes.js";
import { decode, encode, MAX_INPUTS, NEVER } from "../../../web_client/core/wire/codec.js";
import { emptySchedule } from "../../../web_client/core/rollback/schedule.js";
import { randomFrom } from "./sim.js";

const schedule = { ...emptySchedule(), version: 3, stopAt: 77, stopReason: "partial", epoch: 2, resyncFrom: 30, cleanFrom: 55 };
schedule.absences[2] = [{ from: 4, to: 9 }, { from: 20, to: NEVER }];
const block = { first: 12, rows: [[0, 5], [1, Number.MAX_SAFE_INTEGER]], marks: [[1, 0xffffffff, 3, 4], [0, 7, 8, 9]] };
const haves = [{ peer: 1, players: 2, block }];

const MESSAGES = [
  {
    type: "inputs", episode: 3, digest: 0xfedcba98, flags: 1, frame: 100, advantage: -2.5, ack: 97, known: -1, sentMs: 0xffffffff, echoMs: 5,
    stream: 0x1234500, ackStream: 256, ackSeq: 9, players: 2, block,
  },
  { type: "envelope", stream: 256, seq: 4, body: Uint8Array.of(1, 2, 3) },
  { type: "hello", version: 1, players: 8, settings: 0xdeadbeef },
  { type: "checksum", episode: 1, epoch: 2, kind: 1, frame: 29, value: "0123abcd" },
  { type: "end", episode: 1, digest: 7, frame: 99, reason: "terminated", final: true },
  { type: "vote", episode: 1, base: 5, leaves: 2, returns: 4, lives: [0, 0, 9, 0, 0, 0, 0, 1], resync: true, stop: false, stopReason: "", committed: 3, anchors: [0, 30], haves },
  { type: "decided", episode: 1, base: 5, leaves: 2, returns: 0, schedule, haves },
  { type: "rejoin", episode: 1, have: -1, version: 3, life: 4_000_000_000, wantState: true, spectator: false },
  { type: "ready", episode: 1, life: 7, through: 12 },
  { type: "rows", episode: 1, known: 40, players: 2, block },
  { type: "schedule", episode: 1, schedule },
  { type: "state", episode: 1, frame: 8, total: 3, offset: 0, bytes: Uint8Array.of(9, 8, 7) },
];

test("every message survives the way", () => {
  for (const message of MESSAGES) assert.deepEqual(decode(encode(message)), message, message.type);
});

test("packets are little-endian with one type byte", () => {
  assert.deepEqual([...encode({ type: "ready", episode: 0x0102, life: 5, through: 3 })], [9, 2, 1, 5, 0, 0, 0, 3, 0, 0, 0]);
});

test("every packet that is cut short or too long is refused, never thrown", () => {
  for (const message of MESSAGES.filter(({ type }) => type !== "envelope")) {
    const bytes = encode(message);
    for (let length = 0; length < bytes.length; length++) assert.equal(decode(bytes.subarray(0, length)), null, `${message.type} cut to ${length}`);
    assert.equal(decode(Uint8Array.of(...bytes, 0)), null, `${message.type} and one byte more`);
  }
});

test("noise is refused or read, never thrown, and never costs much", () => {
  const random = randomFrom(7);
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 80) }, () => random() * 256);
    if (bytes.length > 0) bytes[0] = random() * 14;
    decode(bytes);
  }
  for (const message of MESSAGES) {
    for (let i = 0; i < 500; i++) {
      const bytes = encode(message);
      bytes[Math.floor(random() * bytes.length)] = random() * 256;
      decode(bytes);
    }
  }
});

test("numbers out of range and too many rows are refused", () => {
  const far = { type: "ready", episode: 0, through: -2 };
  assert.equal(decode(encode(far)), null);
  const many = { ...MESSAGES[0], block: { first: 0, rows: Array.from({ length: MAX_INPUTS + 1 }, () => [0, 0]), marks: [] } };
  assert.equal(decode(encode(many)), null);
  assert.equal(decode(Uint8Array.of(9, 0, 0, 255, 255, 255, 127)), null, "NEVER is no frame");
  const backwards = { type: "schedule", episode: 0, schedule: { ...emptySchedule(), absences: [[{ from: 9, to: 3 }], [], [], [], [], [], [], []] } };
  assert.equal(decode(encode(backwards)), null);
  assert.equal(decode(new Uint8Array()), null);
});

test("an error of ours is not taken for a malformed packet", () => {
  assert.throws(() => decode(null), TypeError);
});

test("texts are cut and made ASCII, varints hold up to 2^53 - 1", () => {
  const writer = new Writer();
  writer.text(`ä${"x".repeat(300)}`);
  for (const value of [0, 127, 128, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER]) writer.varint(value);
  const reader = new Reader(writer.done());
  assert.equal(reader.text(), `?${"x".repeat(254)}`);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => reader.varint()), [0, 127, 128, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER]);
  reader.end();
  assert.throws(() => new Reader(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 1)).varint(), /too large/);
});
