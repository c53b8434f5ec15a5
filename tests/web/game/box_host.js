/**
 * The host as a match in a box needs it: rows and reports on disk, which episode the match is in, who is waited for.
 * It follows the rules of `igym.core` (recording, losses, matches) and of the page (`game_run.js`, `uploader.js`).
 */
import assert from "node:assert/strict";

/** A cut link, or a page that is gone, is noticed so late. */
const NOTICED_MS = 600;
/** So long a page that comes back waits for its earlier rows to reach the host. */
const EARLIER_ROWS_MS = 15_000;

class Member {
  /** Batches and reports kept in the browser until the host has them, also across a reload. */
  batches = [];
  /** Episode → rows on disk. @type {Map<number, any[]>} */
  rows = new Map();
  /** Episode → what shows that they are true. @type {Map<number, string[]>} */
  marks = new Map();
  /** Episode → what was reported first. @type {Map<number, {frames: number, chain: string, reason: string}>} */
  reports = new Map();
  online = true;
  over = false;
  gone = false;
  /** The page whose messages count. */
  page = null;
  /** What the page told and the host does not have. */
  told = [];
}

export class BoxHost {
  constructor(box, { episodes, delayMs }) {
    Object.assign(this, { box, episodes, delayMs, episode: 0, pauses: new Set(), begun: [] });
    this.members = box.seats.map(() => new Member());
    box.onSaid = (page, message) => this.#hear(page, message);
  }

  get staying() {
    return this.members.filter((member) => !member.gone);
  }

  get isOver() {
    return this.staying.every((member) => member.over);
  }

  /** This page is the one that counts from now on. */
  greet(page) {
    Object.assign(this.members[page.me], { page, told: [] });
  }

  #later(action, ms = this.delayMs()) {
    setTimeout(action, ms);
  }

  #hear(page, message) {
    const member = this.members[page.me];
    if (message.type === "episodeStarted") this.begun.push({ me: page.me, episode: message.episode, atMs: Date.now() });
    // What a page brought into the browser's store is sent by whichever page is there.
    if (message.type === "batch") member.batches.push({ ...message, marks: page.marks });
    else if (message.type === "episodeEnded") member.batches.push(message);
    else if (page !== member.page || !["episodeStarted", "returned", "gameOver"].includes(message.type)) return;
    else member.told.push(message);
    this.#later(() => this.#bring(page.me));
  }

  #isReached({ online, page, gone }) {
    return online && page !== null && !gone;
  }

  /** Everything that waits at a member goes to the host, as far as the host takes it. */
  #bring(me) {
    const member = this.members[me];
    if (!this.#isReached(member)) return;
    for (let next = member.batches[0]; next && this.#keep(member, next); next = member.batches[0]) member.batches.shift();
    for (let next = member.told[0]; next && this.#take(me, next); next = member.told[0]) member.told.shift();
    // Rows that were ahead of the others wait for these.
    for (const [other, { batches }] of this.members.entries()) if (other !== me && batches.length) this.#later(() => this.#bring(other));
  }

  #takesRows(episode) {
    return episode <= this.episode || this.staying.every(({ reports }) => reports.has(episode - 1));
  }

  /** @returns {boolean} whether it is taken; rows of an episode that the match has not come to are to be sent again */
  #keep(member, message) {
    if (message.type === "batch" && !this.#takesRows(message.key.episode)) return false;
    if (message.type === "batch") this.#store(member, message);
    else if (!member.reports.has(message.episode)) member.reports.set(message.episode, message);
    return true;
  }

  #store(member, { key, bytes, marks: told }) {
    const [rows, marks] = [member.rows.get(key.episode) ?? [], member.marks.get(key.episode) ?? []];
    member.rows.set(key.episode, rows);
    member.marks.set(key.episode, marks);
    JSON.parse(new TextDecoder().decode(bytes)).forEach((row, i) => {
      const frame = key.first + i;
      assert.ok(frame <= rows.length, `rows from ${key.first} on leave a gap after ${rows.length}`);
      if (frame < rows.length) assert.deepEqual(row, rows[frame], `another row of frame ${frame} of episode ${key.episode} is on disk`);
      rows[frame] = row;
      marks[frame] ??= told[i];
    });
    this.episode = Math.max(this.episode, key.episode);
  }

  /** @returns {boolean} whether it was taken; what was not is told again */
  #take(me, message) {
    const member = this.members[me];
    if (message.type === "returned") this.#unpause(`return ${me}`);
    if (message.type === "episodeStarted" && this.#takesRows(message.episode)) this.episode = Math.max(this.episode, message.episode);
    if (message.type !== "gameOver") return true;
    if (member.batches.length) return false;
    member.over = true;
    this.#tellDone(me);
    // Their page goes on to what comes next, and says nothing more.
    const { play } = this.box.seats[me];
    this.#later(() => play.dispose());
    return true;
  }

  /** The others do not wait for this player any more. */
  #tellDone(me) {
    for (const { me: other } of this.box.seats) if (other !== me && !this.members[other].over) this.#tell(other, (play) => play.absent(me));
  }

  #tell(me, what) {
    const { play } = this.box.seats[me];
    this.#later(() => this.members[me].online && this.box.seats[me].play === play && what(play));
  }

  #everybody(what) {
    for (const { me } of this.box.seats) this.#tell(me, what);
  }

  pause(cause) {
    if (this.isOver) return;
    this.pauses.add(cause);
    this.#everybody((play) => play.pause(cause));
  }

  #unpause(cause) {
    if (this.pauses.delete(cause) && this.pauses.size === 0) this.#everybody((play) => play.resume());
  }

  /** A cut is noticed at both ends after a while, and so is its end. */
  cut(ways, forMs) {
    const cause = `link ${ways.join(" ")}`;
    const { cut } = this.box;
    for (const way of ways) cut.add(way);
    setTimeout(() => this.pause(cause), Math.min(NOTICED_MS, forMs));
    setTimeout(() => {
      for (const way of ways) cut.delete(way);
      setTimeout(() => this.#unpause(cause), NOTICED_MS);
    }, forMs);
  }

  /** The host cannot be reached, the others can. */
  unplug(me, forMs) {
    const member = this.members[me];
    member.online = false;
    setTimeout(() => {
      member.online = true;
      const { play } = this.box.seats[me];
      this.#show(play);
      this.#bring(me);
    }, forMs);
  }

  /** The page is loaded anew. */
  reload(me, awayMs, loadMs) {
    const member = this.members[me];
    if (member.gone || member.over || !member.page) return;
    this.box.seats[me].play.dispose();
    Object.assign(member, { page: null, told: [] });
    setTimeout(() => member.page === null && !member.gone && this.pause(`return ${me}`), NOTICED_MS);
    setTimeout(() => this.#comeBack(me, loadMs, false), awayMs);
  }

  /** Another tab takes the match over; the first one hears of it. */
  takeOver(me, loadMs) {
    if (this.members[me].gone || this.members[me].over || !this.members[me].page) return;
    this.members[me].page = null;
    this.#comeBack(me, loadMs, true);
  }

  #comeBack(me, loadMs, beside) {
    const member = this.members[me];
    if (member.gone) return;
    this.pause(`return ${me}`);
    const former = this.box.seats[me].play;
    if (beside) this.#later(() => former.dispose());
    const sinceMs = Date.now();
    const whenDrained = () => {
      if (member.online && member.page === null) member.page = {};
      this.#bring(me);
      if (!member.online || (member.batches.length && Date.now() - sinceMs < EARLIER_ROWS_MS)) return setTimeout(whenDrained, 100);
      setTimeout(() => this.#open(me, this.episode), loadMs);
    };
    whenDrained();
  }

  #open(me, episode) {
    if (this.members[me].gone) return;
    const page = this.box.open(me, this.whereItStands(me, episode));
    this.greet(page);
    page.play.pause("");
    page.play.start(Date.now() + this.box.seats[me].skewMs);
    this.#show(page.play);
  }

  /** Where the match stands. */
  #show(play) {
    this.members.forEach(({ over, gone }, other) => (over || gone) && play.absent(other));
    if (this.pauses.size) play.pause([...this.pauses].join());
    else play.resume();
  }

  /** `GET /api/inputs`: the own rows, and beyond them what at least two others agree on. */
  whereItStands(me, episode) {
    const inputsOf = (member) => (member.rows.get(episode) ?? []).map(([inputs]) => inputs);
    const rows = inputsOf(this.members[me]);
    const stored = rows.length;
    const others = this.members.filter((_, other) => other !== me).map(inputsOf);
    const told = () => others.flatMap((run) => (run.length > rows.length ? [JSON.stringify(run[rows.length])] : []));
    for (let said = told(); said.length > 1 && new Set(said).size === 1; said = told()) rows.push(JSON.parse(said[0]));
    return { ...this.#toldBy(me, episode, rows.length), episode, stored, marks: this.members[me].marks.get(episode) ?? [], due: this.box.framesDue(), inputs: Object.fromEntries(this.box.seats.map((_, player) => [player, rows.map((row) => row[player])])) };
  }

  /** What the only other one, who has finished and left, recorded beyond. */
  #toldBy(me, episode, first) {
    const player = 1 - me;
    const other = this.members[player];
    if (this.members.length !== 2 || !other.over) return {};
    const rows = (other.rows.get(episode) ?? []).slice(first).map(([inputs]) => inputs);
    const inputs = Object.fromEntries(this.box.seats.map((_, p) => [p, rows.map((row) => row[p])]));
    return rows.length ? { told: { player, inputs, marks: (other.marks.get(episode) ?? []).slice(first) } } : {};
  }

  /**
   * How many frames of an episode somebody shares with those who stayed. If all of these were loaded anew at the same moment, what they had not
   * sent is known to the one who left alone, who is nobody's witness.
   */
  sharedFrames({ leaves }, episode) {
    const isKept = leaves.pages.some((page) => this.box.pages[page.me] === page);
    return isKept ? Infinity : Math.max(...leaves.stored.map((lengths) => lengths.get(episode) ?? 0));
  }

  /** This person leaves the match; it goes on without them. */
  release(me) {
    const member = this.members[me];
    if (member.gone || member.over) return;
    member.leaves = { pages: this.box.pages.filter((page) => page.me !== me), stored: this.staying.filter((other) => other !== member).map(({ rows }) => new Map([...rows].map(([episode, list]) => [episode, list.length]))) };
    this.box.seats[me].play.close("left");
    for (const { me: other } of this.box.seats) for (const way of [`${me}>${other}`, `${other}>${me}`]) this.box.closed.add(way);
    this.#bring(me);
    member.gone = true;
    for (const cause of [...this.pauses]) if (cause.split(/[ >]/).includes(String(me))) this.#unpause(cause);
    this.#tellDone(me);
  }
}
