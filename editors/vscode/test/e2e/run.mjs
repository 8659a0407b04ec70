// Runs the end-to-end tests one after the other, or makes the pictures: `node test/e2e/run.mjs [screenshots | name …]`.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const args =
  wanted[0] === "screenshots"
    ? [join(folder, "screenshots.mjs")]
    : ["--test", "--test-reporter=spec", "--test-concurrency=1", ...readdirSync(folder).filter((name) => name.endsWith(".test.mjs") && (wanted.length === 0 || wanted.some((one) => name.startsWith(one)))).map((name) => join(folder, name))];
process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1);
