/** Where the server is looked for, in which order, and what is said when it is not there. */

import { describe, expect, it } from "vitest";
import { compare, find, readVersion, type Surroundings } from "../../src/server/find.js";

/** A machine: programs by path with the version they print (null: they fail), PATH by name. */
interface Machine {
  readonly setting?: string;
  readonly trusted?: boolean;
  readonly python?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly installed?: string;
  readonly prints: Readonly<Record<string, string | null>>;
}

function around(machine: Machine): { surroundings: Surroundings; asked: string[] } {
  const asked: string[] = [];
  const surroundings: Surroundings = {
    setting: machine.setting ?? "",
    trusted: machine.trusted ?? true,
    activePython: async () => machine.python ?? null,
    onPath: async (name) => machine.path?.[name] ?? null,
    installed: async () => machine.installed ?? null,
    output: async (command, args) => {
      asked.push([command, ...args].join(" "));
      const text = machine.prints[command];
      return text === undefined || text === null ? { ok: false, text: "No module named ponder" } : { ok: true, text };
    },
  };
  return { surroundings, asked };
}

describe.each<[string, Machine, string]>([
  ["the setting first, and alone", { setting: "/s/ponder", path: { ponder: "/p/ponder" }, prints: { "/s/ponder": "ponder 0.1.0", "/p/ponder": "ponder 0.2.0" } }, "/s/ponder"],
  ["then the Python environment in use", { python: "/v/python", path: { ponder: "/p/ponder" }, prints: { "/v/python": "ponder 0.1.0", "/p/ponder": "ponder 0.1.0" } }, "/v/python"],
  ["then PATH, when that environment has no Ponder", { python: "/v/python", path: { ponder: "/p/ponder" }, prints: { "/v/python": null, "/p/ponder": "ponder 0.3.1" } }, "/p/ponder"],
  ["PATH at once in a workspace that is not trusted", { trusted: false, python: "/v/python", path: { ponder: "/p/ponder" }, prints: { "/v/python": "ponder 0.1.0", "/p/ponder": "ponder 0.1.0" } }, "/p/ponder"],
  ["then the private environment", { installed: "/i/ponder", prints: { "/i/ponder": "ponder 0.1.0" } }, "/i/ponder"],
  ["then what uv installed as a tool", { path: { uv: "/u/uv", uvx: "/u/uvx" }, prints: { "/u/uv": "/h/bin\n", "/h/bin/ponder": "ponder 0.1.0", "/u/uvx": "ponder 0.1.0" } }, "/h/bin/ponder"],
  ["then what uvx already has", { path: { uvx: "/u/uvx" }, prints: { "/u/uvx": "ponder 0.1.0" } }, "/u/uvx"],
  ["then pipx's own folder", { path: { pipx: "/x/pipx" }, prints: { "/x/pipx": "/x/bin\n", "/x/bin/ponder": "ponder 0.1.0" } }, "/x/bin/ponder"],
  ["the next one, where the first is too old", { python: "/v/python", path: { ponder: "/p/ponder" }, prints: { "/v/python": "ponder 0.0.9", "/p/ponder": "ponder 0.1.0" } }, "/p/ponder"],
])("it takes %s", (_name, machine, wanted) => {
  it("", async () => {
    const found = await find(around(machine).surroundings);
    expect(found.kind === "found" && found.candidate.command).toBe(wanted);
  });
});

describe.each<[string, Machine, "missing" | "wrong", RegExp]>([
  ["nothing anywhere", { prints: {} }, "missing", /can be installed/],
  ["an environment without Ponder", { python: "/v/python", prints: { "/v/python": null } }, "missing", /not found/],
  ["a setting that does not work", { setting: "/s/ponder", path: { ponder: "/p/ponder" }, prints: { "/p/ponder": "ponder 0.1.0" } }, "wrong", /ponder\.server\.path.*does not start Ponder/],
  ["a setting that is another program", { setting: "/s/ponder", prints: { "/s/ponder": "Python 3.11.2" } }, "wrong", /does not start Ponder/],
  ["only one that is too old", { path: { ponder: "/p/ponder" }, prints: { "/p/ponder": "ponder 0.0.1" } }, "wrong", /0\.0\.1.*needs 0\.1\.0/],
  ["only one that is too new", { path: { ponder: "/p/ponder" }, prints: { "/p/ponder": "ponder 1.0.0" } }, "wrong", /Update the extension/],
])("with %s", (_name, machine, kind, words) => {
  it(`says so (${kind})`, async () => {
    const found = await find(around(machine).surroundings);
    expect(found.kind).toBe(kind);
    expect(found.kind === "found" ? "" : found.words).toMatch(words);
  });
});

it("starts Python so that no file of the workspace stands in for a module, and uvx so that it downloads nothing", async () => {
  const { surroundings, asked } = around({ python: "/v/python", path: { uvx: "/u/uvx" }, prints: {} });
  await find(surroundings);
  expect(asked).toEqual(["/v/python -P -m ponder --version", "/u/uvx --offline --from ponder-ls ponder --version"]);
});

it.each([["ponder 0.1.0\n", "0.1.0"], ["warning: x\nponder 1.2.3.dev4\n", "1.2.3.dev4"], ["ponder\n", null], ["", null]])("reads the version in %j", (text, wanted) => {
  expect(readVersion(text)).toBe(wanted);
});

it.each([["0.1.0", "0.1.0", 0], ["0.10.0", "0.9.0", 1], ["0.1.0", "0.1.1", -1], ["1.106.0", "1.91.1", 1]])("orders %s and %s", (one, other, wanted) => {
  expect(Math.sign(compare(one, other))).toBe(wanted);
});
