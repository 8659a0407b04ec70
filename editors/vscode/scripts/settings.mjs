// Writes what the server's schema says into package.json and src/generated/settings.ts; `--check` only compares.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { python } from "./python.mjs";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const server = join(here, "../../server");
const own = JSON.parse(readFileSync(join(here, "scripts/own-settings.json"), "utf8"));
const schema = JSON.parse(fromServer());

const manifestPath = join(here, "package.json");
const manifest = JSON.parse(readFileSync(manifestPath, "utf8"));
manifest.contributes ??= {};
manifest.contributes.configuration = [
  { title: "Extension", order: 0, properties: own },
  ...sections(schema.properties),
];
const rows = Object.entries(schema.properties).map(([key, value]) => `  { key: ${JSON.stringify(key)}, scope: ${JSON.stringify(value.scope)} },`);
const generatedPath = join(here, "src/generated/settings.ts");
const generated = `/** The server's settings, written by scripts/settings.mjs from its schema. Not for editing. */

export interface Setting {
  readonly key: string;
  readonly scope: "machine" | "window" | "resource";
}

export const SERVER_SETTINGS: readonly Setting[] = [
${rows.join("\n")}
];
`;

const wanted = [
  [manifestPath, JSON.stringify(manifest, null, 2) + "\n"],
  [generatedPath, generated],
];
const stale = wanted.filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text);
if (process.argv.includes("--check")) {
  for (const [path] of stale) console.error(`${path} is stale: run \`npm run settings\`.`);
  process.exit(stale.length ? 1 : 0);
}
for (const [path, text] of stale) writeFileSync(path, text);

function sections(properties) {
  const found = new Map();
  for (const [key, value] of Object.entries(properties)) {
    const section = key.split(".")[1];
    const title = section.replace(/([A-Z])/g, " $1").replace(/^./, (first) => first.toUpperCase());
    if (!found.has(title)) found.set(title, { title, order: found.size + 1, properties: {} });
    found.get(title).properties[key] = value;
  }
  return [...found.values()];
}

function fromServer() {
  return execFileSync(python(here), ["-P", "-m", "ponder.config.schema", "--vscode"], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: server },
  });
}
