/**
 * The renderer of one match: made once there is both a place for it and something to draw, at most one at a time.
 * @module
 */

/** @typedef {import("../game/messages.js").GameBundle} GameBundle */
/** @typedef {Extract<import("../game/messages.js").FromWorker, {type: "draw"}>} Draw */
/**
 * @typedef {object} Renderer
 * @property {(message: Draw) => void} draw
 * @property {(names: string[]) => void} play
 * @property {() => void} destroy
 * @property {OnShown} [onShown] told of each picture when it has been drawn for a refresh of the display
 */
/** @typedef {(picture: import("../game/recorder.js").ShownPicture) => void} OnShown */
/** @typedef {(stage: HTMLElement, bundle: GameBundle) => Promise<Renderer>} MakeRenderer */

export class GamePicture {
  /** @type {HTMLElement | null} */
  #stage = null;
  /** @type {GameBundle | null} */
  #bundle = null;
  /** @type {Renderer | null} */
  #renderer = null;
  /** @type {Promise<void> | null} */
  #making = null;
  #makeRenderer;
  #onMade;
  #onShown;

  /**
   * @param {MakeRenderer} makeRenderer
   * @param {{onMade?: () => void, onShown?: OnShown}} [told] `onMade`: from now on what is drawn is shown
   */
  constructor(makeRenderer, { onMade = () => {}, onShown = () => {} } = {}) {
    this.#makeRenderer = makeRenderer;
    this.#onMade = onMade;
    this.#onShown = onShown;
  }

  /**
   * @param {HTMLElement} stage
   * @returns {() => void} takes the picture away
   */
  attach(stage) {
    this.#stage = stage;
    // A failure is told by `prepare`, which asks for the same renderer.
    void this.#make().catch(() => {});
    return () => this.drop();
  }

  /**
   * @param {GameBundle} bundle
   * @returns {Promise<void>} rejects when this browser cannot draw it
   */
  prepare(bundle) {
    this.#bundle = bundle;
    return this.#make();
  }

  /** @param {Draw} message */
  draw(message) {
    this.#renderer?.draw(message);
  }

  /** @param {string[]} names */
  play(names) {
    this.#renderer?.play(names);
  }

  drop() {
    this.#stage = this.#making = null;
    this.#renderer?.destroy();
    this.#renderer = null;
  }

  async #make() {
    if (!this.#stage || !this.#bundle) return;
    this.#making ??= this.#made(this.#stage, this.#bundle);
    await this.#making;
  }

  /**
   * @param {HTMLElement} stage
   * @param {GameBundle} bundle
   */
  async #made(stage, bundle) {
    const renderer = await this.#makeRenderer(stage, bundle);
    if (this.#stage !== stage) return renderer.destroy();
    this.#renderer = renderer;
    renderer.onShown = this.#onShown;
    this.#onMade();
  }
}
