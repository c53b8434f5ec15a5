/**
 * The way out to another address: announced, with a countdown and a button.
 * @module
 */
import { button, el, setText } from "../dom.js";
import { repeat, wholeSeconds } from "../time.js";

/** @typedef {import("../text/index.js").Translate} Translate */

/**
 * @param {{url: string, afterS: number, t: Translate, go: (url: string) => void}} options
 */
export function redirectNote({ url, afterS, t, go }) {
  const startMs = performance.now();
  const text = el("p", { class: "small" });
  let gone = false;
  const leave = () => {
    if (gone) return;
    gone = true;
    stop();
    go(url);
  };
  const now = button({ label: t("end.redirect.now"), kind: "primary", onclick: leave });
  let stop = () => {};
  stop = repeat(() => {
    const leftMs = afterS * 1000 - (performance.now() - startMs);
    setText(text, t("end.redirect", { n: wholeSeconds(leftMs) }));
    if (leftMs <= 0) leave();
  });
  return { element: el("div", { class: "actions" }, now, text), stop: () => stop() };
}
