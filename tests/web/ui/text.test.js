import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { clockOf } from "../../../web_client/ui/time.js";
import { en } from "../../../web_client/ui/text/en.js";
import { direction, languages, pickLanguage, speak, textIn, translator } from "../../../web_client/ui/text/index.js";

const CLIENT = fileURLToPath(new URL("../../../web_client/", import.meta.url));
const OTHERS = languages().filter((code) => code !== "en");
const tables = Object.fromEntries(await Promise.all(OTHERS.map(async (code) => [code, (await import(`../../../web_client/ui/text/${code}.js`))[code]])));
const forms = (entry) => (typeof entry === "string" ? [entry] : Object.values(entry));
const places = (entry) => [...new Set(forms(entry).flatMap((form) => form.match(/\{\w+\}/g) ?? []))].sort();

/** Categories of the whole numbers a page may say. */
const needed = (language) => new Set(Array.from({ length: 200 }, (_one, n) => new Intl.PluralRules(language).select(n)));

test("all languages have the same sentences with the same places to fill, and a form for each number", () => {
  for (const [language, table] of Object.entries(tables)) {
    assert.deepEqual(Object.keys(table), Object.keys(en), language);
    for (const key of Object.keys(en)) {
      assert.deepEqual(places(table[key]), places(en[key]), `${language} ${key}`);
      assert.ok(
        forms(table[key]).every((form) => form.trim()),
        key,
      );
      assert.equal(typeof table[key], typeof en[key], `${language} ${key}`);
      if (typeof table[key] !== "string") assert.deepEqual(new Set(Object.keys(table[key])), needed(language), `${language} ${key}`);
    }
  }
});

test("a page speaks its language once it was fetched, with every form of its numbers, in its direction", async () => {
  const t = await speak("ar-EG");
  assert.equal(t("button.start"), "ابدأ");
  const said = [0, 1, 2, 5, 11, 100].map((n) => t("game.turn.left", { n }).replace(/\d+/, "#"));
  assert.equal(new Set(said).size, 5, "a hundred and eleven seconds are said alike");
  assert.equal(t("game.turn.left", { n: 2 }), "بقيت ثانيتان");
  assert.equal((await speak("pl"))("button.start"), "Start");
  assert.deepEqual(["ar", "he", "en", "fr"].map(direction), ["rtl", "rtl", "ltr", "ltr"]);
});

test("what is filled into a sentence from the right keeps its own direction", async () => {
  const arabic = await speak("ar");
  assert.ok(arabic("form.range", { min: -2, max: 3 }).includes("\u2068-2\u2069"), "a sign stays before its number");
  assert.equal(arabic("form.error.min", { min: "" }).includes("\u2068"), false, "nothing is nothing");
  assert.equal(translator("en")("form.range", { min: -2, max: 3 }).includes("\u2068"), false);
});

test("the time of day is written as in the page's language, in the numbers of the page", () => {
  const afternoon = new Date(2024, 1, 1, 15, 27).getTime();
  assert.equal(clockOf(afternoon, "de", ["en-US"]), "15:27");
  assert.match(clockOf(afternoon, "en", ["de-DE"]), /^03:27.PM$/);
  assert.equal(clockOf(afternoon, "en", ["de-DE", "en-GB"]), "15:27");
  assert.match(clockOf(afternoon, "ar", ["en-US"]), /^03:27.م$/);
});

test("every sentence is used", () => {
  const folders = ["app", "ui", "labcheck", "watch"].map((name) => join(CLIENT, name));
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))));
  const source = [join(CLIENT, "main.js"), ...files.filter((file) => file.endsWith(".js") && !/text.\w\w\.js$/.test(file))].map((file) => readFileSync(file, "utf8")).join("\n");
  const made = [...source.matchAll(/t\((?:\/\*\*[^*]*\*\/ \()?`([^`]*)`\)/g)].map(([, template]) => new RegExp(`^${template.replaceAll(".", "\\.").replace(/\$\{[^}]*\}/g, "\\w+")}$`));
  const unused = Object.keys(en).filter((key) => !source.includes(`"${key}"`) && !made.some((pattern) => pattern.test(key)));
  assert.deepEqual(unused, []);
});

test("numbers choose their form and fill their place", () => {
  const t = translator("en");
  assert.equal(t("form.errors", { n: 1 }), "One answer needs your attention:");
  assert.equal(t("form.errors", { n: 3 }), "3 answers need your attention:");
  assert.equal(t("wait.count", { n: 2, needed: 4 }), "2 of 4 people are here");
});

test("the reader's language is chosen among what the study offers", () => {
  assert.equal(pickLanguage(["de-AT", "en"]), "de");
  assert.equal(pickLanguage(["fi", "de"]), "de");
  assert.equal(pickLanguage(["fi"]), "en");
  assert.equal(pickLanguage(["de"], ["en"]), "en");
  assert.equal(pickLanguage(["en"], ["de"]), "de");
  assert.equal(pickLanguage(["pl-PL", "en"], ["en", "pl"]), "pl");
  assert.equal(pickLanguage(["pt_br"], ["pt", "pt-BR"]), "pt-BR");
  assert.equal(pickLanguage(["pt"], ["en", "pt-BR"]), "pt-BR");
  assert.equal(pickLanguage(["fi"], ["de", "en"]), "de");
  assert.equal(translator("pl")("button.start"), "Start");
});

test("a text of the study is read in the reader's language", () => {
  assert.equal(textIn("Duel", "de"), "Duel");
  assert.equal(textIn({ en: "Duel", de: "Duell" }, "de-AT"), "Duell");
  assert.equal(textIn({ en: "Duel", de: "Duell" }, "fr"), "Duel");
});
