// Runs the end-to-end tests one file after the other: `node test/e2e/run.mjs [--report=FILE] [beginnings of names …]`, or
// makes the pictures: `node test/e2e/run.mjs screenshots`. A file that fails runs once more, alone; it counts when it fails
// again. Whatever a file leaves behind, processes and folders, goes with it.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
/** A file takes a minute, all take six on two quiet cores. */
const FILE_LIMIT = 5 * 60_000;
const LIMIT = 15 * 60_000;
/** Sockets lie in it, and their paths must stay below 108 bytes. */
const TMP = tmpdir().length <= 24 ? tmpdir() : "/tmp";
const began = Date.now();

/** Run one program of the tests in a folder of its own. Resolves to whether it ended well, and its figures. */
async function runAlone(args) {
  const place = mkdtempSync(join(TMP, "pv-"));
  const figures = join(place, "figures.tap");
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap", `--test-reporter-destination=${figures}`];
  // By its TMPDIR a process is known as this run's, however it was started; VS Code's own variables are not for these.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|NODE_TEST_|NODE_OPTIONS$|DISPLAY$)/.test(name)));
  const child = spawn(process.execPath, args[0] === "--test" ? ["--test", ...reporters, ...args.slice(1)] : args, { stdio: ["ignore", "inherit", "inherit"], env: { ...env, TMPDIR: place } });
  const stop = (signal) => {
    endAll(place);
    rmSync(place, { recursive: true, force: true });
    process.kill(process.pid, signal);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    console.log(`not done after ${FILE_LIMIT / 60_000} minutes: ended`);
    endAll(place);
    child.kill("SIGKILL");
  }, FILE_LIMIT);
  const code = await new Promise((done) => child.once("close", done));
  clearTimeout(limit);
  for (const signal of ["SIGINT", "SIGTERM"]) process.removeListener(signal, stop);
  const left = endAll(place);
  if (left.length > 0) console.log(`ended what was left running: ${left.join(", ")}`);
  const count = (word) => Number(read(figures).match(new RegExp(`^# ${word} (\\d+)$`, "m"))?.[1] ?? 0);
  const result = { good: code === 0 && !late, passed: count("pass"), failed: count("fail") + count("cancelled"), skipped: count("skipped") };
  rmSync(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return result;
}

/** End every process that was started within this folder (Linux tells). Returns what they were. */
function endAll(place) {
  const found = [];
  for (const pid of list("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    if (!`\0${read(`/proc/${pid}/environ`)}`.includes(`\0TMPDIR=${place}`) && !read(`/proc/${pid}/cmdline`).includes(`${place}/`)) continue;
    found.push(link(`/proc/${pid}/exe`).split("/").at(-1));
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
  return found;
}

const attempt = (act, otherwise) => {
  try {
    return act();
  } catch {
    return otherwise;
  }
};
const read = (path) => attempt(() => readFileSync(path, "latin1"), "");
const list = (path) => attempt(() => readdirSync(path), []);
const link = (path) => attempt(() => readlinkSync(path), "");

const words = process.argv.slice(2);
const report = words.find((word) => word.startsWith("--report="))?.slice("--report=".length);
const wanted = words.filter((word) => !word.startsWith("--"));
if (wanted[0] === "screenshots") process.exit((await runAlone([join(folder, "screenshots.mjs")])).good ? 0 : 1);

const files = list(folder).filter((name) => name.endsWith(".test.mjs") && (wanted.length === 0 || wanted.some((one) => name.startsWith(one)))).sort();
const results = new Map();
const twice = [];
/** Run a file and keep how it ended; one for which no time is left has failed. */
async function run(name) {
  console.log(`\n${name}`);
  if (Date.now() - began > LIMIT) {
    console.log("did not run: no time is left");
    results.set(name, { good: false, passed: 0, failed: 1, skipped: 0 });
  } else results.set(name, await runAlone(["--test", join(folder, name)]));
}
for (const name of files) await run(name);
for (const name of files.filter((one) => !results.get(one).good)) {
  twice.push(name);
  console.log(`\n${name} failed and runs once more.`);
  await run(name);
}

const all = [...results].map(([name, result]) => ({ name, ...result, failed: result.good ? 0 : Math.max(1, result.failed) }));
const sum = (key) => all.reduce((total, one) => total + one[key], 0);
if (report) {
  const cases = (one) => ["passed", "failed", "skipped"].flatMap((key) => Array.from({ length: one[key] }, () => `<testcase classname="${one.name}">${key === "failed" ? "<failure/>" : key === "skipped" ? "<skipped/>" : ""}</testcase>`));
  writeFileSync(report, `<testsuites><testsuite>${all.flatMap(cases).join("")}</testsuite></testsuites>\n`);
}
console.log(`\n${files.length} files in ${Math.round((Date.now() - began) / 1000)} s: ${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped${twice.length > 0 ? `; ran twice: ${twice.join(", ")}` : ""}`);
process.exit(files.length > 0 && sum("failed") === 0 ? 0 : 1);
