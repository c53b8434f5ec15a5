/**
 * The one place of the page where views are put: exchanges them, keeps title, focus and scroll where a reader expects them.
 * @module
 */
import { el } from "./dom.js";

/**
 * @template S
 * @typedef {object} Mounted
 * @property {(props: S) => void} [update]
 * @property {() => void} [unmount]
 * @property {() => void} [submit] what the page's main button does
 */
/**
 * A page of the study. `simulate` acts as a participant would and is used to pilot a study.
 * @template S
 * @typedef {object} View
 * @property {{kind: string, describes: string, wide?: boolean}} info
 * @property {(root: HTMLElement, props: S) => Mounted<S>} mount
 * @property {(root: HTMLElement, props: S, random: () => number) => void | (() => void)} [simulate]
 */

export class Stage {
  /** @type {string | null} */
  #key = null;
  /** @type {Mounted<any> | null} */
  #mounted = null;
  #main;

  /** @param {HTMLElement} main */
  constructor(main) {
    this.#main = main;
  }

  get key() {
    return this.#key;
  }

  get mounted() {
    return this.#mounted;
  }

  /**
   * Shows a view; the same key again only updates it.
   * @template S
   * @param {string} key
   * @param {View<S>} view
   * @param {S} props
   * @returns {HTMLElement | null} the new view's element, null when it was only updated
   */
  show(key, view, props) {
    if (key === this.#key) {
      this.#mounted?.update?.(props);
      return null;
    }
    const first = this.#key === null;
    this.clear();
    this.#key = key;
    const root = el("div", { class: `view view-${view.info.kind}${view.info.wide ? " view-wide" : ""}` });
    this.#main.replaceChildren(root);
    this.#mounted = view.mount(root, props);
    // Scrolling and focus make the browser lay out the page: in the next frame that costs nothing extra.
    if (!first) requestAnimationFrame(() => root.isConnected && this.#announce(root));
    return root;
  }

  clear() {
    const mounted = this.#mounted;
    this.#mounted = null;
    this.#key = null;
    mounted?.unmount?.();
  }

  /** @param {HTMLElement} root */
  #announce(root) {
    window.scrollTo(0, 0);
    // Unless the view has put the focus somewhere itself: at its heading, so that a screen reader starts to read there.
    if (root.contains(document.activeElement)) return;
    const heading = root.querySelector("h1");
    if (!heading) return;
    heading.setAttribute("tabindex", "-1");
    heading.focus({ preventScroll: true });
  }
}
