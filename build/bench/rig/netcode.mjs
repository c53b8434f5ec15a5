/** Whole matches in a clock of their own: the worker's real code, an env that costs nothing, networks made here. JSON on stdout. */
import { randomFrom } from "../../../tests/web/core/sim.js";
import { MatchBox } from "../../../tests/web/game/match_box.js";

const { networks, seconds, warmUpS } = JSON.parse(process.argv[2]);
const KEYS = ["a", "b"];

/** @param {{ways: {delay_ms: number, jitter_ms: number, loss: number}[], players: number}} network */
function played({ ways, players }) {
  const random = randomFrom(7);
  const box = new MatchBox({ players, lastFrame: 1e9, multiplayer: { input_delay_frames: 1, max_prediction_frames: 8, checksum_every_frames: 30 } });
  box.ways = (from, to, channel) => {
    const { delay_ms, jitter_ms, loss } = ways[to % ways.length];
    return [{ delayMs: Math.max(0, delay_ms + (random() * 2 - 1) * jitter_ms), lost: channel === "inputs" && random() < loss }];
  };
  // Nobody's clock ticks at the same moment as another's.
  box.seats.forEach(({ play }, me) => play.start(Date.now() + 500 + me * 7));
  const press = () => box.seats.forEach(({ me }) => random() < 0.2 && box.tap(me, KEYS[Math.floor(random() * 2)]));
  const go = (s) => {
    for (let ms = 0; ms < s * 1000; ms += 50) {
      press();
      box.run(50, 1);
    }
  };
  go(warmUpS);
  const before = box.seats.map((seat) => ({ bytes: seat.bytes, ...counters(box, seat.me) }));
  const fromMs = Date.now();
  go(seconds);
  const found = box.seats.map((seat, at) => of(seat, counters(box, seat.me), before[at], fromMs, players - 1));
  const failed = box.seats.flatMap(({ failures }) => failures);
  if (failed.length) throw new Error(failed.join(" / "));
  box.seats.forEach(({ play }) => play.close("measured"));
  const same = box.seats.every(({ me }) => JSON.stringify(common(box, me)) === JSON.stringify(common(box, 0)));
  box.close();
  return { players: found, same };
}

/** Rows that all have. */
function common(box, me) {
  const shortest = Math.min(...box.seats.map((seat) => box.rows(seat.me).length));
  return box.rows(me).slice(0, shortest);
}

/** @param {MatchBox} box @param {number} me */
const counters = (box, me) => box.said(me, "stats").findLast(({ values }) => "stalls" in values)?.values ?? { stalls: 0, skips: 0, rollbackFrames: 0, frame: 0 };

function of(seat, now, before, fromMs, others) {
  const { timestamp_ms, rollback_frames, input_event_ms } = local(seat);
  const kept = timestamp_ms.map((_, at) => at).filter((at) => timestamp_ms[at] !== null && timestamp_ms[at] >= fromMs);
  const stamps = kept.map((at) => timestamp_ms[at]);
  return {
    intervals: stamps.slice(1).map((stamp, at) => stamp - stamps[at]),
    depths: kept.map((at) => rollback_frames[at]).filter((depth) => depth > 0),
    reactions: kept.filter((at) => input_event_ms[at] !== null).map((at) => timestamp_ms[at] - input_event_ms[at]),
    stamps: Object.fromEntries(kept.map((at) => [at, timestamp_ms[at]])),
    waits: (now.stalls + now.skips - before.stalls - before.skips) / seconds,
    replayed: (now.rollbackFrames - before.rollbackFrames) / Math.max(1, now.frame - before.frame),
    bytes: (seat.bytes - before.bytes) / seconds / others,
  };
}

/** Of rows that were sent; the last second's are still here. */
const local = (seat) => seat.env.local;

process.stdout.write(JSON.stringify(networks.map(played)));
