/**
 * Which view shows which kind of scene. The gym scene has pages of its own (see `ui/game`).
 * @module
 */
import { completionCode, end } from "./last_pages.js";
import { pages } from "./page.js";
import { replay } from "./replay.js";
import { web } from "./web.js";

/** @typedef {import("../stage.js").View<import("./scene.js").SceneProps>} SceneView */

/** @type {Map<string, SceneView>} */
const VIEWS = new Map([...pages, replay, web, completionCode, end].map((view) => [view.info.kind, view]));

/**
 * @param {string} kind
 * @returns {SceneView}
 */
export function sceneView(kind) {
  const view = VIEWS.get(kind);
  if (!view) throw new Error(`This page does not know the kind of scene "${kind}".`);
  return view;
}
