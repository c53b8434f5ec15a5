/**
 * The page of one seat during the lab check: says which computer it is, measures, and reports.
 * @module
 */
import { browserFacts, drawId, tabId } from "../app/browser_facts.js";
import { importAgain } from "../net/again.js";
import { HOME } from "../net/home.js";
import { PROTOCOL_VERSION } from "../protocol/constants.js";
import { direction, pickLanguage, speak } from "../ui/text/index.js";
import { hasWebrtc, measure } from "./measure.js";
import { Pairs } from "./pairs.js";
import { askSeat, showClosed, showSeat } from "./view.js";

/** @typedef {import("../protocol/lab_server_messages.js").SeatWelcome} SeatWelcome */

const SEAT_KEY = "igym.seat";
const root = /** @type {HTMLElement} */ (document.getElementById("lab"));
const meta = (/** @type {string} */ name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "/";
const bases = { statics: meta("igym-static"), vendor: meta("igym-vendor") };
const nowMs = () => performance.timeOrigin + performance.now();
const later = (/** @type {() => void} */ run, /** @type {number} */ delayMs) => setTimeout(run, delayMs);
const asked = new URLSearchParams(location.search);
const language = pickLanguage([...(asked.has("lang") ? [String(asked.get("lang"))] : []), ...navigator.languages]);
const t = await speak(language);
const tab = tabId();
document.documentElement.lang = language;
document.documentElement.dir = direction(language);
document.title = t("lab.title");

/** Ten times a second, also while the page is hidden. @param {() => void} beat */
function everyBeat(beat) {
  const worker = new Worker(`${bases.statics}net/beat_worker.js`, { type: "module" });
  worker.addEventListener("message", beat);
  return () => worker.terminate();
}

class SeatPage {
  #socket;
  #pairs;
  /** @type {import("./view.js").Shown} */
  #shown;
  /** @type {SeatWelcome | null} */
  #welcome = null;
  #round = 0;

  /**
   * @param {any} socket
   * @param {string} seat
   */
  constructor(socket, seat) {
    this.#socket = socket;
    this.#shown = { seat, step: "", percent: null, result: null, online: false };
    this.#pairs = new Pairs({
      send: (type, body) => Boolean(socket.emit(type, body)),
      nowMs,
      later,
      everyBeat,
      makeConnection: (config) => new RTCPeerConnection(config),
      drawTag: () => drawId("l"),
      webrtc: hasWebrtc(),
    });
    socket.on("connect", () => this.#greet());
    socket.on("disconnect", () => this.#lost());
    socket.onAny((/** @type {string} */ type, /** @type {any} */ body) => this.#received(type, body));
    this.#show({});
  }

  #greet() {
    this.#socket.emit("seat_hello", { protocol: PROTOCOL_VERSION, seat: this.#shown.seat, tab, browser: browserFacts() }, (/** @type {any} */ ack) => {
      if (ack?.ok) return;
      this.#socket.disconnect();
      ask();
    });
  }

  #lost() {
    this.#round++;
    this.#pairs.close();
    this.#show({ online: false, result: null });
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  #received(type, body) {
    if (type === "ping") this.#socket.emit("pong", { n: body.n });
    else if (type === "seat_welcome") void this.#measure((this.#welcome = body));
    else if (type === "measure_again" && this.#welcome) void this.#measure(this.#welcome);
    else if (type === "pair_start") this.#pairs.begin(body);
    else if (type === "seat_result") this.#show({ result: body });
    else if (type === "seat_closed") this.#closed(body.reason);
    else this.#pairs.receive(type, body);
  }

  /** @param {SeatWelcome} welcome */
  async #measure(welcome) {
    const round = ++this.#round;
    this.#pairs.close();
    this.#show({ online: true });
    const found = await measure(welcome, bases, (step, loaded = 0, total = 0) => {
      if (round !== this.#round) return;
      this.#socket.emit("seat_progress", { step, loaded, total });
      this.#show({ step, percent: total > 0 ? Math.min(100, Math.round((loaded / total) * 100)) : null });
    });
    if (round !== this.#round) return;
    this.#show({ step: "", percent: null });
    this.#socket.emit("seat_measured", found, () => {});
  }

  /** @param {"taken_over" | "ended"} reason */
  #closed(reason) {
    this.#round++;
    this.#pairs.close();
    this.#socket.disconnect();
    showClosed(root, t, reason, () => location.reload());
  }

  /** @param {Partial<import("./view.js").Shown>} more */
  #show(more) {
    this.#shown = { ...this.#shown, ...more };
    showSeat(root, t, this.#shown);
  }
}

/** @param {string} seat */
async function begin(seat) {
  localStorage.setItem(SEAT_KEY, seat);
  const { io } = await importAgain(`${bases.vendor}socket.io.esm.min.js`);
  new SeatPage(io(`${location.origin}/labcheck`, { path: `${HOME}/socket.io/`, transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelayMax: 2000 }), seat);
}

function ask() {
  askSeat(root, t, localStorage.getItem(SEAT_KEY) ?? "", (seat) => void begin(seat));
}

const given = asked.get("seat")?.trim();
if (given) void begin(given);
else ask();
