/**
 * How far the game's runtime is: one fraction over all steps, so that the bar never runs backwards.
 * @module
 */

/** @typedef {import("../ui/progress_bar.js").Progress} Progress */
/** @typedef {{step: string, label: string, loaded: number, total: number}} Step */

/** Share of the whole way each step takes, from measured cold loads. */
const SHARES = [
  ["runtime", 0.45],
  ["packages", 0.35],
  ["env", 0.1],
  ["assets", 0.07],
  ["models", 0.03],
];

/**
 * @param {Step} step
 * @returns {number} 0–1
 */
export function fractionOf({ step, loaded, total }) {
  let before = 0;
  for (const [name, share] of SHARES) {
    if (name === step) return before + Number(share) * (total > 0 ? Math.min(1, loaded / total) : 0);
    before += Number(share);
  }
  return total > 0 ? Math.min(1, loaded / total) : 0;
}

/**
 * @param {Progress | null} previous
 * @param {Step} step
 * @returns {Progress}
 */
export const progressed = (previous, step) => ({ ...step, fraction: Math.max(previous?.fraction ?? 0, fractionOf(step)) });
