/**
 * Asks before a participant leaves for good.
 * @module
 */
import { button, el, freshId } from "./dom.js";

/** @typedef {import("./text/index.js").Translate} Translate */

/**
 * @param {{t: Translate, onConfirm: () => void}} options
 * @returns {HTMLDialogElement} already open; it removes itself
 */
export function openLeaveDialog({ t, onConfirm }) {
  const id = freshId("leave");
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": id });
  const stay = button({ label: t("leave.stay"), kind: "primary", onclick: () => dialog.close() });
  const leave = button({
    label: t("leave.confirm"),
    kind: "danger",
    onclick: () => {
      dialog.close();
      onConfirm();
    },
  });
  dialog.append(el("h2", { id }, t("leave.title")), el("p", null, t("leave.body")), el("div", { class: "actions" }, stay, leave));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  stay.focus();
  return dialog;
}
