/** The whole page: the server's state on top, runs below, one line for screen readers. Draws at most once a frame. */

import type { FromPage, PageCommand } from "../messages.js";
import type { PanelState, Run } from "../state.js";
import { isAlive } from "../state.js";
import { button, h, say, Slot } from "./dom.js";
import { statusWords } from "./foot.js";
import type { Memory } from "./memory.js";
import { RunView } from "./run.js";

/** What makes a run that somebody waits for. */
const ASKED_FOR: readonly string[] = ["command", "followUp"];

export interface Places {
  readonly top: HTMLElement;
  readonly runs: HTMLElement;
  readonly live: HTMLElement;
}

export class PageView {
  readonly #views = new Map<string, RunView>();
  readonly #top: Slot;
  readonly #empty = new Slot(h("div", { class: "empty" }));
  #told = "";
  /** Runs that stood here before, also before a replay; null until the first drawing. */
  #seen: ReadonlySet<string> | null = null;

  constructor(
    private readonly places: Places,
    private readonly post: (message: FromPage) => void,
    private readonly memory: Memory,
    private readonly now: () => number,
  ) {
    this.#top = new Slot(places.top);
    places.runs.append(this.#empty.element);
    places.runs.addEventListener("keydown", (event) => this.#move(event));
  }

  draw(state: PanelState): void {
    const { server } = state;
    this.#top.fill(`${server.state}/${server.message}/${String(server.offline)}`, () => this.#banner(state));
    this.#empty.fill(state.runs.length === 0 ? server.state : "some", () => (state.runs.length === 0 ? this.#welcome(state) : []));
    this.#drawRuns(state.runs);
    this.#show(state.runs);
    this.#tell(state.runs[0]);
  }

  /** Start afresh: nothing of what was shown holds. */
  clear(): void {
    for (const view of this.#views.values()) view.element.remove();
    this.#views.clear();
  }

  tick(): void {
    for (const view of this.#views.values()) view.tick();
  }

  focus(runId: string, part: "run" | "followUp"): void {
    const view = this.#views.get(runId);
    view?.element.scrollIntoView({ block: "start" });
    if (part === "followUp") view?.focusFollowUp();
    else view?.head.focus();
  }

  #drawRuns(runs: readonly Run[]): void {
    const ids = new Set(runs.map((run) => run.id));
    for (const [id, view] of this.#views) {
      if (ids.has(id)) continue;
      view.element.remove();
      this.#views.delete(id);
    }
    let before: Element = this.#empty.element;
    runs.forEach((run, index) => {
      let view = this.#views.get(run.id);
      if (view === undefined) this.#views.set(run.id, (view = new RunView(run.id, this.post, this.memory, this.now)));
      if (before.nextElementSibling !== view.element) before.after(view.element);
      before = view.element;
      view.update(run, index === 0 || isAlive(run));
    });
    this.memory.prune(ids);
  }

  /** A run that somebody just asked for comes into sight, wherever its reader was; one that began by itself moves nothing. */
  #show(runs: readonly Run[]): void {
    const seen = this.#seen;
    this.#seen = new Set(runs.map((run) => run.id));
    const asked = runs.find((run) => !run.past && ASKED_FOR.includes(run.trigger) && (seen === null ? isAlive(run) : !seen.has(run.id)));
    const element = asked === undefined ? undefined : this.#views.get(asked.id)?.element;
    const top = element?.getBoundingClientRect().top ?? 0;
    // What begins in sight stays where it is, below what the server says of itself.
    if (top < 0 || top > window.innerHeight / 2) element?.scrollIntoView({ block: "start" });
  }

  #banner({ server }: PanelState): readonly Node[] {
    const act = (label: string, command: PageCommand, look = ""): Node => button(label, () => this.post({ type: "command", command }), look);
    switch (server.state) {
      case "ready":
        return server.offline
          ? [h("div", { class: "banner" }, h("span", {}, "Offline engine: checks on this machine, not a model."), act("Sign in", "ponder.signIn", "link"))]
          : [];
      case "starting":
        return [h("div", { class: "banner" }, server.message)];
      case "missing":
        return [h("div", { class: "banner trouble" }, h("span", {}, server.message), act("Install", "ponder.install", "primary"), act("Settings", "ponder.menu"))];
      default:
        return [h("div", { class: "banner trouble" }, h("span", {}, server.message), act("Restart", "ponder.restart", "primary"), act("Log", "ponder.showLog"))];
    }
  }

  #welcome({ server }: PanelState): readonly Node[] {
    if (server.state !== "ready") return [];
    return [
      h("p", {}, "Review, explain or fix the code at the cursor: the light bulb, the context menu and the command palette all lead here. Thinking shows live."),
      button("Review this file", () => this.post({ type: "command", command: "ponder.action.review" }), "primary"),
      button("Models and thinking", () => this.post({ type: "command", command: "ponder.showRoutes" })),
    ];
  }

  /** One short sentence at each turn of the newest run; never its text. */
  #tell(run: Run | undefined): void {
    if (run === undefined) return;
    const found = isAlive(run) || run.findings.length === 0 ? "" : `, ${run.findings.length} findings`;
    const words = `${run.title}: ${statusWords(run)}${found}`;
    if (words === this.#told) return;
    this.#told = words;
    say(this.places.live, words);
  }

  /** Arrow keys go from run to run. */
  #move(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const heads = [...this.places.runs.querySelectorAll<HTMLButtonElement>("button.head")];
    const at = heads.indexOf(document.activeElement as HTMLButtonElement);
    if (at < 0) return;
    event.preventDefault();
    heads[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  }
}
