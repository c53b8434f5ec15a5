/**
 * Images, sprite sheets and atlases of a scene, loaded before play.
 * @module
 */

import { fetchAgain, wholeAgain } from "../net/again.js";

/** @typedef {typeof import("pixi.js")} Pixi */
/** @typedef {import("pixi.js").Texture} Texture */
/** @typedef {import("../game/messages.js").GymSpec["assets"]} AssetSpec */
/** @typedef {{frame: {x: number, y: number, w: number, h: number}}} AtlasPart */

export class Assets {
  #pixi;
  /** @type {Map<string, Texture>} */ #textures = new Map();
  /** @type {Map<string, {columns: number, width: number, height: number}>} */ #sheets = new Map();
  /** @type {string[]} */ #missing = [];

  /** @param {Pixi} pixi */
  constructor(pixi) {
    this.#pixi = pixi;
  }

  /** Files that could not be loaded, as sentences. */
  get missing() {
    return this.#missing;
  }

  /**
   * @param {AssetSpec} spec
   * @param {(loaded: number, total: number) => void} report
   */
  async load(spec, report) {
    const jobs = [
      ...Object.entries(spec.images ?? {}).map(([name, url]) => () => this.#image(name, url)),
      ...Object.entries(spec.sprite_sheets ?? {}).map(([name, sheet]) => () => this.#sheet(name, sheet)),
      ...Object.entries(spec.atlases ?? {}).map(([name, url]) => () => this.#atlas(name, url)),
    ];
    let loaded = 0;
    report(0, jobs.length);
    const run = async (/** @type {() => Promise<void>} */ job) => {
      await job().catch((error) => this.#missing.push(error instanceof Error ? error.message : String(error)));
      report(++loaded, jobs.length);
    };
    await Promise.all(jobs.map(run));
  }

  /**
   * @param {string} name
   * @param {number|string|null} [frame] a sprite's number or an atlas part's name
   * @returns {Texture} an empty one if there is none of that name
   */
  texture(name, frame = null) {
    const whole = this.#textures.get(name);
    if (!whole) return this.#pixi.Texture.EMPTY;
    if (frame === null || frame === undefined) return whole;
    return this.#textures.get(`${name}\n${frame}`) ?? this.#sprite(name, whole, Number(frame)) ?? this.#pixi.Texture.EMPTY;
  }

  destroy() {
    for (const texture of this.#textures.values()) texture.destroy(!texture.source.destroyed);
    this.#textures.clear();
  }

  /**
   * @param {string} name
   * @param {string} url
   */
  async #image(name, url) {
    const image = await decoded(url)
      // Whether the image is not there or the network lost it is told by asking once more.
      .catch(async () => ((await fetchAgain(url)).ok ? decoded(url) : Promise.reject(new Error("not there"))))
      .catch(() => Promise.reject(new Error(`The image ${name} (${url}) could not be loaded.`)));
    this.#textures.set(name, this.#pixi.Texture.from(image, true));
  }

  /**
   * @param {string} name
   * @param {{url: string, frame_width: number, frame_height: number}} sheet
   */
  async #sheet(name, { url, frame_width, frame_height }) {
    await this.#image(name, url);
    const whole = this.texture(name);
    this.#sheets.set(name, { columns: Math.max(1, Math.floor(whole.width / frame_width)), width: frame_width, height: frame_height });
  }

  /**
   * @param {string} name
   * @param {string} url
   */
  async #atlas(name, url) {
    const { ok, body } = await wholeAgain(url, (answer) => answer.json());
    if (!ok) throw new Error(`The atlas ${name} (${url}) could not be loaded.`);
    const { frames, meta } = body;
    await this.#image(name, new URL(meta.image, new URL(url, location.href)).href);
    const { source } = this.texture(name);
    for (const [part, { frame }] of /** @type {[string, AtlasPart][]} */ (atlasParts(frames))) {
      this.#textures.set(`${name}\n${part}`, this.#part(source, frame.x, frame.y, frame.w, frame.h));
    }
  }

  /**
   * @param {string} name
   * @param {Texture} whole
   * @param {number} number
   */
  #sprite(name, whole, number) {
    const sheet = this.#sheets.get(name);
    if (!sheet || !Number.isInteger(number) || number < 0) return null;
    const { columns, width, height } = sheet;
    const made = this.#part(whole.source, (number % columns) * width, Math.floor(number / columns) * height, width, height);
    this.#textures.set(`${name}\n${number}`, made);
    return made;
  }

  /**
   * @param {import("pixi.js").TextureSource} source
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  #part(source, x, y, width, height) {
    return new this.#pixi.Texture({ source, frame: new this.#pixi.Rectangle(x, y, width, height) });
  }
}

/**
 * Both forms of an atlas file: an object by name, or a list with file names.
 * @param {any} frames
 * @returns {[string, any][]}
 */
function atlasParts(frames) {
  return Array.isArray(frames) ? frames.map((part) => [part.filename, part]) : Object.entries(frames);
}

/** @param {string} url */
async function decoded(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}
