/** The server's settings, written by scripts/settings.mjs from its schema. Not for editing. */

export interface Setting {
  readonly key: string;
  readonly scope: "machine" | "window" | "resource";
}

export const SERVER_SETTINGS: readonly Setting[] = [
  { key: "ponder.review.onSave", scope: "window" },
  { key: "ponder.review.debounceMs", scope: "window" },
  { key: "ponder.review.concurrency", scope: "window" },
  { key: "ponder.review.minConfidence", scope: "window" },
  { key: "ponder.review.severityFloor", scope: "window" },
  { key: "ponder.review.maxFindings", scope: "window" },
  { key: "ponder.review.baseline", scope: "window" },
  { key: "ponder.edits.apply", scope: "machine" },
  { key: "ponder.hover.mode", scope: "window" },
  { key: "ponder.hover.waitMs", scope: "window" },
  { key: "ponder.budget.dailyUsd", scope: "machine" },
  { key: "ponder.budget.runUsd", scope: "machine" },
  { key: "ponder.api.connectMs", scope: "window" },
  { key: "ponder.api.firstByteMs", scope: "window" },
  { key: "ponder.api.stallMs", scope: "window" },
  { key: "ponder.api.maxTries", scope: "window" },
  { key: "ponder.api.offlineDeltaMs", scope: "window" },
  { key: "ponder.context.budgetTokens", scope: "resource" },
  { key: "ponder.context.hoverBudgetTokens", scope: "resource" },
  { key: "ponder.context.maxFileBytes", scope: "resource" },
  { key: "ponder.context.include", scope: "resource" },
  { key: "ponder.context.exclude", scope: "resource" },
  { key: "ponder.codeLens.enable", scope: "window" },
  { key: "ponder.log.level", scope: "machine" },
  { key: "ponder.actions", scope: "window" },
  { key: "ponder.models", scope: "machine" },
];
