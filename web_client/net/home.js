/**
 * Below which path the session lies, "" at the top of its name: a proxy may serve several under one name. Every module comes from there.
 * @module
 */

/** @param {string} url of a module @returns {string} the path above `/static/<hash>/`, without a "/" at its end */
export const homeOf = (url) => (/^https?:\/\/[^/]+(.*?)\/static\/[^/]+\//.exec(url)?.[1] ?? "");

export const HOME = homeOf(import.meta.url);
