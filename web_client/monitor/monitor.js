/**
 * The read-only monitor: one session on a second screen. It only looks; ids and texts are shown as text.
 * @module
 */
import { importAgain } from "../net/again.js";
import { HOME } from "../net/home.js";
import { applied, COUNTS, MATCHES, PEOPLE } from "./rows.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./rows.js").Column} Column */

const NOBODY = "Nobody has joined yet.";

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [className]
 */
function made(tag, text, className = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

/**
 * @param {string} body
 * @param {Column[]} columns
 * @param {Row[]} rows
 * @param {string} none
 */
function fillTable(body, columns, rows, none) {
  const lines = rows.map((row) => {
    const line = document.createElement("tr");
    line.append(...columns.map((column) => made("td", column.text(row), column.tone?.(row))));
    return line;
  });
  if (!lines.length) {
    const cell = made("td", none, "none");
    cell.setAttribute("colspan", String(columns.length));
    const line = document.createElement("tr");
    line.append(cell);
    lines.push(line);
  }
  element(body).replaceChildren(...lines);
}

/** @param {Row} view */
function show(view) {
  const { session } = view;
  element("title").textContent = session.title;
  element("state").textContent = `${session.state}, admission ${session.admission} · ${session.join_url}`;
  element("counts").replaceChildren(
    ...COUNTS.map(([name, label]) => {
      const card = made("li", label);
      card.prepend(made("b", String(view.counts[name] ?? 0)));
      return card;
    }),
  );
  fillTable("people", PEOPLE, view.participants, NOBODY);
  fillTable("matches", MATCHES, view.matches, "");
  element("matches-section").hidden = !view.matches.length;
  element("problems-section").hidden = !view.problems.length;
  element("problems").replaceChildren(
    ...view.problems.map((/** @type {Row} */ problem) => {
      const times = problem.count > 1 ? ` (${problem.count} times)` : "";
      return made("li", `${problem.title}${times}: ${problem.text}`, problem.level);
    }),
  );
}

async function start() {
  const vendor = document.querySelector('meta[name="igym-vendor"]')?.getAttribute("content") ?? "";
  const { io } = await importAgain(`${vendor}socket.io.esm.min.js`);
  const token = new URLSearchParams(location.search).get("token") ?? "";
  const socket = io("/monitor", { path: `${HOME}/socket.io/`, auth: { token }, transports: ["websocket", "polling"], tryAllTransports: true });
  /** @type {Row | null} */
  let view = null;
  socket.on("snapshot", (/** @type {Row} */ snapshot) => show((view = snapshot)));
  socket.on("changes", (/** @type {Row} */ changes) => view && show((view = applied(view, changes))));
  socket.on("disconnect", () => (element("state").textContent = "The connection is lost. Trying again…"));
  socket.on("connect_error", (/** @type {any} */ error) => {
    const off = error?.data?.code === "wrong_token";
    element("state").textContent = off
      ? "The monitor was switched off, or its address has changed. Please ask for the new one."
      : "The server cannot be reached. Trying again…";
  });
  for (const [id, columns] of /** @type {[string, Column[]][]} */ ([["people-columns", PEOPLE], ["match-columns", MATCHES]])) {
    element(id).replaceChildren(...columns.map(({ title }) => made("th", title)));
  }
}

void start();
