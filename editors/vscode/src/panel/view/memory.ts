/** What the reader opened, closed and began to write, kept while the page is away. Nothing of what runs said. */

interface Kept {
  readonly open: Readonly<Record<string, boolean>>;
  readonly drafts: Readonly<Record<string, string>>;
}

/** The editor's store for one page. */
export interface Store {
  getState(): unknown;
  setState(value: unknown): void;
}

export class Memory {
  #kept: Kept;

  constructor(private readonly store: Store) {
    const kept = store.getState() as Partial<Kept> | undefined;
    this.#kept = { open: kept?.open ?? {}, drafts: kept?.drafts ?? {} };
  }

  isOpen(key: string): boolean | undefined {
    return this.#kept.open[key];
  }

  setOpen(key: string, open: boolean): void {
    this.#keep({ ...this.#kept, open: { ...this.#kept.open, [key]: open } });
  }

  draft(runId: string): string {
    return this.#kept.drafts[runId] ?? "";
  }

  setDraft(runId: string, text: string): void {
    const { [runId]: _old, ...others } = this.#kept.drafts;
    this.#keep({ ...this.#kept, drafts: text === "" ? others : { ...others, [runId]: text } });
  }

  /** Forget what speaks of runs that are gone. */
  prune(ids: ReadonlySet<string>): void {
    const alive = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(all).filter(([key]) => ids.has(key.split("/")[0] ?? "")));
    const open = alive(this.#kept.open);
    if (Object.keys(open).length < Object.keys(this.#kept.open).length) this.#keep({ open, drafts: alive(this.#kept.drafts) });
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    this.store.setState(kept);
  }
}
