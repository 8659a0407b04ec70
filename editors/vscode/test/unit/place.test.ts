/** What a run can be about. */

import { expect, it } from "vitest";
import { whyNot } from "../../src/editor/place.js";

it.each([
  ["file", false, null],
  ["untitled", false, null],
  ["file", true, null],
  ["vscode-notebook-cell", true, /notebooks yet/],
  ["vscode-notebook-cell", false, /notebooks yet/],
  ["vscode-notebook-cell-output", true, /notebooks yet/],
  [undefined, true, /notebooks yet/],
  [undefined, false, /open one first/],
  ["git", false, /open one first/],
])("in a document of %s, a notebook focused: %s", (scheme, notebook, wanted) => {
  const why = whyNot(scheme, notebook);
  if (wanted === null) expect(why).toBeNull();
  else expect(why).toMatch(wanted);
});
