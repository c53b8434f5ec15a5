/**
 * Composition root: finds out who this is, connects, and puts the parts of the page together.
 * @module
 */
import { App } from "./app/app.js";
import { watchAttention } from "./app/attention.js";
import { browserFacts, drawId, isLoadedAgain, tabId } from "./app/browser_facts.js";
import { Gym } from "./app/gym.js";
import { whenIdle } from "./app/idle.js";
import { askJoin, joinParameters, postJoin } from "./app/join_api.js";
import { recordings } from "./app/recordings.js";
import { isReplaced, Renewal } from "./app/renewal.js";
import { Reporter, watchErrors } from "./app/report.js";
import { GameClient } from "./game/client.js";
import { importAgain } from "./net/again.js";
import { HOME } from "./net/home.js";
import { Links } from "./net/links.js";
import { Probes } from "./net/probe.js";
import { ServerLink } from "./net/server_link.js";
import { toHost, Uploader } from "./net/uploader.js";
import { PROTOCOL_VERSION } from "./protocol/constants.js";
import { graphics } from "./render/graphics.js";
import { createRenderer, warmPixi } from "./render/renderer.js";
import { nextTask } from "./render/task.js";
import { joinPage } from "./ui/join_page.js";
import { messagePage, whoPage } from "./ui/plain_pages.js";
import { shell } from "./ui/shell.js";
import { Stage } from "./ui/stage.js";
import { direction, pickLanguage, speak, textIn } from "./ui/text/index.js";

/** @typedef {import("./app/join_api.js").JoinAnswer} JoinAnswer */

/** Parameter of the address with which the launcher opens a preview. */
const LOOK = "look";
const LOOK_AGAIN_MS = 3000;

const root = /** @type {HTMLElement} */ (document.getElementById("igym-root"));
const nowMs = () => performance.timeOrigin + performance.now();
const later = (/** @type {() => void} */ run, /** @type {number} */ delayMs) => setTimeout(run, delayMs);

/** @param {string} name */
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "/";

/** Its Python is started while the first page is read; what it plays is told later. */
const game = new GameClient({ program: meta("igym-worker"), vendor: meta("igym-vendor"), early: /** @type {any} */ (window).igymEarly ?? null });

/** @param {string[]} [offered] */
async function chooseLanguage(offered = []) {
  const asked = new URLSearchParams(location.search).get("lang");
  const language = pickLanguage([...(asked ? [asked] : []), ...navigator.languages], offered);
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
  return { language, t: await speak(language) };
}

/** @returns {Promise<void>} */
async function arrive() {
  const where = joinParameters(location);
  // Asking makes a WebGL context, which takes a while: not in the middle of something, and before the host is told.
  whenIdle(graphics);
  const tab = tabId();
  const answer = await knock(where, isLoadedAgain() ? tab : null);
  // A study without a game for browsers needs no Python in them.
  if (answer.games) game.begin();
  const { language, t } = await chooseLanguage(answer.languages);
  const info = { ...answer, title: textIn(answer.title, language) };
  if (info.known !== null) return void (await connect(language, t, tab));
  const frame = shell(root, { t, onLeave: () => {} });
  const stage = new Stage(frame.main);
  frame.update({ title: info.title, who: where.seat ?? "", index: 0, total: 0, canLeave: false, immersed: false });
  const goOn = () => (stage.clear(), connect(language, t, tab));
  if (info.in_doubt && (await whoIsIt(stage, t)) === "same") return void (await goOn());
  await joinWith(stage, info, t, async (label) => {
    const outcome = await postJoin({ ...where, label, language, isNew: info.in_doubt });
    if (!outcome.ok) return { ok: /** @type {const} */ (false), text: outcome.text || t(outcome.code === "network" ? "join.error.network" : "join.error.other") };
    await goOn();
    return { ok: /** @type {const} */ (true) };
  });
}

/**
 * @param {Stage} stage
 * @param {import("./ui/join_page.js").JoinInfo} info
 * @param {import("./ui/text/index.js").Translate} t
 * @param {import("./ui/join_page.js").JoinProps["join"]} join
 */
async function joinWith(stage, info, t, join) {
  const element = stage.show("join", joinPage, { info, t, join });
  // A researcher's preview: it comes back by itself after each change, so nobody is there to press the button.
  if (new URLSearchParams(location.search).has(LOOK)) await join(null);
  const pilot = pilotNumbers();
  if (pilot && element) joinPage.simulate?.(element, { info, t, join }, pilot);
}

/**
 * @param {Stage} stage
 * @param {import("./ui/text/index.js").Translate} t
 * @returns {Promise<"same" | "new">} the one who began the study at this computer, or somebody else
 */
function whoIsIt(stage, t) {
  return new Promise((resolve) => stage.show("who", whoPage, { t, answer: resolve }));
}

/**
 * Asks until the host answers: a page opened before the study runs goes on by itself.
 * @param {{params: Record<string, string>, seat: string | null}} where
 * @param {string | null} tab
 * @returns {Promise<JoinAnswer>}
 */
async function knock(where, tab) {
  const { t } = await chooseLanguage();
  const stage = new Stage(shell(root, { t, onLeave: () => {} }).main);
  for (;;) {
    try {
      const info = await askJoin(where, tab);
      stage.clear();
      return info;
    } catch {
      stage.show("absent", messagePage, { t, title: "join.absent.title", body: "join.absent.body" });
      await new Promise((resolve) => later(() => resolve(null), LOOK_AGAIN_MS));
    }
  }
}

/**
 * @param {string} language
 * @param {import("./ui/text/index.js").Translate} t
 * @param {string} tab
 */
async function connect(language, t, tab) {
  const { io } = await importAgain(`${meta("igym-vendor")}socket.io.esm.min.js`);
  const socket = io(`${location.origin}/participant`, {
    path: `${HOME}/socket.io/`,
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 250,
    reconnectionDelayMax: 2000,
    timeout: 8000,
  });
  /** @type {ServerLink} */
  const link = new ServerLink({
    socket,
    hello: () => ({ protocol: PROTOCOL_VERSION, tab, browser: browserFacts(), visit: app.visit }),
    onMessage: (type, body) => app.receive(type, body),
    onState: (state) => {
      app.connectionChanged(state);
      if (state === "online") attention.retell();
    },
    onRefusedHello: (ack) => refusedHello(app, renewal, ack),
    onUnknownParticipant: () => location.reload(),
    onHeldOff: (text, againMs) => app.tellHeldOff(text, againMs),
    onHeld: () => app.tellHeld(),
    nowMs,
    later,
  });
  const reporter = new Reporter({ link, hostNowMs: () => link.clock.now(), later });
  const renewal = new Renewal({ folders: [meta("igym-static"), meta("igym-vendor")], isReplaced, reload: () => location.reload(), later, storage: tabStorage() });
  const gym = new Gym({ link, reporter, t, nowMs, ...gameParts(link, reporter), attention: { hidden: document.hidden, focused: document.hasFocus() } });
  const comeHere = () => location.reload();
  const shown = recordings({ statics: meta("igym-static"), vendor: meta("igym-vendor"), later, warn: (text) => reporter.console("warning", text) });
  /** @type {App} */
  const app = new App({ root, t, link, gym, reporter, nowMs, comeHere, renewal, pilot: pilotNumbers(), recordings: shown });
  const attention = watchAttention({ send: (type, body) => link.send(type, body), hostNowMs: () => link.clock.now(), onChange: (now) => gym.attentionChanged(now) });
  watchErrors(reporter);
  publish(app);
  // The hello tells it: where there was no idle moment, the graphics process is waited for before it, in a task of its own.
  graphics();
  await nextTask();
  link.open();
}

/**
 * @param {App} app
 * @param {Renewal} renewal
 * @param {import("./net/server_link.js").Ack} ack
 */
function refusedHello(app, renewal, { code, text = "" }) {
  if (code !== "protocol_version") app.fail("error.body", text);
  else if (!renewal.renew()) app.fail("error.version", text);
}

function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/**
 * What plays, draws, stores and links: each made when it is first needed.
 * @param {ServerLink} link
 * @param {Reporter} reporter
 */
function gameParts(link, reporter) {
  const vendor = meta("igym-vendor");
  const warn = (/** @type {string} */ text) => reporter.console("warning", text);
  return {
    makeGame: () => game,
    noGame: () => game.terminate(),
    warmRenderer: () => whenIdle(() => void warmPixi(vendor, whenIdle)),
    /** @type {import("./app/game_run.js").Services["makeRenderer"]} */
    makeRenderer: (stage, bundle, report) => createRenderer({ stage, spec: bundle.spec, vendor, report, warn: (text) => reporter.error({ where: "asset", message: text }) }),
    makeUploader: (/** @type {string} */ participant) => new Uploader({ send: toHost(link), participant, warn }),
    /** @type {import("./app/game_run.js").Services["makeLinks"]} */
    makeLinks: (match, events) => new Links(match, { ...events, ...linking(link) }),
    probes: new Probes({ ...linking(link), later }),
  };
}

/** @param {ServerLink} link */
function linking(link) {
  return {
    send: (/** @type {string} */ type, /** @type {any} */ body) => link.send(type, body),
    nowMs,
    everyBeat,
    makeConnection: (/** @type {RTCConfiguration} */ config) => new RTCPeerConnection(config),
    drawTag: () => drawId("l"),
  };
}

/**
 * Ten times a second, also while the page is hidden.
 * @param {() => void} beat
 */
function everyBeat(beat) {
  const worker = new Worker(`${meta("igym-static")}net/beat_worker.js`, { type: "module" });
  worker.addEventListener("message", beat);
  return () => worker.terminate();
}

/** @param {App} app */
function publish(app) {
  const api = {
    get globals() {
      return app.globals.proxy;
    },
    get participant() {
      return app.place.participant;
    },
    get scene() {
      return app.place.scene;
    },
    advance: () => app.advance(),
  };
  Object.defineProperty(window, "igym", { value: Object.freeze(api), configurable: true });
}

/** `?pilot` lets a study answer itself, `?pilot=7` with the same answers every time. */
function pilotNumbers() {
  const wanted = new URLSearchParams(location.search).get("pilot");
  if (wanted === null) return null;
  let state = Number(wanted) || Math.floor(nowMs()) % 2147483647 || 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

void arrive();
