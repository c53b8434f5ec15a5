/**
 * The whole page around a scripted host, for tests without a browser.
 * @module
 */
import { freshRoot, settle } from "./dom.js";
import { FakeSocket, WELCOME } from "./gallery/fake_host.js";
import { fakeRecordings } from "./gallery/recordings.js";

const { App } = await import("../../../web_client/app/app.js");
const { Gym } = await import("../../../web_client/app/gym.js");
const { Renewal } = await import("../../../web_client/app/renewal.js");
const { Reporter } = await import("../../../web_client/app/report.js");
const { Links } = await import("../../../web_client/net/links.js");
const { ServerLink } = await import("../../../web_client/net/server_link.js");
const { translator } = await import("../../../web_client/ui/text/index.js");

/** @param {{pilot?: (() => number) | null, kept?: Map<string, string>}} [what] `kept`: what the tab keeps of a page before it
 * @returns everything a test wants to look at or to move */
export async function openPage({ pilot = null, kept = new Map() } = {}) {
  const root = freshRoot();
  const t = translator("en");
  const timers = [];
  const later = (run, ms) => timers.push({ run, ms });
  const clock = { nowMs: 1_700_000_000_000 };
  const nowMs = () => clock.nowMs;
  const socket = new FakeSocket();
  socket.hostNowMs = nowMs;
  const uploads = { batches: [], reports: [], messages: [], drain: () => {} };
  const drained = new Promise((resolve) => (uploads.drain = resolve));
  const uploader = { add: (key, bytes) => uploads.batches.push([key, bytes]), addReport: (report) => uploads.reports.push(report), addMessage: (key, type, body) => uploads.messages.push([key, type, body]), drained: () => drained };
  const worker = { listeners: [], posted: [], loads: [], load: (what) => worker.loads.push(what), post: (message) => worker.posted.push(message), onMessage: (listener) => worker.listeners.push(listener), say: (message) => worker.listeners.forEach((listener) => listener(message)) };
  const renderer = { drawn: [], draw: (message) => renderer.drawn.push(message), play: () => {}, destroy: () => {} };
  let linkEvents = null;
  const link = new ServerLink({ socket, hello: () => ({ visit: app.visit }), onMessage: (type, body) => app.receive(type, body), onState: (state) => app.connectionChanged(state), onRefusedHello: () => {}, onUnknownParticipant: () => {}, onHeldOff: (text, againMs) => app.tellHeldOff(text, againMs), onHeld: () => app.tellHeld(), nowMs, later });
  const reporter = new Reporter({ link, hostNowMs: nowMs, later });
  const makeLinks = (match, events) => {
    linkEvents = events;
    const wiring = { ...events, send: (type, body) => link.send(type, body), nowMs, everyBeat: () => () => {}, makeConnection: () => null, drawTag: () => "l1" };
    return new Links({ ...match, transport: "relay" }, wiring);
  };
  const files = { replaced: false, reloads: 0 };
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  const renewal = new Renewal({ folders: ["/static/a/", "/vendor/b/"], isReplaced: async () => files.replaced, reload: () => void files.reloads++, later, storage });
  const gym = new Gym({ link, reporter, t, nowMs, makeGame: () => worker, makeRenderer: async () => renderer, makeUploader: () => uploader, makeLinks, probes: { receive: () => {} }, attention: { hidden: false, focused: true } });
  const recordings = fakeRecordings();
  const app = new App({ root, t, link, gym, reporter, nowMs, comeHere: () => {}, renewal, pilot, recordings });
  link.open();
  await settle();
  socket.say("welcome", { ...WELCOME, server_ms: nowMs(), globals: { group: "b" }, preload: { ...WELCOME.preload, bundles: ["match"] } });
  return { app, files, kept, recordings, root, socket, link, gym, worker, renderer, uploads, timers, clock, links: () => linkEvents };
}

/** The host answers whatever a page asks for a game. */
export function answerGames() {
  globalThis.fetch = async (url) => {
    const answer = String(url).startsWith("/api/game/") ? { scene: "match", files: {}, assets: {} } : { seed: 1, frames: 0, inputs: {} };
    return { ok: true, status: 200, json: async () => answer };
  };
}

/** Ends what goes on on a page. */
export function leave({ gym, app }) {
  gym.stop();
  app.stage.clear();
  app.banner.gone();
  app.notices.clear();
}

export const scene = (spec, more = {}) => ({ visit: 1, index: 0, total: 3, spec, globals: { group: "b" }, match: null, shown_before: false, ...more });
export const closed = (outcome, more = {}) => ({ outcome, header: "", body: "", code: null, redirect_url: null, redirect_after_s: 0, ...more });
export const matchState = (state, more = {}) => ({ match: "m1", state, server_ms: 1_700_000_000_000, starts_at_ms: null, reason: "", text: "", deadline_ms: null, substitutes: {}, from_frame: null, ...more });
