/**
 * What other browsers tell beyond their own inputs, held against what can be: the page at the other end may be anybody's.
 * @module
 */
import { NEVER } from "../wire/codec.js";

/** @typedef {import("./episode.js").Episode} Episode */
/** @typedef {import("../wire/codec.js").Absence} Absence */
/** @typedef {import("../wire/codec.js").Block} Block */
/** @typedef {import("../wire/codec.js").DecidedMessage} DecidedMessage */
/** @typedef {import("../wire/codec.js").Schedule} Schedule */
/** @typedef {import("../wire/codec.js").VoteMessage} VoteMessage */

/** @param {Schedule} schedule @param {number} peer @param {number} frame */
const isAway = (schedule, peer, frame) => schedule.absences[peer].some(({ from, to }) => from <= frame && frame < to);

/** @param {Absence[]} a @param {Absence[]} b */
const same = (a, b) => a.length === b.length && a.every(({ from, to }, i) => from === b[i].from && to === b[i].to);

/** @param {Absence[]} list @param {number} due @returns {boolean} one after the other, and none of a frame that is still to come */
const inOrder = (list, due) => list.every(({ from, to }, i) => from <= due && (to <= due || to === NEVER) && (i === 0 || list[i - 1].to <= from));

/**
 * @param {Episode} episode @param {number} peer whose inputs these are said to be @param {number} frame @param {number[]} inputs of all its players
 * @param {number[]} marks as they were handed on @returns {boolean} it was absent then, or made them for us to check
 */
function isTrue(episode, peer, frame, inputs, marks) {
  const { absentInputs } = episode.settings;
  const idle = inputs.every((input, k) => input === absentInputs[episode.playersOf(peer)[k]]);
  return (idle && isAway(episode.agreement.schedule, peer, frame)) || episode.marks.proves(peer, frame, inputs, marks);
}

/**
 * Rows of all players: of the teller's own inputs it is the one to ask, of every other one's their marks are.
 * @param {Episode} episode @param {number} teller @param {Block} block
 * @returns {boolean}
 */
function rowsHold(episode, teller, { first, rows, marks }) {
  const { peers } = episode;
  if (first + rows.length - 1 > episode.due()) return false;
  return rows.every((row, i) => {
    if (row.length !== episode.settings.players) return false;
    return peers.every((peer, k) => {
      const inputs = episode.playersOf(peer).map((player) => row[player]);
      const own = (marks[i] ?? []).slice(k * peers.length, (k + 1) * peers.length);
      return peer === teller || isTrue(episode, peer, first + i, inputs, own);
    });
  });
}

/** @param {Episode} episode @returns {boolean} we are away, or back and have not been sent all that the others did meanwhile */
const lacksRows = ({ away, stable, agreement, me }) => away || (agreement.schedule.absences[me].at(-1)?.to ?? 0) > stable + 1;

/** What leaving peers did. @param {Episode} episode @param {number} teller @param {import("../wire/codec.js").Have[]} haves @param {number} leaves */
function havesHold(episode, teller, haves, leaves) {
  return haves.every(({ peer, players, block }) => {
    const { first, rows, marks } = block;
    const own = episode.playersOf(peer);
    const named = peer !== episode.me && (leaves & (1 << peer)) !== 0 && own.length > 0 && players === own.length;
    const follows = lacksRows(episode) || first <= episode.log.columns[own[0]].length;
    const inTime = first + rows.length - 1 <= episode.due() && follows;
    return named && inTime && rows.every((row, i) => peer === teller || isTrue(episode, peer, first + i, row, marks[i] ?? []));
  });
}

/** @param {Episode} episode @param {number} teller @param {VoteMessage} vote */
function voteHolds(episode, teller, vote) {
  return vote.committed <= episode.due() && havesHold(episode, teller, vote.haves, vote.leaves);
}

/** @param {Episode} episode @param {Schedule} schedule whose numbers are none that the match cannot have come to */
function scheduleHolds(episode, schedule) {
  const due = episode.due();
  const numbers = [schedule.stopAt, schedule.resyncFrom, schedule.cleanFrom];
  return schedule.absences.every((list) => inOrder(list, due)) && numbers.every((number) => number === NEVER || number <= due + 1);
}

/**
 * A decision that continues our schedule: it is what we voted for, and changes nothing besides.
 * @param {Episode} episode @param {number} teller @param {DecidedMessage} decided
 */
function continues(episode, teller, { leaves, returns, schedule, haves }) {
  const { agreement, me } = episode;
  const before = agreement.schedule;
  const stop = before.stopAt === NEVER && schedule.stopAt !== NEVER;
  const resync = schedule.epoch !== before.epoch;
  if (!agreement.votedFor({ leaves, returns, resync, stop }) || leaves & (1 << me)) return false;
  if (stop ? schedule.stopAt < episode.own.committed : schedule.stopAt !== before.stopAt) return false;
  if (schedule.version !== before.version + 1 || (resync && !canResync(episode, schedule))) return false;
  return havesHold(episode, teller, haves, leaves) && schedule.absences.every((list, peer) => isNext(episode, peer, list, leaves, returns));
}

/** @param {Episode} episode @param {Schedule} schedule */
function canResync({ agreement, timeline }, { epoch, resyncFrom }) {
  return epoch === agreement.schedule.epoch + 1 && (resyncFrom === -1 || timeline.snapshots.anchors.includes(resyncFrom));
}

/** @param {Episode} episode @param {number} peer @param {Absence[]} list @param {number} leaves @param {number} returns */
function isNext({ agreement, confirmedFrame }, peer, list, leaves, returns) {
  const before = agreement.schedule.absences[peer];
  const last = list.at(-1);
  if (leaves & (1 << peer)) return last?.to === NEVER && last.from > confirmedFrame && same(list.slice(0, -1), before);
  if (returns & (1 << peer)) return last !== undefined && last.to !== NEVER && same([...list.slice(0, -1), { from: last.from, to: NEVER }], before);
  return same(list, before);
}

/** @param {Episode} episode @param {number} teller @param {DecidedMessage} decided */
function decisionHolds(episode, teller, decided) {
  const welcomes = (decided.returns & (1 << episode.me)) !== 0;
  if (!episode.away && episode.agreement.contradicts(decided)) return scheduleHolds(episode, decided.schedule);
  // Not taken anyway: one for another schedule, or one that a page before ours was to hear while it was there.
  if (episode.away ? !welcomes : decided.base !== episode.agreement.digest) return true;
  if (!scheduleHolds(episode, decided.schedule)) return false;
  // Who comes back was not asked, and may not have heard of what was decided before.
  if (episode.away) return havesHold(episode, teller, decided.haves, decided.leaves);
  return continues(episode, teller, decided);
}

/** @type {{[type: string]: (episode: Episode, teller: number, message: any) => boolean}} */
const CHECKS = {
  rows: (episode, teller, { known, block }) => known <= episode.due() && rowsHold(episode, teller, block),
  vote: voteHolds,
  decided: decisionHolds,
  schedule: (episode, _teller, { schedule }) => scheduleHolds(episode, schedule),
  // A state nobody asked for could be anything.
  state: (episode) => episode.membership.returner?.wantState === true,
  end: (episode, _teller, { frame }) => frame <= episode.due(),
  checksum: (episode, _teller, { frame }) => frame <= episode.due(),
  ready: (episode, _teller, { through }) => through <= episode.due(),
};

/**
 * @param {Episode} episode @param {number} teller @param {import("../wire/codec.js").ControlMessage} message of this episode
 * @returns {boolean} it can be so, and whatever it says of others they have shown themselves
 */
export const holds = (episode, teller, message) => CHECKS[message.type]?.(episode, teller, message) ?? true;
