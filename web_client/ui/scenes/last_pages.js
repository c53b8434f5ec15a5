/**
 * The completion code and the end of the plan.
 * @module
 */
import { el } from "../dom.js";
import { pressMainButton } from "../press.js";
import { codeBox } from "./code_box.js";
import { goOnButton } from "./go_on.js";
import { heading } from "./page.js";
import { redirectNote } from "./redirect.js";

/** @typedef {import("./scene.js").SceneProps} SceneProps */
/** @typedef {import("../stage.js").View<SceneProps>} SceneView */

/** @type {SceneView} */
export const completionCode = {
  info: { kind: "completion_code", describes: "The participant's completion code." },
  mount(root, props) {
    const { scene, t } = props;
    heading(root, { ...scene.spec, header: scene.spec.header || t("code.title") });
    if (scene.spec.code) root.append(codeBox(String(scene.spec.code), t));
    const go = async (/** @type {import("./scene.js").PageTiming} */ timing) => {
      const outcome = await props.advance(timing);
      if (outcome.ok && scene.spec.redirect_url) props.redirect(scene.spec.redirect_url);
      return outcome;
    };
    const next = goOnButton({ ...props, advance: go }, scene.spec.button_label || t("button.continue"));
    root.append(next.element);
    return { submit: () => void next.submit(), unmount: next.stop };
  },
  simulate: pressMainButton,
};

/** @type {SceneView} */
export const end = {
  info: { kind: "end", describes: "The last page." },
  mount(root, { scene, t, redirect }) {
    const { spec } = scene;
    heading(root, { header: spec.header || t("closed.finished.title"), body: spec.body });
    if (!spec.body) root.append(el("p", { class: "lead" }, t("closed.finished.body")));
    if (spec.code) root.append(codeBox(String(spec.code), t));
    if (!spec.redirect_url) {
      root.append(el("p", { class: "small page-close" }, t("end.close")));
      return {};
    }
    const note = redirectNote({ url: spec.redirect_url, afterS: spec.redirect_after_s ?? 5, t, go: redirect });
    root.append(note.element);
    return { unmount: note.stop };
  },
};
