/** Why an installation failed, in words for the user, out of what pip or uv said. Pure; the log has the whole. */

export const NO_PYTHON = "Ponder's server needs Python 3.11 or newer, and none was found on PATH. Install one, or `uv`, and press the button again.";

type Sign = readonly [pattern: RegExp, words: (source: string, found: RegExpExecArray) => string];

/** The first that fits says it. An index that cannot be reached also makes every package unknown, so it stands before. */
const SIGNS: readonly Sign[] = [
  [/No space left on device|ENOSPC|os error 28/i, () => "There is no space left on the disk."],
  [/CERTIFICATE_VERIFY_FAILED|invalid peer certificate|SSLError/i, () => "The package index's certificate was not accepted. Behind a proxy of your company, tell pip its certificate (`pip config set global.cert FILE`)."],
  [
    /NewConnectionError|NameResolutionError|Name or service not known|Temporary failure in name resolution|Connection refused|Network is unreachable|ConnectTimeout|ReadTimeout|ProxyError|dns error|error sending request/i,
    () => "The package index could not be reached. Look at the network, and at pip's proxy settings.",
  ],
  [/No module named (?:pip|venv)|ensurepip is not available/i, () => "This Python can neither make an environment nor fill one. On Debian or Ubuntu: `apt install python3-venv`."],
  [/ponder[-_]ls[^\n]*requires a different Python|does not satisfy Python|not in '>=3\.1\d/i, () => "The server needs Python 3.11 or newer, and the environment has an older one."],
  [
    /No matching distribution found for ([\w.[\]-]+)|Because ([\w.-]+) was not found|there (?:is|are) no versions? of ([\w.-]+)/i,
    (source, found) => {
      const name = found[1] ?? found[2] ?? found[3] ?? source;
      return name === source
        ? `The package index has no \`${name}\`. Set \`ponder.server.installFrom\` to a wheel or a checkout.`
        : `The package index has no \`${name}\` that fits, which the server needs. pip's settings say which index it asks.`;
    },
  ],
  [/Invalid requirement|is not a valid wheel filename|does not exist|File .* not found|Distribution not found at/i, (source) => `\`${source}\` (\`ponder.server.installFrom\`) is no wheel, no checkout and no requirement.`],
  [/Permission denied|Read-only file system|EACCES|os error 13/i, () => "The environment's folder cannot be written."],
];

/** `said`: all that the step wrote; `source`: what was to be installed. */
export function failureWords(said: string, source: string): string {
  for (const [pattern, words] of SIGNS) {
    const found = pattern.exec(said);
    if (found !== null) return words(source, found);
  }
  const last = said.trim().split("\n").at(-1)?.trim() ?? "";
  return last === "" ? "The installation failed. The log says more." : `The installation failed: ${last}`;
}
