/**
 * What somebody agreed to, printed for them to keep.
 * @module
 */
import { button, el } from "../dom.js";
import { htmlBody } from "../html_body.js";

/** @typedef {import("./scene.js").SceneProps} SceneProps */

/**
 * @param {SceneProps} props
 * @param {(field: string) => boolean} isTicked
 * @returns {HTMLElement | null} null where the page has no receipt
 */
export function receiptButton(props, isTicked) {
  const fields = props.scene.spec.fields.filter((/** @type {any} */ field) => field.type === "consent" && field.receipt);
  if (!fields.length) return null;
  return button({ label: props.t("consent.print"), onclick: () => print(receipt(props, fields, isTicked)) });
}

/** @param {HTMLElement} paper */
function print(paper) {
  document.body.append(paper);
  document.body.classList.add("printing-receipt");
  const done = () => {
    document.body.classList.remove("printing-receipt");
    paper.remove();
  };
  window.addEventListener("afterprint", done, { once: true });
  window.print();
}

/**
 * @param {SceneProps} props
 * @param {any[]} fields
 * @param {(field: string) => boolean} isTicked
 */
export function receipt({ scene, t, participant }, fields, isTicked) {
  const { spec } = scene;
  const boxes = fields.map((field) => {
    const facts = [field.version && t("consent.version", { version: field.version }), `SHA-256 ${spec.consent_hashes?.[field.name] ?? ""}`];
    const ticked = t(isTicked(field.name) ? "consent.given" : "consent.not_given");
    return el("p", null, `${field.label} — ${ticked}`, el("br"), el("small", null, facts.filter(Boolean).join(" · ")));
  });
  const when = new Date().toLocaleString(document.documentElement.lang || undefined, { dateStyle: "long", timeStyle: "short" });
  const body = spec.body ? htmlBody(spec.body) : null;
  return el("section", { class: "receipt" }, spec.header ? el("h1", null, spec.header) : null, body, boxes, el("p", null, t("consent.receipt", { participant, when })));
}
