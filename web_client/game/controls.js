/**
 * Whose keys do what: a scene's controls, or those of one agent where it has its own.
 * @module
 */

/** @typedef {import("./messages.js").GymSpec} GymSpec */
/** @typedef {import("./messages.js").Controls} Controls */

/**
 * @param {GymSpec["gameplay"] | undefined} gameplay
 * @param {string | number | undefined} agent
 * @returns {Controls}
 */
export function controlsOf(gameplay, agent) {
  const { action_mapping = [], analog = [], per_agent = [] } = gameplay ?? {};
  const own = per_agent.find((entry) => String(entry.agent) === String(agent)) ?? {};
  return { action_mapping, analog, ...own };
}

/**
 * Every key of a player: those that act, and those that say something beside (take over, praise).
 * @param {Controls} controls
 * @returns {{keys: string[], action?: unknown}[]} the latter without an action
 */
export const keyBindings = ({ action_mapping, analog }) => [...action_mapping, ...analog.flatMap(({ keys = {} }) => Object.keys(keys).map((key) => ({ keys: [key] })))];

/**
 * @param {Record<string, any>} spec a gym scene's
 * @param {Record<string, any>} match
 */
export const ownControls = (spec, { me, players }) => controlsOf(spec.gameplay, players?.find((/** @type {{player: number}} */ { player }) => player === me)?.agent);
