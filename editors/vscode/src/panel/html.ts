/** The page the panel is drawn in: one script, one style sheet, and a policy that lets in nothing else. */

export interface PageParts {
  readonly script: string;
  readonly style: string;
  readonly cspSource: string;
  readonly nonce: string;
}

/** `default-src 'none'`: no image, font, frame or connection, whatever a model writes. */
export function policy(parts: Pick<PageParts, "cspSource" | "nonce">): string {
  return ["default-src 'none'", `style-src ${parts.cspSource}`, `script-src 'nonce-${parts.nonce}'`, "base-uri 'none'", "form-action 'none'"].join("; ");
}

export function page(parts: PageParts): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(parts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${parts.style}">
<title>Ponder</title>
</head>
<body>
<header id="top"></header>
<main id="runs" aria-label="Runs, newest first"></main>
<div id="live" class="unseen" role="status" aria-live="polite"></div>
<script nonce="${parts.nonce}" src="${parts.script}"></script>
</body>
</html>
`;
}

/** A value nobody can guess, fresh for each page. */
export function nonce(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(18)).toString("base64url");
}
