/** The script in each page that loads it again when its files got lost. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { Window } from "happy-dom";
import { languages } from "../../../web_client/ui/text/index.js";

const SCRIPT = readFileSync(new URL("../../../web_client/boot.js", import.meta.url), "utf8");

/** A page just opened in a browser that speaks `language`, with what the tab kept of earlier tries. */
function opened(kept = new Map(), language = "en") {
  const page = new Window({ url: "http://10.0.0.5:8000/" });
  page.document.head.innerHTML = '<link rel="icon"><link rel="stylesheet"><script type="module"></script>';
  const reloads = [];
  const listening = new AbortController();
  const scope = {
    sessionStorage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) },
    navigator: { languages: [language] },
    document: page.document,
    Element: page.Element,
    location: { reload: () => reloads.push("reload") },
    setTimeout: (run, delayMs) => reloads.push(delayMs) && run(),
    addEventListener: (type, run, capture) => page.addEventListener(type, run, { capture, signal: listening.signal }),
    removeEventListener: (type, run, capture) => page.removeEventListener(type, run, capture),
  };
  new Function(...Object.keys(scope), SCRIPT)(...Object.values(scope));
  const lose = (selector) => page.document.querySelector(selector).dispatchEvent(new page.Event("error"));
  const loaded = () => page.dispatchEvent(new page.Event("load"));
  return { page, reloads, lose, loaded, kept };
}

let kept;
beforeEach(() => (kept = new Map()));

test("a page whose script or style got lost loads again, once for all that was lost", () => {
  const { lose, reloads } = opened(kept);
  lose("link[rel=stylesheet]");
  lose("script");
  assert.deepEqual(reloads, [300, "reload"]);
});

test("the pauses grow, and are short again after a page that came whole", () => {
  const pauses = [1, 2, 3, 4, 5].map(() => {
    const one = opened(kept);
    one.lose("script");
    return one.reloads[0];
  });
  assert.deepEqual(pauses, [300, 1000, 2000, 5000, 5000]);
  opened(kept).loaded();
  const { lose, reloads } = opened(kept);
  lose("script");
  assert.equal(reloads[0], 300);
});

test("an icon, and what a page adds later, are no reason", () => {
  const { page, lose, loaded, reloads } = opened(kept);
  lose("link[rel=icon]");
  loaded();
  page.document.head.append(page.document.createElement("script"));
  lose("script:last-of-type");
  assert.deepEqual(reloads, []);
});

test("after some tries the page says what it does, in every language a page has", () => {
  const texts = languages().map((language) => {
    const own = new Map([["igym.loads", "2"]]);
    const { page, lose, loaded } = opened(own, `${language}-XX`);
    lose("script");
    loaded();
    const line = page.document.querySelector("[role=status]");
    assert.equal(line.lang, language);
    return line.textContent;
  });
  assert.equal(new Set(texts).size, languages().length);
});
