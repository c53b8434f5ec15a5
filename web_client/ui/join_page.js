/**
 * The first thing a participant sees: what this is, who they are, and a button that starts it.
 * @module
 */
import { button, el, fill, freshId, setText, show } from "./dom.js";

/** @typedef {import("./text/index.js").Translate} Translate */
/** @typedef {{title: string, mode: "anonymous" | "typed_label" | "list" | "link", labels: string[] | null, link_id: string | null, admission: "open" | "closed" | "full"}} JoinInfo */
/** @typedef {{ok: true} | {ok: false, text: string}} JoinOutcome */
/** @typedef {{info: JoinInfo, t: Translate, join: (label: string | null) => Promise<JoinOutcome>}} JoinProps */

/**
 * @param {JoinInfo} info
 * @param {Translate} t
 * @param {string} describedBy
 * @returns {{element: HTMLElement | null, input: HTMLInputElement | HTMLSelectElement | null, missing: string}}
 */
function who(info, t, describedBy) {
  const id = freshId("label");
  const shared = { id, class: "input", name: "label", "aria-required": "true", "aria-describedby": describedBy };
  if (info.mode === "list" && info.labels) {
    const options = info.labels.map((label) => el("option", { value: label }, label));
    const input = el("select", shared, el("option", { value: "" }, t("join.list.choose")), options);
    return { element: labelled(id, t("join.list"), input), input, missing: t("join.error.choose") };
  }
  if (info.mode === "typed_label" || info.mode === "list") {
    const input = el("input", { ...shared, type: "text", maxlength: 60, autocomplete: "off", autocapitalize: "off", spellcheck: "false", value: info.link_id });
    return { element: labelled(id, t("join.label"), input, t("join.label.help")), input, missing: t("join.error.empty") };
  }
  if (info.link_id === null) return { element: null, input: null, missing: "" };
  const told = el("p", { class: "join-as" }, t("join.link"), " ", el("strong", null, info.link_id), ".");
  return { element: el("div", { class: "field" }, told, el("p", { class: "field-help" }, t("join.link.check"))), input: null, missing: "" };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [help]
 */
function labelled(id, label, input, help) {
  return el("div", { class: "field" }, el("label", { class: "field-label", for: id }, label), help ? el("p", { class: "field-help" }, help) : null, input);
}

/** @type {import("./stage.js").View<JoinProps>} */
export const joinPage = {
  info: { kind: "join", describes: "The first page: who is it, and Start." },
  mount(root, { info, t, join }) {
    if (info.admission !== "open") {
      const key = info.admission === "full" ? "full" : "closed";
      root.append(el("h1", null, t(`join.${key}.title`)), el("p", { class: "lead" }, t(`join.${key}.body`)));
      return {};
    }
    const problem = el("p", { class: "field-error", role: "alert", id: freshId("error"), hidden: true });
    const person = who(info, t, problem.id);
    const start = button({ label: t("button.start"), kind: "primary", type: "submit" });
    const tell = (/** @type {string} */ text) => {
      setText(problem, text);
      show(problem, text !== "");
      start.disabled = false;
      if (text) person.input?.focus();
      person.input?.toggleAttribute("aria-invalid", text !== "");
    };
    const submit = async () => {
      if (start.disabled) return;
      const label = person.input ? person.input.value.trim() : null;
      if (label === "") return tell(person.missing);
      tell("");
      start.disabled = true;
      const outcome = await join(label);
      if (!outcome.ok) tell(outcome.text);
    };
    const form = el("form", { class: "form", novalidate: true, onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), void submit()) });
    form.append(...[person.element, problem].filter((node) => node !== null), el("div", { class: "actions" }, start));
    fill(root, el("h1", null, info.title), el("p", { class: "lead join-what" }, t("join.what")), form);
    // In the next frame the layout that focusing needs costs nothing extra.
    requestAnimationFrame(() => (person.input ?? start).focus({ preventScroll: true }));
    return { submit: () => void submit() };
  },
  simulate: (root) => root.querySelector("form")?.requestSubmit(),
};
