/** Links of the page: a click is told to the extension, which asks, and reaches nobody else. Opens nothing itself. */

import type { FromPage } from "../messages.js";

/** The middle button. */
const MIDDLE = 1;

/**
 * Take every click on a link before anyone else sees it. The frame around the page has a listener of its own that follows
 * links at once, and without a question where the workspace is trusted: preventing the default does not reach it.
 */
export function takeLinks(page: Window, post: (message: FromPage) => void): void {
  const take = (event: MouseEvent): void => {
    const link = event.composedPath().find((one) => one instanceof Element && one.matches("a[href]"));
    if (!(link instanceof Element)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type === "click" || event.button === MIDDLE) post({ type: "link", href: link.getAttribute("href") ?? "" });
  };
  for (const type of ["click", "auxclick"] as const) page.addEventListener(type, take, { capture: true });
}
