/** Markdown of a model as safe elements: no HTML, no image, no link but http(s), no style. Loads nothing. */

import createDOMPurify, { type Config } from "dompurify";
import hljs from "highlight.js/lib/core";
import MarkdownIt from "markdown-it";
import { LANGUAGES } from "./languages.js";
import { tame } from "./signs.js";

for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

const TAGS = ["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "span", "em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"];
const CLEAN: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ["href", "title", "class", "start"],
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^https?:\/\//i,
  RETURN_DOM_FRAGMENT: true,
};
/** Code beyond this is shown plain: colouring it would hold up the page. */
const MAX_COLOURED = 60_000;

export const md = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
md.validateLink = (url) => /^https?:\/\//i.test(url.trim());
// An image is a request to somebody's server: it is shown as the text it was written as.
md.disable("image");
md.renderer.rules.fence = (tokens, index) => {
  const token = tokens[index];
  if (token === undefined) return "";
  const language = /^[\w+#.-]{1,30}/.exec(token.info.trim())?.[0] ?? "";
  return `<pre class="language-${md.utils.escapeHtml(language)}"><code>${coloured(token.content, language)}</code></pre>\n`;
};

/** Markdown as nodes to put into the page. */
export function render(text: string): DocumentFragment {
  return sanitized(md.render(tame(text)));
}

/** One line of Markdown, as a finding's message. */
export function renderInline(text: string): DocumentFragment {
  return sanitized(md.renderInline(tame(text)));
}

let purifier: ReturnType<typeof createDOMPurify> | null = null;

function sanitized(html: string): DocumentFragment {
  if (purifier === null) {
    purifier = createDOMPurify(window);
    purifier.addHook("afterSanitizeAttributes", (element) => {
      // A link shows where it leads before it is followed.
      const href = element.getAttribute("href");
      if (href !== null) element.setAttribute("title", href);
    });
  }
  return purifier.sanitize(html, CLEAN);
}

function coloured(code: string, language: string): string {
  if (code.length > MAX_COLOURED || hljs.getLanguage(language) === undefined) return md.utils.escapeHtml(code);
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}

/** Where the last top-level block of a text begins: what stands before it will not change by what follows. */
export function lastBlockStart(text: string): number {
  const tokens = md.parse(text, {});
  let line = 0;
  for (const token of tokens) if (token.level === 0 && token.nesting >= 0 && token.map !== null) line = token.map[0];
  let at = 0;
  for (let count = 0; count < line; count += 1) {
    const end = text.indexOf("\n", at);
    if (end < 0) return at;
    at = end + 1;
  }
  return at;
}
