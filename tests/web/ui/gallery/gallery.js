/**
 * Shows one page of the client, chosen by `?show=`, with the real App behind it and a scripted host before it.
 * @module
 */
import { App } from "/web_client/app/app.js";
import { Gym } from "/web_client/app/gym.js";
import { Reporter } from "/web_client/app/report.js";
import { Links } from "/web_client/net/links.js";
import { ServerLink } from "/web_client/net/server_link.js";
import { joinPage } from "/web_client/ui/join_page.js";
import { whoPage } from "/web_client/ui/plain_pages.js";
import { shell } from "/web_client/ui/shell.js";
import { Stage } from "/web_client/ui/stage.js";
import { direction, speak } from "/web_client/ui/text/index.js";
import { FakeSocket, WELCOME } from "./fake_host.js";
import { fakeRecordings } from "./recordings.js";
import { GYM, MATCH, SPECS } from "./scenes.js";

const query = new URLSearchParams(location.search);
const wanted = query.get("show") ?? "start";
const language = query.get("lang") ?? "en";
document.documentElement.lang = language;
document.documentElement.dir = direction(language);
const t = await speak(language);
const root = document.getElementById("igym-root");
const nowMs = () => performance.timeOrigin + performance.now();
const later = (run, ms) => setTimeout(run, ms);

function drawGame(stage) {
  const canvas = document.createElement("canvas");
  canvas.width = 1200;
  canvas.height = 500;
  stage.prepend(canvas);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#dfeaf5";
  pen.fillRect(0, 0, 1200, 500);
  pen.fillStyle = "#3f7d4e";
  pen.fillRect(0, 430, 1200, 70);
  pen.fillStyle = "#c9503c";
  pen.beginPath();
  pen.arc(300, 430, 90, Math.PI, 0);
  pen.fill();
  pen.fillStyle = "#2450c4";
  pen.beginPath();
  pen.arc(900, 430, 90, Math.PI, 0);
  pen.fill();
  pen.fillStyle = "#f2c14e";
  pen.beginPath();
  pen.arc(640, 160, 36, 0, Math.PI * 2);
  pen.fill();
  return { draw: () => {}, play: () => {}, destroy: () => canvas.remove() };
}

const worker = { listeners: [], posted: [], load() {}, post: (message) => worker.posted.push(message), onMessage: (listener) => worker.listeners.push(listener), say: (message) => worker.listeners.forEach((listener) => listener(message)) };
const socket = new FakeSocket();
const link = new ServerLink({ socket, hello: () => ({ visit: app.visit }), onMessage: (type, body) => app.receive(type, body), onState: (state) => app.connectionChanged(state), onRefusedHello: () => {}, onUnknownParticipant: () => {}, onHeldOff: (text, againMs) => app.tellHeldOff(text, againMs), onHeld: () => app.tellHeld(), nowMs, later });
const reporter = new Reporter({ link, hostNowMs: () => link.clock.now(), later });
const renewal = { look: async () => {} };
const gym = new Gym({
  link,
  reporter,
  t,
  nowMs,
  makeGame: () => worker,
  makeRenderer: async (stage) => drawGame(stage),
  makeUploader: () => ({ add: () => {}, addMessage: () => {}, drained: async () => {} }),
  makeLinks: (match, events) => new Links({ ...match, players: [] }, { ...events, send: () => true, nowMs, everyBeat: () => () => {}, makeConnection: () => null, drawTag: () => "t" }),
  probes: { receive: () => {} },
  attention: { hidden: false, focused: true },
});
const app = new App({ root, t, link, gym, reporter, nowMs, comeHere: () => {}, renewal, pilot: null, recordings: fakeRecordings((stage) => stage.firstChild || drawGame(stage)) });
Object.assign(window, { app, socket, worker });
Object.defineProperty(window, "igym", { value: { get globals() { return app.globals.proxy; }, advance: () => app.advance() } });

const originalFetch = window.fetch;
window.fetch = async (url, options) => {
  if (String(url).startsWith("/api/game/")) return new Response(JSON.stringify({ scene: "match", files: {}, assets: {}, packages: [], vendor_packages: [], onnx: {} }));
  if (String(url).startsWith("/api/inputs/")) return new Response(JSON.stringify({ seed: 1, frames: 0, inputs: {} }));
  return originalFetch(url, options);
};

const scene = (spec, more = {}) => ({ visit: 3, index: 2, total: 7, spec, globals: {}, match: null, shown_before: false, ...more });
const closed = (outcome, more = {}) => ({ outcome, header: "", body: "", code: null, redirect_url: null, redirect_after_s: 0, ...more });
const matchState = (state, more = {}) => ({ match: "m1", state, server_ms: Date.now(), starts_at_ms: null, reason: "", text: "", deadline_ms: null, substitutes: {}, from_frame: null, ...more });
const tick = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms));
const progress = { type: "progress", step: "python", label: "Loading Python", loaded: 7_300_000, total: 13_100_000 };

async function join(info) {
  const frame = shell(root, { t, onLeave: () => {} });
  frame.update({ title: info.title, who: "", index: 0, total: 0, canLeave: false, immersed: false });
  new Stage(frame.main).show("join", joinPage, { info: { labels: null, link_id: null, admission: "open", title: "Ball study", ...info }, t, join: async () => ({ ok: false, text: "Somebody already takes part under this name. Please ask the experimenter." }) });
}

async function playing(phase = "playing", gameplay = {}) {
  socket.say("scene", scene({ ...GYM, gameplay: { ...GYM.gameplay, ...gameplay } }, { match: MATCH }));
  worker.say({ type: "loaded", loadMs: 2000, cold: true });
  await tick();
  worker.say({ type: "opened", visit: 3, match: "m1", warnings: [] });
  socket.say("match_state", matchState("playing", { starts_at_ms: Date.now() }));
  if (!phase) return;
  worker.say({ type: "phase", phase, episode: 1, untilMs: phase === "playing" ? null : nowMs() + 2600, text: "" });
  worker.say({ type: "hud", scores: { left: 3, right: 2 }, text: "Serve: left", episode: 1, frame: 640, timeS: 21.3 });
}

const preloading = { ...WELCOME, preload: { ...WELCOME.preload, bundles: ["match"] } };

const SHOWS = {
  join: () => join({ mode: "anonymous" }),
  who: () => new Stage(shell(root, { t, onLeave: () => {} }).main).show("who", whoPage, { t, answer: () => {} }),
  join_label: () => join({ mode: "typed_label" }),
  join_list: () => join({ mode: "list", labels: ["Anna", "Ben", "Chidi"] }),
  join_link: () => join({ mode: "link", link_id: "5f2c77e1" }),
  join_closed: () => join({ mode: "anonymous", admission: "closed" }),
  connecting: () => app.connectionChanged("connecting"),
  loading: async () => { socket.say("welcome", preloading); await tick(); worker.say(progress); },
  scales_errors: async () => { socket.say("scene", scene(SPECS.scales)); await tick(); document.querySelector("form").requestSubmit(); },
  form_errors: async () => { socket.say("scene", scene(SPECS.form)); await tick(); document.querySelector("[name=age]").value = "7"; document.querySelector("form").requestSubmit(); },
  end: () => socket.say("closed", closed("finished", { header: "Thank you!", body: "<p>You have helped us a lot. Please stay seated until everybody has finished.</p>", code: "K7QF2M9A" })),
  end_redirect: () => socket.say("closed", closed("finished", { redirect_url: "https://example.org/done", redirect_after_s: 600 })),
  end_debriefed: () => socket.say("closed", closed("finished", { header: "Thank you!", body: '<p>You have 17 points.</p><section class="debriefing"><p>Your partner was a program. We did not say so, because people play differently then. If you would rather not have taken part, tell the experimenter: your data will be erased.</p></section>' })),
  excluded: () => socket.say("closed", closed("excluded")),
  withdrawn: () => socket.say("closed", closed("withdrawn")),
  taken_over: () => socket.say("closed", closed("taken_over")),
  waiting: () => socket.say("waiting", { visit: 3, scene: "match", header: "Slime volleyball", message: "Please wait for the other participants. The game starts by itself.", waiting: 2, needed: 4, deadline_ms: Date.now() + 95_000, server_ms: Date.now(), phase: "waiting" }),
  waiting_acted: () => socket.say("waiting", { visit: 3, scene: "match", header: "Slime volleyball", message: "Please wait for the other participant. The game starts by itself.", waiting: 1, needed: 2, deadline_ms: null, server_ms: Date.now(), phase: "waiting" }),
  form_timed: async () => { socket.say("scene", scene({ ...SPECS.form, max_display_s: 60 })); await tick(); },
  leaderboard_none: () => socket.say("scene", scene({ ...SPECS.leaderboard, board: { rank: null, of: 0, lines: [] } })),
  gym_page: async () => { socket.say("welcome", preloading); socket.say("scene", scene(GYM)); await tick(); worker.say(progress); },
  gym_page_ready: async () => { socket.say("welcome", preloading); socket.say("scene", scene(GYM)); await tick(); worker.say({ type: "loaded", loadMs: 2000, cold: true }); },
  game: () => playing(),
  game_talk: async () => { await playing(); socket.say("chat", { talk: "m1", visit: 3, free_text: true, phrases: [], reactions: [], longest: 200, left: null, closed: "", lines: [{ number: 1, who: 2, name: "", mine: false, text: "Hello!", to: null, at_ms: Date.now() }] }); },
  game_loading: async () => { socket.say("scene", scene(GYM, { match: MATCH })); await tick(); worker.say(progress); },
  game_countdown: async () => { await playing("countdown"); },
  game_between: async () => { await playing("between"); },
  game_paused: async () => { await playing(); socket.say("match_state", matchState("paused", { reason: "link 0 1", deadline_ms: Date.now() + 4400 })); },
  game_turn: async () => { await playing("playing", { pace: "on_input" }); worker.say({ type: "turn", whose: "mine", untilMs: nowMs() + 12_400 }); },
  game_turn_made: async () => { await playing("playing", { pace: "on_input" }); worker.say({ type: "turn", whose: "made", untilMs: null }); await tick(400); },
  game_no_memory: async () => { await playing(); worker.say({ type: "error", phase: "step", message: "MemoryError: Unable to allocate 1.00 GiB", traceback: "", file: null, line: null, fatal: true }); },
  game_focus: async () => { await playing(); gym.attentionChanged({ hidden: false, focused: false }); },
  game_error: async () => { await playing(); worker.say({ type: "error", phase: "step", message: "ZeroDivisionError: division by zero", traceback: 'File "env.py", line 41, in step\n    reward = 1 / self.lives\nZeroDivisionError: division by zero', file: "env.py", line: 41, fatal: true }); },
  notice: async () => { socket.say("scene", scene(SPECS.start)); socket.say("notice", { id: "n1", level: "info", text: "We start the second part in five minutes. Please stay at your place.", expires_ms: null }); socket.say("notice", { id: "n2", level: "warning", text: "Please keep this window in front while you play.", expires_ms: null }); },
  offline: async () => { socket.say("scene", scene(SPECS.form)); socket.answer = () => null; await tick(); socket.drop(); await tick(1200); },
  leave: async () => { socket.say("scene", scene(SPECS.start)); await tick(); [...document.querySelectorAll(".footer button")].at(0).click(); },
  error: () => app.fail("error.body", "TypeError: x is not a function\n    at page.js:12"),
};

link.open();
await tick();
socket.say("welcome", WELCOME);
if (SHOWS[wanted]) await SHOWS[wanted]();
else socket.say("scene", scene(SPECS[wanted]));
if (wanted === "loading") socket.say("welcome", preloading);
document.documentElement.dataset.ready = "yes";
window.SHOWN = [...Object.keys(SPECS), ...Object.keys(SHOWS)];
