/**
 * What of a visit survives a reload of the page: its clock, when the page was first shown and its questions first touched, and
 * answers not yet sent. So times from before and after a reload can be compared.
 * @module
 */

/** @typedef {import("../ui/form/rules.js").Answer} Answer */
/**
 * @typedef {object} Remembered
 * @property {number} beganMs
 * @property {number} latestMs as far as the visit's clock has come: it does not go back when the computer's clock is set
 * @property {number | null} shownMs when the page was first shown, on the visit's clock
 * @property {Record<string, number>} touchedMs question → when it was first touched, since the page was shown
 * @property {Record<string, Answer> | null} draft
 */

const PREFIX = "igym.visit.";

export class VisitMemory {
  #storage;
  #nowMs;
  #key;
  /** @type {Remembered} */
  #now;

  /**
   * @param {{storage: Storage | null, nowMs: () => number, session: string, participant: string, visit: number}} options
   */
  constructor({ storage, nowMs, session, participant, visit }) {
    this.#storage = storage;
    this.#nowMs = nowMs;
    this.#key = `${PREFIX}${session}.${participant}.${visit}`;
    this.#now = { beganMs: nowMs(), latestMs: 0, shownMs: null, touchedMs: {}, draft: null, ...this.#read() };
    this.#forgetOthers();
    this.#write();
  }

  /** Ms since this visit was first shown in this tab. */
  elapsedMs() {
    this.#now.latestMs = Math.max(this.#now.latestMs, this.#nowMs() - this.#now.beganMs);
    return this.#now.latestMs;
  }

  /** When the page was first shown, on the clock of `elapsedMs`; now, if it was not yet. */
  shownMs() {
    if (this.#now.shownMs === null) {
      this.#now.shownMs = this.elapsedMs();
      this.#write();
    }
    return this.#now.shownMs;
  }

  /** Question → ms from the page being shown to the question being first touched. */
  get touchedMs() {
    return this.#now.touchedMs;
  }

  get draft() {
    return this.#now.draft;
  }

  /**
   * @param {Record<string, Answer>} values
   * @param {Record<string, number>} touchedMs
   */
  keep(values, touchedMs) {
    this.#now = { ...this.#now, draft: values, touchedMs };
    this.#write();
  }

  /** @returns {Partial<Remembered> | null} */
  #read() {
    try {
      const value = JSON.parse(this.#storage?.getItem(this.#key) ?? "null");
      return typeof value?.beganMs === "number" ? value : null;
    } catch {
      return null;
    }
  }

  #write() {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(this.#now));
    } catch {
      // A full or forbidden storage costs the draft after a reload, nothing else.
    }
  }

  #forgetOthers() {
    const storage = this.#storage;
    if (!storage) return;
    for (const key of Object.keys(storage)) if (key.startsWith(PREFIX) && key !== this.#key) storage.removeItem(key);
  }
}
