/**
 * Batches in IndexedDB, oldest first; in memory where the browser gives no storage (private windows), or gives none any more.
 * @module
 */

import { within } from "./within.js";

/** @typedef {{key: string, bytes: Uint8Array}} Stored */
/**
 * @typedef {object} BatchStore
 * @property {(key: string, bytes: Uint8Array) => Promise<void>} put a key that is there already is left as it is
 * @property {() => Promise<Stored|null>} oldest
 * @property {(key: string) => Promise<void>} remove
 */

const DATABASE = "igym-rows";
const TABLE = "batches";
/** A browser's storage that has not answered for so long is not waited for any more: it can hang for ever. */
const ANSWERS_WITHIN_MS = 5000;

/**
 * @param {string} owner only this participant's batches are seen
 * @param {number} mostBytes beyond that much waiting data nothing more is taken in memory
 * @param {(text: string) => void} [warn]
 * @returns {Promise<BatchStore>}
 */
export async function openBatchStore(owner, mostBytes, warn = () => {}) {
  const memory = new MemoryStore(mostBytes);
  try {
    return new DoubleStore(new IndexedStore(await inTime(opened()), owner), memory, warn);
  } catch {
    return memory;
  }
}

/**
 * @template T
 * @param {Promise<T>} work
 */
function inTime(work) {
  return within(ANSWERS_WITHIN_MS, work, () => {
    throw new Error("it does not answer");
  });
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const table = request.result.createObjectStore(TABLE, { keyPath: "id", autoIncrement: true });
      table.createIndex("key", ["owner", "key"], { unique: true });
      table.createIndex("owner", "owner");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("another page holds the rows"));
  });
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const answered = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * What was written counts once it is committed: a full disk may say so only then.
 * @param {IDBObjectStore} table
 * @returns {Promise<void>}
 */
const committed = ({ transaction }) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("it gave up"));
  });

/** @implements {BatchStore} */
class IndexedStore {
  #database;
  #owner;

  /**
   * @param {IDBDatabase} database
   * @param {string} owner
   */
  constructor(database, owner) {
    this.#database = database;
    this.#owner = owner;
  }

  /**
   * @param {string} key
   * @param {Uint8Array} bytes
   */
  async put(key, bytes) {
    const table = this.#table("readwrite");
    const done = committed(table);
    // In the transaction that adds it: two pages of one person may bring the same.
    const known = await answered(table.index("key").getKey([this.#owner, key]));
    if (known === undefined) table.add({ owner: this.#owner, key, bytes });
    await done;
  }

  async oldest() {
    const cursor = await answered(this.#table("readonly").index("owner").openCursor(IDBKeyRange.only(this.#owner)));
    return cursor ? { key: cursor.value.key, bytes: cursor.value.bytes } : null;
  }

  /** @param {string} key */
  async remove(key) {
    const table = this.#table("readwrite");
    const done = committed(table);
    const id = await answered(table.index("key").getKey([this.#owner, key]));
    if (id !== undefined) table.delete(id);
    await done;
  }

  /** @param {IDBTransactionMode} mode */
  #table(mode) {
    return this.#database.transaction(TABLE, mode, { durability: mode === "readwrite" ? "relaxed" : "default" }).objectStore(TABLE);
  }
}

/** @implements {BatchStore} */
export class MemoryStore {
  /** @type {Map<string, Uint8Array>} */ #batches = new Map();
  #bytes = 0;
  #most;

  /** @param {number} mostBytes */
  constructor(mostBytes) {
    this.#most = mostBytes;
  }

  /** @param {string} key */
  has(key) {
    return this.#batches.has(key);
  }

  /**
   * @param {string} key
   * @param {Uint8Array} bytes
   */
  async put(key, bytes) {
    if (this.#batches.has(key)) return;
    if (this.#bytes + bytes.byteLength > this.#most) throw new Error("too many rows are waiting for the host");
    this.#bytes += bytes.byteLength;
    this.#batches.set(key, bytes);
  }

  async oldest() {
    for (const [key, bytes] of this.#batches) return { key, bytes };
    return null;
  }

  /** @param {string} key */
  async remove(key) {
    this.#bytes -= this.#batches.get(key)?.byteLength ?? 0;
    this.#batches.delete(key);
  }
}

/**
 * On the browser's disk, which outlasts a reload, and in memory, from which they go on when the disk fails, is full or hangs.
 * @implements {BatchStore}
 */
export class DoubleStore {
  #disk;
  #memory;
  #warn;
  #writes = true;
  #reads = true;

  /**
   * @param {BatchStore} disk
   * @param {MemoryStore} memory
   * @param {(text: string) => void} warn
   */
  constructor(disk, memory, warn) {
    this.#disk = disk;
    this.#memory = memory;
    this.#warn = warn;
  }

  /**
   * @param {string} key
   * @param {Uint8Array} bytes
   */
  async put(key, bytes) {
    const inMemory = this.#memory.put(key, bytes);
    // More than the memory takes is on the disk alone, as long as that works.
    inMemory.catch(() => {});
    const onDisk = this.#writes && (await this.#tried(async () => (await this.#disk.put(key, bytes), true)));
    if (onDisk) return;
    this.#writes = false;
    await inMemory;
  }

  async oldest() {
    const first = this.#reads ? await this.#tried(async () => ({ batch: await this.#disk.oldest() })) : null;
    if (!first) this.#giveUp();
    const batch = first?.batch ?? null;
    // Of this page's own, a disk that failed lacks some; what an earlier page left there goes first.
    return this.#writes || (batch && !this.#memory.has(batch.key)) ? batch : this.#memory.oldest();
  }

  /** @param {string} key */
  async remove(key) {
    await this.#memory.remove(key);
    if (this.#reads && !(await this.#tried(async () => (await this.#disk.remove(key), true)))) this.#giveUp();
  }

  #giveUp() {
    this.#reads = this.#writes = false;
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T | null>} null when it failed or did not answer
   */
  async #tried(work) {
    try {
      return await inTime(work());
    } catch (error) {
      if (this.#writes) this.#warn(`Rows wait for the host in memory alone, the browser's storage failed: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  }
}
