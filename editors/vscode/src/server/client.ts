/** The language client: what it declares, what it adds on the way, and where notifications go. Decides nothing about restarts. */

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  type ServerOptions,
} from "vscode-languageclient/node";
import type { Candidate } from "./find.js";
import { chosen, explicitSettings } from "./settings.js";

export interface Wiring {
  readonly candidate: Candidate;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: vscode.LogOutputChannel;
  readonly onEvent: (value: unknown) => void;
  readonly onStatus: (value: unknown) => void;
  readonly onEdit: (value: unknown) => void;
  /** The server's process or its stream ended without being asked to. */
  readonly onClosed: () => void;
  /** A run was asked for by the user, from anywhere in the editor. */
  readonly onRun: (runId: string) => void;
}

export function makeClient(wiring: Wiring): LanguageClient {
  const { candidate } = wiring;
  const extra = vscode.workspace.getConfiguration("ponder").get<string[]>("server.arguments", []);
  const server: ServerOptions = {
    command: candidate.command,
    args: [...candidate.args, "serve", ...extra],
    options: { env: wiring.environment },
  };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
    outputChannel: wiring.log,
    initializationOptions: { ponder: { events: 1, ...explicitSettings() } },
    // Reported by the status bar, not by a toast.
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        wiring.onClosed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: middleware(wiring, async () => {
      await client.sendNotification("workspace/didChangeConfiguration", { settings: { ponder: explicitSettings() } });
    }),
  };
  const client: LanguageClient = new LanguageClient("ponder", "Ponder", server, options);
  client.registerFeature({
    fillClientCapabilities: (capabilities) => {
      // The panel and the status bar show progress; a notification beside them would be noise.
      if (capabilities.window !== undefined) capabilities.window.workDoneProgress = false;
      capabilities.experimental = { ...(capabilities.experimental as object | undefined), ponder: { events: 1 } };
    },
    initialize: () => undefined,
    getState: () => ({ kind: "static" }),
    clear: () => undefined,
  });
  client.onNotification("ponder/event", wiring.onEvent);
  client.onNotification("ponder/status", wiring.onStatus);
  client.onNotification("ponder/edit", wiring.onEdit);
  return client;
}

function middleware(wiring: Wiring, sendSettings: () => Promise<void>): Middleware {
  return {
    workspace: {
      // The client would send every value, its defaults and the extension's own settings included.
      didChangeConfiguration: sendSettings,
      configuration: (params) => params.items.map((item) => (item.section === "ponder" ? explicitSettings() : null)),
    },
    executeCommand: async (command, args, next) => {
      const sent = command === "ponder.run" ? args.map(reviewedInPanel) : args;
      const answer: unknown = await next(command, sent);
      if (command === "ponder.run" && typeof (answer as { runId?: unknown } | null)?.runId === "string") {
        wiring.onRun((answer as { runId: string }).runId);
      }
      return answer;
    },
    provideCodeActions: async (document, range, context, token, next) => {
      const actions = await next(document, range, context, token);
      // This editor hides source actions from the light bulb, where people look for a review.
      if (context.only === undefined) for (const action of actions ?? []) if ("kind" in action) action.kind = shownKind(action.kind);
      return actions;
    },
    // The extension has links of its own above definitions, in files that are not saved too.
    provideCodeLenses: () => [],
    provideHover: async (document, position, token, next) => {
      const hover = await next(document, position, token);
      if (hover === null || hover === undefined || hover.contents.length === 0) return hover;
      hover.contents.push(explainLink(document.uri, position));
      return hover;
    },
  };
}

/** `source.ponder.review` as a kind of its own; others as they are. */
function shownKind(kind: vscode.CodeActionKind | undefined): vscode.CodeActionKind {
  const own = vscode.CodeActionKind.Source.append("ponder");
  if (kind === undefined || !own.contains(kind)) return kind ?? vscode.CodeActionKind.Empty;
  return vscode.CodeActionKind.Empty.append(kind.value.slice("source.".length));
}

/** In this editor the panel is where an edit is looked at and taken, change by change, so the server only proposes it. */
function reviewedInPanel(argument: unknown): unknown {
  const asks = (chosen<string>("ponder.edits.apply") ?? "ask") === "ask";
  if (!asks || typeof argument !== "object" || argument === null || "apply" in argument) return argument;
  return { ...argument, apply: false };
}

/** Our own words only: what the server sent stays untrusted and cannot run a command. */
function explainLink(uri: vscode.Uri, position: vscode.Position): vscode.MarkdownString {
  const argument = encodeURIComponent(JSON.stringify([uri.toString(), position.line, position.character]));
  const link = new vscode.MarkdownString(`[$(sparkle) Explain with Ponder](command:ponder.explainAt?${argument})`, true);
  link.isTrusted = { enabledCommands: ["ponder.explainAt"] };
  return link;
}
