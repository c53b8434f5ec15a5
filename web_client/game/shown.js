/**
 * From an env's picture to the message that has the page draw it.
 * @module
 */

/** @typedef {import("./env_link.js").PictureData} PictureData */

/**
 * @param {import("./env_link.js").EnvLink} env
 * @param {PictureData} picture
 * @returns {{shown: {ops: PictureData, pixels: Uint8ClampedArray|null, size: [number, number]|null}, transfer: Transferable[]}}
 */
export function shown(env, picture) {
  if (typeof picture !== "string") return { shown: { ops: picture, pixels: null, size: null }, transfer: [picture.buffer] };
  const pixels = picture.startsWith('{"pixels"') ? env.pixels() : null;
  const size = pixels ? JSON.parse(picture).pixels : null;
  return { shown: { ops: pixels ? "" : picture, pixels, size }, transfer: pixels ? [pixels.buffer] : [] };
}
