/**
 * Inputs on their way between browsers, each with its author's marks.
 * @module
 */
import { isMarked } from "./marks.js";

/** @typedef {import("./episode.js").Episode} Episode */
/** @typedef {import("../wire/codec.js").Block} Block */

/** @param {Episode} episode @param {number} peer @param {number} first @param {number} end @returns {Block} its inputs */
function blockOf({ log, marks, players }, peer, first, end) {
  const columns = (players.get(peer) ?? []).map((player) => log.columns[player]);
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, i) => columns.map((column) => column[first + i]));
  return { first, rows, marks: marks.keys ? rows.map((row, i) => marks.of(peer, first + i, row)) : [] };
}

/** @param {Episode} episode @param {number} reader @param {number} first @param {number} end @returns {Block} our own inputs for it: it can make the marks that are for itself */
export function ownBlock(episode, reader, first, end) {
  const block = blockOf(episode, episode.me, first, end);
  const at = episode.peers.indexOf(reader);
  return { ...block, marks: block.marks.map((row) => row.filter((_, i) => i !== at)) };
}

/** @param {Episode} episode @param {number} peer @param {Block} block what `ownBlock` gave there */
export function takeDirect(episode, peer, { first, rows, marks }) {
  const at = episode.peers.indexOf(episode.me);
  const whole = marks.map((row, i) => row.toSpliced(at, 0, episode.marks.forMe(peer, first + i, rows[i])));
  takeBlock(episode, peer, { first, rows, marks: whole });
}

/** @param {Episode} episode @param {number} peer leaving @returns {import("../wire/codec.js").Have} from the first frame that anybody may lack */
export function haveOf(episode, peer) {
  const players = episode.playersOf(peer);
  return { peer, players: players.length, block: blockOf(episode, peer, episode.stable + 1, episode.log.columns[players[0]].length) };
}

/** @param {Episode} episode @param {number} peer @param {Block} block its inputs: what follows those we have is taken */
export function takeBlock({ log, marks, players }, peer, { first, rows, marks: given }) {
  rows.forEach((row, i) => {
    const isNew = (players.get(peer) ?? []).map((player, k) => log.push(player, first + i, row[k]));
    if (isNew.includes(true)) marks.keep(peer, first + i, given[i]);
  });
}

/**
 * @param {Episode} episode
 * @param {Block} block rows of all players: what follows is taken; of our own, what we did before a reload and lack
 */
export function takeRows(episode, { first, rows, marks }) {
  const { peers } = episode;
  peers.forEach((peer, k) => {
    if (peer === episode.me && !episode.own.lackPast) return;
    const own = rows.map((row) => episode.playersOf(peer).map((player) => row[player]));
    takeBlock(episode, peer, { first, rows: own, marks: marks.map((row) => row.slice(k * peers.length, (k + 1) * peers.length)) });
  });
}

/** @param {Episode} episode @param {number} frame @returns {number[]} for each peer in turn its marks for each */
export function rowMarks({ log, marks, peers, players }, frame) {
  const { inputs } = log.row(frame);
  return peers.flatMap((peer) => marks.of(peer, frame, (players.get(peer) ?? []).map((player) => inputs[player])));
}

/**
 * Rows of all players for somebody who was away, as far as we can show it that they are true.
 * @param {Episode} episode @param {number} reader @param {number} first @param {number} end
 * @returns {{rows: number[][], marks: number[][]}}
 */
export function rowsFor(episode, reader, first, end) {
  const { log, marks, peers } = episode;
  /** @type {{rows: number[][], marks: number[][]}} */
  const shown = { rows: [], marks: [] };
  for (let frame = first; frame < end && peers.every((peer) => canShow(episode, peer, frame, reader)); frame++) {
    const { inputs } = log.row(frame);
    shown.rows.push(inputs);
    if (marks.keys) shown.marks.push(rowMarks(episode, frame));
  }
  return shown;
}

/** @param {Episode} episode @param {number} peer @param {number} frame @param {number} reader */
function canShow({ agreement, marks, me, peers }, peer, frame, reader) {
  const asksNobody = !marks.keys || peer === me || !peers.includes(reader);
  return asksNobody || agreement.schedule.absences[peer].some(({ from, to }) => from <= frame && frame < to) || isMarked(marks, peer, frame, reader);
}
