/**
 * The questions of a page with recordings: those of one stop at a time, sent together with the last.
 * @module
 */
import { el, fill } from "../dom.js";
import { Form } from "../form/form.js";
import { fieldFromSpec } from "../form/spec.js";
import { shortestStay } from "./go_on.js";

/** @typedef {import("./scene.js").SceneProps} SceneProps */
/** @typedef {import("../form/rules.js").Answer} Answer */
/** @typedef {import("../form/form.js").Timing} Timing */
/** @typedef {import("./replay_course.js").Stop} Stop */

export class Questions {
  element = el("div", { class: "replay-questions" });
  /** Everything answered so far. @type {Record<string, Answer>} */ values;
  /** @type {Record<string, number>} */ #touchedMs;
  /** Question → seconds of the recording at which it was first touched. @type {Record<string, number>} */ #videoS = {};
  #props;
  #answered;
  /** @type {Stop | null} */ #open = null;
  /** @type {Form | null} */ #form = null;
  #position = () => 0;
  #stopStay = () => {};

  /**
   * @param {SceneProps} props
   * @param {() => void} answered a stop that is not the last
   */
  constructor(props, answered) {
    this.#props = props;
    this.#answered = answered;
    this.values = { ...(props.draft ?? {}) };
    this.#touchedMs = { ...props.touchedMs };
    for (const { at_s, fields } of this.#timed()) for (const name of fields) if (name in this.#touchedMs) this.#videoS[name] = Number(at_s);
  }

  /** Stops whose answers came from before a reload: everything of a later stop was answered, too. */
  get answeredStops() {
    const { stops } = this.#props.scene.spec;
    const begun = stops.findLastIndex((/** @type {Stop} */ { fields }) => fields.some((name) => name in this.#touchedMs));
    return Math.max(0, begun);
  }

  get timing() {
    return { first_change_ms: { ...this.#touchedMs }, video_s: { ...this.#videoS } };
  }

  /** @returns {Stop[]} */
  #timed() {
    return this.#props.scene.spec.stops.filter((/** @type {Stop} */ { at_s }) => at_s !== null);
  }

  /**
   * @param {Stop | null} stop whose questions are open
   * @param {{isLast: boolean, position: () => number}} place
   */
  show(stop, { isLast, position }) {
    this.#position = position;
    if (stop === this.#open) return;
    this.#open = stop;
    this.#stopStay();
    this.#form = stop ? this.#make(stop, isLast) : null;
    fill(this.element, this.#form?.element ?? null);
    this.#form?.element.scrollIntoView?.({ block: "nearest" });
  }

  /**
   * @param {Stop} stop
   * @param {boolean} isLast
   */
  #make(stop, isLast) {
    const { scene, t, elapsedMs, shownMs } = this.#props;
    const { spec } = scene;
    const fields = spec.fields.filter((/** @type {{name: string}} */ { name }) => stop.fields.includes(name)).map((/** @type {any} */ one) => fieldFromSpec(one, spec.header));
    const form = new Form({
      fields, t, elapsedMs, shownMs,
      submitLabel: (isLast && spec.button_label) || t("button.continue"),
      draft: this.values,
      touchedMs: this.#touchedMs,
      onDraft: (values, touchedMs) => this.#keep(values, touchedMs),
      onSubmit: (values, timing, timedOut) => this.#send(values, timing, isLast, timedOut),
    });
    const stay = isLast ? shortestStay(form.submitButton, this.#props) : null;
    if (stay?.hint) form.actions.append(stay.hint);
    this.#stopStay = stay?.stop ?? (() => {});
    return form;
  }

  /**
   * @param {Record<string, Answer>} values
   * @param {Record<string, number>} touchedMs
   */
  #keep(values, touchedMs) {
    for (const name of Object.keys(touchedMs)) this.#videoS[name] ??= this.#position();
    Object.assign(this.values, values);
    Object.assign(this.#touchedMs, touchedMs);
    this.#props.onDraft({ ...this.values }, { ...this.#touchedMs });
  }

  /**
   * @param {Record<string, Answer>} values
   * @param {Timing} timing
   * @param {boolean} isLast
   * @param {boolean} [timedOut]
   */
  async #send(values, timing, isLast, timedOut) {
    this.#keep(values, timing.first_change_ms);
    if (isLast) return this.#props.answer({ ...this.values }, { ...timing, ...this.timing }, timedOut);
    this.#answered();
    return { ok: true };
  }

  submit() {
    void this.#form?.submit();
  }

  /** @param {(spec: any) => Answer} answer */
  fill(answer) {
    const { fields } = this.#props.scene.spec;
    for (const spec of fields.filter((/** @type {{name: string}} */ { name }) => this.#open?.fields.includes(name))) this.#form?.set(spec.name, answer(spec));
    this.submit();
  }
}
