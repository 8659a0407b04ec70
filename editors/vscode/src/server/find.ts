/** Where the server is: the places in their order, each tried by asking its version. Starts no server. */

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

export interface Candidate extends Command {
  /** How a person calls this place. */
  readonly place: string;
}

export type Found =
  | { readonly kind: "found"; readonly candidate: Candidate; readonly version: string }
  | { readonly kind: "missing"; readonly words: string }
  | { readonly kind: "wrong"; readonly words: string };

/** What the search may look at, handed in. */
export interface Surroundings {
  /** `ponder.server.path`; empty where not set. */
  readonly setting: string;
  /** A workspace that is not trusted may not choose what is started. */
  readonly trusted: boolean;
  readonly activePython: () => Promise<string | null>;
  /** The absolute path of a program on PATH, or null. */
  readonly onPath: (name: string) => Promise<string | null>;
  /** The private environment's `ponder`, where it exists. */
  readonly installed: () => Promise<string | null>;
  /** Output of a program that ends with 0 in time; else what went wrong. */
  readonly output: (command: string, args: readonly string[]) => Promise<{ ok: boolean; text: string }>;
}

/** Versions this extension speaks with: the first, and the first that is too new. */
export const OLDEST = "0.1.0";
export const TOO_NEW = "1.0.0";

/** The first place with a server that fits. A place the user named is the only one tried. */
export async function find(around: Surroundings): Promise<Found> {
  let wrong: string | null = null;
  for await (const candidate of candidates(around)) {
    const asked = await around.output(candidate.command, [...candidate.args, "--version"]);
    const version = asked.ok ? readVersion(asked.text) : null;
    const words = version === null ? noVersion(candidate, asked) : misfit(candidate, version);
    if (version !== null && words === null) return { kind: "found", candidate, version };
    const named = candidate.place === SETTING;
    // An environment without Ponder is no fault; a setting that does not work, or a wrong version, is.
    if (named || (version !== null && words !== null)) wrong ??= words;
    if (named) break;
  }
  if (wrong !== null) return { kind: "wrong", words: wrong };
  return {
    kind: "missing",
    words: "Ponder's server was not found in the Python environment in use, nor on PATH. It can be installed into an environment of its own.",
  };
}

const SETTING = "the setting `ponder.server.path`";

async function* candidates(around: Surroundings): AsyncGenerator<Candidate> {
  if (around.setting !== "") {
    yield { command: around.setting, args: [], place: SETTING };
    return;
  }
  if (around.trusted) {
    const python = await around.activePython();
    // -P: a file of the workspace must not stand in for a module.
    if (python !== null) yield { command: python, args: ["-P", "-m", "ponder"], place: `the Python environment ${python}` };
  }
  const path = await around.onPath("ponder");
  if (path !== null) yield { command: path, args: [], place: `PATH (${path})` };
  const installed = await around.installed();
  if (installed !== null) yield { command: installed, args: [], place: "the private environment" };
  // What these two installed lies in a folder of theirs, which an editor that was not started from a shell often lacks on its PATH.
  const uvTool = await inFolder(around, "uv", ["tool", "dir", "--bin"]);
  if (uvTool !== null) yield { command: uvTool, args: [], place: "uv's tools" };
  const uvx = await around.onPath("uvx");
  // Offline: what uv already has is used; nothing is downloaded unasked.
  if (uvx !== null) yield { command: uvx, args: ["--offline", "--from", "ponder-ls", "ponder"], place: "uvx" };
  const pipx = await inFolder(around, "pipx", ["environment", "--value", "PIPX_BIN_DIR"]);
  if (pipx !== null) yield { command: pipx, args: [], place: "pipx" };
}

/** `ponder` in the folder that this tool names when it is asked so; null without the tool or the folder. */
async function inFolder(around: Surroundings, tool: string, ask: readonly string[]): Promise<string | null> {
  const path = await around.onPath(tool);
  if (path === null) return null;
  const asked = await around.output(path, ask);
  const folder = asked.ok ? asked.text.trim() : "";
  return folder === "" ? null : `${folder}/ponder`;
}

/** The version in `ponder 1.2.3`. */
export function readVersion(text: string): string | null {
  return /^ponder (\d+\.\d+\.\d+\S*)\s*$/m.exec(text)?.[1] ?? null;
}

function noVersion(candidate: Candidate, asked: { ok: boolean; text: string }): string {
  const said = asked.text.trim().split("\n").at(-1) ?? "";
  return `${capital(candidate.place)} does not start Ponder${said === "" ? "." : `: ${said}`}`;
}

function misfit(candidate: Candidate, version: string): string | null {
  if (compare(version, OLDEST) < 0) return `${capital(candidate.place)} has Ponder ${version}; this extension needs ${OLDEST} or newer.`;
  if (compare(version, TOO_NEW) >= 0) return `${capital(candidate.place)} has Ponder ${version}, which is newer than this extension. Update the extension.`;
  return null;
}

export function compare(one: string, other: string): number {
  const parts = (version: string): readonly number[] => version.split(/[.+-]/, 3).map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [parts(one), parts(other)];
  for (let index = 0; index < 3; index += 1) {
    const order = (left[index] ?? 0) - (right[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
