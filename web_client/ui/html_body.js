/**
 * The researcher's own HTML: shown as written, its scripts run in order, its relative files come from the experiment's folder.
 * This is the only place that turns text into markup; participants' data never comes here.
 * @module
 */
import { HOME } from "../net/home.js";
import { el } from "./dom.js";

const ASSETS = "/assets/";
const OURS = HOME + ASSETS;
const SOURCES = ["src", "href", "poster", "data"];

/** @param {string} url */
const isRelative = (url) => url !== "" && !/^([a-z][a-z0-9+.-]*:|\/|#|\?)/i.test(url);

/** @param {string} url */
const assetUrl = (url) => (isRelative(url) ? OURS + url.replace(/^(\.\/)+/, "") : url.startsWith(ASSETS) ? HOME + url : url);

/** @param {string} value a srcset attribute */
const assetSet = (value) =>
  value
    .split(",")
    .map((part) => {
      const [url = "", ...size] = part.trim().split(/\s+/);
      return [assetUrl(url), ...size].join(" ");
    })
    .join(", ");

/** @param {Element} element */
function pointAtAssets(element) {
  for (const name of SOURCES) {
    const value = element.getAttribute(name);
    if (value !== null) element.setAttribute(name, assetUrl(value));
  }
  const set = element.getAttribute("srcset");
  if (set !== null) element.setAttribute("srcset", assetSet(set));
  if (element.tagName === "A" && !element.hasAttribute("target") && /^https?:/.test(element.getAttribute("href") ?? "")) {
    // A click on a link must not throw the participant out of the study.
    element.setAttribute("target", "_blank");
    element.setAttribute("rel", "noopener");
  }
}

/**
 * A script that came through a template never runs; a copy made by hand does.
 * @param {HTMLScriptElement} inert
 * @returns {Promise<void>} when it has run, or its file failed to load
 */
function run(inert) {
  const script = document.createElement("script");
  for (const { name, value } of inert.attributes) script.setAttribute(name, value);
  script.textContent = inert.textContent;
  const external = script.hasAttribute("src");
  if (external) script.async = false;
  return new Promise((resolve) => {
    if (external) {
      script.addEventListener("load", () => resolve());
      script.addEventListener("error", () => {
        window.dispatchEvent(new ErrorEvent("error", { message: `The script ${script.src} could not be loaded.` }));
        resolve();
      });
    }
    inert.replaceWith(script);
    if (!external) resolve();
  });
}

/** @param {Element} holder */
async function runScripts(holder) {
  for (const script of [...holder.querySelectorAll("script")]) {
    if (!holder.isConnected) return;
    await run(script);
  }
}

/**
 * @param {string} html
 * @param {string} [className]
 * @returns {HTMLElement} filled at once; its scripts run when it has been put into the page (see `startBody`)
 */
export function htmlBody(html, className = "") {
  const holder = el("div", { class: `prose ${className}`.trim() });
  const template = document.createElement("template");
  template.innerHTML = html;
  template.content.querySelectorAll("*").forEach(pointAtAssets);
  holder.append(template.content);
  return holder;
}

/**
 * @param {HTMLElement} holder made by `htmlBody`, now in the document
 * @returns {Promise<void>}
 */
export const startBody = (holder) => runScripts(holder);
