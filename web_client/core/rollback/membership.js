/**
 * Who plays, from where on: carrying out what was agreed, serving those who are away, and coming back ourselves.
 * @module
 */
import { NEVER } from "../wire/codec.js";
import { rowsFor, takeBlock, takeRows } from "./blocks.js";
import { Returner, Sponsor } from "./catch_up.js";
import { isMarked } from "./marks.js";
import { addAbsent, awayFrom, copySchedule, isAbsent, playedOnBy } from "./schedule.js";

/** @typedef {import("./episode.js").Episode} Episode */
/** @typedef {import("./episode.js").Standing} Standing */
/** @typedef {import("../wire/codec.js").Schedule} Schedule */

/** Whoever is away asks again every 2 s: one that has not for so long is not there. */
const ASKED_LATELY_MS = 5000;

export class Membership {
  /** @param {Episode} episode @param {{away: boolean, wantState: boolean}} options */
  constructor(episode, { away, wantState }) {
    this.episode = episode;
    this.sponsor = new Sponsor();
    this.returner = away ? new Returner({ spectator: episode.settings.local.length === 0, wantState }) : null;
    /** @type {Map<number, {have: number, version: number, atMs: number}>} peers that come back just as we do: nobody there can serve us */
    this.alsoAway = new Map();
  }

  /** @returns {Schedule} */
  get #schedule() {
    return this.episode.agreement.schedule;
  }

  /** @returns {boolean} the lowest of those who are present speaks for all */
  get speaks() {
    return this.returner === null && this.episode.agreement.present[0] === this.episode.me;
  }

  /** @returns {boolean} somebody is on the way back to us: the episode does not end without them */
  get awaitsSomebody() {
    const { agreement, ending, gone } = this.episode;
    return agreement.peers.some((peer) => isAbsent(this.#schedule, peer) && !gone.has(peer) && !ending.finished.has(peer));
  }

  /**
   * Rows of the ledger show who was absent in them, which nobody else may know any more: their inputs have no marks.
   * @param {import("../wire/codec.js").Block} block
   */
  recall({ first, rows }) {
    const { episode } = this;
    const { absentInputs } = episode.settings;
    if (!this.returner || !episode.marks.keys || this.#schedule.version > 0) return;
    const schedule = copySchedule(this.#schedule);
    rows.forEach((row, i) => {
      const wasAbsent = (/** @type {number} */ peer) => episode.playersOf(peer).every((player) => row[player] === absentInputs[player]);
      const unmarked = (/** @type {number} */ peer) => peer === episode.me || !isMarked(episode.marks, peer, first + i, episode.me);
      for (const peer of episode.peers) if (wasAbsent(peer) && unmarked(peer)) addAbsent(schedule, peer, first + i);
    });
    episode.agreement.replaceSchedule(schedule);
    this.#useSchedule(schedule);
  }

  /** Ask to come back. @param {number} nowMs */
  ask(nowMs) {
    const { episode, returner } = this;
    if (!returner || episode.halted) return;
    const question = episode.ending.over ? null : returner.question(nowMs, episode.stable);
    if (question) episode.postAll({ type: "rejoin", episode: episode.number, version: this.#schedule.version, ...question });
    if (this.#isFounder(nowMs)) this.#found();
  }

  /**
   * When all who could play are away, nobody could ever serve anybody: then the one that has most begins where its rows end.
   * All work it out from the same questions, so there is one.
   * @param {number} nowMs
   */
  #isFounder(nowMs) {
    const { episode, returner, alsoAway } = this;
    if (returner?.spectator || episode.importing) return false;
    const others = [...episode.standings.keys()];
    const possible = others.filter((peer) => !episode.gone.has(peer));
    // Who has finished the match is not waited for, but may be there still and know more.
    if (possible.length < others.length && !returner?.isUnheard(nowMs)) return false;
    const lately = (/** @type {number} */ peer) => nowMs - (alsoAway.get(peer)?.atMs ?? -Infinity) <= ASKED_LATELY_MS;
    const isBehindUs = (/** @type {number} */ peer) => {
      const { have = -1 } = alsoAway.get(peer) ?? {};
      return have < episode.stable || (have === episode.stable && episode.me < peer);
    };
    return possible.every((peer) => lately(peer) && isBehindUs(peer));
  }

  /** Go on from where our rows end; the others come back to us. */
  #found() {
    const { episode, alsoAway } = this;
    const from = episode.stable + 1;
    const others = [...episode.standings.keys()];
    const version = 1 + Math.max(this.#schedule.version, ...[...alsoAway.values()].map((asked) => asked.version));
    const life = this.returner?.life ?? 0;
    this.returner = null;
    alsoAway.clear();
    episode.agreement.replaceSchedule(playedOnBy(this.#schedule, { peer: episode.me, life, others, from, version }));
    this.#useSchedule(this.#schedule);
    for (const standing of episode.standings.values()) Object.assign(standing, { ack: from - 1, known: episode.stable, frame: -1 });
    for (const peer of others) this.#seeOff(peer);
    episode.emit({ type: "peer_returned", peer: episode.me, players: episode.playersOf(episode.me), from });
  }

  /** It plays, so it can serve us. @param {number} peer */
  isThere(peer) {
    this.alsoAway.delete(peer);
  }

  /** Say once that we have stepped all there was to step. */
  tellReady() {
    const { episode, returner } = this;
    if (!returner?.becomesReady(episode.timeline.frame) || episode.ending.over) return;
    episode.emit({ type: "caught_up", frame: episode.timeline.frame - 1 });
    episode.postAll({ type: "ready", episode: episode.number, life: returner.life, through: episode.stable });
  }

  serve() {
    if (this.returner || this.episode.own.lackPast) return;
    for (const [peer, guest] of this.sponsor.guests) {
      // Not away yet by the schedule: it could not believe what that says of others, because it takes none in which it is present.
      if (this.episode.agreement.leaves.has(peer)) continue;
      const back = !guest.spectator && !isAbsent(this.#schedule, peer);
      if (back && this.#lacksNothing(peer)) this.sponsor.dismiss(peer);
      // Whoever spoke for all while it was away may not do so now: so everybody helps with the little it still lacks.
      else if (back || this.speaks) this.#serveGuest(peer, back);
    }
  }

  /** @param {number} peer @param {boolean} back it counts again: what is known here cannot change without it any more */
  #serveGuest(peer, back) {
    const { agreement, timeline, stable, confirmedFrame, known, number, importedFrom } = this.episode;
    const from = {
      episode: number,
      schedule: agreement.schedule,
      digest: agreement.digest,
      through: back ? known : Math.min(stable, confirmedFrame),
      start: importedFrom,
      rows: (/** @type {number} */ first, /** @type {number} */ end) => rowsFor(this.episode, peer, first, end),
      // Only a state that was surely saved: what this tick asks for may be cut short by a terminal step.
      base: timeline.snapshots.base(Math.min(stable + 1, timeline.resultsThrough)),
    };
    this.sponsor.serve(peer, from, (message) => this.episode.post(peer, message), this.episode.emit);
  }

  /**
   * It plays again and lacks nothing that only we could tell: nobody repeats what they did before they left, and whoever was
   * told by a schedule alone that others left when it came back has none of that.
   * @param {number} peer @returns {boolean}
   */
  #lacksNothing(peer) {
    const { absences } = this.#schedule;
    const back = absences[peer].at(-1);
    if (back === undefined) return false;
    const left = this.episode.peers.filter((other) => other !== peer).map((other) => absences[other].at(-1)?.from ?? 0);
    return this.episode.standing(peer).known >= Math.max(back.to, ...left) - 1;
  }

  /** @param {Pick<import("../wire/codec.js").DecidedMessage, "schedule" | "haves" | "returns">} decided */
  apply({ schedule, haves, returns }) {
    const { episode } = this;
    for (const { peer, block } of haves) takeBlock(episode, peer, block);
    this.#useSchedule(schedule);
    for (const { peer } of haves) this.#seeOff(peer);
    for (const peer of episode.peers.filter((other) => returns & (1 << other))) this.#welcome(peer);
    if (schedule.stopAt !== NEVER) episode.own.stop(schedule.stopAt);
    episode.underNewSchedule();
  }

  /** @param {Schedule} schedule */
  #useSchedule(schedule) {
    const { episode } = this;
    episode.log.useAbsences(schedule.absences);
    if (schedule.epoch === episode.checks.epoch) return;
    episode.checks.restart(schedule.epoch, schedule.cleanFrom);
    const possible = schedule.resyncFrom >= 0 && this.returner === null;
    if (possible) episode.loadNext = schedule.resyncFrom;
    episode.emit({ type: possible ? "resynced" : "resync_failed", from: schedule.resyncFrom, cleanFrom: schedule.cleanFrom });
  }

  /** @param {number} peer is absent from now on */
  #seeOff(peer) {
    const { episode } = this;
    episode.sync.forget(peer);
    // What it said about the end was said without knowing that it is absent.
    episode.ending.announced.delete(peer);
    const from = this.#schedule.absences[peer].at(-1)?.from;
    if (episode.others.length === 0) episode.own.pastIsLost = true;
    episode.emit({ type: "peer_absent", peer, players: episode.playersOf(peer), from });
  }

  /** @param {number} peer is back */
  #welcome(peer) {
    const { episode } = this;
    const from = this.#schedule.absences[peer].at(-1)?.to ?? 0;
    if (peer === episode.me) {
      this.returner = null;
      for (const standing of episode.standings.values()) Object.assign(standing, { ack: from - 1, known: episode.stable, frame: -1 });
    } else {
      const standing = episode.standing(peer);
      episode.gone.isBack(peer);
      Object.assign(standing, { ack: standing.known, frame: -1 });
      this.sponsor.skipTo(peer, standing.known);
      episode.repeatEnd(peer);
    }
    episode.emit({ type: "peer_returned", peer, players: episode.playersOf(peer), from });
  }

  /** @param {number} peer @param {import("../wire/codec.js").RejoinMessage} message @param {number} nowMs */
  receiveRejoin(peer, message, nowMs) {
    const { episode } = this;
    if (message.life !== 0 && this.#schedule.lives[peer] === message.life) {
      // It has come back since it asked, or was never told: whoever tells it may not have heard yet that its page is a new one.
      episode.post(peer, { type: "schedule", episode: episode.number, schedule: this.#schedule });
      return;
    }
    // A page that was loaded anew lacks what the one before it had.
    episode.ending.finished.delete(peer);
    if (episode.agreement.returns.get(peer) !== message.life) episode.agreement.returns.delete(peer);
    this.sponsor.ask(peer, message);
    // Who is away decides nothing about others: by the time it is back they may be, too.
    if (this.returner && !message.spectator) this.alsoAway.set(peer, { have: message.have, version: message.version, atMs: nowMs });
    else if (!message.spectator && !isAbsent(this.#schedule, peer)) episode.agreement.leaves.add(peer);
    if (episode.ending.over) episode.sayEnd(peer, episode.confirmedFrame, true);
  }

  /** @param {number} peer @param {import("../wire/codec.js").ReadyMessage} message it has stepped all rows up to `through` */
  receiveReady(peer, { through, life }) {
    const standing = this.episode.standings.get(peer);
    if (!standing || !isAbsent(this.#schedule, peer)) return;
    standing.known = through;
    this.episode.agreement.returns.set(peer, life);
  }

  /** @param {import("../wire/codec.js").RowsMessage} message @param {number} nowMs */
  receiveRows({ known, block }, nowMs) {
    const { episode, returner } = this;
    if (!returner) {
      // We are back, and lack what was sent before others had to send it to us.
      takeRows(episode, block);
      return;
    }
    returner.progress(nowMs);
    returner.announced = Math.max(known, returner.announced);
    episode.feed(block);
  }

  /** @param {number} peer @param {Schedule} schedule @param {number} nowMs */
  receiveSchedule(peer, schedule, nowMs) {
    if (this.#isWelcomedBy(schedule)) return this.#enterBy(schedule);
    const { me, settings, agreement } = this.episode;
    const absent = settings.local.length === 0 || isAbsent(schedule, me);
    if (!absent || this.#isStale(peer, schedule)) return;
    this.isThere(peer);
    const returner = this.returner ?? this.#fallBehind(/** @type {number} */ (schedule.absences[me].at(-1)?.from));
    returner.informed = true;
    returner.progress(nowMs);
    agreement.replaceSchedule(schedule);
    this.#useSchedule(schedule);
  }

  /** @param {Schedule} schedule @returns {boolean} all agree that we are back from this absence; the word of it was lost */
  #isWelcomedBy(schedule) {
    const { me } = this.episode;
    const { life = 0 } = this.returner ?? {};
    return life !== 0 && schedule.lives[me] === life && schedule.version > this.#schedule.version && !isAbsent(schedule, me);
  }

  /** @param {Schedule} schedule */
  #enterBy(schedule) {
    this.episode.agreement.replaceSchedule(schedule);
    this.apply({ schedule, haves: [], returns: 1 << this.episode.me });
  }

  /** @param {number} peer @param {Schedule} schedule @returns {boolean} we know better */
  #isStale(peer, schedule) {
    if (schedule.version < this.#schedule.version) return true;
    // Two halves of a match hold each other for absent: the lower player's half counts.
    return this.returner === null && this.episode.me < peer && isAbsent(this.#schedule, peer);
  }

  /** @param {number} from the others went on without us @returns {Returner} */
  #fallBehind(from) {
    const { episode } = this;
    this.returner = new Returner({ spectator: false, wantState: false });
    episode.halted = episode.confirmedFrame >= from;
    episode.emit({ type: episode.halted ? "split" : "left_behind", from, confirmed: episode.confirmedFrame });
    return this.returner;
  }

  /** Two decisions brought us back: neither did, and we ask those anew who hold the other one. @param {Schedule} other */
  comeBackTo(other) {
    const { me, agreement } = this.episode;
    const schedule = copySchedule(other);
    const from = /** @type {number} */ (schedule.absences[me].at(-1)?.to);
    schedule.absences[me] = awayFrom(schedule.absences[me], from);
    // What is sent meanwhile is sent by those who hold it: whom they know to be absent has to be absent here as well.
    agreement.replaceSchedule(schedule);
    this.#useSchedule(schedule);
    this.#fallBehind(from);
  }

  /** @param {import("../wire/codec.js").StateMessage} message @param {number} nowMs */
  receiveState(message, nowMs) {
    this.returner?.progress(nowMs);
    const state = this.returner?.take(message);
    if (!state) return;
    if (this.episode.importState(state.frame)) this.episode.emit({ type: "state_received", ...state });
  }
}
