// @vitest-environment jsdom
/** Links of the page: one click, one question, and nobody else who follows it. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isLoopback } from "../../src/editor/loopback.js";
import { takeLinks } from "../../src/panel/view/links.js";
import { render } from "../../src/panel/view/markdown.js";

const posted: unknown[] = [];
/** As the frame around the page listens, and follows what it hears of. */
const frame = vi.fn();
takeLinks(window, (message) => posted.push(message));
for (const type of ["click", "auxclick"]) window.addEventListener(type, frame);

beforeEach(() => {
  posted.length = 0;
  frame.mockClear();
  document.body.replaceChildren(render("[**bold** link](https://example.org/a?b=c) and words"), document.createElement("button"));
});
afterEach(() => document.body.replaceChildren());

describe.each([
  ["click", 0, 1],
  ["auxclick", 1, 1],
  ["auxclick", 2, 0],
])("a %s with button %d on a link", (type, button, told) => {
  it("is told to the extension alone", () => {
    const event = new MouseEvent(type, { bubbles: true, cancelable: true, button });
    document.querySelector("a strong")?.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
    expect(frame).not.toHaveBeenCalled();
    expect(posted).toEqual(Array.from({ length: told }, () => ({ type: "link", href: "https://example.org/a?b=c" })));
  });
});

it("leaves every other click to whom it is for", () => {
  document.querySelector("button")?.click();
  expect(frame).toHaveBeenCalledOnce();
  expect(posted).toEqual([]);
});

it.each([
  ["http://127.0.0.1:8080/x", true],
  ["http://localhost/x", true],
  ["http://LOCALHOST.:1/", true],
  ["http://app.localhost/", true],
  ["http://2130706433/", true],
  ["http://[::1]:9/", true],
  ["http://[::ffff:127.0.0.1]/", true],
  ["http://0.0.0.0:1/", true],
  ["https://example.org/?u=http://127.0.0.1", false],
  ["https://127.0.0.1.example.org/", false],
  ["https://localhost.example.org/", false],
  ["not an address", false],
])("%s leads to this machine: %s", (href, wanted) => expect(isLoopback(href)).toBe(wanted));
