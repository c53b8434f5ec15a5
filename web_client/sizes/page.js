/**
 * The preview in a frame as large as a phone, a laptop or a 4K screen; changing the size loads nothing anew.
 * @module
 */
import { scale, sizes } from "./fit.js";

const asked = new URLSearchParams(location.search);
const frame = /** @type {HTMLIFrameElement} */ (document.getElementById("shown"));
const room = /** @type {HTMLElement} */ (document.getElementById("room"));
const bar = /** @type {HTMLElement} */ (document.getElementById("sizes"));
const known = sizes(asked.get("lang") ?? "en");
let chosen = known[3] ?? known[0];

function fit() {
  if (!chosen) return;
  const factor = scale(chosen, { width: room.clientWidth, height: room.clientHeight });
  frame.style.width = `${chosen.width}px`;
  frame.style.height = `${chosen.height}px`;
  frame.style.transform = `scale(${factor}) translateX(-50%)`;
  for (const [at, button] of [...bar.children].entries()) button.setAttribute("aria-pressed", String(known[at] === chosen));
}

for (const size of known) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = size.name;
  button.addEventListener("click", () => {
    chosen = size;
    fit();
  });
  bar.append(button);
}
addEventListener("resize", fit);
frame.src = "/?look=1";
fit();
