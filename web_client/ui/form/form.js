/**
 * One form for every scene that asks something: checks, error summary, drafts and answer times.
 * @module
 */
import { button, el, fill, freshId, setText, show } from "../dom.js";
import { boxesControl, choiceControl, choicesControl, consentControl, dropdownControl } from "./picked.js";
import { rankingControl } from "./ranked.js";
import { scaleControl, sliderControl } from "./rated.js";
import { problemOf } from "./rules.js";
import { dateControl, multilineControl, numberControl, textControl } from "./typed.js";

/** @typedef {import("./rules.js").Field} Field */
/** @typedef {import("./rules.js").Answer} Answer */
/** @typedef {import("./control.js").Control} Control */
/** @typedef {import("../text/index.js").Translate} Translate */
/** @typedef {{shown_ms: number, submitted_ms: number, first_change_ms: Record<string, number>, video_s?: Record<string, number>}} Timing */
/** @typedef {{ok: boolean, code?: string, text?: string, fields?: Record<string, string>}} Outcome */
/**
 * @typedef {object} FormProps
 * @property {Field[]} fields
 * @property {string} submitLabel
 * @property {Translate} t
 * @property {() => number} elapsedMs since this visit began
 * @property {() => number} shownMs when the page was first shown, likewise
 * @property {Record<string, Answer> | null} draft what was answered here before a reload
 * @property {Record<string, number>} touchedMs questions touched before a reload → how long after the page was shown
 * @property {(values: Record<string, Answer>, touchedMs: Record<string, number>) => void} onDraft
 * @property {(values: Record<string, Answer>, timing: Timing, timedOut?: boolean) => Promise<Outcome>} onSubmit
 */

/** @type {Record<import("./rules.js").FieldKind, import("./control.js").MakeControl>} */
const CONTROLS = {
  text: textControl,
  multiline: multilineControl,
  number: numberControl,
  date: dateControl,
  choice: choiceControl,
  choices: choicesControl,
  dropdown: dropdownControl,
  boxes: boxesControl,
  scale: scaleControl,
  slider: sliderControl,
  ranking: rankingControl,
  consent: consentControl,
};

/** What can be answered anew but, by itself, never be made unanswered again. @param {Field} field */
const sticks = (field) => ["choice", "scale", "slider", "ranking"].includes(field.kind) || (field.kind === "boxes" && !field.several);

export class Form {
  /** @type {Map<string, {field: Field, control: Control, back: HTMLElement | null}>} */
  #questions = new Map();
  /** @type {Record<string, number>} */
  #firstChangeMs;
  #shownMs;
  #sending = false;
  #tried = false;
  /** The host did not take the answers; set by whoever pilots the page. */
  onRejected = () => {};
  #props;

  /** @param {FormProps} props */
  constructor(props) {
    this.#props = props;
    this.#shownMs = props.shownMs();
    this.#firstChangeMs = { ...props.touchedMs };
    this.submitButton = button({ label: props.submitLabel, kind: "primary", type: "submit" });
    this.summary = el("div", { class: "summary", role: "alert", tabindex: "-1", hidden: true });
    this.actions = el("div", { class: "actions" }, this.submitButton);
    this.element = this.#build();
    this.#restore();
  }

  /** @returns {Record<string, Answer>} */
  values() {
    return Object.fromEntries([...this.#questions].map(([name, { control }]) => [name, control.read()]));
  }

  /**
   * Fills one question as if the participant had answered it.
   * @param {string} name
   * @param {Answer} answer
   */
  set(name, answer) {
    const question = this.#questions.get(name);
    if (!question) return;
    question.control.write(answer);
    this.#changed(name);
  }

  /** @returns {Promise<boolean>} whether the answers were accepted */
  async submit() {
    if (this.#sending) return false;
    this.#tried = true;
    const problems = this.#check();
    this.#showSummary(problems);
    return problems.length ? false : this.#send(false);
  }

  /** The page's time is up: whatever is filled in so far is sent, unfinished or not. */
  async sendAsItIs() {
    return this.#sending ? false : this.#send(true);
  }

  /** @param {boolean} timedOut */
  async #send(timedOut) {
    this.#setSending(true);
    const timing = { shown_ms: this.#shownMs, submitted_ms: this.#props.elapsedMs(), first_change_ms: { ...this.#firstChangeMs } };
    const outcome = await this.#props.onSubmit(this.values(), timing, timedOut);
    if (outcome.ok) return true;
    this.#setSending(false);
    this.#showRejection(outcome);
    this.onRejected();
    return false;
  }

  #build() {
    const { fields, t } = this.#props;
    const required = fields.some((field) => field.required);
    const form = el("form", { class: "form", novalidate: true, autocomplete: "off" }, this.summary);
    if (required && fields.length > 1) form.append(el("p", { class: "form-note" }, t("form.required.note")));
    for (const field of fields) form.append(this.#question(field).element);
    form.append(this.actions);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    return form;
  }

  /** @param {Field} field */
  #question(field) {
    const control = CONTROLS[field.kind](field, { t: this.#props.t, changed: () => this.#changed(field.name) });
    const back = !field.required && sticks(field) ? this.#wayBack(field, control) : null;
    this.#questions.set(field.name, { field, control, back });
    this.#showWayBack(field.name);
    return control;
  }

  /**
   * A question that may be left out can be left out again.
   * @param {Field} field
   * @param {Control} control
   */
  #wayBack(field, control) {
    const label = this.#props.t("form.take_back");
    const back = button({ label, kind: "quiet", onclick: () => (this.set(field.name, null), control.focus()) });
    back.setAttribute("aria-label", `${label}: ${field.label}`);
    (control.foot ?? control.element).append(back);
    back.classList.add("field-back");
    return back;
  }

  /** @param {string} name */
  #showWayBack(name) {
    const { control, back } = this.#questions.get(name) ?? {};
    back?.classList.toggle("field-back-idle", control?.read() === null);
  }

  #restore() {
    for (const [name, answer] of Object.entries(this.#props.draft ?? {})) {
      this.#questions.get(name)?.control.write(answer);
      this.#showWayBack(name);
    }
  }

  /** @param {string} name */
  #changed(name) {
    this.#firstChangeMs[name] ??= this.#props.elapsedMs() - this.#shownMs;
    this.#props.onDraft(this.values(), { ...this.#firstChangeMs });
    this.#showWayBack(name);
    const question = this.#questions.get(name);
    if (!question || !this.#tried) return;
    // Once somebody has tried to go on, an error goes away as soon as it is mended, and never appears while typing.
    if (!problemOf(question.field, question.control.read())) question.control.showProblem(null);
  }

  /** @returns {{field: Field, control: Control, text: string}[]} */
  #check() {
    const wrong = [];
    for (const { field, control } of this.#questions.values()) {
      const problem = problemOf(field, control.read());
      const text = problem ? this.#props.t(problem.key, problem.values) : null;
      control.showProblem(text);
      if (text !== null) wrong.push({ field, control, text });
    }
    return wrong;
  }

  /** @param {{field: Field, control: Control, text: string}[]} problems */
  #showSummary(problems) {
    show(this.summary, problems.length > 0);
    if (!problems.length) return;
    const links = problems.map(({ field, control, text }) =>
      el("li", null, el("a", { href: "#", onclick: (/** @type {Event} */ event) => (event.preventDefault(), control.focus()) }, field.label), ` – ${text}`),
    );
    const id = freshId("summary");
    fill(this.summary, el("p", { id, class: "summary-title" }, this.#props.t("form.errors", { n: problems.length })), el("ul", null, links));
    if (problems.length === 1) problems[0]?.control.focus();
    else this.summary.focus();
  }

  /** @param {Outcome} outcome */
  #showRejection(outcome) {
    for (const [name, text] of Object.entries(outcome.fields ?? {})) this.#questions.get(name)?.control.showProblem(text);
    show(this.summary, true);
    // Wrong answers are told in the host's own words; anything else is a refusal with its reason.
    const text = outcome.code === "wrong_answers" ? (outcome.text ?? "") : this.#props.t("form.rejected", { text: outcome.text ?? "" });
    fill(this.summary, el("p", { class: "summary-title" }, text));
    this.summary.focus();
  }

  /** @param {boolean} sending */
  #setSending(sending) {
    this.#sending = sending;
    this.submitButton.toggleAttribute("disabled", sending);
    setText(this.submitButton, sending ? this.#props.t("button.sending") : this.#props.submitLabel);
  }
}
