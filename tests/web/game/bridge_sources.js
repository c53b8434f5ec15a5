/** The bridge's Python as the host sends it. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const GAME = fileURLToPath(new URL("../../../web_client/game/", import.meta.url));

/** @returns {Record<string, string>} path → text */
export function bridgeSources() {
  const files = readdirSync(GAME + "igym_bridge", { recursive: true }).map((name) => String(name).replaceAll("\\", "/"));
  return Object.fromEntries(files.filter((name) => name.endsWith(".py")).map((name) => [`igym_bridge/${name}`, readFileSync(`${GAME}igym_bridge/${name}`, "utf8")]));
}
