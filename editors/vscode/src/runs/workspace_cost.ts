/** What is said about money before a whole workspace is reviewed: what is known, and that the rest is not. Pure. */

import { fields } from "../protocol.js";
import { money } from "./words.js";

export interface Known {
  readonly offline: boolean;
  /** Files the review would look at, as far as known. */
  readonly files: number | null;
  /** The answer to `ponder.usage`. */
  readonly usage: unknown;
  /** Today, as `ponder.usage` names days. */
  readonly day: string;
  /** `ponder.budget.dailyUsd`, where this editor sets it. */
  readonly dailyUsd: number | null;
}

/** What a review of all files may cost, in one line. */
export function priceWords(known: Known): string {
  if (known.offline) return "Free: the offline engine checks the files on this machine.";
  const each = meanCost(known.usage);
  if (each === null) return "The price depends on the files; no review was priced yet.";
  const all = known.files === null ? "" : `, so about ${money(each * known.files)} for ${known.files.toLocaleString("en")} files`;
  return `A review has cost ${money(each)} on average${all}.`;
}

/** What stops the spending, in one line. */
export function limitWords(known: Known): string {
  if (known.offline) return "Findings show in Problems and in the panel";
  if (known.dailyUsd === null) return "No limit for a day is set in this editor (ponder.budget.dailyUsd)";
  const spent = cost(fields(fields(known.usage)?.["byDay"])?.[known.day]);
  return `Limit for a day ${money(known.dailyUsd)}${spent === null ? "" : `, ${money(spent)} spent`}`;
}

/** Money of a review so far, in USD; null where none was priced. Reviews of one file each, as the server counts them. */
function meanCost(usage: unknown): number | null {
  const actions = fields(fields(usage)?.["byAction"]);
  // Those on save look at what changed alone, but are better than no figure.
  const reviews = fields(actions?.["review"]) ?? fields(actions?.["reviewOnSave"]);
  const [all, requests] = [cost(reviews), reviews?.["requests"]];
  return all === null || typeof requests !== "number" || requests === 0 || all === 0 ? null : all / requests;
}

function cost(usage: unknown): number | null {
  const value = fields(usage)?.["costUsd"];
  return typeof value === "number" ? value : null;
}
