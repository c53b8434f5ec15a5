/**
 * Piloting: a person who waits until the main button may be pressed, and presses it.
 * @module
 */

const LOOK_EVERY_MS = 200;

/** @param {HTMLElement} root of a view */
export function pressMainButton(root) {
  // A page may keep a second one hidden, such as the one that loads it anew after a failure.
  const buttons = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll(".actions .button-primary")]);
  const button = buttons.find((one) => !one.closest("[hidden]"));
  if (!root.isConnected || !button) return;
  if (button.disabled) setTimeout(() => pressMainButton(root), LOOK_EVERY_MS);
  else button.click();
}
