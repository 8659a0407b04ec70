/** Requests for one piece of work folded together: one at a time, and at most one more after it. */

export class Folded {
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(private readonly work: () => Promise<void>) {}

  /** Resolves when a piece of work that began after this call has ended. */
  run(): Promise<void> {
    if (this.#running === null) return this.#begin();
    this.#next ??= this.#running.catch(() => undefined).then(() => {
      this.#next = null;
      return this.#begin();
    });
    return this.#next;
  }

  /** Whether one more piece of work follows the one under way. */
  get again(): boolean {
    return this.#next !== null;
  }

  #begin(): Promise<void> {
    const running = this.work().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }
}

/** Pauses before the server is started again after it ended by itself; null: it has ended too often. */
export class Patience {
  #ends: number[] = [];

  constructor(
    private readonly now: () => number,
    private readonly windowMs = 180_000,
    private readonly most = 5,
  ) {}

  /** Note an end, and say how long to wait. */
  ended(): number | null {
    const now = this.now();
    this.#ends = [...this.#ends.filter((at) => now - at < this.windowMs), now];
    return this.#ends.length > this.most ? null : Math.min(250 * 2 ** (this.#ends.length - 1), 8000);
  }

  reset(): void {
    this.#ends = [];
  }
}
