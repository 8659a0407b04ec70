/** Which addresses lead to this machine. Resolves no name. */

/** Whether an http(s) address leads to this machine; the editor follows some of these without a question. */
export function isLoopback(href: string): boolean {
  if (!URL.canParse(href)) return false;
  const host = new URL(href).hostname.replace(/\.$/, "");
  return /^(localhost|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\])$/i.test(host);
}
