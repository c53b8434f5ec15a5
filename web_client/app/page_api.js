/**
 * `window.igym`: what scripts in a researcher's HTML may use.
 * @module
 */

/**
 * @typedef {object} PageApi
 * @property {Record<string, unknown>} globals read and write; kept for this participant over all scenes and into the export
 * @property {{id: string, label: string | null} | null} participant
 * @property {{id: string, kind: string, visit: number} | null} scene
 * @property {() => void} advance does what the page's main button does
 */

const GATHER_MS = 30;

export class SharedGlobals {
  /** @type {Record<string, unknown>} */
  #values = {};
  /** @type {Record<string, unknown>} */
  #changed = {};
  #gathering = false;
  /** What was sent and is not answered yet, which may be sent again. @type {Set<Record<string, unknown>>} */ #unanswered = new Set();
  /** @type {Promise<unknown>} */ #told = Promise.resolve();
  #send;
  #later;

  /**
   * @param {(values: Record<string, unknown>) => unknown} send its outcome is waited for, if it is a promise
   * @param {(run: () => void, delayMs: number) => unknown} later
   */
  constructor(send, later) {
    this.#send = send;
    this.#later = later;
    this.proxy = this.#makeProxy();
  }

  /**
   * What the host knows; changes of this page that are still on their way stay.
   * @param {Record<string, unknown>} values
   */
  replace(values) {
    this.#values = { ...values, ...this.#changed };
  }

  /** @returns {Record<string, unknown>} */
  get values() {
    return { ...this.#values };
  }

  /**
   * Sends what was gathered, at once.
   * @returns {Promise<unknown>} settled when the host has everything that was changed until now
   */
  flush() {
    this.#gathering = false;
    const changed = this.#changed;
    this.#changed = {};
    if (Object.keys(changed).length) this.#told = Promise.all([this.#told, this.#sent(changed)]);
    return this.#told;
  }

  /** @param {Record<string, unknown>} changed */
  async #sent(changed) {
    // What has to be sent again comes after this: it must not bring an older value back.
    for (const earlier of this.#unanswered) {
      for (const name of Object.keys(earlier)) if (name in changed) earlier[name] = changed[name];
    }
    this.#unanswered.add(changed);
    try {
      return await this.#send(changed);
    } finally {
      this.#unanswered.delete(changed);
    }
  }

  /**
   * @param {string} name
   * @param {unknown} value anything JSON can hold; undefined and deletion become null
   */
  set(name, value) {
    const plain = JSON.parse(JSON.stringify(value ?? null));
    this.#values[name] = plain;
    this.#changed[name] = plain;
    if (this.#gathering) return;
    this.#gathering = true;
    this.#later(() => void (this.#gathering && this.flush()), GATHER_MS);
  }

  #makeProxy() {
    return new Proxy(/** @type {Record<string, unknown>} */ ({}), {
      get: (_target, name) => (typeof name === "string" ? this.#values[name] : undefined),
      has: (_target, name) => name in this.#values,
      ownKeys: () => Object.keys(this.#values),
      getOwnPropertyDescriptor: (_target, name) =>
        typeof name === "string" && name in this.#values
          ? { value: this.#values[name], writable: true, enumerable: true, configurable: true }
          : undefined,
      set: (_target, name, value) => {
        if (typeof name === "string") this.set(name, value);
        return true;
      },
      deleteProperty: (_target, name) => {
        if (typeof name === "string") this.set(name, null);
        return true;
      },
    });
  }
}
