/**
 * Actions as whole numbers. The rollback core compares, predicts and sends inputs as one integer per player and frame; an
 * encoding, declared by the environment's action space, turns actions into such integers and back, the same in every browser.
 * @module
 */

/**
 * @typedef {{type: "discrete", n: number, start?: number}} DiscreteSpace actions start … start + n - 1
 * @typedef {{type: "multi_discrete", nvec: number[]}} MultiDiscreteSpace a list of numbers, each below its entry
 * @typedef {{type: "multi_binary", n: number}} MultiBinarySpace a list of n zeros and ones
 * @typedef {{type: "box", low: number[], high: number[], bits?: number}} BoxSpace a list of numbers, rounded to 2^bits - 1 even steps
 * @typedef {{type: "axis", low: number, high: number, levels: number}} AxisSpace a number, rounded to an odd number of even steps; input 0 is
 *   the middle, so that "let go" is 0; low may be the greater one
 * @typedef {{type: "tuple", spaces: Space[]}} TupleSpace a list of actions
 * @typedef {{type: "dict", spaces: {[key: string]: Space}}} DictSpace actions by name
 * @typedef {DiscreteSpace | MultiDiscreteSpace | MultiBinarySpace | BoxSpace | AxisSpace | TupleSpace | DictSpace} Space
 */

/**
 * @typedef {object} Encoding
 * @property {number} size inputs are 0 … size - 1
 * @property {(action: any) => number} encode throws a RangeError that names what is wrong with the action
 * @property {(input: number) => any} decode
 */

/** @param {unknown} value @param {number} low @param {number} high @param {string} what */
function requireWhole(value, low, high, what) {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return;
  throw new RangeError(`${what} must be a whole number from ${low} to ${high}, not ${JSON.stringify(value)}`);
}

/** @param {unknown} value @param {number} length @param {string} what */
function requireList(value, length, what) {
  if (Array.isArray(value) && value.length === length) return;
  throw new RangeError(`${what} must be a list of ${length}, not ${JSON.stringify(value)}`);
}

/** @param {DiscreteSpace} space @returns {Encoding} */
function discrete({ n, start = 0 }) {
  requireWhole(n, 1, Number.MAX_SAFE_INTEGER, "n of a discrete space");
  requireWhole(start, -(2 ** 31), 2 ** 31, "start of a discrete space");
  return {
    size: n,
    encode(action) {
      requireWhole(action, start, start + n - 1, "a discrete action");
      return action - start;
    },
    decode: (input) => input + start,
  };
}

/**
 * One component of a box. An odd number of steps keeps the middle exact, so that "no push" is really 0.
 * @param {number} low @param {number} high @param {number} bits @returns {Encoding}
 */
function interval(low, high, bits) {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new RangeError(`a box needs finite bounds with low < high, not ${low} and ${high}`);
  }
  const top = 2 ** bits - 2;
  const middle = (low + high) / 2;
  return {
    size: top + 1,
    encode(action) {
      if (typeof action !== "number" || Number.isNaN(action)) throw new RangeError(`a box action must be a number, not ${JSON.stringify(action)}`);
      const clamped = Math.min(high, Math.max(low, action));
      return Math.round(((clamped - low) / (high - low)) * top);
    },
    decode: (input) => (input * 2 === top ? middle : low + ((high - low) * input) / top),
  };
}

/**
 * Several encodings in one number: mixed radix, the first part counts least.
 * @param {Encoding[]} parts @param {string} what @returns {Encoding} of a list of actions
 */
function product(parts, what) {
  const size = parts.reduce((total, part) => total * part.size, 1);
  if (size > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`${what} has too many combinations for one input (at most 2^53): use fewer components or fewer bits`);
  }
  return {
    size,
    encode(actions) {
      requireList(actions, parts.length, what);
      return parts.reduceRight((input, part, i) => input * part.size + part.encode(actions[i]), 0);
    },
    decode(input) {
      let rest = input;
      return parts.map((part) => {
        const digit = rest % part.size;
        rest = (rest - digit) / part.size;
        return part.decode(digit);
      });
    },
  };
}

/** @param {BoxSpace} space @returns {Encoding} */
function box({ low, high, bits }) {
  requireList(low, low?.length, "low of a box");
  requireList(high, low.length, "high of a box");
  const resolution = bits ?? Math.min(16, Math.floor(53 / Math.max(1, low.length)));
  requireWhole(resolution, 2, 32, "bits of a box");
  return product(low.map((value, i) => interval(value, high[i], resolution)), "a box action");
}

/** @param {AxisSpace} space @returns {Encoding} */
function axis({ low, high, levels }) {
  requireWhole(levels, 3, 2 ** 31, "levels of an axis");
  if (levels % 2 === 0) throw new RangeError(`an axis needs an odd number of levels, not ${levels}`);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low !== high)) throw new RangeError(`an axis needs two finite ends, not ${low} and ${high}`);
  const top = levels - 1;
  return {
    size: levels,
    encode(value) {
      if (typeof value !== "number" || Number.isNaN(value)) throw new RangeError(`a value of an axis must be a number, not ${JSON.stringify(value)}`);
      const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
      return (Math.round(share * top) + levels - top / 2) % levels;
    },
    decode(input) {
      const step = (input + top / 2) % levels;
      return step * 2 === top ? (low + high) / 2 : low + ((high - low) * step) / top;
    },
  };
}

/** @param {DictSpace} space @returns {Encoding} */
function dict({ spaces }) {
  // Sorted: the order of the keys may differ between two browsers, the number must not.
  const keys = Object.keys(spaces).sort();
  const list = product(keys.map((key) => encodingOf(spaces[key])), "a dict action");
  return {
    size: list.size,
    encode(action) {
      const missing = keys.filter((key) => !(action !== null && typeof action === "object" && key in action));
      if (missing.length > 0) throw new RangeError(`a dict action needs ${missing.map((key) => JSON.stringify(key)).join(", ")}`);
      return list.encode(keys.map((key) => action[key]));
    },
    decode(input) {
      const values = list.decode(input);
      return Object.fromEntries(keys.map((key, i) => [key, values[i]]));
    },
  };
}

/** @type {{[type: string]: (space: any) => Encoding}} */
const ENCODINGS = {
  discrete,
  multi_discrete: ({ nvec }) => product(nvec.map((/** @type {number} */ n) => discrete({ type: "discrete", n })), "a multi-discrete action"),
  multi_binary: ({ n }) => product(Array.from({ length: n }, () => discrete({ type: "discrete", n: 2 })), "a multi-binary action"),
  box,
  axis,
  tuple: ({ spaces }) => product(spaces.map(encodingOf), "a tuple action"),
  dict,
};

/**
 * @param {Space} space
 * @returns {Encoding} checked: `encode` refuses what is not in the space, `decode` refuses what is not an input of it
 * @throws {RangeError} when the space is unknown or does not fit into one input
 */
export function encodingOf(space) {
  const make = Object.hasOwn(ENCODINGS, space?.type) ? ENCODINGS[space.type] : null;
  if (!make) throw new RangeError(`an action space must be one of ${Object.keys(ENCODINGS).join(", ")}, not ${JSON.stringify(space)}`);
  const encoding = make(space);
  return {
    ...encoding,
    decode(input) {
      requireWhole(input, 0, encoding.size - 1, "an input");
      return encoding.decode(input);
    },
  };
}
