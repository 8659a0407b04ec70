/** What the menu begins with, by how the server stands. */

import { expect, it } from "vitest";
import { helpFor } from "../../src/ui/help.js";

it.each([
  ["failed", false, true, ["ponder.restart", "workbench.action.openSettings"]],
  ["stopped", false, true, ["ponder.restart"]],
  ["missing", false, true, ["ponder.install", "workbench.action.openSettings"]],
  ["ready", true, false, ["ponder.signIn"]],
  ["ready", true, true, []],
  ["ready", false, true, []],
  ["starting", false, false, []],
] as const)("a server that is %s (offline %s, signed in %s) begins the menu with %j", (state, offline, signedIn, wanted) => {
  expect(helpFor({ state, offline }, signedIn).map((one) => one.command)).toEqual(wanted);
});
