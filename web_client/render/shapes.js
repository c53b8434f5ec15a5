/**
 * One PixiJS object per drawn thing, changed in place.
 * @module
 */

/** @typedef {import("./motion.js").Props} Props */
/** @typedef {typeof import("pixi.js")} Pixi */
/** @typedef {import("pixi.js").Container} Container */
/** @typedef {import("pixi.js").Graphics} Graphics */
/** @typedef {import("./assets.js").Assets} Assets */

const RADIANS = Math.PI / 180;

/** Draws geometry about the origin (or at absolute points) with `props`. @type {Record<string, (g: Graphics, props: Props) => void>} */
const GEOMETRY = {
  rect: (g, { w, h, radius }) => (radius > 0 ? g.roundRect(-w / 2, -h / 2, w, h, radius) : g.rect(-w / 2, -h / 2, w, h)),
  circle: (g, { r }) => g.circle(0, 0, Math.max(0, r)),
  ellipse: (g, { rx, ry }) => g.ellipse(0, 0, Math.max(0, rx), Math.max(0, ry)),
  polygon: (g, { points }) => g.poly(points, true),
  line: (g, { points }) => g.poly(points, false),
  arc: (g, props) => arc(g, props),
};

/** The props that change the geometry; the others only place it. @type {Record<string, string[]>} */
const SHAPED_BY = {
  rect: ["w", "h", "radius"],
  circle: ["r"],
  ellipse: ["rx", "ry"],
  polygon: ["points"],
  line: ["points"],
  arc: ["r", "start", "end"],
};
const LETTERED_BY = ["size", "font", "fill", "color", "align"];
/** @type {Record<string, number>} */ const ANCHORS = { left: 0, center: 0.5, right: 1 };
const PAINT = ["fill", "stroke", "color", "line_width", "width"];

export class Shapes {
  #pixi;
  #assets;
  #resolution;

  /**
   * @param {Pixi} pixi
   * @param {Assets} assets
   * @param {() => number} resolution pixels of the screen per pixel of the env, for text
   */
  constructor(pixi, assets, resolution) {
    this.#pixi = pixi;
    this.#assets = assets;
    this.#resolution = resolution;
  }

  /**
   * @param {string} kind
   * @returns {Container}
   */
  make(kind) {
    if (kind === "text") return new this.#pixi.Text({ text: "" });
    if (kind === "image") return new this.#pixi.Sprite();
    return new this.#pixi.Graphics();
  }

  /**
   * @param {Container} view made for the kind
   * @param {string} kind
   * @param {Props} props
   * @param {Props|null} before what it showed last
   */
  update(view, kind, props, before) {
    view.alpha = props.alpha ?? 1;
    if (kind === "text") this.#text(/** @type {import("pixi.js").Text} */ (view), props, before);
    else if (kind === "image") this.#image(/** @type {import("pixi.js").Sprite} */ (view), props);
    else this.#graphics(/** @type {Graphics} */ (view), kind, props, before);
  }

  /**
   * @param {Graphics} view
   * @param {string} kind
   * @param {Props} props
   * @param {Props|null} before
   */
  #graphics(view, kind, props, before) {
    const draw = GEOMETRY[kind];
    if (!draw) return;
    if (!before || [...SHAPED_BY[kind], ...PAINT].some((name) => props[name] !== before[name])) {
      view.clear();
      draw(view, props);
      paint(view, kind, props);
    }
    const half = kind === "rect" ? { x: props.w / 2, y: props.h / 2 } : { x: 0, y: 0 };
    view.position.set((props.x ?? 0) + half.x, (props.y ?? 0) + half.y);
    view.rotation = (props.angle ?? 0) * RADIANS;
  }

  /**
   * @param {import("pixi.js").Text} view
   * @param {Props} props
   * @param {Props|null} before
   */
  #text(view, props, before) {
    const { x, y, text, size, font, align, angle = 0 } = props;
    if (before?.text !== text) view.text = text;
    if (!before || LETTERED_BY.some((name) => props[name] !== before[name])) {
      view.style = { fontSize: size, fontFamily: font, fill: props.fill ?? props.color ?? "#000000", align };
    }
    const resolution = this.#resolution();
    if (view.resolution !== resolution) view.resolution = resolution;
    const lines = String(text).split("\n").length;
    view.anchor.set(ANCHORS[align] ?? 0, 0.5 / lines);
    view.position.set(x, y);
    view.rotation = angle * RADIANS;
  }

  /**
   * @param {import("pixi.js").Sprite} view
   * @param {Props} props
   */
  #image(view, { x, y, w, h, name, frame, angle, flip }) {
    const texture = this.#assets.texture(name, frame);
    if (view.texture !== texture) view.texture = texture;
    const width = w ?? texture.width;
    const height = h ?? texture.height;
    view.anchor.set(0.5);
    view.scale.set(((flip ? -1 : 1) * width) / (texture.width || 1), height / (texture.height || 1));
    view.position.set(x + width / 2, y + height / 2);
    view.rotation = (angle ?? 0) * RADIANS;
  }
}

/**
 * @param {Graphics} g
 * @param {Props} props
 */
function arc(g, { r, start, end, fill }) {
  const from = start * RADIANS;
  const to = end * RADIANS;
  if (fill) {
    g.moveTo(0, 0).arc(0, 0, Math.max(0, r), from, to).lineTo(0, 0).fill(fill);
    g.beginPath();
  }
  g.moveTo(r * Math.cos(from), r * Math.sin(from)).arc(0, 0, Math.max(0, r), from, to);
}

/**
 * @param {Graphics} g
 * @param {string} kind
 * @param {Props} props
 */
function paint(g, kind, props) {
  const stroke = props.stroke ?? props.color;
  const width = props.line_width ?? props.width ?? 1;
  if (props.fill && kind !== "arc" && kind !== "line") g.fill(props.fill);
  if (stroke && width > 0) g.stroke({ color: stroke, width, cap: "round", join: "round" });
}
