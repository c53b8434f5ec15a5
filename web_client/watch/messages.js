/**
 * What passes between the page of a watcher and its worker.
 * @module
 */

/** @typedef {import("../game/messages.js").GameBundle} GameBundle */
/** @typedef {import("../game/messages.js").MatchSpec} MatchSpec */

/**
 * @typedef {{bundle: GameBundle, match: MatchSpec, globals: Record<string, any>}} Watched
 * @typedef {{frames: number[][], over: boolean, reason: string|null}} Confirmed
 *
 * @typedef {{type: "open", vendor: string, watched: Watched, me: number}
 *   | {type: "inputs", number: number, episode: number, first: number, confirmed: Confirmed}} ToWatchWorker
 *   `me`: the player whose view is drawn; `number`: of the question this answers
 *
 * @typedef {{type: "progress", step: string, label: string, loaded: number, total: number}
 *   | {type: "began"}
 *   | {type: "wanted", number: number, episode: number, first: number}
 *   | {type: "picture", frame: number, ops: import("../game/env_link.js").PictureData, frameAtMs: number, pixels: Uint8ClampedArray|null, size: [number, number]|null}
 *   | {type: "place", episode: number, frame: number, behind: number, catchingUp: boolean, scores: Record<string, number|string>}
 *   | {type: "ended", reason: string}
 *   | {type: "error", message: string, traceback: string}} FromWatchWorker
 */

export {};
