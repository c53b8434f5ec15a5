/**
 * `node tests/web/ui/gallery/screenshots.js FOLDER [names…]`: every page in three sizes, light and dark.
 * @module
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { serve } from "./serve.js";

const [folder, ...only] = process.argv.slice(2);
const SIZES = [[390, 844], [1280, 800], [2560, 1440]];
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

await mkdir(folder, { recursive: true });
const site = await serve();
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
const page = await browser.newPage();
page.on("pageerror", (error) => console.error(`page error: ${error.message}`));
page.on("console", (message) => message.type() === "error" && console.error(message.text()));

async function show(name, width, height, scheme) {
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
  await page.goto(`${site.url}/tests/web/ui/gallery/index.html?show=${name}`);
  await page.waitForSelector("html[data-ready=yes]");
}

await show("start", ...SIZES[1], "light");
const names = only.length ? only : await page.evaluate(() => window.SHOWN);
for (const name of names)
  for (const [width, height] of SIZES)
    for (const scheme of ["light", "dark"]) {
      await show(name, width, height, scheme);
      await page.screenshot({ path: join(folder, `${name}-${width}-${scheme}.png`) });
    }
await browser.close();
await site.close();
