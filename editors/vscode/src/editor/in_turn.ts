/** Decisions about changes, one after the other. Decides nothing itself. */

import type { FromPage } from "../panel/messages.js";

/**
 * `act` for each message of the page; what takes or leaves a change waits for the decision before it. Two changes of one file that
 * were taken at the same time are made for the same version of its text, and the editor refuses the second. `act` never rejects.
 */
export function inTurn(act: (message: FromPage) => Promise<void>): (message: FromPage) => void {
  let before: Promise<void> = Promise.resolve();
  return (message) => {
    if (message.type === "accept" || message.type === "reject") before = before.then(() => act(message));
    else void act(message);
  };
}
