/**
 * Pictures that come as pixels: an env with render_mode="rgb_array".
 * @module
 */

/** @typedef {typeof import("pixi.js")} Pixi */

export class Pixels {
  #pixi;
  #width;
  #height;
  #canvas = document.createElement("canvas");
  /** @type {import("pixi.js").Texture|null} */ #texture = null;

  /**
   * @param {Pixi} pixi
   * @param {number} width of the scene, px
   * @param {number} height
   */
  constructor(pixi, width, height) {
    this.#pixi = pixi;
    this.#width = width;
    this.#height = height;
    this.view = new pixi.Sprite(pixi.Texture.EMPTY);
  }

  /**
   * @param {Uint8ClampedArray} pixels RGBA
   * @param {[number, number]} size width and height
   */
  show(pixels, [width, height]) {
    if (this.#canvas.width !== width || this.#canvas.height !== height || !this.#texture) this.#resize(width, height);
    const data = new ImageData(/** @type {Uint8ClampedArray<ArrayBuffer>} */ (pixels), width, height);
    this.#canvas.getContext("2d")?.putImageData(data, 0, 0);
    this.#texture?.source.update();
  }

  destroy() {
    this.#texture?.destroy(true);
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  #resize(width, height) {
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#texture?.destroy(true);
    // Small pictures are grids and retro games, whose squares should stay square; large ones are photographs.
    const scaleMode = width * 2 <= this.#width ? "nearest" : "linear";
    this.#texture = new this.#pixi.Texture({ source: new this.#pixi.CanvasSource({ resource: this.#canvas, scaleMode }) });
    this.view.texture = this.#texture;
    const scale = Math.min(this.#width / width, this.#height / height);
    this.view.setSize(width * scale, height * scale);
    this.view.position.set((this.#width - width * scale) / 2, (this.#height - height * scale) / 2);
  }
}
