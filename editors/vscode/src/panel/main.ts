/** The page's entry: messages in, one drawing a frame, messages out. The only place that knows the editor's page API. */

import type { FromPage, ToPage } from "./messages.js";
import { reduceAll } from "./reduce.js";
import { EMPTY, isAlive, type PanelState } from "./state.js";
import { takeLinks } from "./view/links.js";
import { Memory, type Store } from "./view/memory.js";
import { PageView } from "./view/page.js";

interface Editor extends Store {
  postMessage(message: FromPage): void;
}
declare function acquireVsCodeApi(): Editor;

function main(): void {
  const editor = acquireVsCodeApi();
  const place = (id: string): HTMLElement => {
    const element = document.getElementById(id);
    if (element === null) throw new Error(`the page has no #${id}`);
    return element;
  };
  const post = (message: FromPage): void => editor.postMessage(message);
  const view = new PageView({ top: place("top"), runs: place("runs"), live: place("live") }, post, new Memory(editor), () => performance.now());
  takeLinks(window, post);
  let state: PanelState = EMPTY;
  let frame = 0;
  const draw = (): void => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      view.draw(state);
    });
  };

  window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
    switch (data.type) {
      case "events":
        state = reduceAll(state, data.events);
        draw();
        break;
      case "replay":
        state = reduceAll(EMPTY, data.events);
        view.clear();
        draw();
        break;
      case "focus":
        requestAnimationFrame(() => view.focus(data.runId, data.part));
        break;
    }
  });
  setInterval(() => {
    if (state.runs.some(isAlive)) view.tick();
  }, 500);
  post({ type: "ready" });
}

main();
