// The repository's Python, for what the server itself says: its settings, its wheel.
import { existsSync } from "node:fs";
import { join } from "node:path";

export function python(here) {
  const venv = join(here, "../../.venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  return process.env.PONDER_PYTHON ?? (existsSync(venv) ? venv : "python3");
}
