import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { de } from "../../../web_client/ui/text/de.js";
import { en } from "../../../web_client/ui/text/en.js";
import { pickLanguage, textIn, translator } from "../../../web_client/ui/text/index.js";

const CLIENT = fileURLToPath(new URL("../../../web_client/", import.meta.url));
const forms = (entry) => (typeof entry === "string" ? [entry] : [entry.one, entry.other]);
const places = (entry) => [...new Set(forms(entry).flatMap((form) => form.match(/\{\w+\}/g) ?? []))].sort();

test("both languages have the same sentences with the same places to fill", () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const key of Object.keys(en)) {
    assert.deepEqual(places(de[key]), places(en[key]), key);
    assert.ok(forms(de[key]).every((form) => form.trim()), key);
  }
});

test("every sentence is used", () => {
  const folders = ["app", "ui", "labcheck", "watch"].map((name) => join(CLIENT, name));
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))));
  const source = [join(CLIENT, "main.js"), ...files.filter((file) => file.endsWith(".js") && !/text.(en|de)\.js$/.test(file))].map((file) => readFileSync(file, "utf8")).join("\n");
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
  assert.equal(pickLanguage(["fr", "de"]), "de");
  assert.equal(pickLanguage(["fr"]), "en");
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
