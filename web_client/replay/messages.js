/**
 * What passes between the replay page and its worker, and what the replay server answers.
 * @module
 */

/** @typedef {import("../game/messages.js").GameBundle} GameBundle */
/** @typedef {import("../game/messages.js").MatchSpec} MatchSpec */
/** @typedef {import("../game/env_replay.js").ReplayFrame} ReplayFrame */

/**
 * @typedef {{id: string, session: string, scene: string, match: string, episode: number, frames: number, seconds: number,
 *   participants: string[], parity: "identical"|"differs"}} Listed
 * @typedef {{episode: number, seed: number, inputs: number[][], fps: number, globals: Record<string, any>|null,
 *   followed: string|null, reason: string|null}} Episode `inputs`: frame → inputs of all players
 * @typedef {{replay: Episode & {frames: number}, bundle: GameBundle, earlier: Episode[], match: MatchSpec, played_here: string|null}} Shown
 *   `played_here`: where the host tells what it sees when it plays the game again, which no browser can; null: a browser can
 * @typedef {Shown & {replay: Listed, changed: string[]}} Opened `changed`: what of the game is not as it was played
 * @typedef {{checks: string, chain: string, ended: number, error: string}} Played
 * @typedef {{result: "identical"|"differs"|"unsure"|"failed"|"simulated", frame: number|null, text: string}} Finding
 */

/**
 * @typedef {{type: "open", vendor: string, opened: Shown, me: number}
 *   | {type: "seek", frame: number}
 *   | {type: "verify"}} ToReplayWorker `me`: the player whose view is drawn. A new env has been made when it says
 *   `began`: what was told before belongs to an old one
 *
 * @typedef {{type: "progress", label: string, loaded: number, total: number}
 *   | {type: "began"}
 *   | {type: "frames", first: number, frames: ReplayFrame[], done: boolean}
 *   | {type: "picture", frame: number, ops: import("../game/env_link.js").PictureData, pixels: Uint8ClampedArray|null, size: [number, number]|null}
 *   | {type: "checking", frames: number}
 *   | {type: "played", played: Played}
 *   | {type: "error", message: string, traceback: string}} FromReplayWorker
 */

export {};
