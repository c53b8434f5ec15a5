/**
 * What the monitor shows of a session view: plain data in, texts out.
 * @module
 */

/** @typedef {Record<string, any>} Row */
/** @typedef {{title: string, text: (row: Row) => string, tone?: (row: Row) => string}} Column */

/** @type {Record<string, string>} */
const STATES = {
  arriving: "arriving",
  loading: "loading",
  screening: "screening",
  in_scene: "on a page",
  waiting: "waiting",
  countdown: "countdown",
  playing: "playing",
  paused: "paused",
  finished: "finished",
  excluded: "excluded",
  withdrawn: "withdrawn",
  dropped: "gone",
  timed_out: "timed out",
};

/** @type {Record<string, string>} */
const CONNECTIONS = { connected: "● connected", away: "◐ away", lost: "○ lost" };
/** @type {Record<string, string>} */
const TONES = { connected: "good", away: "warn", lost: "bad", finished: "good", excluded: "bad", dropped: "bad", paused: "warn" };

/** @type {Column[]} */
export const PEOPLE = [
  { title: "Participant", text: (row) => row.label ?? row.id },
  { title: "Seat", text: (row) => row.seat ?? "" },
  { title: "State", text: (row) => STATES[row.state] ?? row.state, tone: (row) => TONES[row.state] ?? "" },
  { title: "Connection", text: (row) => CONNECTIONS[row.connection] ?? row.connection, tone: (row) => (row.connection === "away" && row.code ? "" : TONES[row.connection] ?? "") },
  { title: "Scene", text: (row) => (row.scene_id ? `${row.scene_id} (${row.scene_index + 1} of ${row.scene_total})` : "") },
  { title: "RTT", text: (row) => (row.rtt_ms === null ? "" : `${row.rtt_ms.toFixed(0)} ms`) },
  { title: "Frames/s", text: (row) => (row.fps === null ? "" : row.fps.toFixed(0)) },
  { title: "Match", text: (row) => row.match_id ?? "" },
  { title: "Frame", text: (row) => (row.frame === null ? "" : `${row.episode + 1}:${row.frame}`) },
  { title: "Warnings", text: (row) => (row.warnings ? String(row.warnings) : ""), tone: (row) => (row.warnings ? "warn" : "") },
];

/** @type {Column[]} */
export const MATCHES = [
  { title: "Match", text: (row) => row.id },
  { title: "Scene", text: (row) => row.scene_id },
  { title: "State", text: (row) => row.state, tone: (row) => TONES[row.state] ?? "" },
  { title: "Participants", text: (row) => row.participants.join(", ") },
  { title: "Episode", text: (row) => String(row.episode + 1) },
  { title: "Links", text: (row) => row.transport },
  { title: "Recordings", text: (row) => row.parity, tone: (row) => (row.parity === "identical" ? "good" : row.parity === "pending" ? "" : "bad") },
  { title: "Ended", text: (row) => row.reason },
];

/** The counts worth a card, in this order. */
export const COUNTS = /** @type {[string, string][]} */ ([
  ["joined", "joined"],
  ["connected", "connected"],
  ["waiting", "waiting"],
  ["playing", "playing"],
  ["paused", "paused"],
  ["finished", "finished"],
  ["excluded", "excluded"],
  ["dropped", "gone"],
]);

/**
 * A view with one `changes` message applied; the view given stays as it is.
 * @param {Row} view
 * @param {Row} changes
 * @returns {Row}
 */
export function applied(view, changes) {
  const gone = new Set(changes.gone ?? []);
  return {
    ...view,
    session: changes.session,
    counts: changes.counts,
    waitrooms: changes.waitrooms,
    participants: merged(view.participants, changes.participants).filter((row) => !gone.has(row.id)),
    matches: merged(view.matches, changes.matches),
    problems: merged(view.problems, changes.problems).filter((row) => !row.cleared),
  };
}

/**
 * @param {Row[]} old
 * @param {Row[]} changed
 * @returns {Row[]}
 */
function merged(old, changed) {
  const byId = new Map(old.map((row) => [row.id, row]));
  for (const row of changed) byId.set(row.id, row);
  return [...byId.values()];
}
