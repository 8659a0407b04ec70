/** Findings of a run, each a link to its place. Applies no fix itself: the editor's quick fixes do. */

import type { FromPage } from "../messages.js";
import type { FindingView, Run } from "../state.js";
import { button, h } from "./dom.js";
import { renderInline } from "./markdown.js";

const SEVERITY: readonly string[] = ["", "error", "warning", "information", "hint"];

export function findingsOf(run: Run, post: (message: FromPage) => void): readonly Node[] {
  if (run.findings.length === 0) return [];
  const open = run.findings.filter((one) => !one.dismissed).length;
  const words = `${open} finding${open === 1 ? "" : "s"}`;
  return [h("h3", {}, words), h("ul", { class: "findings" }, ...run.findings.map((one) => row(run, one, post)))];
}

function row(run: Run, finding: FindingView, post: (message: FromPage) => void): HTMLLIElement {
  const { uri, range } = finding;
  const severity = SEVERITY[finding.severity] ?? "information";
  const place = `${finding.path}:${range.start.line + 1}`;
  const message = h("div", { class: "message" });
  message.append(renderInline(finding.message));
  const actions = h("div", { class: "actions" });
  if (!finding.dismissed) {
    if (finding.fix !== undefined) actions.append(button("Fix…", () => post({ type: "quickFix", uri, range }), "small", `Show the fixes for ${place}`));
    if (!run.past) {
      actions.append(button("Dismiss", () => post({ type: "dismiss", runId: run.id, findingId: finding.id }), "quiet small", `Dismiss the finding at ${place}`));
    }
  }
  return h(
    "li",
    { class: `finding ${severity}${finding.dismissed ? " dismissed" : ""}` },
    h("span", { class: "severity", role: "img", "aria-label": severity, title: severity }),
    h(
      "div",
      { class: "what" },
      message,
      h(
        "div",
        { class: "where" },
        h("button", { type: "button", class: "link", title: `Go to ${place}`, onclick: () => post({ type: "open", uri, range }) }, place),
        h("code", { class: "rule", title: finding.code }, finding.code.slice(finding.code.indexOf("/") + 1)),
        finding.dismissed ? h("span", {}, "dismissed") : null,
        actions,
      ),
    ),
  );
}
