// Builds dist/: the extension for Node, the panel for the web view. `--watch` is not needed: a build takes a second.
import { build } from "esbuild";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(here, "dist");
rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, "panel"), { recursive: true });

const shared = { metafile: true, absWorkingDir: here, bundle: true, minify: true, legalComments: "none", logLevel: "warning" };
const extension = await build({
  ...shared,
  entryPoints: ["src/extension.ts"],
  outfile: join(dist, "extension.js"),
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  mainFields: ["module", "main"],
});
const panel = await build({
  ...shared,
  entryPoints: ["src/panel/main.ts"],
  outfile: join(dist, "panel", "panel.js"),
  platform: "browser",
  format: "iife",
  target: "chrome122",
});
await build({ ...shared, entryPoints: ["media/panel.css"], outfile: join(dist, "panel", "panel.css"), target: "chrome122" });
writeFileSync(join(dist, "THIRD_PARTY.md"), thirdParty([extension, panel]));
cpSync(join(here, "../../server/LICENSE"), join(here, "LICENSE"));
for (const name of ["extension.js", "panel/panel.js", "panel/panel.css"]) {
  console.log(`${name} ${(statSync(join(dist, name)).size / 1024).toFixed(1)} kB`);
}

/** The licences of what is bundled. */
function thirdParty(results) {
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  const names = new Set(inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
  const parts = [...names].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((one) => /^licen[cs]e(\.|$)/i.test(one));
    const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() : "";
    return `## ${name} ${version} (${license})\n\n${text}\n`;
  });
  return `# Software in this extension\n\n${parts.join("\n")}`;
}
