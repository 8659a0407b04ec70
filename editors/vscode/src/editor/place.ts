/** Whether a run can be about what the user is in, and the words where it cannot. Knows no editor. */

const FILES: readonly string[] = ["file", "untitled"];

/** Why no run can be about this; null where one can. `scheme` is that of the document, `notebook` whether a notebook has the focus. */
export function whyNot(scheme: string | undefined, notebook: boolean): string | null {
  if (scheme !== undefined && FILES.includes(scheme)) return null;
  if (notebook || scheme?.startsWith("vscode-notebook-cell") === true) return "Ponder does not support notebooks yet. It works on files of text.";
  return "Ponder works on the file you are in: open one first.";
}
