/**
 * An external task in a frame. The frame talks by `postMessage`: `{type: "ready"}`, `{type: "data", data}`, `{type: "end", data}`;
 * it is told `{type: "start", participant, visit, globals}` when it says ready and when it has loaded.
 * With `ends_by: "button"` an `end` counts as data and the participant presses the button.
 * @module
 */
import { el, setText, show } from "../dom.js";
import { pressMainButton } from "../press.js";
import { goOnButton } from "./go_on.js";
import { heading } from "./page.js";

/** @typedef {import("./scene.js").SceneProps} SceneProps */
/** @typedef {import("../stage.js").View<SceneProps>} SceneView */

/**
 * What a frame may say; anything else is not for us.
 * @param {unknown} data
 * @returns {{type: "ready" | "data" | "end", data: unknown} | null}
 */
export function readFrameMessage(data) {
  const message = typeof data === "string" ? parsed(data) : data;
  if (typeof message !== "object" || message === null) return null;
  const { type, data: body = null } = /** @type {{type?: unknown, data?: unknown}} */ (message);
  const bare = typeof type === "string" ? type.replace(/^igym[:.]/, "") : "";
  return bare === "ready" || bare === "data" || bare === "end" ? { type: bare, data: body } : null;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {HTMLIFrameElement} frame
 * @param {SceneProps} props
 * @param {() => void} greet
 * @param {() => void} onEnd
 */
function listen(frame, { scene, webEvent }, greet, onEnd) {
  let ended = false;
  const hear = (/** @type {MessageEvent} */ event) => {
    if (event.source !== frame.contentWindow || ended) return;
    const message = readFrameMessage(event.data);
    if (message?.type === "ready") greet();
    if (message?.type === "data") webEvent("data", message.data);
    if (message?.type === "end") {
      if (scene.spec.ends_by !== "message") {
        webEvent("data", message.data);
        return;
      }
      ended = true;
      webEvent("end", message.data);
      onEnd();
    }
  };
  window.addEventListener("message", hear);
  return () => window.removeEventListener("message", hear);
}

/** @type {SceneView} */
export const web = {
  info: { kind: "web", describes: "An external task in a frame.", wide: true },
  mount(root, props) {
    const { scene, t, participant, webEvent } = props;
    const { spec } = scene;
    heading(root, spec);
    const waiting = el("p", { class: "lead", role: "status" }, t("web.loading"));
    const frame = el("iframe", {
      class: "web-frame",
      title: spec.header || t("web.frame"),
      src: String(spec.src ?? "").replaceAll("{participant}", encodeURIComponent(participant)),
      style: spec.frame_height ? `height: ${Number(spec.frame_height)}px` : null,
      allow: spec.allow,
    });
    const next = goOnButton(props, spec.button_label || t("button.continue"));
    show(next.element, spec.ends_by === "button");
    // The address may be anywhere the researcher chose; nothing secret is told.
    const greet = () => frame.contentWindow?.postMessage({ type: "start", participant, scene: spec.id, visit: scene.visit, globals: { ...props.globals } }, "*");
    frame.addEventListener("load", () => {
      show(waiting, false);
      webEvent("start", null);
      greet();
    });
    const onEnd = () => {
      setText(waiting, t("web.done"));
      show(waiting, true);
    };
    const deaf = listen(frame, props, greet, onEnd);
    root.append(waiting, frame, next.element);
    const unmount = () => {
      deaf();
      next.stop();
    };
    return { submit: () => void next.submit(), unmount };
  },
  simulate: (root, { scene, webEvent }) => {
    if (scene.spec.ends_by === "message") webEvent("end", null);
    else pressMainButton(root);
  },
};
