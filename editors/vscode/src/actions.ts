/** The built-in actions as the editor's menus name them. A table; the server decides what each does. */

export interface Action {
  readonly id: string;
  readonly title: string;
}

export const ACTIONS: readonly Action[] = [
  { id: "review", title: "Review" },
  { id: "explain", title: "Explain" },
  { id: "fix", title: "Fix" },
  { id: "debug", title: "Debug" },
  { id: "refactor", title: "Refactor" },
  { id: "simplify", title: "Simplify" },
  { id: "tests", title: "Write Tests" },
  { id: "document", title: "Document" },
  { id: "security", title: "Security Review" },
  { id: "architecture", title: "Describe the Architecture" },
  { id: "migrate", title: "Migrate" },
];

/** Depths of thinking the server knows, for pickers. */
export const EFFORTS = ["off", "low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof EFFORTS)[number];
