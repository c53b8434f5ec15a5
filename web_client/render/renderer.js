/**
 * Draws the game into the page: draw lists and pixel arrays, at the display's own rate where the computer is fast enough, and
 * only when something looks different from what is shown.
 * @module
 */

import { importAgain } from "../net/again.js";
import { Assets } from "./assets.js";
import { graphics, makePixiRenderer, resolutionFor } from "./graphics.js";
import { DrawLists } from "./draw_lists.js";
import { sameProps } from "./motion.js";
import { Pace } from "./pace.js";
import { Picture } from "./picture.js";
import { Pixels } from "./pixels.js";
import { Refresh } from "./refresh.js";
import { Shapes } from "./shapes.js";
import { Sounds } from "./sounds.js";
import { nextTask } from "./task.js";

/** @typedef {typeof import("pixi.js")} Pixi */
/** @typedef {import("pixi.js").Container} Container */
/** @typedef {import("./motion.js").Props} Props */
/** @typedef {import("../game/messages.js").GymSpec} GymSpec */
/** @typedef {Extract<import("../game/messages.js").FromWorker, {type: "draw"}>} Draw */
/** @typedef {{view: Container, kind: string, shown: Props|null}} Shown */

/** Displays refresh a little before or after a frame is due. */
const EARLY_MS = 4;

export class Renderer {
  #pixi;
  #renderer;
  #root;
  #layer;
  #spec;
  #lists = new DrawLists();
  #picture;
  #pace;
  #periodMs;
  #shapes;
  #assets;
  #sounds;
  #pixels;
  #stage;
  /** @type {Map<string, Shown>} */ #shown = new Map();
  #order = "";
  #request = 0;
  #scale = 1;
  #paintedMs = -Infinity;
  #modest = graphics() !== "card";
  /** A picture came since the last look. */ #due = true;
  /** What is shown is lost or of another size. */ #anew = true;
  /** Things were still under way at the last look: they are yet to be shown where they end. */ #moving = false;
  /** Something looks different. */ #changed = true;
  /** The picture that was given last, until it is shown. @type {{episode: number, frame: number, cameMs: number}|null} */ #newest = null;
  #refresh = new Refresh();
  #ending = new AbortController();
  #observer;
  /** @type {(picture: import("../game/recorder.js").ShownPicture) => void} told at the refresh for which a picture was drawn */
  onShown = () => {};

  /**
   * @param {{pixi: Pixi, renderer: import("pixi.js").Renderer, stage: HTMLElement, spec: GymSpec, assets: Assets, sounds: Sounds}} parts
   */
  constructor({ pixi, renderer, stage, spec, assets, sounds }) {
    this.#pixi = pixi;
    this.#renderer = renderer;
    this.#stage = stage;
    this.#spec = spec;
    this.#assets = assets;
    this.#sounds = sounds;
    this.#root = new pixi.Container();
    this.#pixels = new Pixels(pixi, spec.rendering.width, spec.rendering.height);
    this.#layer = new pixi.Container();
    this.#root.addChild(...this.#background(), this.#pixels.view, this.#layer);
    const { fps, smooth_motion, rollback_smoothing_ms } = spec.rendering;
    this.#periodMs = 1000 / fps;
    this.#pace = new Pace(this.#periodMs);
    const smooth = () => smooth_motion && this.#pace.smooth(performance.now());
    this.#picture = new Picture({ periodMs: this.#periodMs, smooth, correctedMs: rollback_smoothing_ms ?? 0 });
    this.#shapes = new Shapes(pixi, assets, () => Math.min(4, Math.max(1, this.#scale * this.#renderer.resolution)));
    this.#watchCanvas();
    stage.prepend(renderer.canvas);
    this.#observer = new ResizeObserver(() => this.#fit());
    this.#observer.observe(stage);
    this.#fit();
  }

  /**
   * Show a picture from the worker.
   * @param {Pick<Draw, "episode"|"frame"|"ops"|"pixels"|"size"|"corrected">} message
   */
  draw({ episode, frame, ops, pixels, size, corrected }) {
    // A picture may still be on its way when the game's view is taken down.
    if (this.#ending.signal.aborted) return;
    if (pixels && size) this.#pixels.show(pixels, size);
    if (pixels && size) this.#changed = true;
    const list = ops ? this.#lists.read(ops) : null;
    if (list) this.#picture.apply(list, performance.now(), corrected);
    this.#newest = { episode, frame, cameMs: performance.now() };
    this.#due = true;
    this.#schedule();
  }

  /**
   * Draws everything as it is now, moving or not.
   * @returns {HTMLCanvasElement} to be read before anything else happens
   */
  still() {
    this.#anew = true;
    this.#look(performance.now(), false);
    return /** @type {HTMLCanvasElement} */ (this.#renderer.canvas);
  }

  /** @param {string[]} names */
  play(names) {
    this.#sounds.play(names);
  }

  destroy() {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#observer.disconnect();
    cancelAnimationFrame(this.#request);
    this.#sounds.destroy();
    this.#root.destroy({ children: true });
    this.#pixels.destroy();
    this.#assets.destroy();
    this.#renderer.canvas.remove();
    this.#renderer.destroy();
  }

  #background() {
    const { background, width, height } = this.#spec.rendering;
    const texture = this.#assets.texture(background);
    if (texture !== this.#pixi.Texture.EMPTY) {
      const image = new this.#pixi.Sprite(texture);
      image.setSize(width, height);
      return [image];
    }
    const colour = CSS.supports("color", background) ? background : "#ffffff";
    return [new this.#pixi.Graphics().rect(0, 0, width, height).fill(colour)];
  }

  #schedule() {
    if (!this.#request) this.#request = requestAnimationFrame((atMs) => this.#paint(atMs));
  }

  /** @param {number} atMs of the display's refresh, on the clock of `performance` */
  #paint(atMs) {
    this.#request = 0;
    this.#refresh.seen(atMs);
    const now = performance.now();
    const moving = this.#picture.moving(now);
    const wait = !this.#pace.smooth(now) && now - this.#paintedMs < this.#periodMs - EARLY_MS;
    if (this.#due || this.#anew || (this.#moving && !wait)) this.#look(now, moving);
    this.#tellShown(atMs);
    if (this.#moving || this.#refresh.wanted) this.#schedule();
    else this.#refresh.interrupted();
  }

  /** Also a picture that looks like the one before it is on the screen now. @param {number} atMs */
  #tellShown(atMs) {
    if (!this.#newest) return;
    const { episode, frame, cameMs } = this.#newest;
    this.#newest = null;
    // A busy page hears of a refresh late: what came in between goes out with it, and was not there before.
    this.onShown({ episode, frame, atMs: performance.timeOrigin + Math.max(atMs, cameMs), refreshMs: this.#refresh.ms });
  }

  /**
   * @param {number} now
   * @param {boolean} moving
   */
  #look(now, moving) {
    this.#paintedMs = now;
    this.#moving = moving;
    this.#place(now);
    if (this.#changed) {
      this.#renderer.render(this.#root);
      this.#pixi.Ticker.system.update(now);
    }
    this.#due = this.#anew = this.#changed = false;
    this.#pace.painted(now, performance.now() - now, moving);
    if (this.#pace.modest && !this.#modest) this.#settleForLess();
  }

  /** Fewer pixels from now on. */
  #settleForLess() {
    this.#modest = true;
    this.#fit();
  }

  /** @param {number} now */
  #place(now) {
    this.#changed ||= this.#anew;
    const things = this.#picture.things();
    this.#remove(new Set(things.map(({ id }) => id)));
    for (const { id, kind, motion } of things) {
      const entry = this.#entry(id, kind);
      const props = motion.at(now);
      if (this.#anew || !entry.shown || !sameProps(props, entry.shown)) {
        this.#shapes.update(entry.view, kind, props, entry.shown);
        this.#changed = true;
      }
      entry.shown = props;
    }
    this.#stack(things);
  }

  /** @param {Set<string>} wanted */
  #remove(wanted) {
    for (const [id, { view }] of this.#shown) {
      if (wanted.has(id)) continue;
      view.destroy();
      this.#shown.delete(id);
      this.#changed = true;
    }
  }

  /**
   * @param {string} id
   * @param {string} kind
   */
  #entry(id, kind) {
    const known = this.#shown.get(id);
    if (known?.kind === kind) return known;
    known?.view.destroy();
    const made = { view: this.#shapes.make(kind), kind, shown: null };
    this.#layer.addChild(made.view);
    this.#shown.set(id, made);
    this.#order = "";
    return made;
  }

  /** @param {{id: string}[]} things from back to front */
  #stack(things) {
    const order = things.map(({ id }) => id).join("\n");
    if (order === this.#order) return;
    this.#order = order;
    this.#changed = true;
    things.forEach(({ id }, index) => this.#layer.setChildIndex(/** @type {Shown} */ (this.#shown.get(id)).view, index));
  }

  #fit() {
    const box = this.#stage.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) return;
    const { width, height } = this.#spec.rendering;
    const resolution = resolutionFor(box, { ratio: window.devicePixelRatio, modest: this.#modest });
    this.#renderer.resize(box.width, box.height, resolution);
    this.#scale = Math.min(box.width / width, box.height / height);
    this.#root.scale.set(this.#scale);
    this.#root.position.set((box.width - width * this.#scale) / 2, (box.height - height * this.#scale) / 2);
    this.#anew = true;
    this.#schedule();
  }

  /** A lost graphics context comes back by itself; the picture is then drawn anew. */
  #watchCanvas() {
    const { signal } = this.#ending;
    const again = () => {
      this.#anew = true;
      this.#pace.interrupted();
      this.#refresh.interrupted();
      this.#schedule();
    };
    this.#renderer.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault(), { signal });
    for (const name of ["webglcontextrestored", "contextrestored"]) this.#renderer.canvas.addEventListener(name, again, { signal });
    document.addEventListener("visibilitychange", again, { signal });
  }
}

/**
 * Fetch and evaluate what draws, for when it is needed.
 * @param {string} vendor base URL of the vendored files
 * @returns {Promise<Pixi>} the same one each time
 */
export const pixiOf = (vendor) => importAgain(`${vendor}pixi.min.mjs`);

/**
 * Brings what draws, and has PixiJS ask what WebGL can do, which it remembers: the answer of the browser's graphics process is
 * waited for in a task of its own, and not in the one that opens a game. What fails here is tried again there.
 * @param {string} vendor base URL of the vendored files
 * @param {(run: () => void) => void} whenIdle
 */
export async function warmPixi(vendor, whenIdle) {
  const pixi = await pixiOf(vendor).catch(() => null);
  if (!pixi || graphics() === "none") return;
  whenIdle(() => {
    try {
      void (pixi.getMaxFragmentPrecision(), pixi.getMaxTexturesPerBatch());
    } catch {
      // No further context, say: the game's own renderer finds out, and what then draws.
    }
  });
}

/**
 * Load a scene's assets and put a canvas into `stage`.
 * @param {{stage: HTMLElement, spec: GymSpec, vendor: string, report: (loaded: number, total: number) => void, warn: (text: string) => void}} options
 *   `vendor`: base URL of the vendored files; `warn` is told of files that are missing
 * @returns {Promise<Renderer>} rejects, in words for the participant, where the browser cannot draw at all
 */
export async function createRenderer({ stage, spec, vendor, report, warn }) {
  const pixi = await pixiOf(vendor);
  const assets = new Assets(pixi);
  const sounds = new Sounds();
  await nextTask();
  const renderer = await makePixiRenderer(pixi, stage);
  await nextTask();
  await Promise.all([assets.load(spec.assets, report), sounds.load(spec.assets.sounds, () => {})]);
  [...assets.missing, ...sounds.missing].forEach(warn);
  return new Renderer({ pixi, renderer, stage, spec, assets, sounds });
}
