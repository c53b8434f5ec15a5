/**
 * From the host's messages to what is on the screen, and from the participant's doings to messages.
 * @module
 */
import { ChatPanel } from "../ui/chat.js";
import { ConnectionBanner } from "../ui/connection_banner.js";
import { openLeaveDialog } from "../ui/leave_dialog.js";
import { el } from "../ui/dom.js";
import { Notices } from "../ui/notices.js";
import { closedPage, errorPage, loadingPage, messagePage } from "../ui/plain_pages.js";
import { sceneView } from "../ui/scenes/index.js";
import { shell } from "../ui/shell.js";
import { Stage } from "../ui/stage.js";
import { waitroom } from "../ui/waitroom.js";
import { drawId } from "./browser_facts.js";
import { SharedGlobals } from "./page_api.js";
import { NOTHING_YET, received, screenOf, shownVisit } from "./state.js";
import { VisitMemory } from "./visit_memory.js";

/** @typedef {import("../ui/text/index.js").Translate} Translate */
/** @typedef {import("../ui/text/index.js").TextKey} TextKey */
/** @typedef {import("../net/server_link.js").ServerLink} ServerLink */
/** @typedef {import("../net/server_link.js").Ack} Ack */
/** @typedef {import("./gym.js").Gym} Gym */
/** @typedef {import("./report.js").Reporter} Reporter */
/**
 * @typedef {object} Parts
 * @property {HTMLElement} root
 * @property {Translate} t
 * @property {ServerLink} link
 * @property {Gym} gym
 * @property {Reporter} reporter
 * @property {() => number} nowMs unix ms of this page
 * @property {() => void} comeHere joins again in this tab
 * @property {import("./renewal.js").Renewal} renewal
 * @property {import("../ui/scenes/scene.js").Recordings} recordings
 * @property {(() => number) | null} pilot random numbers, when the study is to answer itself
 */

const IN_PLAN = new Set(["waiting", "scene", "gym_page", "game"]);
/** On these nobody answers or plays. */
const IDLE_SCREENS = new Set(["preparing", "waiting", "gym_page"]);
/** What would begin anew with the page: what somebody enters or plays, what a study's own script has done, a message that nobody has closed. */
const BEGINS_ANEW = "script, iframe, video, audio, textarea, select, input:not(.chat-input), .notice";
const HELD_MS = 3000;
const PILOT_PAUSE_MS = 400;
const NO_PAGE_OPEN = new Set(["not_current", "out_of_state", "closed"]);

export class App {
  #state = NOTHING_YET;
  /** @type {VisitMemory | null} */
  #memory = null;
  #memoryOf = "";
  /** @type {{body: TextKey, details: string} | null} */
  #failure = null;
  #parts;

  /** @param {Parts} parts */
  constructor(parts) {
    const { root, t, link, gym } = parts;
    this.#parts = parts;
    this.frame = shell(root, { t, onLeave: () => this.#askToLeave() });
    this.stage = new Stage(this.frame.main);
    this.banner = new ConnectionBanner(this.frame.banner, t, parts.nowMs);
    this.notices = new Notices(this.frame.notices, t, () => link.clock.now(), (id) => link.post("notice_read", { id }));
    this.chat = new ChatPanel(el("section", { class: "chat", "aria-label": t("chat.title") }), { t, say: (words) => this.#say(words), goBack: () => this.#backToGame() });
    this.globals = new SharedGlobals((values) => link.ask("globals_set", { values }), (run, ms) => setTimeout(run, ms));
    const tell = (/** @type {string} */ text) => this.notices.add({ id: "game-error", level: "warning", text, expires_ms: null, receipt: false });
    gym.attach({ refresh: () => this.#show(), tell, globals: this.globals });
  }

  /** The visit this page shows; told in hello. */
  get visit() {
    return shownVisit(this.#state);
  }

  get place() {
    const { welcome, scene } = this.#state;
    return {
      participant: welcome ? { id: welcome.participant, label: welcome.label } : null,
      scene: scene ? { id: String(scene.spec.id), kind: String(scene.spec.kind), visit: scene.visit } : null,
    };
  }

  /** What the page's main button does. */
  advance() {
    this.stage.mounted?.submit?.();
  }

  /**
   * @param {string} type
   * @param {any} body
   */
  receive(type, body) {
    if (type === "notice") this.notices.add(body);
    if (type === "refused") this.#parts.reporter.console("warning", `The host refused “${body.message}”: ${body.text}`);
    this.#parts.gym.receive(type, body);
    const next = received(this.#state, type, body);
    if (next === this.#state) return;
    this.#state = next;
    this.globals.replace(next.globals);
    if (type === "welcome") this.#parts.gym.preload(body);
    if (type === "closed") this.#close(body);
    this.#show();
  }

  /** @param {import("../net/server_link.js").LinkState} state */
  connectionChanged(state) {
    if (state === "online") {
      this.banner.back();
      void this.#parts.renewal.look(() => this.#isIdle());
    }
    if (state === "offline") this.banner.lost();
    else if (state === "closed") this.banner.gone();
    this.#parts.gym.connectionChanged(state);
  }

  /**
   * The host lets this page in later.
   * @param {string} text
   * @param {number} againMs
   */
  tellHeldOff(text, againMs) {
    this.notices.add({ id: "held_off", level: "warning", text, expires_ms: this.#parts.link.clock.now() + againMs, receipt: false });
  }

  /** The host cannot save at the moment; told until it can. */
  tellHeld() {
    const { t, link } = this.#parts;
    this.notices.add({ id: "held", level: "warning", text: t("error.storage"), expires_ms: link.clock.now() + HELD_MS, receipt: false });
  }

  /**
   * @param {TextKey} body
   * @param {string} [details] for the person running the study
   */
  fail(body, details = "") {
    this.#failure = { body, details };
    this.#show();
  }

  /** Nothing is lost, and nobody is interrupted, when the page loads again now. */
  #isIdle() {
    const { link, gym, reporter, root } = this.#parts;
    const screen = this.#failure ? "error" : screenOf(this.#state).screen;
    // While connections are tried out, others wait for this page.
    if (!IDLE_SCREENS.has(screen) || this.#state.waiting?.phase === "probing") return false;
    if (gym.hasPlayed || this.chat.isWriting || root.querySelector(BEGINS_ANEW)) return false;
    // What a script has just changed is among what the host has not confirmed then.
    void this.globals.flush();
    return link.isQuiet && reporter.isQuiet;
  }

  #show() {
    const { screen, key } = this.#failure ? { screen: /** @type {const} */ ("error"), key: "error" } : screenOf(this.#state);
    this.#updateFrame(screen);
    try {
      this.#screens[screen](key);
      this.#showChat();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** The talk stands where the page has a place for it, else beside the page. */
  #showChat() {
    const shown = this.#failure ? null : this.#state.chat;
    const slot = this.frame.main.querySelector(".chat-slot") ?? this.frame.aside;
    if (this.chat.holder.parentElement !== slot) slot.append(this.chat.holder);
    this.frame.talkBeside(shown !== null && slot === this.frame.aside);
    if (this.chat.update(shown)) this.#pilotTalks();
  }

  #pilotTalks() {
    const { pilot } = this.#parts;
    if (pilot) setTimeout(() => this.chat.simulate(pilot), PILOT_PAUSE_MS);
  }

  /** @param {import("../ui/chat.js").Words} words */
  #say(words) {
    const { link, gym } = this.#parts;
    const standing = gym.standing;
    const where = standing ? { episode: standing.episode, frame: Math.max(0, standing.frame) } : {};
    return link.ask("chat_say", { visit: this.#state.chat?.visit ?? 0, id: drawId("m"), ...words, ...where, at_ms: link.clock.now() });
  }

  /** In play the keys are the game's again as soon as something was said. */
  #backToGame() {
    const stage = this.frame.main.querySelector(".game-stage");
    if (stage instanceof HTMLElement) stage.focus({ preventScroll: true });
  }

  /** @type {Record<import("./state.js").Screen | "error", (key: string) => void>} */
  #screens = {
    connecting: (key) => this.#put(key, messagePage, { t: this.#parts.t, title: "connecting.title", body: "connecting.body" }),
    preparing: (key) => this.#put(key, loadingPage, { t: this.#parts.t, ...this.#parts.gym.loading, note: this.#parts.t("loading.screening") }),
    error: (key) => this.#put(key, errorPage, { t: this.#parts.t, ...this.#failureShown(), reload: () => location.reload() }),
    closed: (key) => {
      const closed = /** @type {import("./state.js").Closed} */ (this.#state.closed);
      this.#put(key, closedPage, { t: this.#parts.t, closed, redirect: goTo, comeHere: this.#parts.comeHere });
    },
    waiting: (key) => {
      const { t, link, gym } = this.#parts;
      const waiting = /** @type {import("./state.js").Waiting} */ (this.#state.waiting);
      this.#put(key, waitroom, { t, waiting, hostNowMs: () => link.clock.now(), loading: gym.loading, restart: () => location.reload() });
    },
    scene: (key) => {
      const props = this.#sceneProps();
      this.#put(key, sceneView(String(props.scene.spec.kind)), props);
    },
    gym_page: (key) => this.#put(key, this.#parts.gym.page, this.#parts.gym.pageProps(this.#sceneProps())),
    game: (key) => this.#put(key, this.#parts.gym.view, this.#parts.gym.viewProps(this.#sceneProps(), this.#state.matchState)),
  };

  #failureShown() {
    return this.#failure ?? { body: /** @type {TextKey} */ ("error.body"), details: "" };
  }

  /**
   * @template S
   * @param {string} key
   * @param {import("../ui/stage.js").View<S>} view
   * @param {S} props
   */
  #put(key, view, props) {
    const root = this.stage.show(key, view, props);
    const { pilot } = this.#parts;
    if (!root || !pilot || !view.simulate) return;
    setTimeout(() => root.isConnected && view.simulate?.(root, props, pilot), PILOT_PAUSE_MS);
  }

  /** @returns {import("../ui/scenes/scene.js").SceneProps} */
  #sceneProps() {
    const { t, link } = this.#parts;
    const scene = /** @type {import("./state.js").SceneShown} */ (this.#state.scene);
    const memory = this.#remember(scene.visit);
    return {
      scene,
      t,
      participant: this.#state.welcome?.participant ?? "",
      globals: this.globals.values,
      elapsedMs: () => memory.elapsedMs(),
      shownMs: () => memory.shownMs(),
      draft: memory.draft,
      touchedMs: memory.touchedMs,
      onDraft: (values, touchedMs) => memory.keep(values, touchedMs),
      answer: (values, timing, timedOut) => this.#leaveScene("answers", { visit: scene.visit, values: answered(values), timing: this.#dated(timing), ...outOfTime(timedOut) }),
      advance: (timing, timedOut) => this.#leaveScene("advance", { visit: scene.visit, timing: this.#dated(timing), ...outOfTime(timedOut) }),
      replayEvent: (event, positionS, text) => link.post("replay_event", { visit: scene.visit, event, position_s: positionS, at_ms: link.clock.now(), text, key: drawId("e") }),
      recordings: this.#parts.recordings,
      webEvent: (name, data) => link.post("web_event", { visit: scene.visit, name, data, key: drawId("e") }),
      redirect: goTo,
    };
  }

  /**
   * A page's times since its visit began, and what the host's clock says now.
   * @template {import("../ui/scenes/scene.js").PageTiming} T
   * @param {T} timing
   */
  #dated(timing) {
    return { ...timing, submitted_at_ms: this.#parts.link.clock.now() };
  }

  /** @param {number} visit */
  #remember(visit) {
    const { session = "", participant = "" } = this.#state.welcome ?? {};
    const of = `${session} ${participant} ${visit}`;
    if (this.#memory && this.#memoryOf === of) return this.#memory;
    this.#memoryOf = of;
    this.#memory = new VisitMemory({ storage: safeStorage(), nowMs: this.#parts.nowMs, session, participant, visit });
    return this.#memory;
  }

  /**
   * @param {string} type
   * @param {{visit: number, [field: string]: unknown}} body
   * @returns {Promise<Ack>}
   */
  async #leaveScene(type, body) {
    // What the page changed comes first: the host decides what follows as soon as the scene is left.
    await this.globals.flush();
    const ack = await this.#parts.link.ask(type, body);
    // The page has been left already (its acknowledgement was lost with the connection): the host shows what follows.
    if (!ack.ok && NO_PAGE_OPEN.has(ack.code ?? "")) return { ok: true };
    return ack;
  }

  /** @param {import("./state.js").Screen | "error"} screen */
  #updateFrame(screen) {
    const { welcome, scene } = this.#state;
    const step = scene && IN_PLAN.has(screen) ? { index: scene.index, total: scene.total } : { index: 0, total: 0 };
    const { title = "", label = null } = welcome ?? {};
    this.frame.update({ title, who: label ?? "", ...step, canLeave: IN_PLAN.has(screen) || screen === "preparing", immersed: screen === "game" });
  }

  /** @param {import("./state.js").Closed} closed */
  #close(closed) {
    this.notices.clear();
    this.#parts.gym.stop();
    if (closed.outcome === "taken_over" || closed.outcome === "refused") this.#parts.link.close();
  }

  #askToLeave() {
    const { t, link } = this.#parts;
    openLeaveDialog({ t, onConfirm: () => void link.ask("leave", {}) });
  }

  /** @param {unknown} error */
  #broken(error) {
    const trouble = error instanceof Error ? error : new Error(String(error));
    this.#parts.reporter.error({ where: "javascript", message: trouble.message, traceback: trouble.stack ?? "", fatal: true });
    if (!this.#failure) this.fail("error.body", trouble.message);
  }
}

/** @param {string} url */
const goTo = (url) => location.assign(url);

/** @param {boolean} [timedOut] */
const outOfTime = (timedOut) => (timedOut ? { timed_out: true } : {});

/**
 * Questions without an answer are left out; the host fills them in as missing.
 * @param {Record<string, import("../ui/form/rules.js").Answer>} values
 */
const answered = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

function safeStorage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
