/**
 * The options of a rollback core, checked once and early.
 * @module
 */

/**
 * @typedef {object} RollbackOptions
 * @property {number} players number of players, 1 … 8
 * @property {number[]} local the players of this browser; empty = a spectator
 * @property {number} [fps] frames per second (default 30)
 * @property {number | "auto"} [inputDelayFrames] 0 … 15 frames between pressing and acting, or "auto" from the measured round trip
 * @property {number} [autoDelayMaxFrames] the most "auto" chooses (default 4)
 * @property {number} [maxPredictionFrames] how far anyone may run ahead of the inputs known here, 0 … 60 (default 8; 0 = lockstep)
 * @property {number} [checksumEveryFrames] compare states each so many frames (default 30; 0 = never)
 * @property {"previous" | "default"} [predict] what a missing input is taken for (default "previous")
 * @property {((input: number, player: number) => number) | null} [held] with predict "default": what stays of a player's last input when the next one is
 *   not known; a stick is where it was although no key is taken for pressed (default null: nothing)
 * @property {number[]} [defaultInputs] per player: the input of "no action" (default 0)
 * @property {number[]} [absentInputs] per player: the input in frames of an absence, which the environment may tell from "no action"
 *   (default: `defaultInputs`)
 * @property {"every" | "sparse"} [saveMode] which states are saved (default "every")
 * @property {number | null} [maxSteps] the episode ends after so many frames (default null: the environment decides)
 * @property {number} [episode] number of the episode, from 0
 * @property {number} [spectatorId] peer id of this browser when it has no player (8 … 254)
 * @property {"skip" | "stretch" | "off"} [timeSync] how the side that is ahead slows down (default "skip")
 * @property {"flag" | "resync" | "end"} [onDesync] (default "flag")
 * @property {number} [catchUpFrames] most frames stepped in one tick when behind (default 60)
 * @property {number[]} [owners] per player: the peer it plays at (default: local players at this browser's lowest one, others each at its own)
 * @property {number} [incarnation] 1 … 16777215: another number each time a page is loaded (default: from the time of the first tick)
 * @property {boolean} [awaitInputs] a frame waits until everybody who is present has given an input for it; `advance` may be told null (not yet).
 *   Asks for no input delay and no prediction (default false)
 * @property {boolean} [rejoin] true: this browser returns to a running episode and knows nothing yet
 * @property {number} [dueFrames] most frames that can have been played when this core begins: whoever tells of later ones is not believed (default 0; with
 *   `rejoin` as many as there can be)
 * @property {Record<string, string> | null} [keys] per peer 32 hex digits that it and this browser alone know (its own: this browser alone), to check what others
 *   tell of inputs (default null: they are believed)
 * @property {boolean} [wantState] with `rejoin`: ask for a state instead of all inputs since frame 0
 */

/** @typedef {Required<Omit<RollbackOptions, "maxSteps" | "spectatorId">> & {maxSteps: number, me: number}} Settings */

const LARGEST_PLAYERS = 8;
export const LARGEST_DELAY = 15;
export const LARGEST_WINDOW = 60;

const DEFAULTS = {
  fps: 30,
  inputDelayFrames: 0,
  autoDelayMaxFrames: 4,
  maxPredictionFrames: 8,
  checksumEveryFrames: 30,
  predict: "previous",
  saveMode: "every",
  episode: 0,
  timeSync: "skip",
  onDesync: "flag",
  catchUpFrames: 60,
  incarnation: 0,
  awaitInputs: false,
  held: null,
  rejoin: false,
  wantState: false,
  keys: null,
};

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} low
 * @param {number} high
 */
function requireInteger(name, value, low, high) {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return;
  throw new RangeError(`${name} must be a whole number from ${low} to ${high}, not ${JSON.stringify(value)}`);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {string[]} allowed
 */
function requireOneOf(name, value, allowed) {
  if (allowed.includes(/** @type {string} */ (value))) return;
  throw new RangeError(`${name} must be one of ${allowed.map((text) => `"${text}"`).join(", ")}, not ${JSON.stringify(value)}`);
}

/** @param {number[]} local @param {number} players */
function requireLocal(local, players) {
  if (!Array.isArray(local)) throw new RangeError("local must be a list of players");
  for (const player of local) requireInteger("a local player", player, 0, players - 1);
  if (new Set(local).size !== local.length) throw new RangeError(`local names a player twice: ${local.join(", ")}`);
}

/** @param {string} name @param {number[]} inputs @param {number} players */
function requireInputs(name, inputs, players) {
  if (!Array.isArray(inputs) || inputs.length !== players) throw new RangeError(`${name} needs one input for each of the ${players} players`);
  for (const input of inputs) requireInteger(`an input of ${name}`, input, 0, Number.MAX_SAFE_INTEGER);
}

/** @param {Settings} settings @param {number[]} local */
function requireOwners({ owners, me, players }, local) {
  if (!Array.isArray(owners) || owners.length !== players) throw new RangeError(`owners needs one peer for each of the ${players} players`);
  owners.forEach((owner, player) => {
    requireInteger("an owner", owner, 0, LARGEST_PLAYERS - 1);
    if ((owner === me) !== local.includes(player)) throw new RangeError(`player ${player} must be both local and owned by peer ${me}, or neither`);
  });
}

/** @param {Settings} settings */
function requireKeys({ keys, owners }) {
  const lacking = keys && owners.find((peer) => !/^[0-9a-f]{32}$/.test(keys[peer] ?? ""));
  if (lacking !== null && lacking !== undefined) throw new RangeError(`keys needs 32 hex digits for peer ${lacking}`);
}

/** @param {Settings} settings */
function requireRanges(settings) {
  if (!(settings.fps > 0 && settings.fps <= 240)) throw new RangeError(`fps must be above 0 and at most 240, not ${settings.fps}`);
  if (settings.inputDelayFrames !== "auto") requireInteger("inputDelayFrames", settings.inputDelayFrames, 0, LARGEST_DELAY);
  requireInteger("autoDelayMaxFrames", settings.autoDelayMaxFrames, 0, LARGEST_DELAY);
  requireInteger("maxPredictionFrames", settings.maxPredictionFrames, 0, LARGEST_WINDOW);
  if (settings.awaitInputs && (settings.inputDelayFrames !== 0 || settings.maxPredictionFrames !== 0)) {
    throw new RangeError("awaitInputs needs inputDelayFrames 0 and maxPredictionFrames 0");
  }
  requireInteger("checksumEveryFrames", settings.checksumEveryFrames, 0, 100_000);
  requireInteger("catchUpFrames", settings.catchUpFrames, 1, 100_000);
  requireInteger("episode", settings.episode, 0, 65_535);
  if (settings.maxSteps !== Infinity) requireInteger("maxSteps", settings.maxSteps, 1, 2 ** 31);
  requireOneOf("predict", settings.predict, ["previous", "default"]);
  requireOneOf("saveMode", settings.saveMode, ["every", "sparse"]);
  requireOneOf("timeSync", settings.timeSync, ["skip", "stretch", "off"]);
  requireOneOf("onDesync", settings.onDesync, ["flag", "resync", "end"]);
}

/**
 * @param {RollbackOptions} options
 * @returns {Settings} every option filled in and checked
 * @throws {RangeError} naming the option that is wrong
 */
export function settle(options) {
  const { players, local } = options;
  requireInteger("players", players, 1, LARGEST_PLAYERS);
  requireLocal(local, players);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value != null));
  const settings = /** @type {Settings} */ ({ defaultInputs: new Array(players).fill(0), maxSteps: Infinity, ...DEFAULTS, ...given });
  requireInputs("defaultInputs", settings.defaultInputs, players);
  settings.absentInputs = options.absentInputs ?? settings.defaultInputs;
  requireInputs("absentInputs", settings.absentInputs, players);
  requireRanges(settings);
  if (local.length === 0) requireInteger("spectatorId", options.spectatorId, LARGEST_PLAYERS, 254);
  requireInteger("incarnation", settings.incarnation, 0, 2 ** 24 - 1);
  settings.me = local.length === 0 ? /** @type {number} */ (options.spectatorId) : Math.min(...local);
  settings.owners = options.owners ?? settings.defaultInputs.map((_, player) => (local.includes(player) ? settings.me : player));
  requireOwners(settings, local);
  requireKeys(settings);
  settings.dueFrames = options.dueFrames ?? (settings.rejoin || local.length === 0 ? Infinity : 0);
  return settings;
}
