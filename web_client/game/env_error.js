/**
 * What goes wrong in a game's own code.
 * @module
 */

/** Raised when the env or anything around it fails; `detail` is what the researcher sees. */
export class EnvError extends Error {
  /** @param {{message: string, traceback: string, file: string|null, line: number|null}} detail */
  constructor(detail) {
    super(detail.message);
    this.detail = detail;
  }
}
