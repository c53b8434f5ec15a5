/**
 * The game: header, picture, HUD, keys, and what lies over it.
 * @module
 */
import { keyBindings, ownControls } from "../../game/controls.js";
import { button, el, setText, show } from "../dom.js";
import { htmlBody, startBody } from "../html_body.js";
import { repeat } from "../time.js";
import { hud } from "./hud.js";
import { captureInput } from "./input_capture.js";
import { keyHints } from "./key_hints.js";
import { usedKeys } from "./keys.js";
import { GameOverlay } from "./overlay.js";
import { overlayFor } from "./overlay_choice.js";
import { turnText } from "./turn_text.js";

/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {import("./overlay_choice.js").Situation} Situation */
/** @typedef {import("./hud.js").HudState} HudState */
/**
 * What the running game is to its view.
 * @typedef {object} GameFace
 * @property {(stage: HTMLElement) => (() => void)} draw puts the picture into the stage; returns how to take it away
 * @property {(message: import("./input_capture.js").InputMessage) => void} input
 * @property {() => Situation} situation
 * @property {() => HudState | null} hud
 * @property {() => string} errorDetails
 * @property {(listener: () => void) => (() => void)} onChange
 * @property {() => void} restart after an error: loads the page anew
 * @property {() => boolean} canGoOn after an error: whether the study can go on without the rest of this game
 * @property {() => void} goOn
 */
/**
 * @typedef {object} GameProps
 * @property {Translate} t
 * @property {Record<string, any>} spec
 * @property {Record<string, any>} match
 * @property {GameFace} game
 * @property {() => number} nowMs
 * @property {() => number} hostNowMs
 * @property {() => number | null} pingMs
 */

/**
 * Agent → how this player reads it.
 * @param {Record<string, any>} match
 * @param {Translate} t
 * @returns {Record<string, string>}
 */
const namesOf = (match, t) =>
  Object.fromEntries((match.players ?? []).map((/** @type {any} */ { player, agent, name }) => [agent, player === match.me ? t("game.you") : name || agent]));

/** @param {GameProps} props */
function stageOf({ t, spec }) {
  const { width, height, background } = spec.rendering;
  const colour = typeof background === "string" && CSS.supports("color", background) ? background : "#fff";
  const stage = el("div", { class: "game-stage", tabindex: 0, role: "application", "aria-label": spec.header || t("game.canvas"), style: `--game-ground: ${colour}` });
  const holder = el("div", { class: "game", style: `--ratio: ${width / height}; --natural: ${width}px` });
  return { stage, holder };
}

/** @param {GameProps} props */
function errorBox({ t, game }) {
  const details = el("details", { class: "details" }, el("summary", null, t("game.error.details")), el("pre"));
  const goOn = button({ label: t("game.error.go_on"), onclick: () => (game.goOn(), goOn.setAttribute("disabled", "")) });
  const again = el("div", { class: "actions" }, button({ label: t("button.reload"), kind: "primary", onclick: () => game.restart() }), goOn);
  const element = el("div", { class: "game-body", hidden: true }, again, details);
  const update = (/** @type {boolean} */ failed) => {
    show(element, failed);
    show(goOn, failed && game.canGoOn());
    if (failed) setText(/** @type {HTMLElement} */ (details.querySelector("pre")), game.errorDetails());
  };
  return { element, update };
}

/**
 * Who acts for somebody who is away.
 * @param {Situation} now
 * @param {Translate} t
 */
function substituteText({ match }, t) {
  const kinds = new Set(Object.values(match?.substitutes ?? {}));
  return [...kinds].map((kind) => t(`game.substitute.${kind}`)).join(" ");
}

/**
 * Whose move it is, told above the picture.
 * @param {GameProps} props
 * @param {(words: string) => void} tell
 */
function turnTeller({ t, match, game, nowMs }, tell) {
  const others = (match.players ?? []).length - 1;
  /** @type {import("./overlay_choice.js").Situation["turn"]} */
  let turn = null;
  let sinceMs = 0;
  return () => {
    const now = game.situation();
    if (now.turn !== turn) [turn, sinceMs] = [now.turn, nowMs()];
    tell(turnText(now, { t, others, nowMs: nowMs(), sinceMs }));
  };
}

/** @param {GameProps} props */
function inGameBody({ spec }) {
  const html = spec.content?.in_game_body;
  return html ? htmlBody(html, "game-body") : null;
}

/**
 * The game has the keys from the start; a ring around it is for those who come to it by Tab.
 * @param {HTMLElement} stage
 */
function focusQuietly(stage) {
  stage.classList.add("game-stage-quiet");
  stage.addEventListener("blur", () => stage.classList.remove("game-stage-quiet"), { once: true });
  // In the next frame the layout that focusing needs costs nothing extra.
  requestAnimationFrame(() => stage.focus({ preventScroll: true }));
}

/** @type {import("../stage.js").View<GameProps>} */
export const gameView = {
  info: { kind: "game", describes: "A game in play.", wide: true },
  mount(root, props) {
    const { t, spec, match, game, nowMs, hostNowMs, pingMs } = props;
    const controls = ownControls(spec, match);
    const { stage, holder } = stageOf(props);
    const bar = hud({ t, option: spec.rendering.hud, waits: spec.gameplay?.pace === "on_input", episodes: spec.gameplay?.num_episodes ?? 1, names: namesOf(match, t), pingMs });
    const tellTurn = turnTeller(props, bar.tellTurn);
    const overlay = new GameOverlay({ t, nowMs, hostNowMs });
    const error = errorBox(props);
    const body = inGameBody(props);
    const note = el("p", { class: "game-note", role: "status" });
    holder.append(bar.element, stage);
    if (spec.header) root.append(el("h1", null, spec.header));
    root.append(holder, note, ...[keyHints({ spec, controls, t, press: (message) => game.input(message) }), error.element, body].filter((part) => part !== null));
    if (body) void startBody(body);
    const stopDrawing = game.draw(stage);
    stage.append(overlay.element);
    const used = usedKeys(keyBindings(controls));
    const sticks = spec.runtime?.record?.includes("input") || controls.analog.some(({ sources }) => sources.some((source) => source.startsWith("Gamepad")));
    const stopInput = captureInput({ stage, width: spec.rendering.width, height: spec.rendering.height, used, sticks, emit: (message) => game.input(message) });
    const refresh = () => {
      const now = game.situation();
      overlay.show(overlayFor(now, (hostMs) => hostMs - hostNowMs() + nowMs()), now.progress);
      error.update(now.failed);
      setText(note, substituteText(now, t));
      tellTurn();
      const state = game.hud();
      if (state) bar.update(state);
    };
    const stopListening = game.onChange(refresh);
    overlay.element.addEventListener("pointerdown", () => focusQuietly(stage));
    focusQuietly(stage);
    const stopTicking = repeat(() => (overlay.tick(), tellTurn()), 100);
    refresh();
    const unmount = () => [stopTicking, stopListening, stopInput, stopDrawing].forEach((stop) => stop());
    return { update: refresh, unmount };
  },
  simulate: (_root, { game, spec, match }, random) => playAlone(game, ownControls(spec, match), spec.rendering, random),
};

/**
 * Presses and releases the game's keys at random, for piloting.
 * @param {GameFace} game
 * @param {import("../../game/messages.js").Controls} controls
 * @param {{width: number, height: number}} surface
 * @param {() => number} random
 */
function playAlone(game, { action_mapping: mapping, analog }, { width, height }, random) {
  /** @type {string[]} */
  let held = [];
  const send = (/** @type {"keydown" | "keyup"} */ kind, /** @type {string[]} */ keys) => {
    for (const key of keys) game.input({ type: "input", kind, code: key, key, atMs: performance.timeOrigin + performance.now() });
  };
  const move = () => {
    const stamp = { type: /** @type {const} */ ("input"), atMs: performance.timeOrigin + performance.now() };
    const sources = [...new Set(analog.flatMap(({ sources }) => sources))];
    const axes = Object.fromEntries(sources.filter((source) => source.startsWith("Gamepad")).map((source) => [source, random() * 2 - 1]));
    const pointer = sources.some((source) => source.startsWith("mouse")) ? "mouse" : "touch";
    game.input({ ...stamp, kind: "mouse", x: random() * width, y: random() * height, pointer, buttons: [] });
    game.input({ ...stamp, kind: "gamepad", buttons: [], axes });
  };
  const timer = setInterval(() => {
    send("keyup", held);
    held = random() < 0.2 ? [] : (mapping[Math.floor(random() * mapping.length)]?.keys ?? []);
    send("keydown", held);
    if (analog.length) move();
  }, 350);
  const stop = game.onChange(() => {
    if (game.situation().phase?.phase !== "over") return;
    clearInterval(timer);
    stop();
  });
}

