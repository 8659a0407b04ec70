// @vitest-environment jsdom
/** Markdown of a model as elements: nothing runs, nothing loads, nothing pretends. */

import { describe, expect, it } from "vitest";
import { lastBlockStart, render, renderInline } from "../../src/panel/view/markdown.js";
import { tame, visible } from "../../src/panel/view/signs.js";

const CANARY = "http://127.0.0.1:9/canary";
const HOSTILE: readonly string[] = [
  `![x](${CANARY}?d=1)`,
  `![x][ref]\n\n[ref]: ${CANARY}`,
  `<img src="${CANARY}">`,
  `<IMG SRC=${CANARY} onerror=alert(1)>`,
  `<svg><image href="${CANARY}"/></svg>`,
  `<svg/onload=alert(1)>`,
  `<style>@import url(${CANARY})</style>`,
  `<div style="background:url(${CANARY})">x</div>`,
  `<link rel=prefetch href="${CANARY}">`,
  `<iframe src="${CANARY}"></iframe>`,
  `<script>fetch("${CANARY}")</script>`,
  `<scr<script>ipt>alert(1)</script>`,
  `<video src="${CANARY}"></video><audio src="${CANARY}"></audio>`,
  `<object data="${CANARY}"></object><embed src="${CANARY}">`,
  `<form action="${CANARY}"><button formaction="${CANARY}">x</button></form>`,
  `<base href="${CANARY}">`,
  `<meta http-equiv="refresh" content="0;url=${CANARY}">`,
  `<a href="javascript:alert(1)">x</a>`,
  `[x](javascript:alert(1))`,
  `[x](JaVaScRiPt:alert(1))`,
  `[x](java\nscript:alert(1))`,
  `[x](&#106;avascript:alert(1))`,
  `[x](data:text/html,<script>alert(1)</script>)`,
  `[x](vbscript:msgbox)`,
  `[x](command:workbench.action.terminal.new)`,
  `[x](vscode://settings)`,
  `[x](file:///etc/passwd)`,
  `[x](vscode-resource:/etc/passwd)`,
  `<javascript:alert(1)>`,
  `<command:ponder.run>`,
  `[x]: javascript:alert(1)\n\n[x]`,
  "```mermaid\ngraph TD; A-->B; click A \"http://127.0.0.1:9/canary\"\n```",
  "```html\n<img src=x onerror=alert(1)>\n```",
  "```\"><img src=x onerror=alert(1)>\ncode\n```",
  "`<img src=x onerror=alert(1)>`",
  `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>`,
  `<!--><img src=x onerror=alert(1)>-->`,
  `> <img src=x onerror=alert(1)>\n> - ![x](${CANARY})`,
  `| a |\n|---|\n| ![x](${CANARY}) <img src=${CANARY}> |`,
  `[![x](${CANARY})](https://example.org)`,
  `[x](https://example.org "\\" onmouseover=alert(1) \\"")`,
  `<details open ontoggle=alert(1)>x</details>`,
  "# <img src=x onerror=alert(1)>",
  `\u0000<img src=x onerror=alert(1)>`,
];
const TAGS = new Set("p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code span em strong s a table thead tbody tr th td".split(" "));
const ATTRIBUTES = new Set(["href", "title", "class", "start"]);

describe.each([["a whole answer", render], ["one line", renderInline]])("%s", (_name, make) => {
  it.each(HOSTILE)("makes nothing of %j but plain elements and http(s) links", (text) => {
    const holder = document.createElement("div");
    holder.append(make(text));
    for (const element of holder.querySelectorAll("*")) {
      expect(TAGS).toContain(element.localName);
      for (const { name } of element.attributes) expect(ATTRIBUTES).toContain(name);
      if (element.localName === "a") expect(element.getAttribute("href")).toMatch(/^https?:\/\//);
    }
  });
});

it("shows an image as the text it was written as, with its address", () => {
  const holder = document.createElement("div");
  holder.append(render(`![secret](${CANARY})`));
  expect(holder.textContent).toContain("!secret");
  expect(holder.querySelector("a")?.title).toBe(CANARY);
});

it("keeps what people write: code is coloured, links show where they lead", () => {
  const holder = document.createElement("div");
  holder.append(render("# Title\n\nSee [docs](https://example.org/a).\n\n```python\nreturn None\n```\n"));
  expect(holder.querySelector("h1")?.textContent).toBe("Title");
  expect(holder.querySelector("a")?.title).toBe("https://example.org/a");
  expect(holder.querySelector("pre .hljs-keyword")?.textContent).toBe("return");
});

it("draws the same in pieces as at once: what stands before the last block no longer changes", () => {
  const text = "# A\n\ntext **bold**\n\n- one\n- two\n\n```py\nx = 1\n\ny = 2\n```\n\nlast line";
  for (let end = 1; end <= text.length; end += 1) {
    const start = lastBlockStart(text.slice(0, end));
    const pieces = document.createElement("div");
    pieces.append(render(text.slice(0, start)), render(text.slice(start, end)));
    const whole = document.createElement("div");
    whole.append(render(text.slice(0, end)));
    expect(pieces.textContent?.replace(/\s+/g, " ")).toBe(whole.textContent?.replace(/\s+/g, " "));
  }
});

it("strips what steers a terminal and spells out what reorders prose, and leaves languages alone", () => {
  expect(tame("\u001b]8;;http://x\u0007a\u001b[31m\u009b1m")).toBe("]8;;http://xa[31m1m");
  expect(tame("a\u202eb\u202c")).toBe("a⟨U+202E⟩b⟨U+202C⟩");
  const plain = "tab\tline\r\n שלום\u200f 👩\u200d💻";
  expect(tame(plain)).toBe(plain);
});

it("spells out signs that hide or reorder code in a proposed change", () => {
  expect(visible("if admin\u202e: #\u2066")).toBe("if admin⟨U+202E⟩: #⟨U+2066⟩");
  expect(visible("a\u200bb\u{e0041}\u001b[31m")).toBe("a⟨U+200B⟩b⟨U+E0041⟩⟨U+001B⟩[31m");
  expect(visible("\tplain “text” é 漢字 🙂")).toBe("\tplain “text” é 漢字 🙂");
});
