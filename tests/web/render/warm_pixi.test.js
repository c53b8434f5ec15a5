/** What draws is made ready before a game needs it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { warmPixi } from "../../../web_client/render/renderer.js";

/** The address of a PixiJS that answers so; `asked` is among what its page has. @param {string} answer */
const vendorOf = (answer) => `data:text/javascript,${encodeURIComponent(`export const getMaxFragmentPrecision = () => globalThis.asked.push("precision");\nexport const getMaxTexturesPerBatch = () => { ${answer} };`)}//`;
const scope = /** @type {any} */ (globalThis);

before(() => {
  const gl = { getExtension: () => null, getParameter: () => "a card", RENDERER: 1 };
  scope.document = { createElement: () => ({ getContext: () => gl }) };
  scope.asked = [];
});
after(() => {
  delete scope.document;
  delete scope.asked;
});

for (const [what, answer] of [["that knows", "globalThis.asked.push('textures')"], ["that gets no further context", "throw new TypeError('null')"]]) {
  test(`a browser ${what} is asked in an idle moment, and nobody hears of it`, async () => {
    /** @type {(() => void)[]} */
    const idle = [];
    scope.asked.length = 0;
    await warmPixi(vendorOf(String(answer)), (run) => void idle.push(run));
    assert.deepEqual(scope.asked, []);
    idle.forEach((run) => run());
    assert.equal(scope.asked[0], "precision");
  });
}
