/**
 * The talk beside a page: what was said, and what this person may say. Everything said is text, never HTML.
 * @module
 */
import { button, el, fill, setText, show } from "./dom.js";
import { clockOf } from "./time.js";

/** @typedef {import("./text/index.js").Translate} Translate */
/** @typedef {import("../protocol/server_messages.js").Chat} Talk */
/** @typedef {import("../protocol/server_messages.js").ChatLine} Line */
/** @typedef {{text?: string, phrase?: number, reaction?: number, to?: number}} Words */
/**
 * @typedef {object} ChatParts
 * @property {Translate} t
 * @property {(words: Words) => Promise<{ok: boolean, text?: string}>} say resolves when the host has taken or refused it
 * @property {() => void} goBack gives the keys back to the game, where one is played
 */

export class ChatPanel {
  /** @type {Talk | null} */
  #talk = null;
  /** Line's number → its element. @type {Map<number, HTMLElement>} */
  #shown = new Map();
  #t;
  #parts;

  /**
   * @param {HTMLElement} holder
   * @param {ChatParts} parts
   */
  constructor(holder, parts) {
    const { t } = parts;
    this.#t = t;
    this.#parts = parts;
    this.holder = holder;
    this.lines = el("ol", { class: "chat-lines", role: "log", "aria-live": "polite", "aria-label": t("chat.title"), tabindex: "0" });
    this.note = el("p", { class: "chat-note small", role: "status" });
    this.input = el("input", { class: "chat-input", type: "text", dir: "auto", autocomplete: "off", "aria-label": t("chat.write"), placeholder: t("chat.write"), enterkeyhint: "send" });
    this.form = el("form", { class: "chat-form" }, this.input, button({ label: t("chat.send"), type: "submit" }));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#sendText();
    });
    this.phrases = el("div", { class: "chat-phrases" });
    fill(holder, el("h2", { class: "chat-title" }, t("chat.title")), this.lines, this.phrases, this.form, this.note);
    show(holder, false);
  }

  /**
   * @param {Talk | null} talk
   * @returns {boolean} whether it has just begun
   */
  update(talk) {
    if (talk === this.#talk) return false;
    const begins = talk?.talk !== this.#talk?.talk;
    if (begins) this.#begin(talk);
    this.#talk = talk;
    if (talk) this.#refresh(talk);
    return begins && talk !== null;
  }

  /** Somebody has begun to write something, and has not sent it. */
  get isWriting() {
    return this.input.value !== "";
  }

  /** Something a pilot says. @param {() => number} random */
  simulate(random) {
    const talk = this.#talk;
    if (!talk || talk.closed) return;
    const phrase = Math.floor(random() * talk.phrases.length);
    void this.#parts.say(talk.phrases.length ? { phrase } : { text: this.#t("chat.title") });
  }

  /** @param {Talk | null} talk */
  #begin(talk) {
    this.#shown.clear();
    fill(this.lines);
    this.input.value = "";
    show(this.holder, talk !== null);
    if (!talk) return;
    fill(this.phrases, talk.phrases.map((text, phrase) => button({ label: text, onclick: () => void this.#send({ phrase }) })));
    show(this.phrases, talk.phrases.length > 0);
    show(this.form, talk.free_text);
    this.input.maxLength = talk.longest;
  }

  /** @param {Talk} talk */
  #refresh(talk) {
    const atEnd = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 40;
    for (const line of talk.lines) if (!this.#shown.has(line.number)) this.#add(talk, line);
    // Whoever reads what was said before is not torn away from it.
    if (atEnd || talk.lines.at(-1)?.mine) this.lines.scrollTop = this.lines.scrollHeight;
    for (const control of this.holder.querySelectorAll("button, input")) control.toggleAttribute("disabled", talk.closed !== "");
    setText(this.note, this.#noteOf(talk));
  }

  /** @param {Talk} talk */
  #noteOf({ closed, left, lines }) {
    if (closed) return this.#t(`chat.closed.${closed}`);
    if (left !== null && left !== undefined) return this.#t("chat.left", { n: left });
    return lines.length ? "" : this.#t("chat.empty");
  }

  /**
   * @param {Talk} talk
   * @param {Line} line
   */
  #add(talk, line) {
    const answered = line.to == null ? null : this.#shown.get(line.to);
    if (answered) {
      answered.querySelector(".chat-signs")?.append(el("span", { class: "chat-sign", title: this.#nameOf(line) }, line.text));
      this.#shown.set(line.number, answered);
      return;
    }
    const signs = talk.reactions.map((sign, reaction) =>
      el("button", { type: "button", class: "chat-react", "aria-label": this.#t("chat.react", { sign }), onclick: () => void this.#send({ reaction, to: line.number }) }, sign),
    );
    const head = el("div", { class: "chat-head" }, el("strong", { dir: "auto" }, this.#nameOf(line)), el("time", { class: "small" }, clockOf(line.at_ms, document.documentElement.lang || "en", navigator.languages)));
    const foot = el("div", { class: "chat-foot" }, el("span", { class: "chat-signs" }), line.mine ? null : signs);
    const element = el("li", { class: line.mine ? "chat-line chat-mine" : "chat-line" }, head, el("p", { class: "chat-text", dir: "auto" }, line.text), foot);
    this.#shown.set(line.number, element);
    this.lines.append(element);
  }

  /** @param {Line} line */
  #nameOf({ mine, name, who }) {
    return mine ? this.#t("game.you") : name || this.#t("chat.person", { n: who });
  }

  async #sendText() {
    const text = this.input.value.trim();
    if (text && (await this.#send({ text }))) this.input.value = "";
  }

  /** @param {Words} words */
  async #send(words) {
    const ack = await this.#parts.say(words);
    if (!ack.ok) setText(this.note, ack.text || this.#t("chat.not_sent"));
    else this.#parts.goBack();
    return ack.ok;
  }
}
