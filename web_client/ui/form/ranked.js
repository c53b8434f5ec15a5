/**
 * A list to be put in order: by dragging, by keys, and by a pair of buttons at each item.
 * @module
 */
import { button, el, freshId, setText, show } from "../dom.js";
import { groupFrame } from "./frame.js";
import { problemOf } from "./rules.js";

/** @typedef {import("./control.js").MakeControl} MakeControl */
/** @typedef {import("./control.js").ControlContext} ControlContext */
/** @typedef {import("./rules.js").Option} Option */
/** @typedef {{option: Option, row: HTMLElement, grip: HTMLElement, number: HTMLElement, up: HTMLElement, down: HTMLElement}} Item */

/** Key → how far it moves an item. @type {Record<string, number>} */
const KEYS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

/**
 * @param {Option} option
 * @param {import("../text/index.js").Translate} t
 * @param {string} describedBy
 * @returns {Item}
 */
function itemOf(option, t, describedBy) {
  const step = (/** @type {"form.ranking.up" | "form.ranking.down"} */ key, /** @type {string} */ sign) =>
    el("button", { type: "button", class: "ranking-step", "aria-label": t(key, { item: option.label }) }, sign);
  const number = el("span", { class: "ranking-number", "aria-hidden": "true" });
  const grip = el("button", { type: "button", class: "ranking-grip", "aria-describedby": describedBy }, number);
  const [up, down] = [step("form.ranking.up", "↑"), step("form.ranking.down", "↓")];
  const picture = option.image ? el("img", { class: "ranking-image", src: option.image, alt: "", draggable: "false" }) : null;
  const row = el("li", { class: "ranking-item" }, grip, picture, el("span", { class: "ranking-text" }, option.label), up, down);
  return { option, row, grip, number, up, down };
}

/** The items as they stand, and how one of them gets elsewhere. */
class Order {
  #made;
  #t;

  /**
   * @param {HTMLElement} list
   * @param {Item[]} items
   * @param {import("../text/index.js").Translate} t
   */
  constructor(list, items, t) {
    this.list = list;
    this.#made = items;
    this.#t = t;
    this.tell();
  }

  /** @returns {Item[]} as they stand */
  items() {
    const rows = [...this.list.children];
    return [...this.#made].sort((one, other) => rows.indexOf(one.row) - rows.indexOf(other.row));
  }

  /**
   * The others make way: a row that is taken out of the page would lose the focus and the pointer.
   * @param {HTMLElement} row
   * @param {number} by places, upwards below 0
   * @returns {boolean} whether it moved
   */
  move(row, by) {
    let moved = 0;
    for (; moved < Math.abs(by); moved++) {
      const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other) break;
      if (by < 0) row.after(other);
      else row.before(other);
    }
    if (moved === 0) return false;
    this.tell();
    row.scrollIntoView?.({ block: "nearest" });
    return true;
  }

  /** @param {import("./rules.js").Value[]} values */
  write(values) {
    for (const value of values) {
      const row = this.#made.find((item) => item.option.value === value)?.row;
      if (row) this.list.append(row);
    }
    this.tell();
  }

  /** @param {Item} item */
  place(item) {
    const items = this.items();
    return this.#t("form.ranking.place", { item: item.option.label, place: items.indexOf(item) + 1, of: items.length });
  }

  tell() {
    const items = this.items();
    items.forEach((item, index) => {
      setText(item.number, String(index + 1));
      item.grip.setAttribute("aria-label", this.place(item));
      item.up.setAttribute("aria-disabled", String(index === 0));
      item.down.setAttribute("aria-disabled", String(index === items.length - 1));
    });
  }
}

/**
 * A finger scrolls the page everywhere but on the number; a mouse takes the whole row.
 * @param {Order} order
 * @param {(row: HTMLElement, by: number) => void} move
 */
function listenToPointer(order, move) {
  const { list } = order;
  /** @type {{row: HTMLElement, pointer: number} | null} */
  let held = null;
  list.addEventListener("pointerdown", (event) => {
    const target = /** @type {Element} */ (event.target);
    const row = /** @type {HTMLElement | null} */ (target.closest(".ranking-item"));
    const onGrip = target.closest(".ranking-grip") !== null;
    if (held || !row || event.button !== 0 || target.closest(".ranking-step") || (event.pointerType === "touch" && !onGrip)) return;
    held = { row, pointer: event.pointerId };
    row.classList.add("ranking-held");
    list.setPointerCapture?.(event.pointerId);
  });
  list.addEventListener("pointermove", (event) => {
    if (held?.pointer === event.pointerId) move(held.row, placesTo(held.row, event.clientY));
  });
  const drop = (/** @type {PointerEvent} */ event) => {
    if (held?.pointer !== event.pointerId) return;
    held.row.classList.remove("ranking-held");
    held = null;
  };
  for (const kind of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) list.addEventListener(kind, drop);
}

/**
 * How many places a row goes when it is held at this height: past each row whose middle is passed.
 * @param {HTMLElement} row
 * @param {number} y
 */
function placesTo(row, y) {
  let places = 0;
  const middle = (/** @type {Element} */ other) => {
    const { top, height } = other.getBoundingClientRect();
    return top + height / 2;
  };
  for (let other = row.previousElementSibling; other && y < middle(other); other = other.previousElementSibling) places -= 1;
  for (let other = row.nextElementSibling; other && y > middle(other); other = other.nextElementSibling) places += 1;
  return places;
}

/**
 * There is no answer until something was moved, or the order was kept on purpose: one that nobody chose is not data.
 * @type {MakeControl}
 */
export function rankingControl(field, { t, changed }) {
  const how = el("p", { class: "field-help", id: freshId("how") }, t("form.ranking.how"));
  const items = (field.options ?? []).map((option) => itemOf(option, t, how.id));
  const list = el("ol", { class: "ranking ranking-unset" }, items.map(({ row }) => row));
  const said = el("p", { class: "sr-only", role: "status" });
  const order = new Order(list, items, t);
  let answered = false;
  const take = (/** @type {boolean} */ given) => {
    answered = given;
    list.classList.toggle("ranking-unset", !answered);
    show(keep, !answered);
  };
  const answer = () => {
    take(true);
    changed();
  };
  const keep = button({ label: t("form.ranking.keep"), onclick: () => (answer(), order.items()[0]?.grip.focus()) });
  const move = (/** @type {HTMLElement} */ row, /** @type {number} */ by) => {
    if (!order.move(row, by)) return;
    const item = items.find((one) => one.row === row);
    if (item) setText(said, order.place(item));
    answer();
  };
  for (const { row, up, down } of items) {
    up.addEventListener("click", () => move(row, -1));
    down.addEventListener("click", () => move(row, 1));
    row.addEventListener("keydown", (event) => {
      const by = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey ? undefined : KEYS[event.key];
      if (by === undefined) return;
      event.preventDefault();
      move(row, by);
    });
  }
  listenToPointer(order, move);
  const foot = el("div", { class: "ranking-foot" }, keep);
  const body = el("div", { class: "ranking-body" }, how, list, foot, said);
  return {
    ...groupFrame(field, body, { t, several: true }),
    read: () => (answered ? order.items().map(({ option }) => option.value) : null),
    write: (given) => {
      const isOrder = problemOf({ ...field, required: true }, given) === null;
      // What was taken back stands as it was shown.
      order.write(isOrder ? /** @type {import("./rules.js").Value[]} */ (given) : items.map(({ option }) => option.value));
      take(isOrder);
    },
    foot,
    focus: () => order.items()[0]?.grip.focus(),
  };
}
