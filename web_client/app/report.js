/**
 * Errors and console output of this page on their way to the researcher.
 * @module
 */

/** @typedef {{where: "python" | "javascript" | "asset" | "packages", message: string, traceback?: string, file?: string | null, line?: number | null, fatal?: boolean, sentence?: Sentence}} Trouble */
/** @typedef {{key: string, values: Record<string, any>} | null} Sentence what the message was made of */

const MESSAGE = 7000;
const TRACEBACK = 24_000;
const LINE = 480;
const FLUSH_MS = 1000;
const MOST_ENTRIES = 150;
/** A page in a loop of errors must not drown the host. */
const MOST_ERRORS = 50;

/** @param {Trouble} trouble */
export const errorMessage = ({ where, message, traceback = "", file = null, line = null, fatal = false, sentence = null }) => ({
  where,
  message: (message || "An error without a message.").slice(0, MESSAGE),
  traceback: traceback.slice(-TRACEBACK),
  file: file === null ? null : file.slice(-LINE),
  line: lineNumber(line),
  fatal,
  // One that was cut would not fit its text.
  sentence: JSON.stringify(sentence).length > MESSAGE ? null : sentence,
});

/** @param {number | null} line */
const lineNumber = (line) => (line !== null && Number.isInteger(line) && line >= 0 ? line : null);

/**
 * Something the game needs could not be fetched or shown.
 * @param {unknown} error
 */
export function assetTrouble(error) {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { where: /** @type {const} */ ("asset"), message, traceback: stack ?? "", fatal: true };
}

export class Reporter {
  /** @type {{at_ms: number, level: string, text: string}[]} */
  #entries = [];
  #errors = 0;
  #link;
  #hostNowMs;
  #later;
  #due = false;

  /**
   * @param {{link: {post: (type: string, body: any) => void}, hostNowMs: () => number, later: (run: () => void, delayMs: number) => unknown}} options
   */
  constructor({ link, hostNowMs, later }) {
    this.#link = link;
    this.#hostNowMs = hostNowMs;
    this.#later = later;
  }

  /** Nothing waits to be told. */
  get isQuiet() {
    return this.#entries.length === 0;
  }

  /** @param {Trouble} trouble */
  error(trouble) {
    if (++this.#errors <= MOST_ERRORS) this.#link.post("client_error", errorMessage(trouble));
  }

  /**
   * @param {"debug" | "log" | "info" | "warning" | "error"} level
   * @param {string} text
   */
  console(level, text) {
    if (this.#entries.length >= MOST_ENTRIES) this.#entries.shift();
    this.#entries.push({ at_ms: Math.max(0, this.#hostNowMs()), level, text: text.slice(0, 2000) });
    if (this.#due) return;
    this.#due = true;
    this.#later(() => this.#flush(), FLUSH_MS);
  }

  #flush() {
    this.#due = false;
    const entries = this.#entries.splice(0, 40);
    if (entries.length) this.#link.post("console", { entries });
    if (this.#entries.length) this.console("info", "…");
  }
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function asText(value) {
  if (value instanceof Error) return value.stack ?? String(value);
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return String(value);
  }
}

/** @param {Reporter} reporter */
export function watchErrors(reporter) {
  window.addEventListener("error", (event) => {
    const traceback = event.error instanceof Error ? (event.error.stack ?? "") : "";
    reporter.error({ where: "javascript", message: event.message, traceback, file: event.filename || null, line: event.lineno || null });
  });
  window.addEventListener("unhandledrejection", (event) => {
    const reason = event.reason;
    reporter.error({ where: "javascript", message: String(reason?.message ?? reason), traceback: asText(reason) });
  });
  const { console: output } = window;
  for (const [method, level] of /** @type {const} */ ([["warn", "warning"], ["error", "error"], ["log", "log"], ["info", "info"]])) {
    const original = output[method].bind(output);
    output[method] = (/** @type {unknown[]} */ ...values) => {
      reporter.console(level, values.map(asText).join(" "));
      original(...values);
    };
  }
}
