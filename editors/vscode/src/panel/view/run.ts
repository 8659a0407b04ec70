/** One run on the page. Draws what changed of it; holds only what is on the screen. */

import { routeWords } from "../../runs/words.js";
import type { FromPage } from "../messages.js";
import type { Block, Run } from "../state.js";
import { isAlive } from "../state.js";
import { Answer } from "./answer.js";
import { button, h, say, Slot } from "./dom.js";
import { editOf } from "./edit.js";
import { findingsOf } from "./findings.js";
import { FollowUp } from "./follow_up.js";
import { CANCELLING, figuresOf, statusWords, troubleOf, whyOf } from "./foot.js";
import { renderInline } from "./markdown.js";
import { visible } from "./signs.js";
import { ThinkingView } from "./thinking.js";
import type { Memory } from "./memory.js";
import { withCode } from "./words.js";

export type Post = (message: FromPage) => void;

export class RunView {
  readonly element: HTMLElement;
  readonly head: HTMLButtonElement;
  readonly #name = new Slot(h("span", { class: "title" }));
  readonly #route = h("span", { class: "route" });
  readonly #routeWords = new Slot(this.#route);
  readonly #status = h("span", { class: "status" });
  readonly #buttons = new Slot(h("div", { class: "actions top" }));
  readonly #body = h("div", { class: "body" });
  readonly #blocks = h("div", { class: "blocks" });
  readonly #notices = new Slot(h("div", { class: "notices" }));
  readonly #retry = new Slot(h("div", { class: "retry" }));
  readonly #edit = new Slot(h("section", { class: "edit", "aria-label": "Proposed changes" }));
  readonly #findings = new Slot(h("section", { "aria-label": "Findings" }));
  readonly #trouble = new Slot(h("div", {}));
  readonly #figures = new Slot(h("footer", {}));
  readonly #why = new Slot(h("div", {}));
  readonly #followUp: FollowUp;
  readonly #thinking = new Map<number, ThinkingView>();
  readonly #answers = new Map<number, Answer>();
  #run: Run | null = null;
  #retryUntil = 0;

  constructor(
    readonly id: string,
    private readonly post: Post,
    private readonly memory: Memory,
    private readonly now: () => number,
  ) {
    this.head = h("button", { type: "button", class: "head", "aria-controls": `body-${id}`, onclick: () => this.#flip() },
      h("span", { class: "twistie", "aria-hidden": "true" }), h("span", { class: "dot", "aria-hidden": "true" }),
      h("span", { class: "names" }, this.#name.element, h("span", { class: "under dotted" }, this.#status, this.#route)));
    this.#followUp = new FollowUp(id, post, memory);
    this.#body.id = `body-${id}`;
    this.#body.append(this.#notices.element, this.#retry.element, this.#blocks, this.#findings.element, this.#edit.element,
      this.#trouble.element, this.#figures.element, this.#why.element, this.#followUp.element);
    this.element = h("article", { class: "run", "data-run": id }, h("div", { class: "headline" }, this.head, this.#buttons.element), this.#body);
  }

  /** Draw this state of the run; `newest` runs are open until somebody closes them. */
  update(run: Run, newest: boolean): void {
    const open = this.memory.isOpen(run.id) ?? newest;
    const same = run === this.#run;
    this.#body.hidden = !open;
    this.head.setAttribute("aria-expanded", String(open));
    if (same && !open) return;
    this.#run = run;
    this.element.className = `run ${run.status}${isAlive(run) ? " alive" : ""}`;
    this.element.setAttribute("aria-busy", String(isAlive(run)));
    this.#name.fill(titleOf(run).join("\n"), () => named(run));
    this.#routeWords.fill(`${run.provider}/${run.route.model}`, () => [run.provider === "offline" ? "offline" : null, ...routeWords(run.route)].flatMap((part) => (part === null ? [] : [h("span", {}, part)])));
    say(this.#status, isAlive(run) && !run.cancelling && run.progress !== null ? run.progress : statusWords(run));
    this.#buttons.fill(isAlive(run) ? String(run.cancelling) : null, () => this.#buttonsOf(run));
    if (open) this.#drawBody(run);
  }

  /** What changes with time alone: the countdown of a retry. */
  tick(): void {
    const run = this.#run;
    if (run?.status !== "retrying" || run.retry === null) return;
    const left = Math.max(0, Math.ceil((this.#retryUntil - this.now()) / 1000));
    const words = this.#retry.element.querySelector(".countdown");
    if (words !== null) say(words, left === 0 ? "trying again…" : `trying again in ${left} s`);
  }

  focusFollowUp(): void {
    this.#followUp.focus();
  }

  #drawBody(run: Run): void {
    this.#notices.fill(run.notices.length + (run.gap ? 1000 : 0) + (run.question === null ? 0 : 1e6), () => this.#noticesOf(run));
    this.#retry.fill(run.retry, () => this.#retryOf(run));
    for (const block of run.blocks) this.#drawBlock(run, block);
    this.#findings.fill(run.findings, () => findingsOf(run, this.post));
    this.#edit.fill(run.edit, () => (run.edit === null ? [] : editOf(run, run.edit, this.post)));
    this.#trouble.fill(isAlive(run) ? null : run.status, () => troubleOf(run, this.post));
    this.#figures.fill(isAlive(run) ? run.usage : run.status, () => figuresOf(run, this.post));
    this.#why.fill(run.route.reasons, () => whyOf(run));
    this.#followUp.update(run);
    this.tick();
  }

  #drawBlock(run: Run, block: Block): void {
    if (block.kind === "text") {
      let answer = this.#answers.get(block.index);
      if (answer === undefined) {
        this.#answers.set(block.index, (answer = new Answer(this.post, this.now)));
        this.#blocks.append(answer.element);
      }
      answer.update(block.text, block.durationMs !== null || !isAlive(run));
    } else if (block.kind !== "tool") {
      let view = this.#thinking.get(block.index);
      if (view === undefined) {
        const key = `${run.id}/${block.index}`;
        view = new ThinkingView(`thought-${key}`, this.memory.isOpen(key) ?? false, (open) => this.memory.setOpen(key, open));
        this.#thinking.set(block.index, view);
        this.#blocks.append(view.element);
      }
      view.update(run, block);
    }
  }

  #buttonsOf(run: Run): readonly Node[] {
    if (!isAlive(run)) return [];
    const cancel = button(run.cancelling ? CANCELLING : "Cancel", () => this.post({ type: "cancel", runId: run.id }), "", run.cancelling ? "" : "Cancel this run");
    cancel.disabled = run.cancelling;
    return [cancel];
  }

  #noticesOf(run: Run): readonly Node[] {
    const shown = run.notices.map((notice) => {
      const line = h("p", { class: "notice" });
      line.append(renderInline(notice));
      return line;
    });
    if (run.gap) shown.push(h("p", { class: "notice" }, "Parts of this run did not arrive; what is shown may not be complete."));
    const question = run.question === null ? [] : [h("p", { class: "question" }, run.question)];
    return [...question, ...shown];
  }

  #retryOf(run: Run): readonly Node[] {
    if (run.retry === null) return [];
    this.#retryUntil = this.now() + run.retry.delayMs;
    const { attempt, error } = run.retry;
    return [h("div", { class: "trouble waiting" }, h("span", {}, ...withCode(error.message)), h("strong", {}, `Attempt ${attempt}: `, h("span", { class: "countdown" }, "waiting")))];
  }

  #flip(): void {
    const open = this.head.getAttribute("aria-expanded") !== "true";
    this.memory.setOpen(this.id, open);
    const run = this.#run;
    if (run !== null) this.update(run, open);
  }
}

/** What was asked, and of which file: the product's name stands on the panel already. */
function titleOf(run: Run): readonly [what: string, where: string] {
  if (run.question !== null) return [run.question.length > 60 ? `${run.question.slice(0, 59)}…` : run.question, ""];
  return [run.title.replace(/^Ponder( \(offline\))?: /, ""), run.path];
}

function named(run: Run): readonly (Node | string)[] {
  const [what, where] = titleOf(run);
  return where === "" ? [visible(what)] : [visible(what), " ", h("span", { class: "path" }, visible(where))];
}
