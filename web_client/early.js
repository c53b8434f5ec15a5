/**
 * Stands in the page of a study with games, before anything the page itself is made of: the worker that starts Python is asked for first, because
 * Python is what a game waits for. `GameClient` takes it over, with what it said until then.
 */
(() => {
  const where = (/** @type {string} */ name) => new URL(document.querySelector(`meta[name="igym-${name}"]`)?.getAttribute("content") ?? "/", location.href).href;
  const worker = new Worker(where("worker"), { type: "module" });
  /** @type {Event[]} */
  const told = [];
  for (const kind of ["message", "error"]) worker.addEventListener(kind, (event) => told.push(event));
  worker.postMessage({ type: "prepare", vendor: where("vendor") });
  Object.assign(window, { igymEarly: { worker, told } });
})();
