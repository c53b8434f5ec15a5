/**
 * Marks on their way to the host's ledger and back: hex digits, without our own, which this page can make again.
 * @module
 */

const DIGITS = 8;

/**
 * @param {number[][]} rows per frame each player's marks for each
 * @param {number} me
 * @returns {string} the same number of digits a frame
 */
export function marksText(rows, me) {
  const hex = (/** @type {number} */ mark) => mark.toString(16).padStart(DIGITS, "0");
  return rows.map((row) => withoutOwn(row, me).map(hex).join("")).join("");
}

/** @param {number[]} row @param {number} me */
function withoutOwn(row, me) {
  const players = Math.sqrt(row.length);
  return row.filter((_, at) => Math.floor(at / players) !== me);
}

/**
 * @param {string[]} texts per frame what `marksText` gave, "" where there was nothing
 * @param {{me: number, players: unknown[]}} match
 * @returns {number[][]} as they were, 0 in the place of our own
 */
export function marksFrom(texts, { me, players: { length: players } }) {
  const own = new Array(players).fill(0);
  return texts.map((text) => {
    const marks = Array.from({ length: players * (players - 1) }, (_, at) => Number.parseInt(text.slice(at * DIGITS, (at + 1) * DIGITS) || "0", 16));
    return marks.toSpliced(me * players, 0, ...own);
  });
}
