/** Small words for making elements. Takes text as text, always: nothing here reads HTML. */

type Child = Node | string | null;
type Props = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

/** An element with attributes (`true` sets an empty one, `false` none), listeners (`onclick`) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** A button that says what it does. */
export function button(label: string, action: () => void, look = "", title = ""): HTMLButtonElement {
  return h("button", { type: "button", class: look, ...(title === "" ? {} : { title, "aria-label": title }), onclick: action }, label);
}

/** Set text only where it differs: an unchanged node keeps a reader's selection. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Replace children only where the given key changed since the last time. A focus inside stays on the same or the next button. */
export class Slot {
  #key: unknown = Symbol("nothing yet");

  constructor(readonly element: HTMLElement) {}

  fill(key: unknown, make: () => readonly Child[]): void {
    if (Object.is(key, this.#key)) return;
    this.#key = key;
    const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
    const before = focused === null ? "" : nameOf(focused);
    const at = focused === null ? 0 : this.#buttons().indexOf(focused as HTMLButtonElement);
    const children = make().filter((child) => child !== null);
    this.element.replaceChildren(...children);
    this.element.hidden = children.length === 0;
    if (focused === null) return;
    const buttons = this.#buttons();
    (buttons.find((one) => nameOf(one) === before) ?? buttons[Math.min(Math.max(at, 0), buttons.length - 1)])?.focus();
  }

  #buttons(): readonly HTMLButtonElement[] {
    return [...this.element.querySelectorAll("button")];
  }
}

function nameOf(element: Element): string {
  return `${element.getAttribute("aria-label") ?? ""}/${element.textContent ?? ""}`;
}
