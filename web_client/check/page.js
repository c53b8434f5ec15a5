/**
 * The check page: has every game tried out in this browser and sends the host what was found.
 * @module
 */

/** @typedef {{scene: string, bundle: import("../game/messages.js").GameBundle, match: import("../game/messages.js").MatchSpec, frames: number}} Trial */
/** @typedef {import("./trial.js").Finding} Finding */

const token = new URLSearchParams(location.search).get("token") ?? "";
const vendor = document.querySelector('meta[name="igym-vendor"]')?.getAttribute("content") ?? "";
const status = /** @type {HTMLElement} */ (document.getElementById("status"));

/**
 * @param {string} path
 * @param {object} [body]
 */
async function asked(path, body) {
  const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
  const answer = await fetch(`/check/${path}?token=${encodeURIComponent(token)}`, { cache: "no-store", ...options });
  if (!answer.ok) throw new Error(`The host answered ${answer.status}.`);
  return answer.json();
}

/**
 * @param {Trial} trial
 * @returns {Promise<Finding>}
 */
function tried(trial) {
  const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  const found = new Promise((done) => {
    worker.addEventListener("message", ({ data }) => done(data));
    worker.addEventListener("error", (event) => done({ error: event.message || "The game's program could not be started." }));
  });
  worker.postMessage({ vendor: new URL(vendor, location.href).href, ...trial });
  return found.finally(() => worker.terminate());
}

async function checkAll() {
  /** @type {Trial[]} */ const trials = (await asked("trials")).trials;
  for (const trial of trials) {
    status.textContent = `Trying out ${trial.scene}…`;
    await asked(`found/${encodeURIComponent(trial.scene)}`, await tried(trial));
  }
  status.textContent = "All games were tried out. This page can be closed.";
}

checkAll().catch((error) => {
  status.textContent = `The check did not work: ${error instanceof Error ? error.message : error}`;
});
