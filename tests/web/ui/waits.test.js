/**
 * What has a browser wait for another of its processes (fonts, gamepads) is not done in the tasks that show something.
 */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { openPage, scene } from "./app_parts.js";
import { freshRoot } from "./dom.js";
import { GYM, MATCH } from "./gallery/scenes.js";

const { joinPage } = await import("../../../web_client/ui/join_page.js");
const { translator } = await import("../../../web_client/ui/text/index.js");

const plain = { focus: window.HTMLElement.prototype.focus, listen: window.addEventListener };
let done = [];

/** Notes each focus and each look for gamepads from now on. */
function watch() {
  done = [];
  window.HTMLElement.prototype.focus = function (...given) {
    done.push(`focus ${this.className || this.localName}`);
    plain.focus.apply(this, given);
  };
  window.addEventListener = (kind, ...more) => (kind.startsWith("gamepad") && done.push(kind), plain.listen.call(window, kind, ...more));
}

afterEach(() => {
  window.HTMLElement.prototype.focus = plain.focus;
  window.addEventListener = plain.listen;
});

/** Until the browser has shown it, and what follows by itself. */
async function shown() {
  await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise((resolve) => setTimeout(resolve));
}

test("a game has the keys and its gamepads as soon as it is seen, and not in the task that builds it", async () => {
  const page = await openPage();
  watch();
  page.socket.say("scene", scene(GYM, { match: { ...MATCH, players: [MATCH.players[0]] } }));
  assert.deepEqual(done, []);
  await shown();
  assert.deepEqual(done.map((one) => one.split(" ")[0]).sort(), ["focus", "gamepadconnected"]);
  assert.ok(document.activeElement.classList.contains("game-stage"));
  page.gym.stop();
  page.app.stage.clear();
});

test("the join page has its button under the finger as soon as it is seen, and not in the task that builds it", async () => {
  const root = freshRoot();
  watch();
  joinPage.mount(root, { info: { title: "Study", mode: "anonymous", labels: null, link_id: null, admission: "open" }, t: translator("en"), join: async () => ({ ok: true }) });
  assert.deepEqual(done, []);
  await shown();
  assert.equal(document.activeElement, root.querySelector("button"));
});
