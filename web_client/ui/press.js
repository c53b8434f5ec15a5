/**
 * Piloting: a person who waits until the main button may be pressed, and presses it.
 * @module
 */

const LOOK_EVERY_MS = 200;

/** @param {HTMLElement} root of a view */
export function pressMainButton(root) {
  const button = /** @type {HTMLButtonElement | null} */ (root.querySelector(".actions .button-primary"));
  if (!root.isConnected || !button) return;
  if (button.disabled) setTimeout(() => pressMainButton(root), LOOK_EVERY_MS);
  else button.click();
}
