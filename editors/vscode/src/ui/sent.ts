/** `ponder.context` as a Markdown page: what a request tells of the workspace, what stays out, and why. Counts nothing itself. */

import * as vscode from "vscode";
import type { Ponder } from "../context.js";
import { ready } from "../editor/run.js";
import { sentPage } from "../runs/sent.js";

/** For the file at hand, whose neighbours come first; without one, for the workspace as it is. */
export async function showSent(ponder: Ponder): Promise<void> {
  if (!(await ready(ponder))) return;
  const open = vscode.window.activeTextEditor?.document.uri;
  const uri = open !== undefined && ["file", "untitled"].includes(open.scheme) ? open : undefined;
  const answer = await ponder.service.request("ponder.context", uri === undefined ? {} : { uri: uri.toString() });
  await ponder.pages.show("What Would Be Sent", sentPage(answer, uri === undefined ? null : vscode.workspace.asRelativePath(uri), ponder.service.view.offline));
}
