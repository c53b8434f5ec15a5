/**
 * What of a visit survives a reload of the page: when it began, and answers not yet sent.
 * @module
 */

/** @typedef {import("../ui/form/rules.js").Answer} Answer */
/** @typedef {{beganMs: number, draft: Record<string, Answer> | null}} Remembered */

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
    this.#now = this.#read() ?? { beganMs: nowMs(), draft: null };
    this.#forgetOthers();
    this.#write();
  }

  /** Ms since this visit was first shown in this tab. */
  elapsedMs() {
    return Math.max(0, this.#nowMs() - this.#now.beganMs);
  }

  get draft() {
    return this.#now.draft;
  }

  /** @param {Record<string, Answer>} values */
  keep(values) {
    this.#now = { ...this.#now, draft: values };
    this.#write();
  }

  /** @returns {Remembered | null} */
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
