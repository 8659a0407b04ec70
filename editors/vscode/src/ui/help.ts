/** What helps when something is missing, in the order in which it helps. Pure. */

import type { ServerView } from "../panel/state.js";

export interface Help {
  readonly label: string;
  readonly description?: string;
  readonly command: string;
  readonly args?: readonly unknown[];
}

/** A server that is not there is installed, one that ended is started; which one it is can be chosen after that. */
export function helpFor({ state, offline }: Pick<ServerView, "state" | "offline">, signedIn: boolean): readonly Help[] {
  const help: Help[] = [];
  if (state === "missing") help.push({ label: "$(cloud-download) Install Ponder's server", description: "into an environment of its own", command: "ponder.install" });
  if (state === "failed" || state === "stopped") help.push({ label: "$(debug-restart) Start the server", command: "ponder.restart" });
  if (state === "missing" || state === "failed") {
    help.push({ label: "$(settings-gear) Choose the server", description: "ponder.server.path", command: "workbench.action.openSettings", args: ["ponder.server.path"] });
  }
  if (state === "ready" && offline && !signedIn) help.push({ label: "$(key) Sign in", description: "the offline engine answers until then", command: "ponder.signIn" });
  return help;
}
