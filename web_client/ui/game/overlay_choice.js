/**
 * What lies over the game, if anything: one thing at a time, the most important first. Pure.
 * @module
 */

/** @typedef {import("../text/index.js").TextKey} TextKey */
/** @typedef {import("../progress_bar.js").Progress} Progress */
/** @typedef {import("../../protocol/server_messages.js").MatchState} MatchState */
/** @typedef {{phase: "countdown" | "playing" | "frozen" | "between" | "paused" | "over", untilMs: number | null, text: string}} Phase */
/**
 * @typedef {object} Situation
 * @property {boolean} opened the env stands ready in the worker
 * @property {boolean} failed the game stopped because of an error
 * @property {boolean} lacksMemory which was that the device's memory is used up
 * @property {boolean} focused
 * @property {boolean} online
 * @property {boolean} alone one person plays
 * @property {boolean} cut nothing comes from another player, as this page sees it
 * @property {boolean} usesKeys
 * @property {Progress | null} progress
 * @property {MatchState | null} match
 * @property {Phase | null} phase
 * @property {import("../../game/moves.js").WhoseMove | null} turn where frames wait for moves
 */
/**
 * @typedef {object} Overlay
 * @property {"error" | "loading" | "words" | "number" | "focus"} kind
 * @property {TextKey} [title]
 * @property {TextKey} [text]
 * @property {string} [ownText] words of the host, shown instead of `text`
 * @property {number | null} [untilMs] page clock, unix ms: counted down as a big number
 * @property {number | null} [limitHostMs] host clock, unix ms: "at the latest"
 */

/** The host's causes of a pause, `"focus 1, link 0 1"` → what the players are told. */
/** @type {[RegExp, TextKey][]} */
const PAUSES = [
  [/\benv\b/, "game.paused.env"],
  [/\bresearcher\b/, "game.paused.researcher"],
  [/\bfocus\b/, "game.paused.focus"],
  [/\breturn\b/, "game.paused.return"],
];

/** @param {string} reason */
const pauseText = (reason) => PAUSES.find(([pattern]) => pattern.test(reason))?.[1] ?? "game.paused.link";

/**
 * @param {Situation} now
 * @param {(hostMs: number) => number} toPageMs
 * @returns {Overlay | null}
 */
export function overlayFor(now, toPageMs) {
  const { match } = now;
  if (now.failed) return { kind: "error", text: now.lacksMemory ? "loading.memory" : "game.error.body" };
  if (isOver(now)) return { kind: "words", title: "game.over", ownText: match?.text };
  if (!now.opened) return loading(match);
  const waits = match && waitsByHost(match);
  if (waits) return waits;
  if (now.phase === null) return beforePlay(now, toPageMs);
  return duringPlay(now, now.phase) ?? unfocused(now);
}

/** @param {MatchState | null} match @returns {Overlay} the others may be waiting for this page */
const loading = (match) => ({ kind: "loading", limitHostMs: match?.state === "paused" ? match.deadline_ms : null });

/** @param {Situation} now */
const isOver = ({ phase, match }) => phase?.phase === "over" || match?.state === "ended";

/**
 * @param {MatchState} match
 * @returns {Overlay}
 */
function pausedByHost({ reason, text, deadline_ms: limitHostMs }) {
  return { kind: "words", title: "game.paused", text: pauseText(reason), ownText: text, limitHostMs };
}

/**
 * The host holds the game, or hears of no new frames of somebody although it should run.
 * @param {MatchState} match
 * @returns {Overlay | null}
 */
function waitsByHost(match) {
  if (match.state === "paused") return pausedByHost(match);
  const stands = match.state === "playing" && /^still\b/.test(match.reason);
  return stands ? { kind: "words", title: "game.still", text: "game.still.body", limitHostMs: match.deadline_ms } : null;
}

/**
 * @param {Situation} now
 * @param {(hostMs: number) => number} toPageMs
 * @returns {Overlay}
 */
function beforePlay({ alone, match }, toPageMs) {
  if (match?.state === "countdown" && match.starts_at_ms !== null) return { kind: "number", title: "game.get_ready", untilMs: toPageMs(match.starts_at_ms) };
  return { kind: "words", title: alone ? "game.get_ready" : "game.connecting" };
}

/**
 * @param {Situation} now
 * @param {Phase} phase
 * @returns {Overlay | null}
 */
function duringPlay({ online, alone, cut }, { phase, untilMs, text }) {
  if (phase === "countdown") return { kind: "number", title: "game.get_ready", untilMs, ownText: text };
  if (phase === "paused") return { kind: "words", title: "game.paused", text: online ? "game.paused.link" : "game.offline", ownText: text };
  // What this page sees itself is said at once: the host may take longer to know, or not reach it at all.
  if (phase === "playing" && cut) return { kind: "words", title: "game.paused", text: online ? "game.paused.link" : "game.offline" };
  if (phase === "between") return { kind: "number", title: "game.between.plain", untilMs, ownText: text };
  return phase === "frozen" && !alone ? { kind: "words", title: "game.frozen" } : null;
}

/**
 * @param {Situation} now
 * @returns {Overlay | null}
 */
const unfocused = ({ focused, usesKeys }) => (!focused && usesKeys ? { kind: "focus", title: "game.focus", text: "game.focus.body" } : null);
