// Runs every tests/web/**/*.test.js. The file list is spelled out because node versions differ in what they do with folders.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const LIMIT_MS = 20 * 60_000;
const files = readdirSync(here, { recursive: true })
  .map((name) => join(here, String(name)))
  .filter((path) => path.endsWith(".test.js"))
  .filter((path) => wanted.length === 0 || wanted.some((part) => relative(here, path).includes(part)))
  .sort();

if (files.length === 0) {
  console.error(`No test file in tests/web matches ${wanted.join(", ") || "*.test.js"}.`);
  process.exit(1);
}
// A file whose clock still runs after its last test would keep everything waiting.
const done = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit", timeout: LIMIT_MS });
if (done.signal) console.error(`The tests were ended after ${LIMIT_MS / 60_000} minutes: one of them keeps its program running.`);
process.exit(done.status ?? 1);
