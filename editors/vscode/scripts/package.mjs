// Builds the .vsix in out/: the same bytes from the same sources, whenever and wherever it runs.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { python } from "./python.mjs";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const file = join(here, "out", `ponder-vscode-${version}.vsix`);
const LIMIT = 1024 * 1024;

execFileSync(process.execPath, [join(here, "scripts/build.mjs")], { stdio: "inherit" });
// -I: nothing of the folder it runs in stands in for a module.
execFileSync(python(here), ["-I", join(here, "scripts/wheel.py")], { stdio: "inherit" });
mkdirSync(join(here, "out"), { recursive: true });
// File modes go into the archive; a checkout's umask must not.
for (const folder of ["dist", "media"]) plain(join(here, folder));
for (const name of ["package.json", "README.md", "CHANGELOG.md", "LICENSE"]) chmodSync(join(here, name), 0o644);
execFileSync(
  process.execPath,
  [join(here, "node_modules/@vscode/vsce/vsce"), "package", "--no-dependencies", "--allow-missing-repository", "--skip-license", "--no-rewrite-relative-links", "--out", file],
  // vsce reads this as the time of every file.
  { cwd: here, stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, SOURCE_DATE_EPOCH: "1767225600", TZ: "UTC" } },
);
const bytes = readFileSync(file);
console.log(`${file} ${(bytes.length / 1024).toFixed(1)} kB sha256 ${createHash("sha256").update(bytes).digest("hex")}`);
if (bytes.length > LIMIT) throw new Error(`the package is larger than ${LIMIT} bytes`);

function plain(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) plain(path);
    else chmodSync(path, 0o644);
  }
}
