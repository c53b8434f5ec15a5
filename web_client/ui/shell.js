/**
 * What surrounds every page: title, progress, banner of the connection, messages, the way to leave.
 * @module
 */
import { button, el, fill, setText, show } from "./dom.js";

/** @typedef {import("./text/index.js").Translate} Translate */
/** @typedef {{title: string, who: string, index: number, total: number, canLeave: boolean, immersed: boolean}} Frame */

/**
 * @param {HTMLElement} root
 * @param {{t: Translate, onLeave: () => void}} options
 */
export function shell(root, { t, onLeave }) {
  const main = el("main", { class: "main", id: "content", tabindex: "-1" });
  const title = el("span", { class: "topbar-title" });
  const who = el("span", { class: "topbar-who", dir: "auto" });
  const done = el("div", { class: "progress-done" });
  const progress = el("div", { class: "progress-track", role: "progressbar", "aria-valuemin": 0, hidden: true }, done);
  const banner = el("div", { class: "banner", role: "status", "aria-live": "polite", hidden: true });
  const notices = el("div", { class: "notices", role: "log", "aria-live": "assertive" });
  const leave = button({ label: t("leave.open"), kind: "quiet", onclick: onLeave });
  const aside = el("aside", { class: "aside", hidden: true });
  const content = el("div", { class: "content" }, main, aside);
  const footer = el("footer", { class: "footer" }, leave);
  const skip = el("a", { class: "skip", href: "#content" }, t("page.skip"));
  const head = el("div", { class: "head" }, el("header", { class: "topbar" }, title, who), progress);
  fill(root, skip, head, banner, notices, content, footer);
  /** @param {Frame} frame */
  const update = (frame) => {
    setText(title, frame.title);
    setText(who, frame.who);
    document.title = frame.title || t("page.study");
    show(progress, frame.total > 1);
    progress.setAttribute("aria-valuemax", String(frame.total));
    progress.setAttribute("aria-valuenow", String(frame.index + 1));
    progress.setAttribute("aria-label", t("page.progress", { index: frame.index + 1, total: frame.total }));
    done.style.width = `${((frame.index + 1) / Math.max(1, frame.total)) * 100}%`;
    show(leave, frame.canLeave);
    root.classList.toggle("immersed", frame.immersed);
  };
  /** @param {boolean} shown whether somebody talks beside the page */
  const talkBeside = (shown) => {
    show(aside, shown);
    content.classList.toggle("content-talking", shown);
  };
  return { main, aside, talkBeside, banner, notices, update };
}
