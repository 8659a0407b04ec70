/** What passes between the extension and its web page, and the check of what comes from the page. Carries no behaviour. */

import { fields, isRange, type Range } from "../protocol.js";
import type { PanelEvent } from "./reduce.js";

/** From the extension to the page. */
export type ToPage =
  | { readonly type: "events"; readonly events: readonly PanelEvent[] }
  | { readonly type: "replay"; readonly events: readonly PanelEvent[] }
  | { readonly type: "focus"; readonly runId: string; readonly part: "run" | "followUp" };

/** From the page to the extension: each is something a person did. */
export type FromPage =
  | { readonly type: "ready" }
  | { readonly type: "open"; readonly uri: string; readonly range: Range | null }
  | { readonly type: "quickFix"; readonly uri: string; readonly range: Range }
  | { readonly type: "dismiss"; readonly runId: string; readonly findingId: string }
  | { readonly type: "accept" | "reject"; readonly runId: string; readonly hunk: number | null }
  | { readonly type: "diff"; readonly runId: string; readonly uri: string }
  | { readonly type: "cancel" | "export" | "forget" | "again"; readonly runId: string }
  | { readonly type: "followUp"; readonly runId: string; readonly text: string }
  | { readonly type: "copy" | "insert" | "compare"; readonly text: string }
  | { readonly type: "link"; readonly href: string }
  | { readonly type: "command"; readonly command: PageCommand };

/** Commands the page may ask for; no other. */
export const PAGE_COMMANDS = ["ponder.menu", "ponder.install", "ponder.signIn", "ponder.restart", "ponder.showRoutes", "ponder.action.review", "ponder.showLog"] as const;
export type PageCommand = (typeof PAGE_COMMANDS)[number];

/** Longest text taken from the page, in UTF-16 units: a follow-up the server would refuse anyway is not sent. */
const MAX_TEXT = 200_000;

/** The message, or null for anything a page of ours would not send. */
export function asFromPage(value: unknown): FromPage | null {
  const message = fields(value);
  if (message === null) return null;
  const text = (name: string, max = MAX_TEXT): boolean => {
    const field = message[name];
    return typeof field === "string" && field.length > 0 && field.length <= max;
  };
  const ok = ((): boolean => {
    switch (message["type"]) {
      case "ready":
        return true;
      case "open":
        return text("uri", 5000) && (message["range"] === null || isRange(message["range"]));
      case "quickFix":
        return text("uri", 5000) && isRange(message["range"]);
      case "dismiss":
        return text("runId", 100) && text("findingId", 100);
      case "accept":
      case "reject": {
        const hunk = message["hunk"];
        return text("runId", 100) && (hunk === null || (Number.isInteger(hunk) && (hunk as number) >= 0));
      }
      case "diff":
        return text("runId", 100) && text("uri", 5000);
      case "cancel":
      case "export":
      case "forget":
      case "again":
        return text("runId", 100);
      case "followUp":
        return text("runId", 100) && text("text");
      case "copy":
      case "insert":
      case "compare":
        return text("text", 10_000_000);
      case "link":
        return text("href", 5000) && /^https?:\/\//i.test(message["href"] as string);
      case "command":
        return PAGE_COMMANDS.includes(message["command"] as PageCommand);
      default:
        return false;
    }
  })();
  return ok ? (value as FromPage) : null;
}
