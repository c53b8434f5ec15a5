/**
 * Asking again for what the network lost: a browser gives up all it fetches when its network changes.
 * @module
 */

/** Pauses between tries, in ms: an outage of some seconds is bridged. */
export const AGAIN_MS = [300, 1000, 2000, 4000];

/** Whoever asked does not want it any more. @param {unknown} error */
const isGivenUp = (error) => error instanceof DOMException && error.name === "AbortError";
const pause = (/** @type {number} */ delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs));

/**
 * @template T
 * @param {(tries: number) => Promise<T>} attempt told how often it failed before
 * @param {(delayMs: number) => Promise<unknown>} [wait]
 * @returns {Promise<T>} rejects with the last failure
 */
export async function again(attempt, wait = pause) {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      const delayMs = AGAIN_MS[tries];
      if (delayMs === undefined || isGivenUp(error)) throw error;
      await wait(delayMs);
    }
  }
}

/**
 * `fetch`, asked again as long as nobody answers; a refusal is an answer.
 * @param {RequestInfo | URL} input
 * @param {RequestInit} [init]
 */
export const fetchAgain = (input, init) => again(() => fetch(input, init));

/** Asks once, also where `fetch` asks again by itself. @type {typeof fetch} */
let once = (input, init) => fetch(input, init);

/**
 * Makes `fetch` ask again: for libraries that ask by themselves.
 * @param {{fetch: typeof fetch}} scope of a worker
 */
export function fetchesAgain(scope) {
  const plain = scope.fetch.bind(scope);
  once = plain;
  scope.fetch = (input, init) => again(() => plain(input, init));
}

/**
 * @param {RequestInfo | URL} input
 * @param {RequestInit} [how]
 * @returns {Promise<Response>} a refusal too; rejects where the host is in trouble, which is as good as silent
 */
async function answered(input, how) {
  const answer = await once(input, how);
  if (answer.status >= 500) throw new Error(`The host did not send ${input} (${answer.status}).`);
  return answer;
}

/**
 * An answer with what `read` makes of its body, asked again as long as none comes whole: one that broke off did not come. Of a refusal, which is an answer, the body is not read.
 * @template T
 * @param {RequestInfo | URL} input
 * @param {(answer: Response) => Promise<T>} read
 * @param {RequestInit} [how]
 * @param {(delayMs: number) => Promise<unknown>} [wait]
 * @returns {Promise<{ok: boolean, status: number, body: T | null}>}
 */
export const wholeAgain = (input, read, how, wait) =>
  again(async () => {
    const answer = await answered(input, how);
    const { ok, status } = answer;
    return { ok, status, body: ok ? await read(answer) : null };
  }, wait);

/**
 * What the host says in JSON at `url`, refusals too, whose body may be none.
 * @param {string} url
 * @param {(delayMs: number) => Promise<unknown>} wait
 * @returns {Promise<{ok: boolean, status: number, body: any}>}
 */
export const saidAgain = (url, wait) =>
  again(async () => {
    const answer = await answered(url, { cache: "no-store", credentials: "same-origin" });
    const { ok, status } = answer;
    return { ok, status, body: await (ok ? answer.json() : answer.json().catch(() => null)) };
  }, wait);

/**
 * A module, asked for again. Some browsers remember that an address failed, so that each try has its own.
 * @param {string} address
 */
export const importAgain = (address) => again((tries) => import(tries ? `${address}?again=${tries}` : address));
