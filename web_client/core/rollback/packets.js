/**
 * What a browser tells each other one in every tick: its inputs, how far it is, and that it is there.
 * @module
 */
import { MAX_INPUTS } from "../wire/codec.js";
import { ownBlock } from "./blocks.js";
import { isAbsent, MOST_PEERS } from "./schedule.js";

/** @typedef {import("./episode.js").Episode} Episode */

const FLAG_PAUSED = 1;
/** the sender comes back or only watches */
export const FLAG_AWAY = 2;
/** the sender holds the receiver for absent */
export const FLAG_APART = 4;
/** what a heartbeat says of inputs */
const NOTHING = { advantage: 0, ack: -1, known: -1, block: { first: 0, rows: [], marks: [] } };

/** @param {Episode} episode @param {number} peer @param {import("./remote.js").Remote} remote @param {number} nowMs @returns {import("../wire/codec.js").InputsMessage} */
export function packetFor(episode, peer, remote, nowMs) {
  const { control, clock } = remote;
  const plays = peer < MOST_PEERS && !episode.away && !isAbsent(episode.agreement.schedule, peer);
  const { advantage, ack, known, block } = plays ? standingFor(episode, peer) : NOTHING;
  const { sentMs, echoMs } = clock.stamp(nowMs);
  return {
    type: "inputs",
    episode: episode.number,
    digest: episode.agreement.digest,
    flags: (episode.paused ? FLAG_PAUSED : 0) | (episode.away ? FLAG_AWAY : 0) | (plays ? 0 : FLAG_APART),
    frame: episode.timeline.frame,
    advantage,
    ack,
    known,
    sentMs,
    echoMs,
    stream: control.stream,
    ackStream: control.theirStream,
    ackSeq: control.theirNext,
    players: episode.settings.local.length,
    block,
  };
}

/** @param {Episode} episode @param {number} peer one that plays @returns {Pick<import("../wire/codec.js").InputsMessage, "advantage" | "ack" | "known" | "block">} */
function standingFor(episode, peer) {
  const { ack, advantage } = episode.standing(peer);
  const block = ownBlock(episode, peer, ack + 1, Math.min(episode.own.committed, ack + MAX_INPUTS) + 1);
  const theirs = Math.min(...episode.playersOf(peer).map((player) => episode.log.columns[player].length));
  return { advantage, ack: theirs - 1, known: episode.known, block };
}
