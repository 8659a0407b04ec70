// Pictures for the documentation, and for looking at: themes, a narrow panel, thinking, changes, trouble.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Editor, here } from "./editor.mjs";
import { ORDERS } from "./sample.mjs";

const out = join(here, "media/screenshots");
mkdirSync(out, { recursive: true });
const THEMES = [
  ["dark", "Default Dark Modern"],
  ["light", "Default Light Modern"],
  ["high-contrast", "Default High Contrast"],
  ["high-contrast-light", "Default High Contrast Light"],
];

const editor = await Editor.start({
  files: { "shop/orders.py": ORDERS },
  env: { PONDER_API_OFFLINE_DELTA_MS: "40" },
  settings: { "workbench.colorTheme": "Default Dark Modern", "workbench.sideBar.location": "right", "editor.fontSize": 13 },
  viewport: { width: 1400, height: 880 },
});
try {
  await editor.panel();
  await editor.open("orders.py");
  await widen(460);
  await editor.goTo(12, 5);
  await editor.run("Ponder: Review");
  let run = await editor.newest("Thinking");
  await editor.until(async () => ((await run.locator(".peek").textContent()) ?? "").length > 250, "some thinking");
  await picture("thinking");
  run = await editor.newest("Done");
  await run.locator(".thinking .toggle").click();
  await picture("review");
  for (const [name, theme] of THEMES) {
    editor.writeSettings({ "workbench.colorTheme": theme });
    await editor.until(async () => (await editor.page.locator(".monaco-workbench").getAttribute("class")).includes(theme.toLowerCase().includes("contrast") ? "hc-" : theme.includes("Dark") ? "vs-dark" : "vs "), `the theme ${theme}`);
    await picture(name);
  }
  editor.writeSettings({ "workbench.colorTheme": "Default Dark Modern" });
  await run.locator(".thinking .toggle").click();
  await editor.goTo(1, 1);
  await editor.run("Ponder: Fix");
  run = await editor.newest("Done");
  await run.locator(".hunk").nth(1).waitFor();
  await run.locator(".hunk").last().locator("button", { hasText: "Accept" }).click();
  await run.locator(".hunk.applied").waitFor();
  await picture("changes");
  await widen(230);
  await picture("narrow");
} finally {
  await editor.stop();
}

async function picture(name) {
  await editor.page.mouse.move(700, 860);
  await editor.page.waitForTimeout(700);
  await editor.shot(name);
  copyFileSync(join(here, "out/shots", `${name}.png`), join(out, `${name}.png`));
  console.log(name);
}

/** Drag the edge of the side bar to this width. */
async function widen(width) {
  const bar = await editor.page.locator(".part.sidebar").boundingBox();
  await editor.page.mouse.move(bar.x, 400);
  await editor.page.mouse.down();
  await editor.page.mouse.move(bar.x + bar.width - width, 400, { steps: 8 });
  await editor.page.mouse.up();
}
