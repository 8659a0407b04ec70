/** `ponder.usage` as a Markdown page: what was spent on what, and what the cache saved. Adds nothing up itself. */

import type { Ponder } from "../context.js";
import { ready } from "../editor/run.js";
import { fields, type Usage } from "../protocol.js";
import { cacheShare, compact, least, money } from "../runs/words.js";

export async function showUsage(ponder: Ponder): Promise<void> {
  if (!(await ready(ponder))) return;
  await ponder.pages.show("Usage and Cost", usagePage(await ponder.service.request("ponder.usage", {})));
}

export function usagePage(answer: unknown): string {
  const all = fields(answer);
  const parts = [["byAction", "Action"], ["byModel", "Model"], ["byDay", "Day"]] as const;
  const lines = ["# Ponder: usage and cost", ""];
  for (const [key, title] of parts) {
    const rows = Object.entries(fields(all?.[key]) ?? {});
    if (rows.length === 0) continue;
    lines.push(`| ${title} | Requests | Input | From cache | Output | Thinking | Cost |`, "|---|--:|--:|--:|--:|--:|--:|");
    for (const [name, value] of rows) lines.push(line(name, value as Usage));
    lines.push("");
  }
  const totals = all?.["totals"] as Usage | undefined;
  if (totals === undefined || totals.requests === 0) lines.push("Nothing was asked yet.");
  else if (totals.savedUsd !== null) lines.push(`The cache saved ${money(totals.savedUsd)}.`);
  return `${lines.join("\n")}\n`;
}

function line(name: string, usage: Usage): string {
  const share = cacheShare(usage);
  const atLeast = usage.atLeast === true;
  const count = (value: number | null, open = false): string => (value === null ? "–" : least(compact(value), open));
  const cells = [
    name.replaceAll("|", "\\|"),
    compact(usage.requests),
    count(usage.inputTokens),
    `${count(usage.cacheReadTokens)}${share === null ? "" : ` (${Math.round(share * 100)} %)`}`,
    count(usage.outputTokens, atLeast),
    count(usage.thinkingTokens, atLeast),
    usage.costUsd === null ? "not known" : least(money(usage.costUsd), atLeast),
  ];
  return `| ${cells.join(" | ")} |`;
}
