/**
 * Tries one game out in this browser's Python, as a player's browser would load it.
 * @module
 */

import { EnvError, sentenceAt, toldAs } from "../game/env_error.js";
import { EnvLink } from "../game/env_link.js";
import { PythonRuntime } from "../game/python.js";
import { tryOut } from "./trial.js";

const scope = /** @type {DedicatedWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** As the host says where a sentence comes from (`igym.host.check_apart`). */
const PLACED = "{text} ({file}, line {line})";
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
    const sentence = sentenceAt(told, "message");
    if (!file) return { error: message, ...toldAs(sentence, "error") };
    const text = sentence ? { text: message, ...sentence } : message;
    return { error: `${message} (${file}, line ${line})`, ...toldAs({ key: PLACED, values: { text, file, line } }, "error") };
  }
  return { error: error instanceof Error ? error.message : String(error) };
}

scope.addEventListener("message", ({ data }) => {
  check(data).then(
    (found) => scope.postMessage(found),
    (error) => scope.postMessage(failure(error)),
  );
});
