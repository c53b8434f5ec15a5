/**
 * The replay page's elements. Everything from the data is shown as text.
 * @module
 */

import { controlsOf } from "../game/controls.js";
import { clockText, inputText, SPEEDS, valueText } from "./player.js";

/** @typedef {import("./messages.js").Listed} Listed */
/** @typedef {import("./messages.js").Opened} Opened */
/** @typedef {import("./messages.js").ReplayFrame} ReplayFrame */
/** @typedef {import("./player.js").Player} Player */

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return /** @type {T} */ (found);
}

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [className]
 */
function made(tag, text, className = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

/** @param {string} value @param {string} text */
function option(value, text) {
  const node = document.createElement("option");
  node.value = value;
  node.textContent = text;
  return node;
}

/**
 * @param {Listed[]} replays
 * @param {(id: string) => void} choose
 */
export function showList(replays, choose) {
  const lines = replays.map(({ id, scene, participants, episode, seconds, session, parity }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.id = id;
    const who = participants.join(", ");
    button.append(made("b", `${scene}, episode ${episode}`), made("span", `${who} · ${clockText(seconds)}`), made("span", session));
    if (parity === "differs") button.append(made("span", "recorded differently", "differs"));
    button.addEventListener("click", () => choose(id));
    const line = document.createElement("li");
    line.append(button);
    return line;
  });
  element("list").replaceChildren(...(lines.length ? lines : [made("li", "No match was recorded yet.", "none")]));
}

/** @param {string} id */
export function showChosen(id) {
  for (const button of element("list").querySelectorAll("button")) {
    if (button.dataset.id === id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** @param {Opened} opened */
export function showOpened({ replay, bundle, match, changed }) {
  element("title").textContent = `${replay.scene}, episode ${replay.episode}`;
  const ended = replay.reason ? `, ended: ${replay.reason.replaceAll("_", " ")}` : "";
  element("facts").textContent = `Match ${replay.match} · ${replay.frames} frames at ${replay.fps} a second (${clockText(replay.seconds)})${ended}`;
  const { width, height, per_agent_view } = bundle.spec.rendering;
  element("stage").style.setProperty("--shape", String(width / height));
  element("warning").hidden = !changed.length;
  element("warning").textContent = changed.length ? `This is not the game that was played: ${changed.join("; ")}.` : "";
  element("verdict").textContent = "";
  element("verdict").className = "";
  element("view-label").hidden = !per_agent_view || match.players.length < 2;
  const views = match.players.map(({ player, agent, name }) => option(String(player), `${agent} (${name})`));
  element("view").replaceChildren(...views);
}

export function showSpeeds() {
  element("speed").replaceChildren(...SPEEDS.map((speed) => option(String(speed), `${speed}×`)));
  element(/** @type {string} */ ("speed")).querySelectorAll("option").forEach((node) => {
    node.selected = node.value === "1";
  });
}

/**
 * @param {Player} player
 */
export function showPlace(player) {
  const scrubber = /** @type {HTMLInputElement} */ (element("scrubber"));
  scrubber.min = "-1";
  scrubber.max = String(player.frames - 1);
  scrubber.value = String(player.frame);
  const frame = player.frame < 0 ? "before the first frame" : `frame ${player.frame}`;
  scrubber.setAttribute("aria-valuetext", frame);
  const waiting = player.playing && player.frame >= player.reached - 1 && player.reached < player.frames;
  element("place").textContent = `${player.frame < 0 ? "Before the first frame" : `Frame ${player.frame}`} of ${player.frames - 1} · ${clockText(player.seconds)}${waiting ? " · computing" : ""}`;
  element("play").textContent = player.playing ? "Pause" : "Play";
}

/**
 * @param {Opened} opened
 * @param {ReplayFrame|undefined} shown
 * @param {number} frame
 */
export function showAgents({ replay, bundle, match }, shown, frame) {
  const humans = match.players.map(({ agent, name, player }) => {
    const input = frame < 0 ? undefined : replay.inputs[frame]?.[player];
    const pressed = input === undefined ? "–" : inputText(input, controlsOf(bundle.spec.gameplay, agent));
    return { agent: String(agent), who: name || "participant", pressed };
  });
  const bots = match.bots.map((agent) => ({ agent: String(agent), who: "bot", pressed: "–" }));
  const lines = [...humans, ...bots].map(({ agent, who, pressed }) => {
    const values = [shown?.actions[agent], shown?.rewards[agent], shown?.scores[agent]].map(valueText);
    const line = document.createElement("tr");
    line.append(...[agent, who, pressed, ...values].map((text) => made("td", text)));
    return line;
  });
  element("agents").replaceChildren(...lines);
}

/** @param {string} text */
export function showStatus(text) {
  if (element("status").textContent !== text) element("status").textContent = text;
}

/** @param {{result: string, text: string}} finding */
export function showVerdict({ result, text }) {
  element("verdict").className = result;
  element("verdict").textContent = text;
}

/** @param {boolean} ready */
export function showControls(ready) {
  /** @type {HTMLFieldSetElement} */ (element("controls")).disabled = !ready;
}
