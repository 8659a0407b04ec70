// Stands between the editor and the real server: passes every byte on, and notes when the first thinking text of a run left it.
import { spawn } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";

const [command, ...args] = process.argv.slice(2);
const place = process.env.PONDER_RELAY_DIR;
const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env: clean(process.env) });
if (args.includes("serve")) writeFileSync(`${place}/server.pid`, String(child.pid));
process.stdin.pipe(child.stdin);
const seen = new Set();
child.stdout.on("data", (data) => {
  const at = Date.now();
  process.stdout.write(data);
  const text = data.toString("latin1");
  for (const [, runId] of text.matchAll(/"runId":"([^"]+)"[^}]*?"type":"blockDelta"/g)) {
    if (seen.has(runId)) continue;
    seen.add(runId);
    appendFileSync(`${place}/first-delta.jsonl`, `${JSON.stringify({ runId, at })}\n`);
  }
});
child.on("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));

/** The relay's own variable is no setting of the server. */
function clean({ PONDER_RELAY_DIR: _own, ...others }) {
  return others;
}
