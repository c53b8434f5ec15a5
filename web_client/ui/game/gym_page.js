/**
 * The page before play: the researcher's words, and a button that wakes up when the game has loaded.
 * @module
 */
import { button, el, setText, show } from "../dom.js";
import { pressMainButton } from "../press.js";
import { loadingFailure, progressBar } from "../progress_bar.js";
import { heading } from "../scenes/page.js";

/** @typedef {{ready: boolean, progress: import("../progress_bar.js").Progress | null, failed: string | null}} Loading */
/** @typedef {import("../scenes/scene.js").SceneProps & {loading: Loading, restart: () => void}} PageProps */

/** @type {import("../stage.js").View<PageProps>} */
export const gymPage = {
  info: { kind: "gym", describes: "The page before a game." },
  mount(root, props) {
    const { scene, t, elapsedMs, advance, restart } = props;
    const label = scene.spec.content?.start_label || t("button.start");
    const shownMs = props.shownMs();
    let sent = false;
    const problem = el("p", { class: "field-error", role: "alert", hidden: true });
    const submit = async () => {
      if (start.disabled || sent) return;
      sent = true;
      start.disabled = true;
      const outcome = await advance({ shown_ms: shownMs, submitted_ms: elapsedMs() });
      if (outcome.ok) return;
      sent = start.disabled = false;
      setText(problem, outcome.text || t("join.error.other"));
      show(problem, true);
    };
    const start = button({ label, kind: "primary", onclick: () => void submit() });
    const bar = progressBar(t);
    const waiting = el("div", { class: "start-loading" }, bar.element, el("p", { class: "small" }, t("game.start.wait")));
    const failure = loadingFailure(t, restart);
    heading(root, scene.spec);
    root.append(failure.element, el("div", { class: "actions" }, start, problem), waiting);
    const update = (/** @type {PageProps} */ { loading }) => {
      start.disabled = sent || !loading.ready;
      show(waiting, !loading.ready && loading.failed === null);
      failure.update(loading.failed);
      bar.update(loading.progress);
    };
    update(props);
    return { update, submit: () => void submit() };
  },
  simulate: pressMainButton,
};
