/**
 * A page whose files the host has replaced: those that it has not brought yet would be of another version. It loads again by itself
 * only where nobody loses anything by it, and once: what comes then is told as on any other page.
 * @module
 */

const KEY = "igym.renewed";
const LOOK_AGAIN_MS = 1000;
const ANSWERED_WITHIN_MS = 3000;
/** An older host knows nothing of the question. */
const REPLACED = new Set([404, 410]);

/**
 * @typedef {object} Wiring
 * @property {string[]} folders addresses of the folders that this page's files come from, which name their version
 * @property {(folders: string[]) => Promise<boolean>} isReplaced whether the host has other files
 * @property {() => void} reload
 * @property {(run: () => void, delayMs: number) => unknown} later
 * @property {Pick<Storage, "getItem" | "setItem"> | null} storage of this tab
 */

export class Renewal {
  #isReplaced = false;
  #waits = false;
  #key;
  #wiring;

  /** @param {Wiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
    this.#key = [KEY, ...wiring.folders].join(" ");
  }

  /**
   * Asks the host, which has perhaps been started again as another version; then the page loads again as soon as it may.
   * @param {() => boolean} isFree whether nobody loses anything by it, at this moment
   */
  async look(isFree) {
    this.#isReplaced ||= await this.#wiring.isReplaced(this.#wiring.folders);
    if (this.#isReplaced && !this.#waits && !this.#wasTried()) this.#renewOnceFree(isFree);
  }

  /**
   * Loads again, unless a page of the same files has done so: a cache or a host of another version brought them once more.
   * @returns {boolean} whether it does
   */
  renew() {
    if (this.#wasTried() || !this.#noteTry()) return false;
    this.#wiring.reload();
    return true;
  }

  /** @param {() => boolean} isFree */
  #renewOnceFree(isFree) {
    this.#waits = !isFree();
    if (this.#waits) this.#wiring.later(() => this.#renewOnceFree(isFree), LOOK_AGAIN_MS);
    else this.renew();
  }

  #wasTried() {
    try {
      return this.#wiring.storage?.getItem(this.#key) !== null;
    } catch {
      return true;
    }
  }

  /** A browser that stores nothing could not end it. @returns {boolean} */
  #noteTry() {
    try {
      this.#wiring.storage?.setItem(this.#key, "1");
      return this.#wasTried();
    } catch {
      return false;
    }
  }
}

/**
 * @param {string[]} folders addresses of the folders that this page's files come from
 * @param {typeof fetch} [ask]
 * @returns {Promise<boolean>} false as well where the host does not answer
 */
export async function isReplaced(folders, ask = (where, how) => fetch(where, how)) {
  const answers = await Promise.allSettled(folders.map((folder) => ask(`${folder}current`, { cache: "no-store", signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) })));
  return answers.some((answer) => answer.status === "fulfilled" && REPLACED.has(answer.value.status));
}
