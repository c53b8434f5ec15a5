/**
 * Screens on which a study is looked at, and how each fits into the room there is.
 * @module
 */

/** @typedef {{name: string, width: number, height: number}} Size in CSS pixels */

/** @type {Record<string, Record<string, string>>} */
const WORDS = {
  en: { phone: "Phone", landscape: "Phone, on its side", tablet: "Tablet", laptop: "Laptop", uhd: "4K" },
  fr: { phone: "Téléphone", landscape: "Téléphone, à l’horizontale", tablet: "Tablette", laptop: "Portable", uhd: "4K" },
  de: { phone: "Handy", landscape: "Handy, quer", tablet: "Tablet", laptop: "Laptop", uhd: "4K" },
};

/**
 * @param {string} language
 * @returns {Size[]}
 */
export function sizes(language) {
  const words = WORDS[language] ?? WORDS.en ?? {};
  const all = [
    ["phone", 390, 844],
    ["landscape", 844, 390],
    ["tablet", 820, 1180],
    ["laptop", 1366, 768],
    ["uhd", 3840, 2160],
  ];
  return all.map(([key, width, height]) => ({ name: `${words[String(key)]} ${width} × ${height}`, width: Number(width), height: Number(height) }));
}

/**
 * Never larger than life: a page is drawn at its own size and made smaller where the room asks for it.
 * @param {Size} size
 * @param {{width: number, height: number}} room
 */
export function scale(size, room) {
  return Math.min(1, room.width / size.width, room.height / size.height);
}
