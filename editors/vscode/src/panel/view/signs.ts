/** Signs that steer a terminal, reorder or hide text, made harmless or spelled out. Pure. */

/** C0 and C1 but for tab and line ends. They move nothing here, and are nothing to read. */
const STEERING = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** Embeddings, overrides and isolates: what is read is not what is written. Marks that right-to-left writing needs stay. */
const REORDERING = /[\u202a-\u202e\u2066-\u2069]/g;
/** In code everything that cannot be seen counts. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** Prose: steering signs go, reordering signs are spelled out. */
export function tame(text: string): string {
  return text.replace(STEERING, "").replace(REORDERING, spelled);
}

/** Code: every sign that hides or reorders is spelled out, so that what is accepted is what is seen. */
export function visible(text: string): string {
  return text.replace(UNSEEN, spelled);
}

function spelled(sign: string): string {
  return `⟨U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
