/**
 * What this page knows about the participant's place, changed only by what the host says. Pure.
 * @module
 */

/** @typedef {import("../protocol/server_messages.js").SceneShown} SceneShown */
/** @typedef {import("../protocol/server_messages.js").Closed} Closed */
/** @typedef {import("../protocol/server_messages.js").Waiting} Waiting */
/** @typedef {import("../protocol/server_messages.js").Welcome} Welcome */
/** @typedef {import("../protocol/server_messages.js").MatchState} MatchState */
/**
 * @typedef {object} State
 * @property {Welcome | null} welcome
 * @property {SceneShown | null} scene the scene of the present visit, kept while waiting
 * @property {Waiting | null} waiting
 * @property {MatchState | null} matchState of the match in `scene`
 * @property {Closed | null} closed
 * @property {import("../protocol/server_messages.js").Chat | null} chat the talk beside the present page
 * @property {Record<string, unknown>} globals
 */

/** @type {State} */
export const NOTHING_YET = Object.freeze({ welcome: null, scene: null, waiting: null, matchState: null, closed: null, chat: null, globals: {} });

/**
 * @param {import("../protocol/server_messages.js").Chat} chat
 * @param {import("../protocol/server_messages.js").ChatLine} line
 */
function heard(chat, line) {
  if (chat.lines.some(({ number }) => number === line.number)) return chat;
  const left = line.mine && chat.left != null ? chat.left - 1 : chat.left;
  return { ...chat, left, lines: [...chat.lines, line] };
}

/** @type {Record<string, (state: State, body: any) => State>} */
const CHANGES = {
  welcome: (state, body) => ({ ...state, welcome: body, globals: body.globals ?? {} }),
  scene: (state, body) => ({
    ...state,
    scene: body,
    waiting: null,
    closed: null,
    chat: state.chat?.visit === body.visit ? state.chat : null,
    matchState: body.match && state.matchState?.match === body.match.id ? state.matchState : null,
    globals: body.globals ?? state.globals,
  }),
  waiting: (state, body) => ({ ...state, waiting: body, matchState: null, closed: null, chat: state.waiting?.visit === body.visit ? state.chat : null }),
  match_state: (state, body) => ({ ...state, matchState: body }),
  closed: (state, body) => ({ ...state, closed: body, waiting: null, matchState: null, chat: null }),
  chat: (state, body) => ({ ...state, chat: body }),
  chat_said: (state, { talk, line }) => (state.chat && state.chat.talk === talk ? { ...state, chat: heard(state.chat, line) } : state),
  globals: (state, body) => ({ ...state, globals: body.values ?? {} }),
};

/**
 * @param {State} state
 * @param {string} type
 * @param {any} body
 * @returns {State} the same object when the message says nothing about the place
 */
export const received = (state, type, body) => CHANGES[type]?.(state, body) ?? state;

/** @typedef {"connecting" | "preparing" | "closed" | "waiting" | "scene" | "gym_page" | "game"} Screen */

/**
 * What is to be on the screen, and a key that changes when it must be built anew.
 * @param {State} state
 * @returns {{screen: Screen, key: string}}
 */
export function screenOf({ welcome, scene, waiting, closed }) {
  if (closed) return { screen: "closed", key: `closed ${closed.outcome} ${closed.code ?? ""}` };
  if (waiting) return { screen: "waiting", key: `waiting ${waiting.visit}` };
  if (scene?.match) return { screen: "game", key: `game ${scene.visit} ${scene.match.id}` };
  if (scene) return { screen: scene.spec.kind === "gym" ? "gym_page" : "scene", key: `scene ${scene.visit}` };
  return welcome ? { screen: "preparing", key: "preparing" } : { screen: "connecting", key: "connecting" };
}

/**
 * The visit this page still shows; told in every hello.
 * @param {State} state
 */
export const shownVisit = ({ scene, waiting, closed }) => (closed ? null : (waiting?.visit ?? scene?.visit ?? null));
