/**
 * A page for tests that need one. Import it before anything of `web_client/ui`.
 * @module
 */
import { Window } from "happy-dom";

const window = new Window({ url: "http://10.0.0.5:8000/", settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true } });
const NAMES = ["window", "document", "Node", "Element", "HTMLElement", "HTMLIFrameElement", "Event", "ErrorEvent", "KeyboardEvent", "PointerEvent", "MessageEvent", "CustomEvent", "location", "sessionStorage", "requestAnimationFrame", "cancelAnimationFrame", "CSS", "matchMedia"];
for (const name of NAMES) Object.defineProperty(globalThis, name, { value: name === "window" ? window : window[name], configurable: true, writable: true });
Object.defineProperty(globalThis, "navigator", { value: window.navigator, configurable: true });

/** @returns {HTMLElement} an empty element in the page, the only one there */
export function freshRoot() {
  document.body.replaceChildren();
  const root = document.createElement("div");
  document.body.append(root);
  return root;
}

/** Lets promises and microtasks settle. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** @param {Element} element @param {string} type */
export const fire = (element, type) => element.dispatchEvent(new window.Event(type, { bubbles: true, cancelable: true }));

/** @param {HTMLInputElement} input @param {string} value */
export function type(input, value) {
  input.value = value;
  fire(input, "input");
}
