/**
 * What every question of a form looks like from outside.
 * @module
 */

/** @typedef {import("./rules.js").Field} Field */
/** @typedef {import("./rules.js").Answer} Answer */
/** @typedef {import("../text/index.js").Translate} Translate */
/**
 * @typedef {object} Control
 * @property {HTMLElement} element
 * @property {() => Answer} read
 * @property {(answer: Answer) => void} write
 * @property {() => void} focus
 * @property {(problem: string | null) => void} showProblem
 * @property {HTMLElement} [foot] where a button below the question belongs; without one, at its end
 */
/**
 * @typedef {object} ControlContext
 * @property {Translate} t
 * @property {() => void} changed
 */
/** @typedef {(field: Field, context: ControlContext) => Control} MakeControl */
export {};
