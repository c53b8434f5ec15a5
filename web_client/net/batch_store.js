/**
 * Batches in IndexedDB, oldest first; in memory where the browser gives no storage (private windows).
 * @module
 */

/** @typedef {{id: number, bytes: Uint8Array}} Stored */
/**
 * @typedef {object} BatchStore
 * @property {(key: string, bytes: Uint8Array) => Promise<void>} put a key that is there already is left as it is
 * @property {() => Promise<Stored|null>} oldest
 * @property {(id: number) => Promise<void>} remove
 */

const DATABASE = "igym-rows";
const TABLE = "batches";

/**
 * @param {string} owner only this participant's batches are seen
 * @param {number} mostBytes beyond that much waiting data nothing more is taken in memory
 * @returns {Promise<BatchStore>}
 */
export async function openBatchStore(owner, mostBytes) {
  try {
    return new IndexedStore(await opened(), owner);
  } catch {
    return new MemoryStore(mostBytes);
  }
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
    const known = await answered(table.index("key").getKey([this.#owner, key]));
    if (known === undefined) await answered(table.add({ owner: this.#owner, key, bytes }));
  }

  async oldest() {
    const cursor = await answered(this.#table("readonly").index("owner").openCursor(IDBKeyRange.only(this.#owner)));
    return cursor ? { id: /** @type {number} */ (cursor.primaryKey), bytes: cursor.value.bytes } : null;
  }

  /** @param {number} id */
  async remove(id) {
    await answered(this.#table("readwrite").delete(id));
  }

  /** @param {IDBTransactionMode} mode */
  #table(mode) {
    return this.#database.transaction(TABLE, mode, { durability: mode === "readwrite" ? "relaxed" : "default" }).objectStore(TABLE);
  }
}

/** @implements {BatchStore} */
export class MemoryStore {
  /** @type {Map<string, Stored>} */ #batches = new Map();
  #next = 1;
  #bytes = 0;
  #most;

  /** @param {number} mostBytes */
  constructor(mostBytes) {
    this.#most = mostBytes;
  }

  /**
   * @param {string} key
   * @param {Uint8Array} bytes
   */
  async put(key, bytes) {
    if (this.#batches.has(key)) return;
    if (this.#bytes + bytes.byteLength > this.#most) throw new Error("too many rows are waiting for the host");
    this.#bytes += bytes.byteLength;
    this.#batches.set(key, { id: this.#next++, bytes });
  }

  async oldest() {
    return this.#batches.values().next().value ?? null;
  }

  /** @param {number} id */
  async remove(id) {
    for (const [key, batch] of this.#batches) {
      if (batch.id !== id) continue;
      this.#bytes -= batch.bytes.byteLength;
      this.#batches.delete(key);
    }
  }
}
