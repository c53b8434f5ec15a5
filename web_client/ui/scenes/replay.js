/**
 * One or two recordings to watch, with questions at moments of them or at their end.
 * @module
 */
import { Course } from "./replay_course.js";
import { button, el, setText, show } from "../dom.js";
import { plausibleAnswer } from "../form/simulate.js";
import { fieldFromSpec } from "../form/spec.js";
import { numberText } from "../numbers.js";
import { pressMainButton } from "../press.js";
import { goOnButton } from "./go_on.js";
import { heading } from "./page.js";
import { Questions } from "./replay_questions.js";

/** @typedef {import("./scene.js").SceneProps} SceneProps */
/** @typedef {import("../stage.js").View<SceneProps>} SceneView */
/** @typedef {import("../../replay/screen.js").Screen} Screen */

const ASK_AGAIN_MS = 300;
const MARKS = ["A", "B"];

class Watching {
  #props;
  #course;
  /** @type {Screen[]} */ #screens = [];
  #stages;
  #questions;
  #goOn;
  #lastMs = 0;
  #request = 0;
  #closed = false;
  #failed = false;
  #ready = false;

  /**
   * @param {HTMLElement} root
   * @param {SceneProps} props
   */
  constructor(root, props) {
    const { scene, t } = props;
    const { spec } = scene;
    this.#props = props;
    heading(root, spec);
    this.#questions = new Questions(props, () => this.#answered());
    const { stops, speed } = spec;
    /** @type {import("./replay_course.js").Length[]} */ const shown = spec.shown;
    this.#course = new Course({ shown, stops, speed, answered: this.#questions.answeredStops });
    this.#stages = shown.map((_, number) => this.#stage(number));
    this.status = el("p", { class: "lead", role: "status" }, t("replay.loading"));
    this.play = button({ label: t("replay.play"), kind: "primary", onclick: () => this.#toggle() });
    this.place = el("output", { class: "small replay-place" });
    this.#goOn = goOnButton({ ...props, advance: (timing, timedOut) => this.#leave(timing, timedOut) }, spec.button_label || t("button.continue"));
    const bar = el("div", { class: "actions replay-bar" }, this.play, this.place);
    root.append(el("div", { class: "replay-screens" }, this.#stages.map(({ figure }) => figure)), this.status, bar, this.#questions.element, this.#goOn.element);
    this.#show();
    void this.#open();
    this.#request = requestAnimationFrame((atMs) => this.#turn(atMs));
  }

  /** @param {number} number */
  #stage(number) {
    const { t, scene } = this.#props;
    const mark = scene.spec.shown.length > 1 ? t("replay.mark", { mark: MARKS[number] ?? String(number + 1) }) : null;
    const stage = el("div", { class: "replay-stage", role: "img", "aria-label": mark ?? t("replay.picture") });
    return { stage, figure: el("figure", { class: "replay-figure" }, mark && el("figcaption", null, mark), stage) };
  }

  async #open() {
    const { recordings, scene } = this.#props;
    try {
      for (const [number, { stage, figure }] of this.#stages.entries()) {
        const opened = await recordings.open(scene.visit, number);
        if (this.#closed) return;
        const { width, height } = opened.bundle.spec.rendering;
        figure.style.setProperty("--ratio", String(width / height));
        const screen = recordings.screen(stage, { progress: (step) => this.#loading(step), frames: () => {}, error: ({ message }) => this.#fail(message) });
        Object.assign(screen.player, opened.replay);
        this.#screens.push(screen);
        screen.open(opened, opened.match.me);
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {{loaded: number, total: number}} step */
  #loading({ loaded, total }) {
    if (!this.#failed) setText(this.status, `${this.#props.t("replay.loading")} ${Math.round((100 * loaded) / Math.max(1, total))} %`);
  }

  /** @param {string} why for the researcher; the host leads on */
  #fail(why) {
    if (this.#failed || this.#closed) return;
    this.#failed = true;
    this.#course.playing = false;
    this.#tell("failed", why.slice(0, 500));
    setText(this.status, this.#props.t("replay.failed"));
    this.#show();
  }

  /**
   * @param {"play" | "pause" | "stop" | "end" | "failed"} event
   * @param {string} [text]
   */
  #tell(event, text = "") {
    this.#props.replayEvent(event, this.#course.position, text);
  }

  #toggle() {
    this.#course.toggle();
    this.#tell(this.#course.playing ? "play" : "pause");
    this.#show();
  }

  /** @param {number} atMs */
  #turn(atMs) {
    if (this.#closed) return;
    const came = this.#course.pass(Math.min(500, atMs - this.#lastMs), this.#readySeconds());
    this.#lastMs = atMs;
    if (came) this.#tell(came);
    this.#draw();
    const ready = this.#readySeconds() > 0;
    if (came || ready !== this.#ready) {
      this.#ready = ready;
      this.#show();
    }
    this.#request = requestAnimationFrame((next) => this.#turn(next));
  }

  /** Seconds that every recording can show by now. */
  #readySeconds() {
    if (this.#screens.length < this.#stages.length) return 0;
    return Math.min(...this.#screens.map((screen) => (screen.isWhole ? Infinity : screen.player.reached / screen.player.fps)));
  }

  #draw() {
    this.#screens.forEach((screen, number) => {
      screen.player.seek(this.#course.frame(number));
      screen.show();
    });
    const { position, length } = this.#course;
    setText(this.place, this.#props.t("replay.place", { at: numberText(position, 1, 1), of: numberText(length, 1, 1) }));
  }

  #show() {
    const { t, scene } = this.#props;
    const { ended, playing, stop, mayPlay, allAnswered } = this.#course;
    show(this.status, !this.#ready || this.#failed);
    this.play.disabled = !this.#ready || this.#failed || !mayPlay;
    show(this.play, !ended || scene.spec.may_rewatch);
    setText(this.play, t(playing ? "replay.pause" : ended ? "replay.again" : "replay.play"));
    this.#questions.show(stop, { isLast: this.#course.isLastStop, position: () => this.#course.position });
    show(this.#goOn.element, stop === null && allAnswered && ended);
  }

  #answered() {
    this.#course.answered();
    this.#toggle();
  }

  /**
   * The button of a page that asks nothing, or nothing that this recording comes to.
   * @param {import("./scene.js").PageTiming} timing
   * @param {boolean} [timedOut]
   */
  #leave(timing, timedOut) {
    const { scene, advance, answer } = this.#props;
    if (!scene.spec.fields.length) return advance(timing, timedOut);
    return answer(this.#questions.values, { ...timing, ...this.#questions.timing }, timedOut);
  }

  /** As if everything had been watched. @param {() => number} random */
  simulate(random) {
    if (this.#closed || this.#failed) return;
    const { stop, allAnswered, ended } = this.#course;
    if (stop) this.#questions.fill((spec) => plausibleAnswer(fieldFromSpec(spec), random));
    else if (allAnswered && ended) pressMainButton(this.#goOn.element);
    else {
      this.#course.skip();
      this.#tell(this.#course.ended ? "end" : "stop");
    }
    this.#show();
    setTimeout(() => this.simulate(random), ASK_AGAIN_MS);
  }

  submit = () => (this.#course.stop ? this.#questions.submit() : void this.#goOn.submit());

  close() {
    this.#closed = true;
    cancelAnimationFrame(this.#request);
    this.#goOn.stop();
    for (const screen of this.#screens) screen.close();
  }
}

/** @type {WeakMap<HTMLElement, Watching>} */
const watched = new WeakMap();

/** @type {SceneView} */
export const replay = {
  info: { kind: "replay", describes: "Recordings to watch, with questions.", wide: true },
  mount(root, props) {
    const watching = new Watching(root, props);
    watched.set(root, watching);
    return { submit: () => watching.submit(), unmount: () => watching.close() };
  },
  simulate: (root, _props, random) => watched.get(root)?.simulate(random),
};
