/** Figures and routes in the words shown to people. Pure; a figure that is not known is left out, never guessed. */

import type { Usage } from "../protocol.js";
import type { Route } from "../panel/state.js";

export function compact(count: number): string {
  if (count < 10_000) return count.toLocaleString("en");
  return count < 999_950 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(2)}M`;
}

/** A size in bytes, as people read it. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  return count < 999_950 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

export function money(usd: number): string {
  if (usd === 0) return "$0";
  if (usd > 0 && usd < 0.00005) return "< $0.0001";
  return usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`;
}

/** A figure the endpoint counts at its end only: "≥" where that end did not come. */
export function least(words: string, atLeast: boolean): string {
  if (!atLeast) return words;
  return words.startsWith("<") ? "≥ $0" : `≥ ${words}`;
}

/** Input, cache, output, thinking, cost: those that are known. */
export function figures(usage: Usage, atLeast = usage.atLeast === true): readonly string[] {
  const counts: readonly (readonly [number | null, string, boolean?])[] = [
    [usage.inputTokens, "input"],
    [usage.cacheReadTokens, "from cache"],
    [usage.cacheWriteTokens, "to cache"],
    [usage.outputTokens, "output", atLeast],
    [usage.thinkingTokens, "thinking", atLeast],
  ];
  const shown = counts.flatMap(([count, name, open = false]) => (count === null ? [] : [`${least(compact(count), open)} ${name}`]));
  return [...shown, usage.costUsd === null ? "cost not known" : least(money(usage.costUsd), atLeast)];
}

/** The part of the prompt that came out of the cache, 0 to 1; null where it is not known or nothing was sent. */
export function cacheShare(usage: Pick<Usage, "inputTokens" | "cacheReadTokens" | "cacheWriteTokens">): number | null {
  const { inputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  if (inputTokens === null || cacheReadTokens === null) return null;
  const sum = inputTokens + cacheReadTokens + (cacheWriteTokens ?? 0);
  return sum === 0 ? null : cacheReadTokens / sum;
}

/** The model, and how deep it thinks. */
export function routeWords(route: Pick<Route, "model" | "thinking">): readonly [string, string] {
  const { mode, budgetTokens, effort } = route.thinking;
  const depth =
    mode === "off"
      ? "no thinking"
      : budgetTokens !== null
        ? `thinks up to ${compact(budgetTokens)} tokens`
        : `${effort ?? "adaptive"} thinking`;
  return [route.model, depth];
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0.1, ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
