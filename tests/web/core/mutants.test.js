import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { converge, draw, playSeed } from "./fuzz.js";
import { MUTANTS } from "./mutants.js";

const CORE = fileURLToPath(new URL("../../../web_client/core/", import.meta.url));
const BUDGET = 150;

/** The seeds a mutant is tried with: all of the right kinds, up to the budget. */
function* seedsFor({ stories, seeds }) {
  if (seeds) return yield* seeds;
  for (let seed = 0, tried = 0; tried < BUDGET; seed++) {
    if (stories && !stories.includes(draw(seed).story)) continue;
    tried += 1;
    yield seed;
  }
}

/** @returns the first failure of this mutant, null when it survives */
function hunt(mutant, createRollback) {
  const play = mutant.converge ? converge : playSeed;
  for (const seed of seedsFor(mutant)) {
    try {
      play(seed, createRollback);
    } catch (error) {
      return { seed, error };
    }
  }
  return null;
}

const folder = mkdtempSync(join(tmpdir(), "core-mutants-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

for (const [i, mutant] of MUTANTS.entries()) {
  test(`the fuzz notices: ${mutant.name}`, async () => {
    const copy = join(folder, String(i));
    cpSync(CORE, copy, { recursive: true });
    writeFileSync(join(copy, "package.json"), '{"type": "module"}');
    const path = join(copy, "rollback", mutant.file);
    const source = readFileSync(path, "utf8");
    assert.equal(source.split(mutant.find).length, 2, "the text to replace occurs exactly once");
    writeFileSync(path, source.replace(mutant.find, () => mutant.put));
    const { createRollback } = await import(pathToFileURL(join(copy, "rollback", "rollback.js")).href);
    const caught = hunt(mutant, createRollback);
    assert.ok(caught, `survived ${BUDGET} matches`);
    console.log(`# seed ${caught.seed}: ${caught.error.message.split("\n")[0].slice(0, 120)}`);
  });
}
