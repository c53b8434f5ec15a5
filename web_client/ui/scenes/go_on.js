/**
 * The button that leaves a page without questions, and the shortest stay of any page.
 * @module
 */
import { button, el, setText, show } from "../dom.js";
import { repeat, wholeSeconds } from "../time.js";

/** @typedef {import("./scene.js").SceneProps} SceneProps */

/**
 * Keeps a button asleep until the shortest stay is over.
 * @param {HTMLButtonElement} target
 * @param {SceneProps} props
 * @returns {{hint: HTMLElement | null, stop: () => void}}
 */
export function shortestStay(target, { scene, t, elapsedMs }) {
  const limitMs = (scene.spec.min_display_s ?? 0) * 1000;
  if (elapsedMs() >= limitMs) return { hint: null, stop: () => {} };
  const hint = el("p", { class: "small" });
  target.disabled = true;
  const stop = repeat(() => {
    const leftMs = limitMs - elapsedMs();
    setText(hint, t("page.stay", { n: wholeSeconds(leftMs) }));
    if (leftMs > 0) return;
    target.disabled = false;
    show(hint, false);
    stop?.();
  });
  return { hint, stop };
}

/**
 * Leaves the page when its time is up, and says how long it still stays.
 * @param {SceneProps} props
 * @param {() => void} leave
 * @returns {{hint: HTMLElement | null, stop: () => void}}
 */
export function longestStay({ scene, t, elapsedMs }, leave) {
  const limit = scene.spec.max_display_s;
  if (typeof limit !== "number") return { hint: null, stop: () => {} };
  const hint = el("p", { class: "small", role: "timer", "aria-live": "off" });
  let left = false;
  const stop = repeat(() => {
    const leftMs = limit * 1000 - elapsedMs();
    setText(hint, t("page.time_left", { n: Math.max(0, wholeSeconds(leftMs)) }));
    if (leftMs > 0 || left) return;
    left = true;
    // A page that is shown again after its time leaves as soon as it stands.
    queueMicrotask(leave);
  });
  return { hint, stop };
}

/**
 * @param {SceneProps} props
 * @param {string} label
 */
export function goOnButton(props, label) {
  const { t, elapsedMs } = props;
  const shownMs = props.shownMs();
  const problem = el("p", { class: "field-error", role: "alert", hidden: true });
  const submit = async (timedOut = false) => {
    if (go.disabled && !timedOut) return;
    go.disabled = true;
    setText(go, t("button.sending"));
    const outcome = await props.advance({ shown_ms: shownMs, submitted_ms: elapsedMs() }, timedOut);
    if (outcome.ok) return;
    go.disabled = false;
    setText(go, label);
    setText(problem, outcome.text || t("join.error.other"));
    show(problem, true);
  };
  const go = button({ label, kind: "primary", onclick: () => void submit() });
  const stays = [shortestStay(go, props), longestStay(props, () => void submit(true))];
  const element = el("div", { class: "actions" }, go, ...stays.map(({ hint }) => hint), problem);
  return { element, go, submit: () => submit(), stop: () => stays.forEach(({ stop }) => stop()) };
}
