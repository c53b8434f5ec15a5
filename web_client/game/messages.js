/**
 * What passes between the page and the game worker.
 * @module
 */

/** @typedef {{step: string, label: string, loaded: number, total: number}} Progress bytes, or steps */

/**
 * @typedef {{agent: string|number, kind: string, [option: string]: any}} PolicyEntry
 * @typedef {{keys: string[], action: any}} ActionBinding
 * @typedef {{action_mapping: ActionBinding[], analog: import("./analog.js").Axis[]}} Controls of one player
 * @typedef {{
 *   environment: {file?: string|null, code?: string|null, entry_point?: string|null, config: Record<string, any>, episode_config?: Record<string, any>, seed?: number|null},
 *   rendering: {fps: number, width: number, height: number, background: string, hud: boolean|string[], hud_text: string|null,
 *     carry_score_over: boolean, rollback_smoothing_ms: number|null, per_agent_view: boolean, smooth_motion: boolean},
 *   assets: {images: Record<string, string>, sprite_sheets: Record<string, {url: string, frame_width: number, frame_height: number}>,
 *     atlases: Record<string, string>, sounds: Record<string, string>},
 *   policies: {agents: PolicyEntry[], frame_skip: number},
 *   gameplay: {action_mapping: ActionBinding[], default_action: any, analog?: import("./analog.js").Axis[],
 *     per_agent?: (Partial<Controls> & {agent: string|number})[], input_mode: "pressed_keys"|"single_keystroke",
 *     pace?: "clock"|"on_input", move_limit_s?: number|null, on_move_limit?: "default_action"|"end",
 *     action_population: "default"|"previous", num_episodes: number, until?: boolean, max_steps: number|null, reset_freeze_s: number, countdown_s: number},
 *   runtime: {packages: string[], where: string, on_step_code: string|null, restart_python: boolean, record: string[],
 *     max_observation_numbers: number, row_content?: number},
 *   multiplayer: {input_delay_frames: number|"auto", max_prediction_frames: number, checksum_every_frames: number,
 *     on_desync: "resync"|"end"|"flag", transport: string, [more: string]: any},
 *   players?: number,
 * }} GymSpec the client's form of a gym scene
 *
 * @typedef {{scene: string, spec: GymSpec, files: Record<string, string>,
 *   data?: Record<string, {url: string, sha256?: string}>, assets: Record<string, string>, packages: string[],
 *   vendor_packages: string[], onnx: Record<string, string>}} GameBundle
 *
 * @typedef {{id: string, seed: number, me: number, players: {player: number, agent: string|number, name?: string}[],
 *   bots: (string|number)[], episode: number, begun?: boolean, fixed?: Record<string, any>, keys?: Record<string, string>}} MatchSpec
 *
 * @typedef {{episode: number, inputs: Record<string, number[]>, scores?: Record<string, number>, stored?: number, marks?: string[],
 *   due?: number, globals?: Record<string, any>, told?: {player: number, inputs: Record<string, number[]>, marks: string[]}}} Resume
 *   where a match stands when it is entered again: confirmed inputs of the running episode, of which this participant's
 *   first `stored` rows are on the host already (all of them, if it is not given). `scores`: carried over so far; `marks`: per frame what
 *   the recorder sent with it; `due`: most frames that can have been played by now; `told`: what `player`, who has finished, recorded of the frames that follow
 */

/**
 * Page → worker.
 * `prepare` starts Python; `load` brings the packages that a study asks for beside it.
 * @typedef {{type: "prepare", vendor: string}
 *   | {type: "load", vendorPackages: string[], packages: string[], wheelsIndex: string|null}
 *   | {type: "open", visit: number, scene: string, bundle: GameBundle, match: MatchSpec, resume: Resume|null, participantGlobals: Record<string, any>}
 *   | {type: "start", atMs: number}
 *   | {type: "input", kind: "keydown"|"keyup"|"mouse"|"gamepad"|"blur", code?: string, key?: string, x?: number, y?: number,
 *      pointer?: string, axes?: Record<string, number>, buttons?: string[], atMs: number}
 *   | {type: "link", peer: number, channel: "inputs"|"control", bytes: Uint8Array}
 *   | {type: "linkState", peer: number, state: string, transport: string, rttMs: number|null}
 *   | {type: "visibility", hidden: boolean, focused: boolean}
 *   | {type: "clock", offsetMs: number}
 *   | {type: "shown", episode: number, frame: number, atMs: number, refreshMs: number|null}
 *   | {type: "pause", reason?: string, text?: string}
 *   | {type: "resume", atMs?: number}
 *   | {type: "allow", episodes: number}
 *   | {type: "substitute", player: number, by: "bot"|"default", fromFrame: number}
 *   | {type: "close", reason?: string}} ToWorker
 */

/**
 * Worker → page.
 * @typedef {{type: "progress"} & Progress
 *   | {type: "loaded", loadMs: number, cold: boolean}
 *   | {type: "opened", visit: number, match: string, warnings: string[], report: Record<string, any>}
 *   | {type: "draw", episode: number, frame: number, ops: import("./env_link.js").PictureData, frameAtMs: number, corrected: boolean, pixels: Uint8ClampedArray|null, size: [number, number]|null}
 *   | {type: "sounds", names: string[]}
 *   | {type: "hud", scores: Record<string, number|string>|null, text: string|null, episode: number, frame: number, timeS: number}
 *   | {type: "turn", whose: "mine"|"made"|"others"|null, untilMs: number|null}
 *   | {type: "phase", phase: "countdown"|"playing"|"frozen"|"between"|"paused"|"over", episode: number, untilMs: number|null, text: string}
 *   | {type: "episodeStarted", episode: number}
 *   | {type: "episodeEnded", episode: number, frames: number, reason: string, chain: string, scores: Record<string, number>}
 *   | {type: "batch", key: {match: string, episode: number, first: number, count: number, visit: number}, bytes: Uint8Array}
 *   | {type: "send", peer: number, channel: "inputs"|"control", bytes: Uint8Array}
 *   | {type: "returned"}
 *   | {type: "gameOver", reason: string}
 *   | {type: "globals", values: Record<string, any>}
 *   | {type: "error", phase: string, message: string, traceback: string, file: string|null, line: number|null, fatal: boolean, told?: import("./env_error.js").Told}
 *   | {type: "console", level: string, text: string}
 *   | {type: "stats", values: Record<string, any>}} FromWorker
 */

export {};
