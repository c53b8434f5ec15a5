/**
 * Where people wait for each other: who is here, how long it can take, what happens then. All numbers are the host's.
 * @module
 */
import { el, fill, setText, show } from "./dom.js";
import { htmlBody, startBody } from "./html_body.js";
import { loadingFailure, progressBar } from "./progress_bar.js";
import { clockText, repeat } from "./time.js";

/** @typedef {import("./text/index.js").Translate} Translate */
/** @typedef {import("../protocol/server_messages.js").Waiting} Waiting */
/** @typedef {import("./game/gym_page.js").Loading} Loading */
/** @typedef {{t: Translate, waiting: Waiting, hostNowMs: () => number, loading: Loading, restart: () => void}} WaitroomProps */

/** Above this many, dots say less than the number. */
const MOST_DOTS = 12;

/**
 * @param {number} here
 * @param {number} needed
 */
function people(here, needed) {
  if (needed < 2 || needed > MOST_DOTS) return [];
  const present = Math.min(here, needed);
  return Array.from({ length: needed }, (_, index) => el("span", { class: index < present ? "wait-person wait-person-here" : "wait-person" }));
}

/**
 * Enough people may be here and still not start: somebody's game is loading, or their connections do not fit.
 * @param {number} here
 * @param {number} needed
 * @param {Translate} t
 */
const countText = (here, needed, t) => (here < needed ? t("wait.count", { n: here, needed }) : t("wait.enough", { n: here }));

/** @param {string} message */
function messageBlock(message) {
  if (!message.includes("<")) return el("p", { class: "lead" }, message);
  const body = htmlBody(message);
  queueMicrotask(() => void startBody(body));
  return body;
}

/**
 * What the clock says.
 * @param {Waiting} waiting
 * @param {number} nowMs
 * @param {Translate} t
 */
function countdownText({ deadline_ms: deadlineMs, phase }, nowMs, t) {
  if (phase === "probing") return t("wait.probing");
  if (deadlineMs === null) return "";
  return deadlineMs <= nowMs ? t("wait.over") : t("wait.countdown", { time: clockText(deadlineMs - nowMs) });
}

/**
 * Nobody is matched before the game has loaded here, so the wait says how far that is.
 * @param {WaitroomProps} props
 */
function ownLoading({ t, restart }) {
  const bar = progressBar(t);
  const element = el("div", { class: "wait-loading" }, el("p", { class: "small" }, t("wait.loading")), bar.element);
  const failure = loadingFailure(t, restart);
  const update = (/** @type {Loading} */ { ready, progress, failed }) => {
    show(element, !ready && failed === null);
    failure.update(failed);
    bar.update(progress);
  };
  return { parts: [failure.element, element], update };
}

/** @type {import("./stage.js").View<WaitroomProps>} */
export const waitroom = {
  info: { kind: "waitroom", describes: "Waiting for other people, with live counts." },
  mount(root, props) {
    const { t, hostNowMs } = props;
    let { waiting } = props;
    const dots = el("div", { class: "wait-people", "aria-hidden": "true" });
    const count = el("p", { class: "wait-facts", role: "status" });
    const clock = el("p", { class: "wait-facts wait-countdown", role: "timer", "aria-live": "off" });
    const loading = ownLoading(props);
    fill(root, el("h1", null, waiting.header || t("wait.title")), messageBlock(waiting.message || t("wait.body")), dots, count, clock, loading.parts);
    const update = (/** @type {WaitroomProps} */ next) => {
      waiting = next.waiting;
      loading.update(next.loading);
      const { waiting: here, needed } = waiting;
      const known = here !== null && needed !== null;
      fill(dots, known ? people(here, needed) : []);
      setText(count, known ? countText(here, needed, t) : "");
      tick();
    };
    const tick = () => setText(clock, countdownText(waiting, hostNowMs(), t));
    update(props);
    return { update, unmount: repeat(tick) };
  },
};
