/**
 * Pages to read and pages with questions: every scene without a game, a frame or a code.
 * @module
 */
import { append, el } from "../dom.js";
import { Form } from "../form/form.js";
import { plausibleAnswer } from "../form/simulate.js";
import { fieldFromSpec } from "../form/spec.js";
import { htmlBody, startBody } from "../html_body.js";
import { pressMainButton } from "../press.js";
import { goOnButton, longestStay, shortestStay } from "./go_on.js";
import { leaderboard } from "./leaderboard.js";
import { receiptButton } from "./receipt.js";

/** @typedef {import("./scene.js").SceneProps} SceneProps */
/** @typedef {import("../stage.js").View<SceneProps>} SceneView */

/**
 * Heading and body as the researcher wrote them.
 * @param {HTMLElement} root
 * @param {{header?: string, body?: string}} spec
 */
export function heading(root, spec) {
  if (spec.header) root.append(el("h1", null, spec.header));
  if (!spec.body) return;
  const body = htmlBody(spec.body);
  root.append(body);
  void startBody(body);
}

/** @param {SceneProps} props */
const buttonLabel = ({ scene, t }) => scene.spec.button_label || t("button.continue");

const GUESS_AGAIN_MS = 500;

/** @type {WeakMap<HTMLElement, Form>} */
const forms = new WeakMap();

/**
 * @param {HTMLElement} root
 * @param {SceneProps} props
 */
function mountQuestions(root, props) {
  const { scene, t, elapsedMs, shownMs, draft, touchedMs, onDraft } = props;
  const fields = scene.spec.fields.map((/** @type {any} */ spec) => fieldFromSpec(spec, scene.spec.header));
  const form = new Form({ fields, submitLabel: buttonLabel(props), t, elapsedMs, shownMs, draft, touchedMs, onDraft, onSubmit: props.answer });
  forms.set(root, form);
  const stays = [shortestStay(form.submitButton, props), longestStay(props, () => void form.sendAsItIs())];
  append(form.actions, ...stays.map(({ hint }) => hint));
  heading(root, scene.spec);
  root.append(form.element);
  const receipt = receiptButton(props, (name) => form.values()[name] === true);
  if (receipt) form.actions.append(receipt);
  return { submit: () => void (form.submitButton.disabled || form.submit()), unmount: () => stays.forEach(({ stop }) => stop()) };
}

/**
 * @param {HTMLElement} root
 * @param {SceneProps} props
 */
function mountReading(root, props) {
  heading(root, props.scene.spec);
  const next = goOnButton(props, buttonLabel(props));
  root.append(next.element);
  return { submit: () => void next.submit(), unmount: next.stop };
}

/**
 * @param {HTMLElement} root
 * @param {SceneProps} props
 */
const mountTalk = (root, props) => {
  heading(root, props.scene.spec);
  const next = goOnButton(props, buttonLabel(props));
  root.append(el("div", { class: "chat-slot" }), next.element);
  return { submit: () => void next.submit(), unmount: next.stop };
};

/**
 * @param {HTMLElement} root
 * @param {SceneProps} props
 */
const mountBoard = (root, props) => {
  heading(root, props.scene.spec);
  const board = el("div");
  const update = (/** @type {SceneProps} */ { scene, t }) => board.replaceChildren(leaderboard(scene.spec.board, t));
  update(props);
  root.append(board);
  const next = goOnButton(props, buttonLabel(props));
  root.append(next.element);
  return { update, submit: () => void next.submit(), unmount: next.stop };
};

/**
 * @param {HTMLElement} root
 * @param {SceneProps} props
 */
const mount = (root, props) => (props.scene.spec.fields?.length ? mountQuestions(root, props) : mountReading(root, props));

/** @type {NonNullable<SceneView["simulate"]>} */
function simulate(root, { scene }, random) {
  const form = forms.get(root);
  const answer = () => {
    if (!root.isConnected) return;
    for (const spec of form ? scene.spec.fields : []) form?.set(spec.name, plausibleAnswer(fieldFromSpec(spec), random));
    pressMainButton(root);
  };
  // Where right answers are asked for, a pilot guesses until the page lets it go.
  if (form) form.onRejected = () => void setTimeout(answer, GUESS_AGAIN_MS);
  answer();
}

/**
 * @param {string} kind
 * @param {string} describes
 * @returns {SceneView}
 */
const page = (kind, describes) => ({ info: { kind, describes }, mount, simulate });

export const pages = [
  page("start", "The first page."),
  page("static", "A page to read."),
  page("text_box", "One question with a text box."),
  page("multiple_choice", "One question with answers to pick."),
  page("scales", "Ratings."),
  page("option_boxes", "Large boxes to choose from."),
  page("ranking", "A list to put in order."),
  page("scales_and_text_box", "Ratings and a text box."),
  page("option_boxes_with_scales_and_text_box", "Boxes, ratings and a text box."),
  page("form", "Typed questions."),
  { ...page("chat", "A talk with the people of one's last game."), mount: mountTalk },
  { ...page("leaderboard", "One's own result among those of others."), mount: mountBoard },
];
