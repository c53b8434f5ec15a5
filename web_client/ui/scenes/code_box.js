/**
 * A code to take away. Over plain http there is no clipboard to write to, so copying goes through a selection.
 * @module
 */
import { button, el, setText, show } from "../dom.js";

/** @typedef {import("../text/index.js").Translate} Translate */

/**
 * @param {HTMLInputElement} input
 * @returns {Promise<boolean>} whether it is in the clipboard
 */
async function copy(input) {
  input.focus();
  input.select();
  try {
    if (document.execCommand("copy")) return true;
  } catch {
    // Some browsers throw instead of answering false.
  }
  return Boolean(await navigator.clipboard?.writeText(input.value).then(() => true).catch(() => false));
}

/**
 * @param {string} code
 * @param {Translate} t
 */
export function codeBox(code, t) {
  const input = el("input", { class: "code-text", readonly: true, value: code, size: Math.max(8, code.length), "aria-label": t("code.title"), onfocus: () => input.select() });
  const told = el("p", { class: "small", role: "status" });
  const copyButton = button({
    label: t("button.copy"),
    onclick: () => {
      void copy(input).then((copied) => {
        setText(copyButton, copied ? t("button.copied") : t("button.copy"));
        setText(told, copied ? "" : t("code.copy.fallback"));
        show(told, !copied);
      });
    },
  });
  return el("div", null, el("div", { class: "code" }, input, copyButton), told);
}
