/**
 * Tries one game out in this browser's Python, as a player's browser would load it.
 * @module
 */

import { EnvError, sentence, sentenceAt, toldAs } from "../game/env_error.js";
import { EnvLink } from "../game/env_link.js";
import { PythonRuntime } from "../game/python.js";
import { tryOut } from "./trial.js";

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const statics = new URL("../", import.meta.url).href;

/** @param {import("./page.js").Trial & {vendor: string}} trial */
async function check({ vendor, bundle, match, frames }) {
  const python = new PythonRuntime({ vendor, statics, wheelsIndex: null, report: () => {}, log: () => {} });
  const named = [...(bundle.vendor_packages ?? []), ...PythonRuntime.implied(bundle)];
  await python.start(named);
  await python.install(named, bundle.packages ?? []);
  const env = await EnvLink.open(python, bundle, match, {}, vendor);
  return tryOut(env, match, bundle.spec.gameplay, frames);
}

/**
 * @param {unknown} error
 * @returns {import("./trial.js").Finding}
 */
function failure(error) {
  if (error instanceof EnvError) {
    const { message, file, line, told } = error.detail;
    const known = sentenceAt(told, "message");
    if (!file) return { error: message, ...toldAs(known, "error") };
    const placed = sentence("{text} ({file}, line {line})", { text: known ? { text: message, ...known } : message, file, line });
    return { error: placed.text, ...toldAs(placed, "error") };
  }
  return { error: error instanceof Error ? error.message : String(error) };
}

scope.addEventListener("message", ({ data }) => {
  check(data).then(
    (found) => scope.postMessage(found),
    (error) => scope.postMessage(failure(error)),
  );
});
