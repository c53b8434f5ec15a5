/**
 * A page whose files the host has replaced: those that it has not brought yet would be of another version. It loads again as soon as that costs nobody anything.
 * @module
 */

const KEY = "igym.renewed";
/** Hosts of two versions that take turns must not have a page load again and again. */
const NOT_WITHIN_MS = 60_000;
const ANSWERED_WITHIN_MS = 3000;
/** An older host knows nothing of the question. */
const REPLACED = new Set([404, 410]);

/**
 * @typedef {object} Wiring
 * @property {() => Promise<boolean>} isReplaced whether the host has other files than this page was made of
 * @property {() => void} reload
 * @property {() => number} nowMs unix ms
 * @property {Pick<Storage, "getItem" | "setItem"> | null} storage of this tab
 */

export class Renewal {
  #isReplaced = false;
  #wiring;

  /** @param {Wiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
  }

  /** The page should load again, and has not only just done so. */
  get isDue() {
    const { storage, nowMs } = this.#wiring;
    return this.#isReplaced && nowMs() - Number(storage?.getItem(KEY) ?? 0) > NOT_WITHIN_MS;
  }

  /** Asks the host, which has perhaps been started again. @returns {Promise<boolean>} `isDue` */
  async look() {
    this.#isReplaced ||= await this.#wiring.isReplaced();
    return this.isDue;
  }

  renew() {
    const { storage, nowMs, reload } = this.#wiring;
    storage?.setItem(KEY, String(nowMs()));
    reload();
  }

  /** As `look`, and loads again where that is due. */
  async lookAndRenew() {
    const isDue = await this.look();
    if (isDue) this.renew();
    return isDue;
  }
}

/**
 * @param {string[]} folders addresses of the folders that this page's files come from
 * @param {typeof fetch} [ask]
 * @returns {Promise<boolean>} false as well where the host does not answer
 */
export async function isReplaced(folders, ask = (where, how) => fetch(where, how)) {
  const statuses = folders.map(async (folder) => {
    const { status } = await ask(`${folder}current`, { cache: "no-store", signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
    return status;
  });
  const all = await Promise.all(statuses).catch(() => []);
  return all.some((status) => REPLACED.has(status));
}
