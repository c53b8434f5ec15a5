/**
 * Pages with little to do on them: connecting, loading, waiting, the last page, an error.
 * @module
 */
import { button, el, fill, setText, show } from "./dom.js";
import { htmlBody, startBody } from "./html_body.js";
import { progressBar } from "./progress_bar.js";
import { codeBox } from "./scenes/code_box.js";
import { redirectNote } from "./scenes/redirect.js";

/** @typedef {import("./text/index.js").Translate} Translate */
/** @typedef {import("./text/index.js").TextKey} TextKey */
/** @typedef {import("./progress_bar.js").Progress} Progress */
/**
 * @template S
 * @typedef {import("./stage.js").View<S>} View
 */

/** @type {View<{t: Translate, title: TextKey, body: TextKey, retry?: () => void}>} */
export const messagePage = {
  info: { kind: "message", describes: "A short word, perhaps with a button to try again." },
  mount(root, { t, title, body, retry }) {
    fill(root, el("h1", null, t(title)), el("p", { class: "lead", role: "status" }, t(body)));
    if (retry) root.append(el("div", { class: "actions" }, button({ label: t("button.retry"), kind: "primary", onclick: retry })));
    return {};
  },
};

/** @type {View<{t: Translate, answer: (who: "same" | "new") => void}>} */
export const whoPage = {
  info: { kind: "who", describes: "At a lab computer where somebody has not finished: is it they, or somebody new?" },
  mount(root, { t, answer }) {
    const same = button({ label: t("who.same"), kind: "primary", onclick: () => answer("same") });
    const other = button({ label: t("who.new"), onclick: () => answer("new") });
    fill(root, el("h1", null, t("who.title")), el("p", { class: "lead" }, t("who.body")), el("div", { class: "actions" }, same, other));
    return {};
  },
};

/** @type {View<{t: Translate, progress: Progress | null, ready: boolean, note: string}>} */
export const loadingPage = {
  info: { kind: "loading", describes: "Loading, with true progress, while screening runs beside it." },
  mount(root, props) {
    const { t } = props;
    const bar = progressBar(t);
    const note = el("p", { class: "small", role: "status" });
    fill(root, el("h1", null, t("loading.title")), el("p", { class: "lead" }, t("loading.body")), bar.element, note);
    const update = (/** @type {typeof props} */ { progress, ready, note: text }) => {
      bar.update(ready ? { step: "", label: t("loading.done"), loaded: 0, total: 0, fraction: 1 } : progress);
      setText(note, text);
    };
    update(props);
    return { update };
  },
};

/** @typedef {import("../protocol/server_messages.js").Closed} Closed */

/** @type {View<{t: Translate, closed: Closed, redirect: (url: string) => void, comeHere: () => void}>} */
export const closedPage = {
  info: { kind: "closed", describes: "The last page, for whatever reason it is the last." },
  mount(root, { t, closed, redirect, comeHere }) {
    root.append(el("h1", null, closed.header || t(`closed.${closed.outcome}.title`)));
    if (closed.body) {
      const body = htmlBody(closed.body);
      root.append(body);
      void startBody(body);
    } else {
      root.append(el("p", { class: "lead" }, t(`closed.${closed.outcome}.body`)));
    }
    if (closed.code) root.append(el("h2", { class: "code-title" }, t("code.title")), codeBox(closed.code, t));
    if (closed.outcome === "taken_over") {
      root.append(el("div", { class: "actions" }, button({ label: t("closed.taken_over.here"), onclick: comeHere })));
      return {};
    }
    if (!closed.redirect_url) {
      root.append(el("p", { class: "small page-close" }, t("end.close")));
      return {};
    }
    const note = redirectNote({ url: closed.redirect_url, afterS: closed.redirect_after_s, t, go: redirect });
    root.append(note.element);
    return { unmount: note.stop };
  },
};

/** @type {View<{t: Translate, body: TextKey, details: string, reload: () => void}>} */
export const errorPage = {
  info: { kind: "error", describes: "Something failed that this page cannot mend by itself." },
  mount(root, props) {
    const { t, body, reload } = props;
    const details = el("details", { class: "details" }, el("summary", null, t("game.error.details")), el("pre"));
    const reloadButton = button({ label: t("button.reload"), kind: "primary", onclick: reload });
    root.append(el("h1", null, t("error.title")), el("p", { class: "lead", role: "alert" }, t(body)), el("div", { class: "actions" }, reloadButton), details);
    const update = (/** @type {typeof props} */ { details: text }) => {
      setText(/** @type {HTMLElement} */ (details.querySelector("pre")), text);
      show(details, text !== "");
    };
    update(props);
    return { update };
  },
};
